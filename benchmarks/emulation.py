"""How close emulated recordings come to recorded ones: what they hold, and whether one teaches about the other.

python benchmarks/emulation.py tactile PATH_OF_THE_RECORDED_ARCHIVE
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from datasets.emulation.stmnist import emulate_written
from datasets.stmnist import RECORDING
from eventvision import EventFileError, Events, decode_stmnist

N_EMULATED = 2_000
N_PARTS = 5  # of a recording's duration, for the rate over the stroke
US_PER_S = 1e6
SEED = 0
FOLDS = 5
TRANSFER_PARTS = (1, 2)

Labelled = Iterator[tuple[int, Events]]
Measures = dict[str, Callable[[Events], float]]


class Sensor(NamedTuple):
    """A sense whose emulation is compared: a further one is a further row of `SENSORS`.

    Attributes:
        recorded: labels and events of the archive at a path.
        emulated: labels and events of so many emulated recordings.
        measures: what is measured of each recording, by the name that the table gives it.
    """

    recorded: Callable[[Path], Labelled]
    emulated: Callable[[int], Labelled]
    measures: Measures


def recorded_pad(path: Path) -> Labelled:
    """ST-MNIST's recordings in a zip archive."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if match := RECORDING.search(name):
                yield int(match["digit"]), decode_stmnist(archive.read(name)).events


def emulated_pad(n: int) -> Labelled:
    """The first training samples of `EmulatedSTMNIST`."""
    locators = [(i, i % 10) for i in range(n)]
    for (_, digit), reading in zip(locators, emulate_written(SEED, 0, None, locators), strict=True):
        yield digit, reading.events


def counts(events: Events) -> np.ndarray:
    """Events of each unit, `[width · height]`."""
    unit = events.y.astype(np.intp) * events.width + events.x
    return np.bincount(unit, minlength=events.width * events.height)


def duration_us(events: Events) -> int:
    """Time from the first to the last event, µs."""
    return int(np.ptp(events.ts)) if len(events) else 0


def duration(events: Events) -> float:
    """The same in s."""
    return duration_us(events) / US_PER_S


def share_of_part(part: int) -> Callable[[Events], float]:
    """Measures the events in one of the equally long parts of a recording, % of all."""

    def share(events: Events) -> float:
        parts, _ = np.histogram(events.ts, N_PARTS)
        return 100 * parts[part] / len(events)

    return share


MEASURES: Measures = {
    "events": len,
    "ON events (%)": lambda events: 100 * events.p.mean(),
    "duration (s)": duration,
    "events a second": lambda events: len(events) / duration(events),
    **{f"events in fifth {part + 1} of the time (%)": share_of_part(part) for part in range(N_PARTS)},
    "spread across (units)": lambda events: events.x.std(),
    "spread down (units)": lambda events: events.y.std(),
    "units hit": lambda events: np.count_nonzero(counts(events)),
    "hit more than once (% of them)": lambda events: 100 * np.mean(counts(events)[counts(events) > 0] > 1),
    "events of the ten busiest units (%)": lambda events: 100 * np.sort(counts(events))[-10:].sum() / len(events),
}

SENSORS = {"tactile": Sensor(recorded_pad, emulated_pad, MEASURES)}


def table(measures: Measures, recorded: list[Events], emulated: list[Events]) -> str:
    """Mean ± standard deviation over recordings of each measure, recorded and emulated, and the ratio of the means."""
    lines = [f"{'mean ± deviation':<38}{'recorded':>20}{'emulated':>20}{'ratio':>8}"]
    for name, measure in measures.items():
        one, other = ([measure(events) for events in recordings if len(events)] for recordings in (recorded, emulated))
        cells = [f"{np.mean(values):.4g} ± {np.std(values):.3g}" for values in (one, other)]
        lines.append(f"{name:<38}{cells[0]:>20}{cells[1]:>20}{np.mean(other) / np.mean(one):>8.2f}")
    return "\n".join(lines)


def features(recordings: list[Events], n_parts: int) -> np.ndarray:
    """Square roots of each unit's ON and OFF counts in equal parts of the time, one length a recording."""
    rows = np.sqrt([_counts_by_part(events, n_parts) for events in recordings])
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(float).tiny)


def _counts_by_part(events: Events, n_parts: int) -> np.ndarray:
    """`[2 · n_parts · width · height]`: parts in turn, of each first ON, then OFF."""
    part = (events.ts - events.ts[:1]) * n_parts // (duration_us(events) + 1)
    return np.concatenate([counts(events[(part == k) & (events.p == on)]) for k in range(n_parts) for on in (True, False)])


def transfer(recorded: Sequence[list], emulated: Sequence[list], n_parts: int) -> str:
    """How a logistic regression does on recorded ones: taught by emulated, and by the other recorded ones.

    Args:
        recorded: labels and recordings.
        emulated: the same.
        n_parts: parts of the time whose counts are kept apart.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    (labels, recordings), (emulated_labels, emulations) = recorded, emulated
    model = LogisticRegression(max_iter=1_000)
    seen = features(recordings, n_parts)
    by_recorded = cross_val_score(model, seen, labels, cv=FOLDS).mean()
    by_emulated = model.fit(features(emulations, n_parts), emulated_labels).score(seen, labels)
    return (
        f"logistic regression, counts in {n_parts} part(s) of time: {100 * by_emulated:.1f} % of {len(labels):,} recorded ones "
        f"taught by {len(emulations):,} emulated, {100 * by_recorded:.1f} % by the other recorded ones ({FOLDS} folds)"
    )


def main() -> int:
    """Print the comparison for one sensor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sensor", choices=SENSORS)
    parser.add_argument("path", type=Path, help="archive of recorded ones")
    parser.add_argument("--n", type=int, default=N_EMULATED, help="number of emulated recordings")
    arguments = parser.parse_args()
    sensor = SENSORS[arguments.sensor]
    try:
        recorded = tuple(map(list, zip(*sensor.recorded(arguments.path), strict=True)))
    except (OSError, zipfile.BadZipFile, EventFileError) as error:
        print(f"{arguments.path}: {error}", file=sys.stderr)
        return 2
    if not recorded:
        print(f"{arguments.path} holds no recordings", file=sys.stderr)
        return 2
    emulated = tuple(map(list, zip(*sensor.emulated(arguments.n), strict=True)))
    print(table(sensor.measures, recorded[1], emulated[1]))
    for n_parts in TRANSFER_PARTS:
        print(transfer(recorded, emulated, n_parts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
