"""Baselines in the page: those on the samples that its runs were tested on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from experiment.baselines.beside import THE_SAME, are_beside
from experiment.baselines.names import BASELINES
from experiment.baselines.saved import FOLDER, Measured, is_place, read_places
from experiment.command_line.options import in_words
from experiment.report.compared import Run, Setting
from experiment.report.page import MISSING, table, text

TOLD_ANYWAY = (*THE_SAME, "n_train", "label_fraction", "n_neurons", "counts", "seed")  # by columns of their own


def baselines_beside(runs: Sequence[Run], places: Sequence[Path]) -> tuple[list[Measured], list[str]]:
    """The baselines to the runs, in some places and beside their folders, and a line about each file that holds none."""
    beside = [place for run in runs if is_place(place := run.folder.parent / FOLDER)]
    found, left_out = read_places([*places, *beside])
    return [measured for measured in found if any(are_beside(run, measured) for run in runs)], left_out


def baselines_section(settings: Sequence[Setting], found: Sequence[Measured]) -> Iterator[str]:
    """The heading and the table; nothing where nothing was measured."""
    if not found:
        return
    groups: dict[str, list[Measured]] = {}
    for measured in found:
        groups.setdefault(measured.setting, []).append(measured)
    sizes = ["seeds", "training samples", "test samples"]
    titles = [f"{text(title)} (%)" for title in BASELINES.values()]
    head = ["beside settings", "samples", "centroids, input", *sizes, *titles]
    yield "<h2>Without a network</h2>"
    yield "<p>What is told of the test samples from the number of spikes of each input alone.</p>"
    caption = "Mean over seeds ± standard deviation (n − 1), in percent of the test samples right."
    yield table(caption, head, [_row(settings, same) for same in groups.values()], words=3)


def _row(settings: Sequence[Setting], same: Sequence[Measured]) -> list[str]:
    first = same[0]
    numbers = [setting.number for setting in settings if any(are_beside(run, first) for run in setting.all_runs)]
    events = [f"{name} {in_words(value)}" for name, value in first.options.items() if name not in TOLD_ANYWAY and value]
    labels = [] if first.n_labels == first.n_train else [f"{first.n_labels:,} labels"]
    source = text(", ".join(map(str, filter(None, [first.sense, first.options.get("source"), first.options.get("stimuli")]))))
    return [
        f'{", ".join(map(str, numbers))}<br><span class="quiet">{source}</span>',
        text(", ".join([*events, *labels])),
        text(f"{first.options.get('n_neurons')}, {first.options.get('counts')}"),
        *(f"{size:,}" for size in (len(same), first.n_train, first.n_test)),
        *(_spread([measured.accuracy[name] for measured in same if name in measured.accuracy]) for name in BASELINES),
    ]


def _spread(values: Sequence[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.1f}" if values else MISSING
    return f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}"
