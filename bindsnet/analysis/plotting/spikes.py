"""Spikes over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.panels import PathLike, keep_layout, panels, save_plot
from bindsnet.analysis.records import Layers, Ranges, draw_spikes, label_neurons, label_steps, place_spikes, told, window_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection


def plot_spikes(
    spikes: Layers,
    time: tuple[int, int] | None = None,
    n_neurons: Ranges | None = None,
    ims: Sequence[PathCollection] | None = None,
    axes: Axes | Sequence[Axes] | None = None,
    figsize: tuple[float, float] = (8.0, 4.5),
    save: PathLike | None = None,
) -> tuple[list[PathCollection], list[Axes]]:
    """A mark for each spike, a panel for each layer.

    Args:
        spikes: by layer ``[time, ...]``; all further dimensions count as neurons, the samples of a batch one after another.
        time: first time step shown and the one after the last; all by default.
        n_neurons: by layer the first neuron shown and the one after the last; all by default.
        ims, axes: what a former call returned.
        figsize: inches.
        save: file to be written.

    Returns:
        The marks and the axes of each layer.
    """
    axes = panels(len(spikes), axes, figsize, save)
    windows = [window_of(name, record, time, n_neurons) for name, record in spikes.items()]
    if ims is None:
        ims = [draw_spikes(ax, len(window.neurons)) for ax, window in zip(axes, windows, strict=True)]
    else:
        keep_layout(axes[0].figure)
    for ax, im, name, (shown, steps, neurons) in zip(axes, ims, spikes, windows, strict=True):
        found = np.argwhere(shown)
        place_spikes(im, found + np.array([steps.start, neurons.start]), len(neurons))
        label_steps(ax, steps, is_last=ax is axes[-1])
        label_neurons(ax, neurons)
        count = f"{len(found):,} spike{'s' * (len(found) != 1)}"
        ax.set_title(f"{name}: {count}, {told(neurons, 'neuron')}, {told(steps, 'step')}")
    save_plot(axes[0].figure, save)
    return list(ims), axes
