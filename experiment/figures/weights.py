"""Receptive fields of the excitatory neurons."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .style import (
    LABEL_POINTS,
    TICK_POINTS,
    add_axes,
    add_caption,
    end_of_scale,
    few_ticks,
    label_axes,
    neuron_noun,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE_INCHES = 7.0
# Pixels along the picture's longer side, at least: a whole number per weight, so that all weights look equally large. Where
# one each is beyond the limit, which bounds time and memory of drawing, a pixel is the mean of a block of weights.
PICTURE_PIXELS = 1050
PICTURE_LIMIT_PIXELS = 2000
LONGEST_FIELD = 4
"""Fields longer than this many times their width (a cochlea's 64 × 1) are drawn square; `spectra_figure` suits them better."""


def weights_figure(
    w: np.ndarray,
    input_shape: tuple[int, int],
    *,
    w_max: float = 1.0,
    note: str = "",
) -> Figure:
    """Receptive fields of all excitatory neurons, side by side on the lattice.

    Args:
        w: Weights [n_inputs, n_neurons]. Where n_inputs is twice the size of `input_shape`, the
            first half are ON inputs, drawn left in each field, the second half OFF, drawn right.
        input_shape: Rows and columns of the sensor.
        w_max: The largest possible weight; the colour bar ends with the largest that there is.
        note: Footnote, such as where the recordings come from.

    Raises:
        ValueError: n_inputs is neither the size of `input_shape` nor twice that.
    """
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    n_inputs, n_neurons = w.shape
    n_rows, n_columns = input_shape
    n_polarities, rest = divmod(n_inputs, n_rows * n_columns)
    if rest or n_polarities not in (1, 2):
        raise ValueError(
            f"w has {n_inputs} inputs: expected {n_rows} × {n_columns} = {n_rows * n_columns}, or twice that for both polarities"
        )
    fields = w.reshape(n_polarities, n_rows, n_columns, n_neurons)
    weights_along = math.ceil(math.sqrt(n_neurons)) * max(n_rows, n_polarities * n_columns)
    block = math.ceil(weights_along / PICTURE_LIMIT_PIXELS)
    picture, pitch = assemble_fields(shrink_fields(fields, block).transpose(3, 0, 1, 2))

    height, width = picture.shape
    longest = max(height, width)
    pixels = longest * math.ceil(PICTURE_PIXELS / longest)
    inches = PICTURE_INCHES / longest
    axes_width, axes_height = width * inches, height * inches
    figure = new_figure(max(axes_width + 1.7, 5.0), axes_height + 1.35, pixels / PICTURE_INCHES)
    axes = add_axes(figure, 0.7, 0.75, axes_width, axes_height)
    bar_axes = add_axes(figure, 0.7 + axes_width + 0.15, 0.75, 0.16, axes_height)

    colour_map = colormaps["viridis"].with_extremes(bad="white")
    colours = ScalarMappable(Normalize(0, end_of_scale(w, w_max)), colour_map)
    axes.imshow(colours.to_rgba(picture, bytes=True), interpolation="nearest", aspect="auto")
    for set_ticks, length, step in (
        (axes.set_xticks, width, pitch[1]),
        (axes.set_yticks, height, pitch[0]),
    ):
        shown = few_ticks(math.ceil(length / step))
        set_ticks(shown * step + step / 2 - 1, [str(cell) for cell in shown])
    figure.colorbar(colours, cax=bar_axes, label="weight (relative conductance)")
    bar_axes.tick_params(labelsize=TICK_POINTS)
    bar_axes.yaxis.label.set_size(LABEL_POINTS)
    axes.spines[:].set_visible(False)
    sides = ", ON left, OFF right" if n_polarities == 2 else ""
    blocks = f", a pixel the mean of up to {block} × {block}" if block > 1 else ""
    field = f"a field: {n_rows} × {n_columns} inputs{sides}{blocks}"
    label_axes(axes, f"lattice column ({field})", "lattice row")
    title = f"Weights input → excitatory, n = {n_neurons:,} {neuron_noun(n_neurons)}"
    add_caption(figure, title, note)
    return figure


def shrink_fields(fields: np.ndarray, block: int) -> np.ndarray:
    """Means over blocks of so many rows and columns, fewer at the ends: ``[n_polarities, rows, columns, n_neurons]``, smaller."""
    if block == 1:
        return fields
    for axis in (1, 2):
        starts = np.arange(0, fields.shape[axis], block)
        lengths = np.diff(starts, append=fields.shape[axis]).astype(fields.dtype)
        fields = np.add.reduceat(fields, starts, axis) / lengths.reshape(-1, *[1] * (fields.ndim - axis - 1))
    return fields


def assemble_fields(fields: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Fields [n_neurons, n_polarities, rows, columns] → one picture and a field's pitch (y, x).

    Gaps and empty places are NaN.
    """
    n_neurons, n_polarities, n_rows, n_columns = fields.shape
    stretch_y = n_columns // n_rows if n_columns > LONGEST_FIELD * n_rows else 1
    stretch_x = n_rows // n_columns if n_rows > LONGEST_FIELD * n_columns else 1
    fields = fields.repeat(stretch_y, axis=2).repeat(stretch_x, axis=3)
    n_rows, n_columns = fields.shape[2:]
    side = math.ceil(math.sqrt(n_neurons))
    gap = 1 if n_polarities == 1 else 3  # wider than the one between ON and OFF
    width = n_polarities * (n_columns + 1) - 1
    pitch = (n_rows + gap, width + gap)
    cells = np.full((math.ceil(n_neurons / side) * side, *pitch), np.nan, dtype=np.float32)
    for polarity in range(n_polarities):
        start = polarity * (n_columns + 1)
        cells[:n_neurons, :n_rows, start : start + n_columns] = fields[:, polarity]
    picture = cells.reshape(-1, side, *pitch).transpose(0, 2, 1, 3).reshape(-1, side * pitch[1])
    return picture[:-gap, :-gap], pitch
