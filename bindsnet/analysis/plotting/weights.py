"""Weights as images: matrices, and filters of convolutions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.analysis.panels import PathLike, as_array, image_of, new_image, panels, redraw, rule, save_in_series, save_plot
from bindsnet.utils import lattice_side, lattices_of_filters

if TYPE_CHECKING:
    from matplotlib.image import AxesImage

BETWEEN_FILTERS, BETWEEN_CHANNELS = "#7FA8C9", "#33658A"


def plot_weights(
    weights: torch.Tensor,
    wmin: float | None = 0,
    wmax: float | None = 1,
    im: AxesImage | tuple[AxesImage, str] | None = None,
    figsize: tuple[float, float] = (5, 5),
    cmap: str = "hot_r",
    save: PathLike | None = None,
    title: str | None = None,
) -> AxesImage | tuple[AxesImage, str]:
    """Weights as an image.

    Args:
        weights: ``[rows, columns]``, such as :func:`bindsnet.utils.get_square_weights` makes.
        wmin, wmax: weights at the ends of the colour map; None takes those that there are. An image that is drawn anew has the
            scale of its weights, as in BindsNET 0.3.4.
        im: what a former call returned.
        figsize: inches.
        cmap: name of the colour map.
        save: file to be written; beside it each call writes one of a series, ``w.1.png``, ``w.2.png``, ….
        title: of which weights.

    Returns:
        The image; with `save` the image and the path that the next call shall have, to go on with the series.
    """
    picture = as_array(weights)
    if picture.ndim != 2 or not picture.size:
        raise ValueError(f"weights [rows, columns] are expected, got the shape {list(picture.shape)}")
    im = image_of(im)
    if im is None:
        im = weight_image(picture, wmin, wmax, figsize, cmap, title, save)
    else:
        redraw(im, picture)
        shown = picture[np.isfinite(picture)]
        if shown.size:
            im.set_clim(float(shown.min()), float(shown.max()))
    return im if save is None else (im, save_in_series(im.figure, save))


def plot_conv2d_weights(
    weights: torch.Tensor,
    wmin: float = 0.0,
    wmax: float = 1.0,
    im: AxesImage | None = None,
    figsize: tuple[float, float] = (5, 5),
    cmap: str = "hot_r",
    title: str | None = None,
    save: PathLike | None = None,
) -> AxesImage:
    """Filters of a convolution, as :func:`bindsnet.utils.reshape_conv2d_weights` lays them out.

    Args:
        weights: ``[n_out, n_in, rows, columns]``.
        wmin, wmax: weights at the ends of the colour map.
        im, figsize, cmap, title: as in :func:`plot_weights`.
        save: file to be written.

    Returns:
        The image.
    """
    weights = as_array(weights)
    picture = lattices_of_filters(weights, fill=np.nan)
    if im is None:
        im = weight_image(picture, wmin, wmax, figsize, cmap, title, save)
        n_out, n_in, rows, columns = weights.shape
        rule(im.axes, picture.shape, (rows, columns), colors=BETWEEN_FILTERS)
        side = lattice_side(n_out)
        if n_in > 1:
            rule(im.axes, picture.shape, (side * rows, side * columns), colors=BETWEEN_CHANNELS, linewidths=1.5)
        crop_below(im, (math.ceil(n_in / lattice_side(n_in)) - 1) * side * rows, n_out, rows)
    else:
        redraw(im, picture)
    save_plot(im.figure, save)
    return im


def crop_below(im: AxesImage, above: int, n: int, rows: int) -> None:
    """Show a picture up to the last tile: `n` on a lattice that begins below so many rows, each of so many rows."""
    im.axes.set_ylim(above + math.ceil(n / lattice_side(n)) * rows - 0.5, -0.5)


def weight_image(
    picture: np.ndarray,
    wmin: float | None,
    wmax: float | None,
    figsize: tuple[float, float],
    cmap: str,
    title: str | None,
    save: PathLike | None,
) -> AxesImage:
    """A new image of weights; the arguments are those of :func:`plot_weights`."""
    ax = panels(1, None, figsize, save)[0]
    ax.set(xticks=[], yticks=[])
    if title is not None:
        ax.set_title(f"{title} Weights")
    return new_image(ax, picture, cmap, "weight", vmin=wmin, vmax=wmax)
