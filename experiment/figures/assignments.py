"""Labels of the excitatory neurons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.panels import rule
from bindsnet.analysis.style import class_colours
from common import NO_LABEL

from .style import (
    POINTS_PER_INCH,
    TICK_POINTS,
    add_axes,
    add_caption,
    cells_with_names,
    few_ticks,
    ink_on,
    label_axes,
    neuron_noun,
    new_figure,
    room_for,
    short_names,
    stamp,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def assignments_figure(assignments: np.ndarray, class_names: Sequence[str], *, note: str = "") -> Figure:
    """Label of each excitatory neuron on the lattice, and how many neurons each class has.

    Args:
        assignments: Label of each neuron [n_neurons], an index into `class_names`, −1 if silent.
        class_names: Name of each class.
        note: Footnote.
    """
    n_neurons, n_classes = len(assignments), len(class_names)
    side = math.ceil(math.sqrt(n_neurons))
    n_rows = math.ceil(n_neurons / side)
    assignments = np.asarray(assignments, dtype=int)
    palette = class_colours(n_classes)[:, :3]
    lattice = np.ones((n_rows * side, 3))
    lattice[:n_neurons] = palette[assignments]  # −1 takes the last colour

    class_names = short_names(class_names)
    room = room_for(class_names, 8)
    figure = new_figure(8.2 + room, 6.35)
    extent = 5.0
    scale = extent / max(side, n_rows)
    axes = add_axes(figure, 0.7, 0.75 + extent - n_rows * scale, side * scale, n_rows * scale)
    axes.imshow(lattice.reshape(n_rows, side, 3), interpolation="nearest", aspect="auto")
    rule(axes, (n_rows, side), (1, 1), colors="white")
    fits = np.array([len(name.strip()) in (1, 2) for name in [*class_names, ""]])
    named = np.flatnonzero(fits[assignments])
    labels = assignments[named]
    points = min(60.0, scale * POINTS_PER_INCH * 0.55)
    stamp(axes, [class_names[label] for label in labels], named % side, named // side, points, ink_on(palette[labels]))
    axes.set_xticks(few_ticks(side))
    axes.set_yticks(few_ticks(n_rows))
    axes.spines[:].set_visible(False)
    label_axes(axes, "lattice column", "lattice row")

    n_silent = int(np.count_nonzero(assignments == NO_LABEL))
    counts = [int(np.count_nonzero(assignments == label)) for label in range(n_classes)]
    legend = add_axes(figure, 6.55 + room, 0.75, 1.1, extent)
    silent_height, named, shown = cells_with_names(n_classes, extent)
    places, heights = [*range(n_classes), n_classes + (silent_height - 1) / 2], [0.8] * n_classes + [0.8 * silent_height]
    bar_points = min(TICK_POINTS, extent * POINTS_PER_INCH / (len(named) + 1) * 0.8)
    is_whole = len(named) == n_classes  # of some only, the axis tells the numbers, and silent ones must not set its scale
    bars = legend.barh(places, [*counts, n_silent if is_whole else 0], color=palette, height=heights)
    texts = [f"{count:,}" if is_whole else "" for count in counts]
    legend.bar_label(bars, [*texts, f"{n_silent:,}"], padding=2, fontsize=bar_points)
    legend.set_yticks([*shown, places[-1]], [*(class_names[k] for k in shown), "silent"])
    legend.set_ylim(n_classes + silent_height - 0.5, -0.5)
    legend.set_xlim(0, max(1, *counts, n_silent if is_whole else 0))
    legend.set_xticks([] if is_whole else [0, max(1, *counts)])
    legend.spines[["top", "right", "bottom"]].set_visible(False)
    label_axes(legend, "neurons", "class")
    legend.tick_params(axis="y", labelsize=bar_points, length=0)
    title = f"Labels of n = {n_neurons:,} excitatory {neuron_noun(n_neurons)}, {n_silent:,} silent"
    add_caption(figure, title, note)
    return figure
