"""Main effects: accuracy at each value of a parameter, averaged over all others, a panel a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from experiment.figures.style import label_axes, plain
from experiment.sweep.statistics import Level, Point, best_first, effect_of, is_numeric

from .scale import (
    ACCURACY,
    BEST_COLOUR,
    DOT_COLOUR,
    LINE_COLOUR,
    Scale,
    apart,
    panels,
    scale_accuracies,
    scale_of,
    scale_x,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_HEIGHT = 2.3  # inches
MOST_COLUMNS = 3
MOST_SIZES = 6  # values under each of which the number of points is told


def effects_figure(points: Sequence[Point], parameters: Sequence[str], mode: str) -> Figure:
    """A panel for each parameter, all with one axis of accuracies.

    Args:
        points: of the sweep, at least one with an accuracy.
        parameters: their names, at least one.
        mode: "grid", "random" or "optimise".
    """
    scales = [scale_of(points, name, mode) for name in parameters]
    figure, places = panels(len(parameters), MOST_COLUMNS, PANEL_HEIGHT, scales=scales)
    told = [point for point in points if point.runs]
    shown = [point.accuracy.mean for point in told]
    drawn = []
    for name, scale, axes in zip(parameters, scales, places, strict=True):
        found = effect_of(points, name, mode)
        known = [level for level in found if level.accuracy is not None]
        shown += [level.accuracy + side * (level.margin or 0) for level in known for side in (-1, 1)]
        _draw_points(axes, scale, told)
        (_draw_bins if scale.is_continuous else _draw_levels)(axes, scale, known)
        for level in found:
            if level.accuracy is None:
                axes.plot(scale.place(level.value), 0.03, "x", color=BEST_COLOUR, transform=axes.get_xaxis_transform())
        sizes = [level.n_points for level in found]
        is_told = not scale.is_continuous and len(set(sizes)) > 1 and len(sizes) <= MOST_SIZES
        scale_x(axes, scale, [f"n {size}" for size in sizes] if is_told else ())
        label_axes(axes, plain(name), ACCURACY if len(drawn) % MOST_COLUMNS == 0 else "")
        drawn.append(axes)
    for axes in drawn:
        scale_accuracies(axes, shown)
    return figure


def _draw_points(axes: Axes, scale: Scale, told: Sequence[Point]) -> None:
    is_apart = len(told) > len(scale.levels) and not scale.is_continuous
    spread = min(0.35 * scale.gap, 0.12) if is_apart else 0
    x = {point.number: scale.place(point.values[scale.name]) + spread * apart(point) for point in told}
    accuracies = [point.accuracy.mean for point in told]
    axes.scatter(x.values(), accuracies, 12, facecolors="none", edgecolors=DOT_COLOUR, linewidths=0.7)
    best = best_first(told)[0]
    axes.scatter(x[best.number], best.accuracy.mean, 70, marker="*", color=BEST_COLOUR, zorder=5)


def _draw_levels(axes: Axes, scale: Scale, known: Sequence[Level]) -> None:
    x, y = [scale.place(level.value) for level in known], [level.accuracy for level in known]
    line = "-" if is_numeric(scale.levels) else "none"
    axes.plot(x, y, linestyle=line, marker="s", markersize=4, color=LINE_COLOUR, linewidth=1.4, zorder=3)
    told = [k for k, level in enumerate(known) if level.margin is not None]
    margins = [known[k].margin for k in told]
    axes.errorbar([x[k] for k in told], [y[k] for k in told], margins, fmt="none", ecolor=LINE_COLOUR, capsize=6, zorder=4)


def _draw_bins(axes: Axes, scale: Scale, known: Sequence[Level]) -> None:
    for level in known:
        ends = [scale.place(level.low), scale.place(level.high)]
        axes.plot(ends, [level.accuracy] * 2, color=LINE_COLOUR, linewidth=2.2, zorder=3)
        if level.margin is not None:
            axes.errorbar(scale.place(level.value), level.accuracy, level.margin, ecolor=LINE_COLOUR, capsize=4, zorder=3)
