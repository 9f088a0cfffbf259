"""Accuracies of single runs where only the seed varies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiment.figures.style import label_axes
from experiment.sweep.statistics import Point

from .scale import ACCURACY, DOT_COLOUR, LINE_COLOUR, panels, scale_accuracies

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL_HEIGHT = 2.3  # inches


def seeds_figure(point: Point) -> Figure:
    """A mark for each run, and their mean with its 95 % interval.

    Args:
        point: with at least one run.
    """
    figure, (axes,) = panels(1, 1, PANEL_HEIGHT, wide=6.0)
    found, accuracies = point.accuracy, [run["accuracy"] for run in point.runs]
    seeds = [run["seed"] for run in point.runs]
    axes.scatter(seeds, accuracies, 26, facecolors="none", edgecolors=DOT_COLOUR)
    axes.axhline(found.mean, color=LINE_COLOUR, linewidth=1.6)
    margin = found.margin or 0
    for side in (-margin, margin) if margin else ():
        axes.axhline(found.mean + side, color=LINE_COLOUR, linewidth=1, linestyle="--")
    axes.set_xlim(min(seeds) - 0.5, max(seeds) + 0.5)
    axes.xaxis.get_major_locator().set_params(integer=True)
    scale_accuracies(axes, [*accuracies, found.mean - margin, found.mean + margin])
    label_axes(axes, "seed", ACCURACY)
    return figure
