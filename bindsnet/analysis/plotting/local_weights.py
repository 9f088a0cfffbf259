"""Weights of local connections as images: at each position the filters that see it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.analysis.panels import PathLike, as_array, redraw, rule, save_plot
from bindsnet.analysis.plotting.weights import BETWEEN_FILTERS, crop_below, weight_image
from bindsnet.utils import Pair, filters_by_position, lattice_side, local_fields

if TYPE_CHECKING:
    from matplotlib.image import AxesImage

    from bindsnet.network.topology import LocalConnection2D


def plot_locally_connected_weights(
    weights: torch.Tensor,
    n_filters: int,
    kernel_size: Pair,
    conv_size: Pair,
    locations: torch.Tensor,
    input_sqrt: Pair,
    wmin: float = 0.0,
    wmax: float = 1.0,
    im: AxesImage | None = None,
    lines: bool = True,
    figsize: tuple[float, float] = (5, 5),
    cmap: str = "hot_r",
    title: str | None = None,
    save: PathLike | None = None,
) -> AxesImage:
    """The weights of a ``LocalConnection``, as :func:`bindsnet.utils.reshape_locally_connected_weights` lays them out.

    Args:
        weights, n_filters, kernel_size, conv_size, locations, input_sqrt: as there.
        wmin, wmax: weights at the ends of the colour map.
        im: what a former call returned.
        lines: whether there are lines between the positions.
        figsize: inches.
        cmap: name of the colour map.
        title: of which weights.
        save: file to be written.

    Returns:
        The image.
    """
    fields = local_fields(weights, n_filters, kernel_size, conv_size, locations, input_sqrt)
    return _drawn(fields, wmin, wmax, im, "green" if lines else None, figsize, cmap, title, save)


def plot_local_connection_2d_weights(
    lc: LocalConnection2D,
    input_channel: int = 0,
    output_channel: int | None = None,
    im: AxesImage | None = None,
    lines: bool = True,
    figsize: tuple[float, float] = (5, 5),
    cmap: str = "hot_r",
    color: str = "r",
    title: str | None = None,
    save: PathLike | None = None,
) -> AxesImage:
    """The weights of a ``LocalConnection2D`` from one channel; of a ``LocalConnection1D`` in one row of positions.

    Args:
        lc: the connection; the colours reach from its ``wmin`` to its ``wmax``, or as far as the weights do.
        input_channel: whose weights are shown.
        output_channel: the only filter that is shown; all by default.
        im, lines, figsize, cmap, title, save: as in :func:`plot_locally_connected_weights`.
        color: of the lines, which there are where several filters are shown.

    Returns:
        The image.
    """
    if not 0 <= input_channel < lc.in_channels:
        raise ValueError(f"input_channel is {input_channel}: the connection has {lc.in_channels}, from 0")
    if output_channel is not None and not 0 <= output_channel < lc.n_filters:
        raise ValueError(f"output_channel is {output_channel}: the connection has {lc.n_filters}, from 0")
    plane, size = ((1,) * (2 - len(numbers)) + tuple(numbers) for numbers in (lc.conv_size, lc.kernel_size))
    fields = as_array(lc.w)[input_channel].reshape(lc.n_filters, *plane, *size)
    if output_channel is not None:
        fields = fields[[output_channel]]
    low, high = float(torch.as_tensor(lc.wmin).min()), float(torch.as_tensor(lc.wmax).max())
    low, high = (low if math.isfinite(low) else fields.min()), (high if math.isfinite(high) else fields.max())
    return _drawn(fields, low, high, im, color if lines and output_channel is None else None, figsize, cmap, title, save)


def _drawn(
    fields: np.ndarray,
    wmin: float,
    wmax: float,
    im: AxesImage | None,
    line_colour: str | None,
    figsize: tuple[float, float],
    cmap: str,
    title: str | None,
    save: PathLike | None,
) -> AxesImage:
    """The image of fields ``[n_filters, position rows, position columns, rows, columns]``, new or drawn anew."""
    picture = filters_by_position(fields, fill=np.nan)
    if im is None:
        im = weight_image(picture, wmin, wmax, figsize, cmap, title, save)
        n_filters, n_rows, _, rows, columns = fields.shape
        side = lattice_side(n_filters)
        if line_colour is not None:
            rule(im.axes, picture.shape, (rows, columns), colors=BETWEEN_FILTERS)
            rule(im.axes, picture.shape, (side * rows, side * columns), colors=line_colour, linewidths=1.0, linestyles="--")
        crop_below(im, (n_rows - 1) * side * rows, n_filters, rows)
    else:
        redraw(im, picture)
    save_plot(im.figure, save)
    return im
