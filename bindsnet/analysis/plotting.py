"""Plots of what monitors recorded and of what a network learned.

Each function draws a new figure with pyplot, or draws anew into what a former call returned, which
is how a plot follows a running network. The images, lines and axes returned know their figure
(``image.figure``), so that a caller can save it; ``save`` writes it at once.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bindsnet.analysis.save import save_figure
from bindsnet.utils import reshape_conv2d_weights
from common import NO_LABEL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

DOT_AREA = 1.0  # square points, of a spike
FEWEST_CLASSES = 10  # that the colours of labels tell apart where no classes are named
MOST_NAMES = 25  # of classes beside the colours of labels; of more, names at equal steps
SILENT_COLOUR = "lightgrey"

Layers = Mapping[str, torch.Tensor]
Ranges = Mapping[str, tuple[int, int]]


def plot_input(
    image: torch.Tensor,
    inpt: torch.Tensor,
    label: int | None = None,
    axes: Sequence[Axes] | None = None,
    ims: Sequence[AxesImage] | None = None,
    figsize: tuple[float, float] = (8, 4),
) -> tuple[list[Axes], list[AxesImage]]:
    """An image beside the spikes that stand for it.

    Args:
        image: ``[rows, columns]``.
        inpt: spike counts of the input units, ``[rows, columns]``.
        label: of the image, for the title.
        axes, ims: what a former call returned.
        figsize: inches.

    Returns:
        Both axes and both images.
    """
    axes = _panels(2, axes, figsize, side_by_side=True)
    titles = ("image" if label is None else f"image (label {label})", "spikes of the input units")
    pictures = (_array(image), _array(inpt))
    ims = (
        list(ims)
        if ims is not None
        else [_new_image(ax, picture, cmap="binary") for ax, picture in zip(axes, pictures, strict=True)]
    )
    for ax, im, picture, title in zip(axes, ims, pictures, titles, strict=True):
        im.set_data(picture)
        im.autoscale()
        ax.set(title=title, xticks=[], yticks=[])
    return axes, list(ims)


def plot_spikes(
    spikes: Layers,
    time: tuple[int, int] | None = None,
    n_neurons: Ranges | None = None,
    ims: Sequence[Any] | None = None,
    axes: Sequence[Axes] | None = None,
    figsize: tuple[float, float] = (8.0, 4.5),
) -> tuple[list[Any], list[Axes]]:
    """A dot for each spike, a panel for each layer.

    Args:
        spikes: by layer ``[time, ...]``; all further dimensions count as neurons.
        time: first time step shown and the one after the last; all by default.
        n_neurons: by layer the first neuron shown and the one after the last; all by default.
        ims, axes: what a former call returned.
        figsize: inches.

    Returns:
        The dots (``matplotlib.collections.PathCollection``) and the axes of each layer.
    """
    axes = _panels(len(spikes), axes, figsize)
    ims = list(ims) if ims is not None else [ax.scatter([], [], s=DOT_AREA) for ax in axes]
    for ax, im, (name, record) in zip(axes, ims, spikes.items(), strict=True):
        shown, steps, neurons = _window(name, record, time, n_neurons)
        im.set_offsets(np.argwhere(shown) + np.array([steps.start, neurons.start]))
        _label_window(ax, f"{name} spikes", steps, neurons)
        ax.set_ylim(_edges(neurons))
        _count_neurons(ax)
    return ims, axes


def plot_voltages(
    voltages: Layers,
    ims: Sequence[Any] | None = None,
    axes: Sequence[Axes] | None = None,
    time: tuple[int, int] | None = None,
    n_neurons: Ranges | None = None,
    cmap: str = "jet",
    plot_type: str = "color",
    thresholds: Layers | None = None,
    figsize: tuple[float, float] = (8.0, 4.5),
) -> tuple[list[Any], list[Axes]]:
    """Voltages over time, a panel for each layer.

    Args:
        voltages: by layer ``[time, ...]``, mV; all further dimensions count as neurons.
        ims, axes: what a former call returned.
        time: first time step shown and the one after the last; all by default.
        n_neurons: by layer the first neuron shown and the one after the last; all by default.
        cmap: name of the colour map.
        plot_type: "color", a row of colours for each neuron, or "line".
        thresholds: by layer, mV; shown behind lines, as a line or, where they differ, as a band.
        figsize: inches.

    Returns:
        Of each layer the image, or the list of lines, and the axes.

    Raises:
        ValueError: there is no such plot type.
    """
    if plot_type not in ("color", "line"):
        raise ValueError(f'plot_type is {plot_type!r}: expected "color" or "line"')
    axes = _panels(len(voltages), axes, figsize)
    drawn = []
    for index, (ax, (name, record)) in enumerate(zip(axes, voltages.items(), strict=True)):
        shown, steps, neurons = _window(name, record, time, n_neurons)
        if plot_type == "line":
            ax.clear()
            drawn.append(ax.plot(np.arange(steps.start, steps.stop), shown))
            ax.set_ylabel("voltage (mV)")
            if thresholds is not None and name in thresholds:
                _draw_thresholds(ax, _array(thresholds[name]))
        else:
            place = {"extent": (*_edges(steps), *reversed(_edges(neurons)))}
            im = _new_image(ax, shown.T, cmap, "voltage (mV)", aspect="auto", **place) if ims is None else ims[index]
            im.set(data=shown.T, **place)
            im.autoscale()
            drawn.append(im)
            _count_neurons(ax)
        _label_window(ax, f"{name} voltages", steps, neurons)
    return drawn, axes


def plot_weights(
    weights: torch.Tensor,
    wmin: float | None = 0,
    wmax: float | None = 1,
    im: AxesImage | None = None,
    figsize: tuple[float, float] = (5, 5),
    cmap: str = "hot_r",
    save: str | os.PathLike[str] | None = None,
) -> AxesImage:
    """Weights as an image.

    Args:
        weights: ``[rows, columns]``, such as :func:`bindsnet.utils.get_square_weights` makes.
        wmin, wmax: weights at the ends of the colour map; None takes those of the first call.
        im: what a former call returned.
        figsize: inches.
        cmap: name of the colour map.
        save: file to be written besides.
    """
    picture = _array(weights)
    if im is None:
        im = _new_image(_panels(1, None, figsize)[0], picture, cmap, "weight", vmin=wmin, vmax=wmax)
    return _finish(im, picture, save)


def plot_conv2d_weights(
    weights: torch.Tensor,
    wmin: float = 0.0,
    wmax: float = 1.0,
    im: AxesImage | None = None,
    figsize: tuple[float, float] = (5, 5),
    cmap: str = "hot_r",
) -> AxesImage:
    """Filters of a convolution, ``[n_out, n_in, rows, columns]``, as :func:`bindsnet.utils.reshape_conv2d_weights` lays them out.

    Args and returns: as in :func:`plot_weights`.
    """
    return plot_weights(reshape_conv2d_weights(weights), wmin, wmax, im, figsize, cmap)


def plot_assignments(
    assignments: torch.Tensor,
    im: AxesImage | None = None,
    figsize: tuple[float, float] = (5, 5),
    classes: Sequence[str] | None = None,
    save: str | os.PathLike[str] | None = None,
) -> AxesImage:
    """Labels of neurons as colours.

    Args:
        assignments: ``[rows, columns]``, −1 for a silent neuron, such as
            :func:`bindsnet.utils.get_square_assignments` makes.
        im: what a former call returned.
        figsize: inches.
        classes: names of the classes; numbers by default. Of many, only some are shown.
        save: file to be written besides.
    """
    picture = _array(assignments)
    if im is None:
        from matplotlib import colormaps
        from matplotlib.colors import ListedColormap

        names = list(classes) if classes is not None else [str(c) for c in range(max(FEWEST_CLASSES, picture.max() + 1))]
        colours = [SILENT_COLOUR, *colormaps["turbo"](np.linspace(0, 1, len(names)))]
        ax = _panels(1, None, figsize)[0]
        im = _new_image(ax, picture, ListedColormap(colours), "label", vmin=NO_LABEL - 0.5, vmax=len(names) - 0.5)
        step = math.ceil(len(names) / MOST_NAMES)
        shown = range(step - 1, len(names), step)
        im.colorbar.set_ticks([NO_LABEL, *shown], labels=["silent", *(names[k] for k in shown)])
    return _finish(im, picture, save)


def plot_performance(
    performances: Mapping[str, Sequence[float]],
    ax: Axes | None = None,
    figsize: tuple[float, float] = (7, 4),
    x_scale: int = 1,
    save: str | os.PathLike[str] | None = None,
) -> Axes:
    """Accuracies over training, a line for each read-out.

    Args:
        performances: name of a read-out → its accuracies, %.
        ax: what a former call returned.
        figsize: inches.
        x_scale: samples between two accuracies; the first stands at 0.
        save: file to be written besides.
    """
    if ax is None:
        ax = _panels(1, None, figsize)[0]
    ax.clear()
    for name, accuracies in performances.items():
        ax.plot(x_scale * np.arange(len(accuracies)), accuracies, label=name)
    ax.set(xlabel="samples", ylabel="accuracy (%)", ylim=(0, 100), title="estimated accuracy of classification")
    if performances:
        ax.legend()
    if save is not None:
        save_figure(ax.figure, save)
    return ax


def _array(tensor: torch.Tensor | np.ndarray) -> np.ndarray:
    return torch.as_tensor(tensor).detach().cpu().numpy()


def _panels(n: int, axes: Axes | Sequence[Axes] | None, figsize: tuple[float, float], side_by_side: bool = False) -> list[Axes]:
    """The axes given, or `n` new ones in a new figure."""
    if axes is None:
        from matplotlib import pyplot

        rows, columns = (1, n) if side_by_side else (n, 1)
        axes = pyplot.subplots(rows, columns, squeeze=False, figsize=figsize, layout="constrained")[1]
    found = list(np.ravel(axes))
    if len(found) != n:
        raise ValueError(f"{n} panels are drawn: expected as many axes, got {len(found)}")
    return found


def _new_image(ax: Axes, picture: np.ndarray, cmap: Any, meaning: str = "", **settings: Any) -> AxesImage:
    """An image; where its colours have a meaning, with a colour bar."""
    im = ax.imshow(picture, cmap=cmap, interpolation="nearest", **settings)
    if meaning:
        ax.figure.colorbar(im, ax=ax, label=meaning)
    return im


def _finish(im: AxesImage, picture: np.ndarray, save: str | os.PathLike[str] | None) -> AxesImage:
    im.set_data(picture)
    im.axes.set(xticks=[], yticks=[])
    if save is not None:
        save_figure(im.figure, save)
    return im


def _window(
    name: str, record: torch.Tensor, time: tuple[int, int] | None, n_neurons: Ranges | None
) -> tuple[np.ndarray, range, range]:
    """The part of a layer's record ``[time, ...]`` that is shown, ``[steps, neurons]``, and which steps and neurons it holds."""
    record = _array(record)
    record = record.reshape(len(record), math.prod(record.shape[1:]))
    steps = range(len(record))[slice(*(time or (None,)))]
    neurons = range(record.shape[1])[slice(*((n_neurons or {}).get(name) or (None,)))]
    return record[steps.start : steps.stop, neurons.start : neurons.stop], steps, neurons


def _edges(places: range) -> tuple[float, float]:
    """Where an axis begins and ends that shows these places, or has room for one."""
    return places.start - 0.5, max(places.stop, places.start + 1) - 0.5


def _label_window(ax: Axes, what: str, steps: range, neurons: range) -> None:
    ax.set_xlim(_edges(steps))
    ax.set_xlabel("time step")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_title(f"{what}: neurons {neurons.start} to {neurons.stop - 1}, steps {steps.start} to {steps.stop - 1}")


def _count_neurons(ax: Axes) -> None:
    ax.set_ylabel("neuron")
    ax.yaxis.get_major_locator().set_params(integer=True)


def _draw_thresholds(ax: Axes, thresholds: np.ndarray) -> None:
    lowest, highest = float(thresholds.min()), float(thresholds.max())
    if lowest == highest:
        ax.axhline(lowest, color="black", linestyle="--", label="threshold")
    else:
        ax.axhspan(lowest, highest, color="grey", alpha=0.3, label="thresholds")
    ax.legend()
