"""How close emulated recordings come to recorded ones: what they hold, and whether one teaches about the other.

python benchmarks/emulation.py tactile PATH_OF_THE_RECORDED_ARCHIVE
python benchmarks/emulation.py visual PATH_OF_THE_RECORDED_ARCHIVES --stimuli PATH_OF_THE_IMAGES_THAT_THEY_SHOW
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from datasets.emulation.nmnist import emulate_shown, labelled_images
from datasets.emulation.stmnist import emulate_written
from datasets.errors import DatasetError
from datasets.raw.finding import find_raw_files, read_parts
from datasets.recorded.nmnist import NMNIST
from datasets.recorded.stmnist import STMNIST
from eventvision import EventFileError, Events, decode_nmnist, decode_stmnist

N_EMULATED = 2_000
N_PARTS = 5  # of a recording's duration, or of a saccade, for the rate over time
SACCADE_TIME = 105_000  # µs
N_SACCADES = 3
US_PER_S = 1e6
SEED = 0
FOLDS = 5

Measures = dict[str, Callable[[Events], float]]


class Sample(NamedTuple):
    """A recording: its class, the number of what it shows where that is known, its events."""

    label: int
    number: int
    events: Events


class Sensor(NamedTuple):
    """A sense whose emulation is compared: a further one is a further row of `SENSORS`.

    Attributes:
        recorded: the recordings at a path.
        emulated: so many emulated ones that teach about the recorded ones, which are given, as is where the stimuli lie.
        twins: emulated ones of what each recorded one shows, where that is known; else the ones that teach are compared.
        measures: what is measured of each recording, by the name that the table gives it.
        parts: numbers of parts of the time whose counts teach.
    """

    recorded: Callable[[Path], Iterator[Sample]]
    emulated: Callable[[int, list[Sample], Path | None], Iterator[Sample]]
    twins: Callable[[list[Sample], Path | None], Iterator[Sample]] | None
    measures: Measures
    parts: tuple[int, ...]


def recorded_pad(path: Path) -> Iterator[Sample]:
    """ST-MNIST's recordings in a zip archive."""
    with zipfile.ZipFile(path) as archive:
        for number, name in enumerate(archive.namelist()):
            if match := STMNIST.places().search(name):
                yield Sample(int(match["label"]), number, decode_stmnist(archive.read(name)).events)


def emulated_pad(n: int, _recorded: list[Sample], _stimuli: Path | None) -> Iterator[Sample]:
    """The first training samples of `EmulatedSTMNIST`."""
    locators = [(i, i % 10) for i in range(n)]
    for (number, digit), (events, _) in zip(locators, emulate_written(SEED, 0, None, locators), strict=True):
        yield Sample(digit, number, events)


def recorded_camera(path: Path) -> Iterator[Sample]:
    """N-MNIST's recordings in an archive or a folder of archives; file 00001 shows the first image."""
    with tempfile.TemporaryDirectory() as scratch:
        files, _ = find_raw_files(path, NMNIST.places(), Path(scratch))
        for file, content in zip(files, read_parts([file.part for file in files]), strict=True):
            if isinstance(content, Exception) or not file.match["id"].isdigit():
                raise DatasetError(f"{file.name}: {content if isinstance(content, Exception) else 'its name is no number'}")
            yield Sample(int(file.match["label"]), int(file.match["id"]) - 1, decode_nmnist(content).events)


def twins_for_camera(recorded: list[Sample], stimuli: Path | None) -> Iterator[Sample]:
    """The images that the recordings show, seen by the emulated camera."""
    images, labels = images_at(stimuli)
    for sample in recorded:
        if sample.number >= len(labels) or labels[sample.number] != sample.label:
            raise DatasetError(f"{stimuli} does not hold the images that the recordings show: number {sample.number} differs")
    return shown(images, labels, [sample.number for sample in recorded])


def emulated_camera(n: int, recorded: list[Sample], stimuli: Path | None) -> Iterator[Sample]:
    """The first images that no recording shows, seen by the emulated camera."""
    images, labels = images_at(stimuli)
    others = np.setdiff1d(np.arange(len(labels)), [sample.number for sample in recorded])
    return shown(images, labels, others[:n])


