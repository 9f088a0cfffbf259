"""One recording on its way through all layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bindsnet.analysis.style import line_look

from .style import TICK_POINTS, add_axes, add_caption, label_axes, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT, GAP = 6.5, 1.5, 0.25  # inches of a panel, and between two
LEFT, BOTTOM, TOP = 0.95, 0.8, 0.75
DOT, MANY = 4.0, 2000  # points² of a dot, a quarter of it where so many spikes are
DECISION = "#e8e8e8"


class LayerSpikes(NamedTuple):
    """The spikes of a layer: its name, its shape, and step and neuron of each spike."""

    name: str
    shape: Sequence[int]
    steps: np.ndarray
    neurons: np.ndarray


def raster_figure(layers: Sequence[LayerSpikes], n_steps: int, closing: int, dt: float, told: str, note: str = "") -> Figure:
    """A panel a layer, a dot a spike.

    Args:
        layers: in their order.
        n_steps: steps of the recording.
        closing: steps of the decision after it.
        dt: time step, ms.
        told: what was shown and what it was taken for.
        note: Footnote.
    """
    n = len(layers)
    figure = new_figure(LEFT + WIDTH + 0.3, BOTTOM + n * HEIGHT + (n - 1) * GAP + TOP)
    for k, layer in enumerate(layers):
        axes = add_axes(figure, LEFT, BOTTOM + (n - 1 - k) * (HEIGHT + GAP), WIDTH, HEIGHT)
        size = int(np.prod(layer.shape))
        if closing:
            axes.axvspan(n_steps * dt, (n_steps + closing) * dt, color=DECISION, linewidth=0)
        dot = DOT if len(layer.steps) < MANY else DOT / 4
        axes.scatter(layer.steps * dt, layer.neurons, s=dot, c=line_look(k)[0], linewidths=0)
        axes.set_xlim(0, (n_steps + closing) * dt)
        axes.set_ylim(size - 0.5, -0.5)
        axes.set_yticks([0, size - 1])
        axes.tick_params(labelbottom=k == n - 1)
        axes.spines[["top", "right"]].set_visible(False)
        shape, n_spikes = "×".join(map(str, layer.shape)), len(layer.steps)
        title = f"{layer.name}, {shape}: {n_spikes:,} spike{'s' * (n_spikes != 1)}"
        axes.set_title(title, fontsize=TICK_POINTS, loc="left", pad=2)
        label_axes(axes, "time (ms)" if k == n - 1 else "", "neuron")
    shaded = "; grey: the decision, after the recording" if closing else ""
    add_caption(figure, f"A recording in all layers: {told}", note, f"a dot is a spike{shaded}")
    return figure
