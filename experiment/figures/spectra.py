"""What the excitatory neurons listen to: weights of a sensor whose units stand in one row, such as a cochlea's channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import LINE_COLOURS, thinned
from common import NO_LABEL

from .neurons import PALE_COLOURS, WEIGHT_COLOURS, Neurons
from .style import (
    POINTS_PER_INCH,
    add_axes,
    add_caption,
    add_colour_bar,
    end_of_scale,
    label_axes,
    neuron_noun,
    new_figure,
    room_for,
    short_names,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 6.4, 6.4  # inches of the map
LEFT, BOTTOM = 1.15, 0.75  # inches beside and below it
SPIKES_WIDTH, GAP = 0.9, 0.12  # inches of the bars of spikes, and before them
LABEL_HEIGHT = 0.16  # inches from one label to the next, at least
LARGEST_LINE = 1.5  # points, of a line between two labels


def spectra_figure(w: np.ndarray, neurons: Neurons, *, w_max: float = 1.0, note: str = "") -> Figure:
    """Weights as a map, a row a neuron and a column an input, the neurons grouped by what they stand for, beside their spikes.

    Args:
        w: Weights [n_inputs, n_neurons], inputs in the order of the sensor.
        neurons: Their labels and spikes.
        w_max: The largest possible weight; the colour bar ends with the largest that there is.
        note: Footnote, such as where the recordings come from.
    """
    n_inputs, n_neurons = w.shape
    groups = [*range(len(neurons.class_names)), NO_LABEL]
    members = [np.flatnonzero(neurons.assignments == label) for label in groups]
    # Within a group by the middle of the spectrum, so that alike neurons lie side by side.
    centres = np.arange(n_inputs) @ w / np.maximum(w.sum(0), 1e-9)
    members = [group[np.argsort(centres[group], kind="stable")] for group in members]
    order = np.concatenate(members)
    names = short_names([*neurons.class_names, "silent"])
    left = LEFT + room_for(names, 8)

    figure = new_figure(left + WIDTH + GAP + SPIKES_WIDTH + 1.0, HEIGHT + 1.4)
    axes = add_axes(figure, left, BOTTOM, WIDTH, HEIGHT)
    how = {
        "vmin": 0, "vmax": end_of_scale(w, w_max), "aspect": "auto",
        "interpolation": "nearest" if n_neurons <= HEIGHT * figure.dpi else "antialiased",
    }  # fmt: skip
    image = axes.imshow(w.T[order], cmap=WEIGHT_COLOURS, **how)
    hidden = np.broadcast_to(~neurons.pale[order, None], image.get_array().shape)
    axes.imshow(np.ma.array(w.T[order], mask=hidden), cmap=PALE_COLOURS, **how)
    add_colour_bar(axes, image, "weight (relative conductance)", gap=GAP + SPIKES_WIDTH + 0.15)
    _add_groups(axes, [f"{name} ({len(group):,})" for name, group in zip(names, members, strict=True)], members)
    label_axes(axes, "input channel, in the sensor's order", "label (its neurons); a row is a neuron")
    axes.spines[:].set_visible(False)
    _add_spikes(add_axes(figure, left + WIDTH + GAP, BOTTOM, SPIKES_WIDTH, HEIGHT), neurons.spikes[order])
    title = f"Weights input → excitatory, n = {n_neurons:,} {neuron_noun(n_neurons)}"
    add_caption(figure, title, note, neurons.explanation)
    return figure


def _add_groups(axes: Axes, names: list[str], members: list[np.ndarray]) -> None:
    """Lines between the groups and their names; of more than there is room for, names at equal steps."""
    ends = np.cumsum([len(group) for group in members])
    starts = ends - [len(group) for group in members]
    n_neurons, gap = int(ends[-1]), LABEL_HEIGHT * int(ends[-1]) / HEIGHT
    shown = np.flatnonzero(ends > starts)
    named = thinned(len(shown), HEIGHT / LABEL_HEIGHT)
    if len(named) < len(shown):
        middles = ((starts + ends - 1) / 2)[shown]
        named = [*named[middles[named] <= middles[-1] - gap], len(shown) - 1]  # the last is that of the silent ones, if any
    else:
        for end in ends[shown[:-1]]:
            axes.axhline(end - 0.5, color="white", linewidth=min(LARGEST_LINE, 0.1 * POINTS_PER_INCH * HEIGHT / len(shown)))
    places = _apart(((starts + ends - 1) / 2)[shown[named]], gap, n_neurons - 0.5)
    axes.set_yticks(places, [names[k] for k in shown[named]])
    axes.tick_params(axis="y", length=0)


def _add_spikes(axes: Axes, spikes: np.ndarray) -> None:
    """Bars of the neurons' spikes, a row each as in the map."""
    axes.stairs(spikes, np.arange(len(spikes) + 1) - 0.5, orientation="horizontal", fill=True, color=LINE_COLOURS[1])
    axes.set_ylim(len(spikes) - 0.5, -0.5)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(0, max(1, spikes.max()))
    axes.set_xticks([0, max(1, spikes.max())], ["0", f"{max(1, spikes.max()):,}"])
    axes.xaxis.minorticks_off()
    axes.set_yticks([])
    axes.spines[["top", "right"]].set_visible(False)
    label_axes(axes, "spikes (log)", "")


def _apart(places: np.ndarray, gap: float, end: float) -> np.ndarray:
    """Rising places, moved so that they lie `gap` apart and before `end`, where there is room for all of them."""
    steps = gap * np.arange(len(places))
    down = np.maximum.accumulate(places - steps) + steps
    return np.minimum(down, end - steps[::-1])
