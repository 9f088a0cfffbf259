"""What the excitatory neurons listen to: weights of a sensor whose units stand in one row, such as a cochlea's channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .style import (
    LABEL_POINTS,
    POINTS_PER_INCH,
    TICK_POINTS,
    add_axes,
    add_caption,
    end_of_scale,
    label_axes,
    neuron_noun,
    new_figure,
    room_for,
    short_names,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 6.4, 6.4  # inches of the map
LEFT, BOTTOM = 1.15, 0.75  # inches beside and below it
LABEL_HEIGHT = 0.16  # inches from one label to the next, at least
SILENT = -1
"""Label of a neuron that never fired."""


def spectra_figure(
    w: np.ndarray, assignments: np.ndarray, class_names: Sequence[str], *, w_max: float = 1.0, note: str = ""
) -> Figure:
    """Weights as a map, a row a neuron and a column an input, the neurons grouped by what they stand for.

    Args:
        w: Weights [n_inputs, n_neurons], inputs in the order of the sensor.
        assignments: Label of each neuron [n_neurons], an index into `class_names`, −1 if silent.
        class_names: Name of each class.
        w_max: The largest possible weight; the colour bar ends with the largest that there is.
        note: Footnote, such as where the recordings come from.
    """
    n_inputs, n_neurons = w.shape
    groups = [*range(len(class_names)), SILENT]
    members = [np.flatnonzero(np.asarray(assignments) == label) for label in groups]
    # Within a group by the middle of the spectrum, so that alike neurons lie side by side.
    centres = np.arange(n_inputs) @ w / np.maximum(w.sum(0), 1e-9)
    members = [group[np.argsort(centres[group], kind="stable")] for group in members]
    names = short_names([*class_names, "silent"])
    left = LEFT + room_for(names, 8)

    figure = new_figure(left + WIDTH + 1.0, HEIGHT + 1.4)
    axes = add_axes(figure, left, BOTTOM, WIDTH, HEIGHT)
    image = axes.imshow(
        w.T[np.concatenate(members)], vmin=0, vmax=end_of_scale(w, w_max), cmap="viridis", aspect="auto",
        interpolation="nearest" if n_neurons <= HEIGHT * figure.dpi else "antialiased",
    )  # fmt: skip
    ends = np.cumsum([len(group) for group in members])
    starts = ends - [len(group) for group in members]
    shown = [k for k, group in enumerate(members) if len(group)]
    label_height = min(LABEL_HEIGHT, HEIGHT / len(shown))
    for end in ends[:-1]:
        if 0 < end < n_neurons:
            axes.axhline(end - 0.5, color="white", linewidth=min(1.5, 0.1 * POINTS_PER_INCH * HEIGHT / len(shown)))
    places = _apart([(starts[k] + ends[k] - 1) / 2 for k in shown], label_height * n_neurons / HEIGHT, n_neurons - 0.5)
    axes.set_yticks(places, [f"{names[k]} ({len(members[k]):,})" for k in shown])
    label_axes(axes, "input channel, in the sensor's order", "label (its neurons); a row is a neuron")
    axes.tick_params(axis="y", length=0, labelsize=TICK_POINTS * label_height / LABEL_HEIGHT)
    axes.spines[:].set_visible(False)
    bar_axes = add_axes(figure, left + WIDTH + 0.15, BOTTOM, 0.16, HEIGHT)
    figure.colorbar(image, cax=bar_axes, label="weight (relative conductance)")
    bar_axes.tick_params(labelsize=TICK_POINTS)
    bar_axes.yaxis.label.set_size(LABEL_POINTS)
    add_caption(figure, f"Weights input → excitatory, n = {n_neurons:,} {neuron_noun(n_neurons)}", note)
    return figure


def _apart(places: list[float], gap: float, end: float) -> np.ndarray:
    """Rising places, moved so that they lie `gap` apart and before `end`, where there is room for all of them."""
    steps = gap * np.arange(len(places))
    down = np.maximum.accumulate(np.array(places) - steps) + steps
    return np.minimum(down, end - steps[::-1])
