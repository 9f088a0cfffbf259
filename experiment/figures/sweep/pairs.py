"""Accuracy over pairs of parameters: cells where both take a few values, else a point each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import thinned
from experiment.figures.style import TICK_POINTS, add_colour_bar, ink_on, label_axes, plain, stamp
from experiment.sweep.statistics import Point, best_first, cells

from .scale import (
    ACCURACY,
    BEST_COLOUR,
    MOST_TICKS,
    SMALLEST_SPAN,
    Scale,
    apart,
    label_of,
    panels,
    scale_of,
    scale_x,
    scale_y,
    turn_long_names,
    turn_wide_labels,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

PANEL_HEIGHT = 3.0  # inches
MOST_COLUMNS = 2
COLOURS = "viridis"  # lightness rises with accuracy, so that it is read in grey too
NARROWEST, LOWEST = 0.42, 0.32  # inches of a cell that is told in numbers
MISSING_COLOUR, MISSING_LINES = "#f2f2f2", "#b0b0b0"
MEAN_ABOVE, N_BELOW = 0.05, 0.1  # inches from a cell's middle to the numbers in it
DOTS = (10, 20, 32, 46, 60)  # square points, from the least accurate to the most


def pairs_figure(points: Sequence[Point], pairs: Sequence[tuple[str, str]], mode: str) -> Figure:
    """A panel for each pair, all with the same colours.

    Args:
        points: of the sweep, at least one with an accuracy.
        pairs: names of the parameters to the right and upwards, at least one pair.
        mode: "grid", "random" or "optimise".
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    scales = [(scale_of(points, across, mode), scale_of(points, up, mode)) for across, up in pairs]
    figure, places = panels(len(pairs), MOST_COLUMNS, PANEL_HEIGHT, right=0.95, scales=[across for across, _ in scales])
    told = [point for point in points if point.runs]
    shown = [cell.mean for x, y in scales if _is_lattice(x, y) for cell in cells(told, x.name, y.name).values()]
    if not all(_is_lattice(*pair) for pair in scales):
        shown += [point.accuracy.mean for point in told]
    middle, half = (min(shown) + max(shown)) / 2, max(max(shown) - min(shown), SMALLEST_SPAN) / 2
    colours = ScalarMappable(Normalize(middle - half, middle + half), COLOURS)
    for (x, y), axes in zip(scales, places, strict=True):
        (_draw_cells if _is_lattice(x, y) else _draw_points)(axes, x, y, told, colours)
        label_axes(axes, plain(x.name), plain(y.name))
    add_colour_bar(figure.axes[min(len(pairs), MOST_COLUMNS) - 1], colours, ACCURACY)
    return figure


def _is_lattice(x: Scale, y: Scale) -> bool:
    return not (x.is_continuous or y.is_continuous)


def _draw_cells(axes: Axes, x: Scale, y: Scale, told: Sequence[Point], colours: ScalarMappable) -> None:
    found = cells(told, x.name, y.name)
    means = np.full((len(y.levels), len(x.levels)), np.nan)
    for (across, up), cell in found.items():
        means[y.levels.index(up), x.levels.index(across)] = cell.mean
    axes.patch.set(facecolor=MISSING_COLOUR, hatch="////", edgecolor=MISSING_LINES)
    axes.pcolormesh(np.ma.masked_invalid(means), cmap=colours.cmap, norm=colours.norm, edgecolors="white", linewidth=0.8)
    kept = [thinned(len(scale.levels), MOST_TICKS) for scale in (x, y)]
    below, beside = ([label_of(scale.levels[k]) for k in at] for scale, at in zip((x, y), kept, strict=True))
    axes.set_xticks(kept[0] + 0.5, below)
    axes.set_yticks(kept[1] + 0.5, beside)
    turn_wide_labels(axes, below, 1 / len(below))
    turn_long_names(axes, beside)
    axes.tick_params(length=0)
    best = best_first(told)[0].values
    from matplotlib.patches import Rectangle

    corner = x.levels.index(best[x.name]), y.levels.index(best[y.name])
    axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=BEST_COLOUR, linewidth=2.2, zorder=4))
    width, height = axes.get_position().size * axes.figure.get_size_inches() / means.shape[::-1]
    if width < NARROWEST or height < LOWEST:
        return
    across, up = np.array([(x.levels.index(one) + 0.5, y.levels.index(other) + 0.5) for one, other in found]).T
    ink = ink_on(colours.to_rgba([cell.mean for cell in found.values()])[:, :3])
    stamp(axes, [f"{cell.mean:.1f}" for cell in found.values()], across, up + MEAN_ABOVE / height, TICK_POINTS, ink)
    stamp(axes, [f"n {cell.n}" for cell in found.values()], across, up - N_BELOW / height, TICK_POINTS - 2, ink)


def _draw_points(axes: Axes, x: Scale, y: Scale, told: Sequence[Point], colours: ScalarMappable) -> None:
    told = best_first(told)[::-1]
    spots = np.array([[_place(scale, point) for scale in (x, y)] for point in told])
    accuracies = np.array([point.accuracy.mean for point in told])
    sizes = np.round((len(DOTS) - 1) * np.clip(colours.norm(accuracies), 0, 1)).astype(int)
    for size in np.unique(sizes):  # dots of one size are written once in a drawing
        here = sizes == size
        axes.scatter(*spots[here].T, DOTS[size], colours.to_rgba(accuracies[here]), edgecolors="#404040", linewidths=0.5)
    axes.scatter(*spots[-1], 160, marker="o", facecolors="none", edgecolors=BEST_COLOUR, linewidths=1.6)
    scale_x(axes, x)
    scale_y(axes, y)
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.set_axisbelow(True)


def _place(scale: Scale, point: Point) -> float:
    spread = 0 if scale.is_continuous else min(0.5 * scale.gap, 0.12)
    return scale.place(point.values[scale.name]) + spread * apart(point)
