"""Parallel coordinates: each point a line through its values, to its accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiment.figures.style import LABEL_POINTS, TICK_POINTS, add_axes, new_figure, plain
from experiment.sweep.statistics import Point, best_first

from .scale import ACCURACY, BEST_COLOUR, SMALLEST_SPAN, WIDTH, Scale, scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 3.4  # inches of the axes
LETTER = 0.095  # inches of a letter above an axis
NEXT_LINE = 0.06  # of the axis, from a name to one above it
COLOURS = "viridis_r"  # dark is accurate, so that it stands out on white
SPAN = 0.75  # of the colours; the lightest are not seen on white
FEW = 60  # lines that are told apart
MARKED = 3  # of the best points
SPREAD = 0.06  # of the axis, over which lines through the same value stand


def parallel_figure(points: Sequence[Point], parameters: Sequence[str], mode: str) -> Figure:
    """Upright axes, one for each parameter and one for the accuracy.

    Args:
        points: of the sweep, at least one with an accuracy.
        parameters: their names, at least one.
        mode: "grid", "random" or "optimise".
    """
    from matplotlib import colormaps
    from matplotlib.collections import LineCollection

    told = best_first(points)[::-1]
    accuracies = np.array([point.accuracy.mean for point in told])
    middle, half = (accuracies.min() + accuracies.max()) / 2, max(np.ptp(accuracies), SMALLEST_SPAN) / 2
    heights = (accuracies - middle + half) / (2 * half)
    scales = [scale_of(points, name, mode) for name in parameters]
    y = np.column_stack([*(_heights(scale, told) for scale in scales), heights])
    figure = new_figure(WIDTH, HEIGHT + 0.8)
    axes = add_axes(figure, 0.35, 0.1, WIDTH - 0.9, HEIGHT)
    x = np.arange(len(parameters) + 1)
    lines = [np.column_stack([x, each]) for each in y]
    shades = colormaps[COLOURS](1 - SPAN + SPAN * heights)
    shades[:, 3] = np.clip(FEW / len(told), 0.35, 0.85) * (0.4 + 0.6 * heights)  # lest many hide the accurate ones
    axes.add_collection(LineCollection(lines, colors=shades, linewidths=0.8 + heights))
    for place in range(max(0, len(told) - MARKED), len(told)):
        is_best = place == len(told) - 1
        line, width = ("-", 2.0) if is_best else ("--", 1.0)
        axes.plot(x, y[place], line, color=BEST_COLOUR, linewidth=width, marker="o", markersize=3)
    _draw_axes(axes, scales, middle, half)
    return figure


def _heights(scale: Scale, told: Sequence[Point]) -> np.ndarray:
    """Where the points stand; those of one value beside each other, the more accurate the higher."""
    found = np.array([scale.place(point.values[scale.name]) for point in told])
    if scale.is_continuous:
        return found
    spread = min(SPREAD, 0.6 * scale.gap)
    for place in np.unique(found):
        here = np.flatnonzero(found == place)
        found[here] += spread * (np.linspace(-0.5, 0.5, len(here)) if len(here) > 1 else 0)
    return found


def _draw_axes(axes: Axes, scales: Sequence[Scale], middle: float, half: float) -> None:
    from matplotlib.ticker import MaxNLocator

    numbers = [tick for tick in MaxNLocator(6).tick_values(middle - half, middle + half) if abs(tick - middle) <= half]
    ticks = [scale.ticks() for scale in scales]
    ticks.append(([f"{tick:g}" for tick in numbers], [(tick - middle + half) / (2 * half) for tick in numbers]))
    names = [*(scale.name for scale in scales), ACCURACY]
    is_crowded = (len(ACCURACY) + max(len(scale.name) for scale in scales)) / 2 * LETTER > (WIDTH - 0.9) / (len(scales) + 0.3)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
    for place, (name, texts) in enumerate(zip(names, ticks, strict=True)):
        axes.axvline(place, color="#404040", linewidth=1, zorder=1)
        height = 1.08 + (NEXT_LINE if is_crowded and place % 2 else 0)
        axes.text(place, height, plain(name), ha="center", fontsize=LABEL_POINTS, fontweight="bold")
        for text, height in zip(*texts, strict=True):
            axes.plot([place - 0.01, place + 0.01], [height] * 2, color="#404040", linewidth=1)
            axes.text(place + 0.02, height, text, fontsize=TICK_POINTS, va="center", bbox=box, zorder=6)
    axes.set_xlim(-0.15, len(scales) + 0.15)
    axes.set_ylim(-0.06, 1.06)
    axes.axis("off")
