"""Running accuracy over training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import line_look, scale_percent
from experiment.protocol.course import Course, running_mean

from .style import QUIET_COLOUR, add_axes, add_caption, add_chance, add_legend_above, label_axes, new_figure, scale_samples

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINT_SIZE = 3.0  # points
POINT_OPACITY = 0.3


def performance_figure(
    samples_seen: Sequence[int], accuracies: Mapping[str, Sequence[float]], n_classes: int, n_train: int, *, note: str = ""
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
    add_chance(axes, n_classes)
    axes.plot([], [], "o", markersize=POINT_SIZE, alpha=POINT_OPACITY, color=QUIET_COLOUR,
              label=f"points: an update interval each; lines: mean over an epoch (last {n_train:,} samples)")  # fmt: skip
    for number, (name, values) in enumerate(accuracies.items()):
        if len(values) != len(samples_seen):
            raise ValueError(f"{name}: {len(values)} accuracies for {len(samples_seen)} update intervals")
        percent = np.asarray(values, dtype=float)
        colour, style = line_look(number)
        axes.plot(samples_seen, percent, "o", markersize=POINT_SIZE, alpha=POINT_OPACITY, color=colour,
                  markeredgewidth=0, clip_on=False)  # fmt: skip
        course = _course(samples_seen, percent, n_train)
        means = running_mean(samples_seen, percent, n_train)
        axes.plot(samples_seen, means, label=f"{name}: {course if course.n else 'no data yet'}",
                  color=colour, linestyle=style, linewidth=1.6)  # fmt: skip
    n_seen = scale_samples(axes, samples_seen)
    scale_percent(axes)
    add_legend_above(axes)
    label_axes(axes, "training samples seen", "running accuracy (%)")
    add_caption(figure, f"Running accuracy, n = {n_seen:,} training samples seen", note)
    return figure


def _course(samples_seen: Sequence[int], percent: np.ndarray, n_train: int) -> Course:
    """What the intervals amount to."""
    course = Course(n_train)
    for n_seen, size, accuracy in zip(samples_seen, np.diff(samples_seen, prepend=0), percent.tolist(), strict=True):
        course.add(None if math.isnan(accuracy) else accuracy, int(size), n_seen)
    return course
