"""Accuracy against the time that a run takes, with the points that none beats in both: the Pareto front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiment.figures.style import POINTS_PER_INCH, TICK_POINTS, label_axes
from experiment.sweep.statistics import Point, is_log, pareto_front

from .scale import ACCURACY, BEST_COLOUR, DOT_COLOUR, LINE_COLOUR, panels, plain_log, scale_accuracies

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_HEIGHT = 3.2  # inches
APART = 14  # points from one number to the next
MOST_BARS = 60  # of points; more would hide each other


def time_figure(points: Sequence[Point]) -> Figure:
    """A mark for each point; those of the front are squares, joined by steps, with their numbers where there is room.

    Args:
        points: of the sweep, at least one with an accuracy and a time.
    """
    told = timed(points)
    seconds, means = np.array([point.mean("seconds") for point in told]), np.array([point.accuracy.mean for point in told])
    front = pareto_front(seconds, means)
    others = np.setdiff1d(np.arange(len(told)), front)
    figure, (axes,) = panels(1, 1, PANEL_HEIGHT, wide=7.5)
    spread = [k for k in range(len(told)) if told[k].accuracy.deviation]
    if len(told) <= MOST_BARS:
        axes.errorbar(seconds[spread], means[spread], [told[k].accuracy.deviation for k in spread], fmt="none",
                      ecolor=DOT_COLOUR, elinewidth=0.6)  # fmt: skip
    axes.scatter(seconds[others], means[others], 16, facecolors="white", edgecolors=DOT_COLOUR, linewidths=0.8, zorder=3)
    axes.step(seconds[front], means[front], where="post", color=LINE_COLOUR, linewidth=1.4, zorder=2)
    axes.scatter(seconds[front], means[front], 34, marker="s", color=LINE_COLOUR, edgecolors=BEST_COLOUR, zorder=4)
    if is_log(sorted(seconds)):
        axes.set_xscale("log")
        plain_log(axes.xaxis)
    shown = [mean + side * (point.accuracy.deviation or 0) for point, mean in zip(told, means, strict=True) for side in (-1, 1)]
    scale_accuracies(axes, shown if len(told) <= MOST_BARS else means)
    label_axes(axes, "seconds a run (training and test, simulation alone)", ACCURACY)
    _name(axes, [told[k] for k in front])
    return figure


def _name(axes: Axes, front: Sequence[Point]) -> None:
    """Write the points' numbers beside them, the most accurate first, where there is room."""
    named: list[np.ndarray] = []
    for point in reversed(front):
        x, y = point.mean("seconds"), point.accuracy.mean
        here = axes.transData.transform((x, y)) * POINTS_PER_INCH / axes.figure.dpi
        if all(np.abs(here - other).max() > APART for other in named):
            axes.annotate(str(point.number), (x, y), (-4, 5), textcoords="offset points", ha="right",
                          fontsize=TICK_POINTS, fontweight="bold", zorder=5)  # fmt: skip
            named.append(here)


def timed(points: Sequence[Point]) -> list[Point]:
    """Those with an accuracy and a time."""
    return [point for point in points if point.runs and point.mean("seconds") is not None]
