"""Running accuracy over training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .style import (
    LINE_COLOURS,
    LINE_STYLES,
    QUIET_COLOUR,
    TICK_POINTS,
    add_axes,
    add_caption,
    label_axes,
    new_figure,
    scale_samples,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def performance_figure(
    samples_seen: Sequence[int],
    accuracies: Mapping[str, Sequence[float]],
    n_classes: int,
    *,
    note: str = "",
) -> Figure:
    """Running accuracy of each read-out against the training samples seen.

    Args:
        samples_seen: Training samples seen at the end of each update interval.
        accuracies: Name of a read-out → its accuracy in each interval, %; NaN where there is none.
        n_classes: Number of classes, for the chance level.
        note: Footnote.

    Raises:
        ValueError: a read-out has not as many accuracies as there are intervals.
    """
    legend_height = 0.2 * (len(accuracies) + 1)
    figure = new_figure(7.5, 4.7 + legend_height)
    axes = add_axes(figure, 0.75, 0.8, 6.45, 3.3)
    chance = 100 / n_classes
    axes.axhline(chance, color=QUIET_COLOUR, linewidth=1, linestyle=(0, (2, 2)),
                 label=f"chance: {chance:.1f} %")  # fmt: skip
    for number, (name, values) in enumerate(accuracies.items()):
        if len(values) != len(samples_seen):
            raise ValueError(f"{name}: {len(values)} accuracies for {len(samples_seen)} update intervals")
        percent = np.asarray(values, dtype=float)
        axes.plot(samples_seen, percent, label=_summary(name, percent),
                  color=LINE_COLOURS[number % len(LINE_COLOURS)],
                  linestyle=LINE_STYLES[number % len(LINE_STYLES)], linewidth=1.4,
                  marker="o", markersize=3 if len(percent) <= 100 else 0)  # fmt: skip
    n_seen = scale_samples(axes, samples_seen)
    axes.set_ylim(0, 100)
    axes.set_yticks(range(0, 101, 20))
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=TICK_POINTS, loc="lower left", bbox_to_anchor=(0, 1.02), frameon=False,
                borderpad=0, handlelength=3)  # fmt: skip
    label_axes(axes, "training samples seen", "running accuracy (%)")
    add_caption(figure, f"Running accuracy, n = {n_seen:,} training samples seen", note)
    return figure


def _summary(name: str, percent: np.ndarray) -> str:
    """A read-out's line in the legend: last, average and best accuracy."""
    known = percent[~np.isnan(percent)]
    if not len(known):
        return f"{name}: no data yet"
    return f"{name}: last {known[-1]:.1f} %, average {known.mean():.1f} %, best {known.max():.1f} %"
