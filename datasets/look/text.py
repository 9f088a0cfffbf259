"""What a look at a data set found, as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datasets.facts import EMULATED
from datasets.look.look import Look, Measured
from datasets.preparation.doubts import doubts
from datasets.preparation.refusals import MAX_DAMAGED_SHARE
from datasets.preparation.report import NAMED, PreparationReport

FIRST_COLUMN, COLUMN = 34, 11  # characters
MS_PER_S = 1000


def look_lines(found: Look) -> list[str]:
    """What is there, what the recordings that were read hold, and what of it a network would get."""
    return [*_heading(found), "", *_classes(found), "", *_numbers(found), "", *_damage(found)]


def _heading(found: Look) -> list[str]:
    dataset = found.dataset
    sensor = f"{dataset.sensor.height} × {dataset.sensor.width} units (rows × columns)"
    title = f"{found.title}: {sensor}, {dataset.n_classes} classes"
    made = (
        ["made as they are needed: the counts are those of a run that asks for no number"] if dataset.source == EMULATED else []
    )
    return [title, *(f"read from {origin}" for origin in found.origins), *found.notes, *made]


def _classes(found: Look) -> list[str]:
    """A row a class: its recordings, and the events of those that were read."""
    splits = [*found.n_recordings]
    told = [_row("", [*splits, "all", "read", "events", "deviation"])]
    for label, name in enumerate(found.dataset.class_names):
        counts = [of_class[label] for of_class in found.n_recordings.values()]
        told.append(_class_row(f"class {name}", counts, [one for one in found.measured if one.label == label]))
    counts = [of_class.total() for of_class in found.n_recordings.values()]
    return [*told, _class_row("all classes", counts, found.measured)]


def _class_row(name: str, counts: list[int], measured: list[Measured]) -> str:
    numbers = [f"{n:,}" for n in (*counts, sum(counts), len(measured))]
    events = np.array([one.n_events for one in measured])
    return _row(name, numbers + ([f"{events.mean():,.0f}", f"{events.std():,.0f}"] if len(events) else ["–", "–"]))


def _numbers(found: Look) -> list[str]:
    """Mean, deviation and limits of what was measured."""
    dataset, measured = found.dataset, found.measured
    told = [_coverage(found)]
    if not measured:
        return told
    of = {name: np.array([getattr(one, name) for one in measured], float) for name in Measured._fields}
    told.append(_row("", ["mean", "deviation", "least", "most"]))
    told.append(_spread_row("events a recording", of["n_events"]))
    told.append(_spread_row("first to last event (ms)", of["duration"]))
    told.append(_spread_row("time of the last event (ms)", of["latest"]))
    lasting = of["duration"] > 0
    told.append(_spread_row("rate (events/s)", MS_PER_S * of["n_events"][lasting] / of["duration"][lasting]))
    if found.has_polarity:
        eventful = of["n_events"] > 0
        told.append(_spread_row("ON share (%)", 100 * of["n_on"][eventful] / of["n_events"][eventful]))

    kind = f"{dataset.polarities.upper()} events" if dataset.polarities != "both" else "ON and OFF events"
    told += ["", f"as samples: {kind} of {dataset.pattern_time:g} ms in {dataset.n_steps:,} steps of {dataset.dt:g} ms, "]
    told[-1] += f"{dataset.n_inputs:,} inputs"
    told.append(_row("", ["mean", "deviation", "least", "most"]))
    told.append(_spread_row("spikes a sample", of["n_spikes"]))
    told.append(_spread_row("rate of an input (spikes/s)", _input_rates(found, of["n_spikes"])))
    n_wanted, n_past, n_spikes, n_early = (int(of[name].sum()) for name in ("n_wanted", "n_past", "n_spikes", "n_early"))
    n_silent = int((of["n_spikes"] == 0).sum())
    told += [
        f"{n_wanted:,} such events: {_share(n_past, n_wanted)} outside the pattern time left out, "
        f"{_share(n_wanted - n_past - n_spikes, n_wanted)} in a step in which their unit had one already",
        f"{n_silent:,} of {len(measured):,} samples silent",
    ]
    held = {"n_samples": len(measured), "n_silent": n_silent, "n_events": n_wanted, "n_past_window": n_past, "n_spikes": n_spikes}
    return told + doubts(PreparationReport(**held), n_early, dataset.grid)


def _coverage(found: Look) -> str:
    if found.n_read == found.n_there:
        return f"all {found.n_there:,} recordings were read; of those that are sound:"
    return f"{found.n_read:,} of {found.n_there:,} recordings were read, evenly spread over each class; of those that are sound:"


def _input_rates(found: Look, n_spikes: np.ndarray) -> np.ndarray:
    seconds = found.dataset.n_steps * found.dataset.dt / MS_PER_S
    return n_spikes / found.dataset.n_inputs / seconds


def _damage(found: Look) -> list[str]:
    told = [f"{found.n_damaged_events:,} partial or corrupted events left out"]
    told.append(f"{len(found.left_out):,} of {found.n_read:,} recordings that were read are damaged and left out")
    told += [f"  {name}: {reason}" for name, reason in found.left_out[:NAMED]]
    if len(found.left_out) > NAMED:
        told.append(f"  … and {len(found.left_out) - NAMED:,} more")
    for split in found.refused:
        told.append(f"  more than {MAX_DAMAGED_SHARE:.0%} for {split}: of the whole split, the scripts would refuse that")
    return told


def _spread_row(name: str, values: np.ndarray) -> str:
    if not len(values):
        return _row(name, ["–"] * 4)
    return _row(name, [_short(value) for value in (values.mean(), values.std(), values.min(), values.max())])


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({100 * part / max(whole, 1):.1f} %)"


def _row(name: str, cells: Sequence[str]) -> str:
    return (f"{name:<{FIRST_COLUMN}}" + "".join(f"{cell:>{COLUMN}}" for cell in cells)).rstrip()
