"""Accuracy against the time that a run takes, with the points that none beats in both: the Pareto front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiment.figures.style import TICK_POINTS, label_axes
from experiment.sweep.statistics import Point, is_log, pareto_front

from .scale import ACCURACY, BEST_COLOUR, DOT_COLOUR, LINE_COLOUR, panels, plain_log, scale_accuracies

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL_HEIGHT = 3.2  # inches
MOST_NAMED = 15  # points of the front


def time_figure(points: Sequence[Point]) -> Figure:
    """A mark for each point; those of the front are squares with their numbers, joined by steps.

    Args:
        points: of the sweep, at least one with an accuracy and a time.
    """
    told = timed(points)
    seconds, means = np.array([point.mean("seconds") for point in told]), np.array([point.accuracy.mean for point in told])
    front = pareto_front(seconds, means)
    others = np.setdiff1d(np.arange(len(told)), front)
    figure, (axes,) = panels(1, 1, PANEL_HEIGHT, wide=7.5)
    spread = [k for k in range(len(told)) if told[k].accuracy.deviation]
    if len(told) <= 60:
        axes.errorbar(seconds[spread], means[spread], [told[k].accuracy.deviation for k in spread], fmt="none",
                      ecolor=DOT_COLOUR, elinewidth=0.6)  # fmt: skip
    axes.scatter(seconds[others], means[others], 16, facecolors="white", edgecolors=DOT_COLOUR, linewidths=0.8, zorder=3)
    axes.step(seconds[front], means[front], where="post", color=LINE_COLOUR, linewidth=1.4, zorder=2)
    axes.scatter(seconds[front], means[front], 34, marker="s", color=LINE_COLOUR, edgecolors=BEST_COLOUR, zorder=4)
    for k in front[-MOST_NAMED:]:
        axes.annotate(str(told[k].number), (seconds[k], means[k]), (-4, 5), textcoords="offset points", ha="right",
                      fontsize=TICK_POINTS, fontweight="bold", zorder=5)  # fmt: skip
    if is_log(sorted(seconds)):
        axes.set_xscale("log")
        plain_log(axes.xaxis)
    shown = [mean + side * (point.accuracy.deviation or 0) for point, mean in zip(told, means, strict=True) for side in (-1, 1)]
    scale_accuracies(axes, shown if len(told) <= 60 else means)
    label_axes(axes, "seconds a run (training and test, simulation alone)", ACCURACY)
    return figure


def timed(points: Sequence[Point]) -> list[Point]:
    """Those with an accuracy and a time."""
    return [point for point in points if point.runs and point.mean("seconds") is not None]
