"""Labels of the excitatory neurons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .style import (
    TICK_POINTS,
    add_axes,
    add_caption,
    few_ticks,
    label_axes,
    neuron_noun,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Paul Tol's ten qualitative colours (SRON/EPS/TN/09-002): told apart with every colour vision.
CLASS_COLOURS = (
    "#332288", "#88CCEE", "#44AA99", "#117733", "#999933",
    "#DDCC77", "#661100", "#CC6677", "#882255", "#AA4499",
)  # fmt: skip
SILENT_COLOUR = "#E4E4E4"
SILENT = -1
"""Label of a neuron that never fired."""


def assignments_figure(
    assignments: np.ndarray,
    class_names: Sequence[str],
    *,
    note: str = "",
) -> Figure:
    """Label of each excitatory neuron on the lattice, and how many neurons each class has.

    Args:
        assignments: Label of each neuron [n_neurons], an index into `class_names`, −1 if silent.
        class_names: Name of each class.
        note: Footnote.
    """
    from matplotlib.colors import to_rgb

    n_neurons, n_classes = len(assignments), len(class_names)
    side = math.ceil(math.sqrt(n_neurons))
    n_rows = math.ceil(n_neurons / side)
    assignments = np.asarray(assignments, dtype=int)
    palette = np.array([to_rgb(colour) for colour in [*_class_colours(n_classes), SILENT_COLOUR]])
    lattice = np.ones((n_rows * side, 3))
    lattice[:n_neurons] = palette[assignments]  # −1 takes the last colour

    figure = new_figure(8.2, 6.35)
    extent = 5.0
    scale = extent / max(side, n_rows)
    axes = add_axes(figure, 0.7, 0.75 + extent - n_rows * scale, side * scale, n_rows * scale)
    axes.imshow(lattice.reshape(n_rows, side, 3), interpolation="nearest", aspect="auto")
    for edge in range(1, side):
        axes.axvline(edge - 0.5, color="white", linewidth=min(1.0, 20 / side))
    for edge in range(1, n_rows):
        axes.axhline(edge - 0.5, color="white", linewidth=min(1.0, 20 / side))
    cell_points = scale * 72
    for label, name in enumerate(class_names):
        members = np.flatnonzero(assignments == label)
        ink = _ink(palette[label])
        _stamp(axes, name, members % side, members // side, min(60.0, cell_points * 0.55), ink)
    axes.set_xticks(few_ticks(side))
    axes.set_yticks(few_ticks(n_rows))
    axes.spines[:].set_visible(False)
    label_axes(axes, "lattice column", "lattice row")

    n_silent = int(np.count_nonzero(assignments == SILENT))
    counts = [int(np.count_nonzero(assignments == label)) for label in range(n_classes)]
    legend = add_axes(figure, 6.55, 0.75, 1.1, extent)
    bars = legend.barh(range(n_classes + 1), [*counts, n_silent], color=palette, height=0.8)
    bar_points = min(TICK_POINTS, extent * 72 / (n_classes + 1) * 0.8)
    legend.bar_label(bars, [f"{count:,}" for count in [*counts, n_silent]], padding=2,
                     fontsize=bar_points)  # fmt: skip
    legend.set_yticks(range(n_classes + 1), [*class_names, "silent"])
    legend.set_ylim(n_classes + 0.5, -0.5)
    legend.set_xlim(0, max(1, *counts, n_silent))
    legend.set_xticks([])
    legend.spines[["top", "right", "bottom"]].set_visible(False)
    label_axes(legend, "neurons", "class")
    legend.tick_params(axis="y", labelsize=bar_points, length=0)
    title = f"Labels of n = {n_neurons:,} excitatory {neuron_noun(n_neurons)}, {n_silent:,} silent"
    add_caption(figure, title, note)
    return figure


def _class_colours(n_classes: int) -> list:
    """A colour for each class; of more than ten neighbours look alike, names tell them apart."""
    if n_classes <= len(CLASS_COLOURS):
        return list(CLASS_COLOURS[:n_classes])
    from matplotlib import colormaps

    return list(colormaps["viridis"](np.linspace(0, 1, n_classes)))


def _ink(background: np.ndarray) -> str:
    """Black or white, whichever stands out (luma of ITU-R BT.601)."""
    return "black" if background[:3] @ (0.299, 0.587, 0.114) > 0.5 else "white"


def _stamp(axes: Axes, text: str, x: np.ndarray, y: np.ndarray, points: float, colour: str) -> None:
    """The same short text at many places: as a marker, since thousands of texts take seconds."""
    from matplotlib.path import Path as Outline
    from matplotlib.textpath import TextPath

    if len(text) > 2 or not text.strip() or not len(x):
        return
    path = TextPath((0, 0), text, size=points)
    extents = path.get_extents()
    centred = Outline(path.vertices - (extents.min + extents.max) / 2, path.codes)
    axes.plot(x, y, linestyle="", marker=centred, markersize=points, color=colour,
              markeredgewidth=0)  # fmt: skip