def images_at(stimuli: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of an IDX file."""
    if stimuli is None:
        raise DatasetError("--stimuli: give the IDX file of the images that the recordings show")
    return labelled_images(stimuli)


def shown(images: np.ndarray, labels: np.ndarray, numbers: Iterable[int]) -> Iterator[Sample]:
    """Emulated recordings of some of the images."""
    locators = [(int(number), images[number]) for number in numbers]
    for (number, _), (events, _) in zip(locators, emulate_shown(SEED, 0, locators), strict=True):
        yield Sample(int(labels[number]), number, events)


def counts(events: Events) -> np.ndarray:
    """Events of each unit, `[width · height]`."""
    return np.bincount(events.units(), minlength=events.width * events.height)


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


def in_saccade(saccade: int, on: bool) -> Callable[[Events], float]:
    """Measures the ON or OFF events in a saccade of the camera."""
    return lambda events: np.count_nonzero((events.ts // SACCADE_TIME == saccade) & (events.p == on))


def in_part_of_saccade(saccade: int, part: int) -> Callable[[Events], float]:
    """Measures the events in one of the equally long parts of a saccade."""
    return lambda events: np.count_nonzero(events.ts * N_PARTS // SACCADE_TIME == saccade * N_PARTS + part)


NUMBERS: Measures = {"events": len, "ON events (%)": lambda events: 100 * events.p.mean()}
OVER_STROKE: Measures = {
    "duration (s)": duration,
    "events a second": lambda events: len(events) / duration(events),
    **{f"events in fifth {part + 1} of the time (%)": share_of_part(part) for part in range(N_PARTS)},
}
OVER_SACCADES: Measures = {
    f"{'ON' if on else 'OFF'} events in saccade {saccade + 1}": in_saccade(saccade, on)
    for saccade in range(N_SACCADES)
    for on in (True, False)
} | {
    f"events in fifth {part + 1} of saccade {saccade + 1}": in_part_of_saccade(saccade, part)
    for saccade in range(N_SACCADES)
    for part in range(N_PARTS)
}
PLACES: Measures = {
    "spread across (units)": lambda events: events.x.std(),
    "spread down (units)": lambda events: events.y.std(),
    "units hit": lambda events: np.count_nonzero(counts(events)),
    "hit more than once (% of them)": lambda events: 100 * np.mean(counts(events)[counts(events) > 0] > 1),
    "events of the ten busiest units (%)": lambda events: 100 * np.sort(counts(events))[-10:].sum() / len(events),
}

SENSORS = {
    "tactile": Sensor(recorded_pad, emulated_pad, None, NUMBERS | OVER_STROKE | PLACES, (1, 2)),
    "visual": Sensor(recorded_camera, emulated_camera, twins_for_camera, NUMBERS | OVER_SACCADES | PLACES, (1, N_SACCADES)),
}


def table(measures: Measures, recorded: list[Sample], emulated: list[Sample]) -> str:
    """Mean ± standard deviation over recordings of each measure, recorded and emulated, and the ratio of the means."""
    lines = [f"{'mean ± deviation':<38}{'recorded':>20}{'emulated':>20}{'ratio':>8}"]
    for name, measure in measures.items():
        one, other = ([measure(sample.events) for sample in side if len(sample.events)] for side in (recorded, emulated))
        cells = [f"{np.mean(values):.4g} ± {np.std(values):.3g}" for values in (one, other)]
        lines.append(f"{name:<38}{cells[0]:>20}{cells[1]:>20}{np.mean(other) / np.mean(one):>8.2f}")
    return "\n".join(lines)


def likeness(recorded: list[Sample], twins: list[Sample]) -> str:
    """How recordings and emulations of the same stimuli agree, one by one."""
    numbers = np.corrcoef(*([len(sample.events) for sample in side] for side in (recorded, twins)))[0, 1]
    lines = [f"one by one: correlation of the numbers of events {numbers:.3f}"]
    for n_parts in (1, N_SACCADES):
        pairs = zip(recorded, twins, strict=True)
        maps = [np.corrcoef(*(_counts_by_part(sample.events, n_parts) for sample in pair))[0, 1] for pair in pairs]
        lines.append(f"one by one: correlation of ON and OFF counts a unit in {n_parts} part(s) of time {np.mean(maps):.3f}")
    return "\n".join(lines)


def features(samples: list[Sample], n_parts: int) -> np.ndarray:
    """Square roots of each unit's ON and OFF counts in equal parts of the time, one length a recording."""
    rows = np.sqrt([_counts_by_part(sample.events, n_parts) for sample in samples])
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(float).tiny)


def _counts_by_part(events: Events, n_parts: int) -> np.ndarray:
    """`[2 · n_parts · width · height]`: parts in turn, of each first ON, then OFF."""
    part = (events.ts - events.ts[:1]) * n_parts // (duration_us(events) + 1)
    return np.concatenate([counts(events[(part == k) & (events.p == on)]) for k in range(n_parts) for on in (True, False)])


def transfer(recorded: list[Sample], emulated: list[Sample], n_parts: int) -> str:
    """How a logistic regression does on recorded ones: taught by emulated, and by the other recorded ones.

    Args:
        recorded: recordings.
        emulated: emulated ones.
        n_parts: parts of the time whose counts are kept apart.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    labels, emulated_labels = ([sample.label for sample in side] for side in (recorded, emulated))
    model = LogisticRegression(max_iter=1_000)
    seen = features(recorded, n_parts)
    by_recorded = cross_val_score(model, seen, labels, cv=FOLDS).mean()
    by_emulated = model.fit(features(emulated, n_parts), emulated_labels).score(seen, labels)
    return (
        f"logistic regression, counts in {n_parts} part(s) of time: {100 * by_emulated:.1f} % of {len(labels):,} recorded ones "
        f"taught by {len(emulated):,} emulated, {100 * by_recorded:.1f} % by the other recorded ones ({FOLDS} folds)"
    )


def main() -> int:
    """Print the comparison for one sensor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sensor", choices=SENSORS)
    parser.add_argument("path", type=Path, help="archive of recorded ones; of the camera also a folder of archives")
    parser.add_argument("--stimuli", type=Path, help="IDX file of the images that the camera's recordings show")
    parser.add_argument("--n", type=int, default=N_EMULATED, help="number of emulated recordings")
    arguments = parser.parse_args()
    sensor = SENSORS[arguments.sensor]
    try:
        recorded = list(sensor.recorded(arguments.path))
        if not recorded:
            raise DatasetError(f"{arguments.path} holds no recordings")
        emulated = list(sensor.emulated(arguments.n, recorded, arguments.stimuli))
        twins = list(sensor.twins(recorded, arguments.stimuli)) if sensor.twins else None
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, zipfile.BadZipFile, EventFileError) as error:
        print(f"{arguments.path}: {error}", file=sys.stderr)
        return 2
    print(table(sensor.measures, recorded, twins or emulated))
    if twins:
        print(likeness(recorded, twins))
    for n_parts in sensor.parts:
        print(transfer(recorded, emulated, n_parts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
