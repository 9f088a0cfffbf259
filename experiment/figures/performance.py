"""Running accuracy over training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .style import (
    QUIET_COLOUR,
    add_axes,
    add_caption,
    add_legend_above,
    label_axes,
    line_look,
    new_figure,
    scale_percent,
    scale_samples,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINT_SIZE = 3.0  # points
POINT_OPACITY = 0.3


def performance_figure(
    samples_seen: Sequence[int],
    accuracies: Mapping[str, Sequence[float]],
    n_classes: int,
    n_train: int,
    *,
    note: str = "",
) -> Figure:
    """Running accuracy of each read-out against the training samples seen.

    An interval holds few samples, so its accuracy is a faint point; the line is the mean over an epoch.

    Args:
        samples_seen: Training samples seen at the end of each update interval.
        accuracies: Name of a read-out → its accuracy in each interval, %; NaN where there is none.
        n_classes: Number of classes, for the chance level.
        n_train: Training samples in an epoch.
        note: Footnote.

    Raises:
        ValueError: a read-out has not as many accuracies as there are intervals.
    """
    legend_height = 0.2 * (len(accuracies) + 2)
    figure = new_figure(7.5, 4.7 + legend_height)
    axes = add_axes(figure, 0.75, 0.8, 6.45, 3.3)
    chance = 100 / n_classes
    axes.axhline(chance, color=QUIET_COLOUR, linewidth=1, linestyle=(0, (2, 2)),
                 label=f"chance: {chance:.1f} %")  # fmt: skip
    axes.plot([], [], "o", markersize=POINT_SIZE, alpha=POINT_OPACITY, color=QUIET_COLOUR,
              label=f"points: an update interval each; lines: mean over an epoch (last {n_train:,} samples)")  # fmt: skip
    for number, (name, values) in enumerate(accuracies.items()):
        if len(values) != len(samples_seen):
            raise ValueError(f"{name}: {len(values)} accuracies for {len(samples_seen)} update intervals")
        percent = np.asarray(values, dtype=float)
        colour, style = line_look(number)
        axes.plot(samples_seen, percent, "o", markersize=POINT_SIZE, alpha=POINT_OPACITY, color=colour,
                  markeredgewidth=0, clip_on=False)  # fmt: skip
        means = running_mean(samples_seen, percent, n_train)
        axes.plot(samples_seen, means, label=_summary(name, percent, means),
                  color=colour, linestyle=style, linewidth=1.6)  # fmt: skip
    n_seen = scale_samples(axes, samples_seen)
    scale_percent(axes)
    add_legend_above(axes)
    label_axes(axes, "training samples seen", "running accuracy (%)")
    add_caption(figure, f"Running accuracy, n = {n_seen:,} training samples seen", note)
    return figure


def running_mean(samples_seen: Sequence[int], percent: np.ndarray, span: int) -> np.ndarray:
    """Accuracy over the last `span` samples at the end of each interval, %; NaN where nothing is known.

    Args:
        samples_seen: Samples seen at the end of each interval [n].
        percent: Accuracy in each interval, % [n]; NaN where there is none.
        span: Number of samples; an interval that began before them does not count.
    """
    ends = np.asarray(samples_seen, dtype=int)
    known = ~np.isnan(percent)
    sizes = np.where(known, np.diff(ends, prepend=0), 0)
    n_samples = np.cumsum([0, *sizes])
    right = np.cumsum([0, *np.where(known, percent, 0) * sizes])
    last, first = np.arange(1, len(ends) + 1), np.searchsorted(ends, ends - span, side="right")
    with np.errstate(invalid="ignore"):
        return (right[last] - right[first]) / (n_samples[last] - n_samples[first])


def _summary(name: str, percent: np.ndarray, means: np.ndarray) -> str:
    """A read-out's line in the legend: last, average and best accuracy of the intervals, and that of the last epoch."""
    known = percent[~np.isnan(percent)]
    if not len(known):
        return f"{name}: no data yet"
    last, average, best = known[-1], known.mean(), known.max()
    return f"{name}: last {last:.1f} %, average {average:.1f} %, best {best:.1f} %; over an epoch {means[-1]:.1f} %"
