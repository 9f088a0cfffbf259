"""Voltages, or whatever else neurons were recorded to have, over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bindsnet.analysis.panels import PathLike, as_array, keep_layout, new_image, panels, save_plot
from bindsnet.analysis.records import Layers, Ranges, Window, edges, label_neurons, label_steps, told, window_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

FEW_LINES = 10  # that have a colour each; of more, colours run from the first neuron to the last, and are faint
FAINTEST = 0.15


def plot_voltages(
    voltages: Layers,
    ims: Sequence[Any] | None = None,
    axes: Axes | Sequence[Axes] | None = None,
    time: tuple[int, int] | None = None,
    n_neurons: Ranges | None = None,
    cmap: str = "jet",
    plot_type: str = "color",
    thresholds: Layers | None = None,
    figsize: tuple[float, float] = (8.0, 4.5),
    save: PathLike | None = None,
    quantity: str = "voltage (mV)",
) -> tuple[list[Any], Axes | list[Axes]]:
    """Voltages over time, a panel for each layer.

    Args:
        voltages: by layer ``[time, ...]``, mV, or another recorded variable, such as the traces ``x``; all further dimensions
            count as neurons, the samples of a batch one after another.
        ims, axes: what a former call returned.
        time: first time step shown and the one after the last; all by default.
        n_neurons: by layer the first neuron shown and the one after the last; all by default.
        cmap: name of the colour map.
        plot_type: "color", a row of colours for each neuron, or "line".
        thresholds: by layer, mV; shown behind lines, as a line or, where they differ, as a band.
        figsize: inches.
        save: file to be written.
        quantity: what is shown, with its unit.

    Returns:
        Of each layer the image, or the list of lines and what shows its thresholds, if they are given; and the axes of each
        layer (of a single one no list, as in BindsNET).

    Raises:
        ValueError: there is no such plot type.
    """
    if plot_type not in ("color", "line"):
        raise ValueError(f'plot_type is {plot_type!r}: expected "color" or "line"')
    axes = panels(len(voltages), axes, figsize, save)
    if ims:
        keep_layout(axes[0].figure)
    drawn = []
    for index, (ax, (name, record)) in enumerate(zip(axes, voltages.items(), strict=True)):
        window = window_of(name, record, time, n_neurons)
        if plot_type == "line":
            ax.clear()
            drawn.append(_draw_lines(ax, window, quantity))
            if thresholds is not None and name in thresholds:
                drawn.append(draw_thresholds(ax, as_array(thresholds[name])))
        else:
            drawn.append(_draw_image(ax, window, ims[index] if ims else None, cmap, quantity))
        label_steps(ax, window.steps, is_last=ax is axes[-1])
        ax.set_title(f"{name}: {told(window.neurons, 'neuron')}, {told(window.steps, 'step')}")
    save_plot(axes[0].figure, save)
    return drawn, axes if len(axes) > 1 else axes[0]


def _draw_image(axes: Axes, window: Window, im: AxesImage | None, cmap: str, quantity: str) -> AxesImage:
    picture = window.shown.T
    place = {"extent": (*edges(window.steps), *reversed(edges(window.neurons)))}
    if im is None:
        im = new_image(axes, picture, cmap, quantity, aspect="auto", **place)
    im.set(data=picture, **place)
    if picture.size:
        low, high = float(picture.min()), float(picture.max())
        margin = 0.5 * (low == high)  # a scale of no length has no ticks that can be read
        im.set_clim(low - margin, high + margin)
    label_neurons(axes, window.neurons)
    return im


def _draw_lines(axes: Axes, window: Window, quantity: str) -> list[Artist]:
    from matplotlib import colormaps

    n = len(window.neurons)
    if n > FEW_LINES:
        axes.set_prop_cycle(color=colormaps["viridis"](np.linspace(0, 1, n), alpha=max(FAINTEST, math.sqrt(FEW_LINES / n))))
    axes.set_ylabel(quantity)
    return axes.plot(np.arange(window.steps.start, window.steps.stop), window.shown, linewidth=1.0)


def draw_thresholds(axes: Axes, thresholds: np.ndarray) -> Artist:
    """A line at the threshold or, where those of neurons differ, a band."""
    lowest, highest = float(thresholds.min()), float(thresholds.max())
    if lowest == highest:
        shown = axes.axhline(lowest, color="black", linestyle="--", label="threshold")
    else:
        shown = axes.axhspan(lowest, highest, color="grey", alpha=0.3, label="thresholds")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, borderaxespad=0)
    return shown
