"""Receptive fields of the excitatory neurons, each above its label and its number of spikes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import class_colours, thinned
from common import NO_LABEL

from .fields import assemble_cells, gap_between, joined_fields, shrink_fields
from .neurons import PALE_COLOURS, PALEST, WEIGHT_COLOURS, Neurons
from .style import (
    LABEL_POINTS,
    POINTS_PER_INCH,
    TICK_POINTS,
    add_axes,
    add_caption,
    add_colour_bar,
    end_of_scale,
    few_ticks,
    label_axes,
    neuron_noun,
    new_figure,
    room_for,
    short_names,
    stamp,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURE_WIDTH, PICTURE_HEIGHT = 7.0, 9.0  # inches at most
# Pixels across the picture, at least: a whole number per weight, so that all weights look equally large. Where
# one each is beyond the limit, which bounds time and memory of drawing, a pixel is the mean of a block of weights.
PICTURE_PIXELS = 1050
PICTURE_LIMIT_PIXELS = 2000

BAR_SHARE, BAR_POINTS = 0.09, 6.0  # height of the bar below a field: as a share of its width, and at most
SMALLEST_TEXT, LARGEST_TEXT = 4.0, 8.0  # points
FEWEST_LETTERS = 4  # that a text has room for
LETTER_SHARE = 0.62  # width of most letters as a share of their size
LINE_SHARE = 1.5  # a line's height as a share of its letters' size
MOST_IN_KEY = 10  # classes

N_COLOURS = 256  # of a colour map; the table of all colours holds white, two maps, and the classes'
WHITE, VIVID, PALE, OF_CLASSES = 0, 1, 1 + N_COLOURS, 1 + 2 * N_COLOURS


def weights_figure(
    w: np.ndarray,
    input_shape: tuple[int, int],
    neurons: Neurons,
    *,
    w_max: float = 1.0,
    note: str = "",
    source: str = "input",
    seen: str = "",
) -> Figure:
    """Receptive fields of all excitatory neurons, side by side on the lattice; grey where little has been learned yet.

    Below each field a bar, the longer the more spikes the neuron has, in the colour of its class, and where there is room
    its label and its spikes in words.

    Args:
        w: Weights [n_inputs, n_neurons]. Where n_inputs is twice the size of `input_shape`, the
            first half are ON inputs, drawn left in each field, the second half OFF, drawn right.
        input_shape: Rows and columns of the sensor.
        neurons: Their labels and spikes.
        w_max: The largest possible weight; the colour bar ends with the largest that there is.
        note: Footnote, such as where the recordings come from.
        source: What the neurons see.
        seen: What a field shows, where that is not the sensor's inputs.

    Raises:
        ValueError: n_inputs is neither the size of `input_shape` nor twice that.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    n_inputs, n_neurons = w.shape
    n_rows, n_columns = input_shape
    n_polarities, rest = divmod(n_inputs, n_rows * n_columns)
    if rest or n_polarities not in (1, 2):
        raise ValueError(
            f"w has {n_inputs} inputs: expected {n_rows} × {n_columns} = {n_rows * n_columns}, or twice that for both polarities"
        )
    side, gap = math.ceil(math.sqrt(n_neurons)), gap_between(n_polarities)
    block = math.ceil(side * max(n_rows, n_polarities * n_columns) / PICTURE_LIMIT_PIXELS)
    fields = shrink_fields(w.reshape(n_polarities, n_rows, n_columns, n_neurons), block).transpose(3, 0, 1, 2)
    end = end_of_scale(w, w_max)
    cells = joined_fields(_places_of_colours(fields, neurons.pale, end), WHITE)
    weight_points = PICTURE_WIDTH * POINTS_PER_INCH / (side * (cells.shape[2] + gap) - gap)
    texts, points, meaning = _texts(neurons, cells.shape[2] * weight_points)
    n_bar_rows = max(1, round(min(BAR_SHARE * cells.shape[2], BAR_POINTS / weight_points)))
    n_text_rows = math.ceil(LINE_SHARE * points / weight_points)
    foot = np.full((n_neurons, n_bar_rows + n_text_rows, cells.shape[2]), WHITE, cells.dtype)
    foot[:, :n_bar_rows] = _bars(neurons, cells.shape[2])[:, None]
    picture, pitch = assemble_cells(np.concatenate([cells, foot], axis=1), gap, WHITE)

    height, width = picture.shape
    inches = min(PICTURE_WIDTH / width, PICTURE_HEIGHT / height)
    axes_width, axes_height = width * inches, height * inches
    names = short_names([*neurons.class_names, "no label"])
    pixels = math.ceil(PICTURE_PIXELS / width)  # a weight's
    figure = new_figure(max(axes_width + 2.8 + room_for(names, 8), 7.0), axes_height + 1.6, pixels / inches)
    axes = add_axes(figure, 0.7, 0.75, axes_width, axes_height)
    axes.imshow(_table_of_colours(len(neurons.class_names))[picture], interpolation="nearest", aspect="auto")
    if texts:
        row, column = np.divmod(np.arange(n_neurons), side)
        x = column * pitch[1] + (cells.shape[2] - 1) / 2
        y = row * pitch[0] + cells.shape[1] + n_bar_rows + (n_text_rows - 1) / 2
        stamp(axes, texts, x, y, points * inches * POINTS_PER_INCH / weight_points, ["black"] * n_neurons)
    for set_ticks, length, step in ((axes.set_xticks, width, pitch[1]), (axes.set_yticks, height, pitch[0])):
        shown = few_ticks(math.ceil(length / step))
        set_ticks(shown * step + step / 2 - 1, [str(cell) for cell in shown])
    add_colour_bar(axes, ScalarMappable(Normalize(0, end), WEIGHT_COLOURS), "weight (relative conductance)")
    _add_key(axes, names, 1 + 0.95 / axes_width)
    axes.spines[:].set_visible(False)
    sides = ", ON left, OFF right" if n_polarities == 2 else ""
    blocks = f", a pixel the mean of up to {block} × {block}" if block > 1 else ""
    label_axes(axes, f"lattice column (a field: {seen or f'{n_rows} × {n_columns} inputs'}{sides}{blocks})", "lattice row")
    below = f"below a field: {meaning}a bar for its spikes, log scale to {neurons.spikes.max():,}"
    title = f"Weights {source} → excitatory, n = {n_neurons:,} {neuron_noun(n_neurons)}"
    add_caption(figure, title, note, "\n".join(filter(None, [neurons.explanation, below])))
    return figure


def _places_of_colours(fields: np.ndarray, pale: np.ndarray, end: float) -> np.ndarray:
    """Weights ``[n_neurons, ...]`` as places in the table of colours; `end` is the last colour's weight."""
    places = np.rint(fields * ((N_COLOURS - 1) / end)).clip(0, N_COLOURS - 1).astype(np.uint16)
    places += np.where(pale, PALE, VIVID).astype(np.uint16).reshape(-1, *[1] * (fields.ndim - 1))
    return places


def _table_of_colours(n_classes: int) -> np.ndarray:
    """All colours of the picture, RGBA of 8 bits, which Matplotlib draws with the least memory ``[n, 4]``."""
    from matplotlib import colormaps

    maps = [colormaps[name](np.linspace(low, 1, N_COLOURS)) for name, low in ((WEIGHT_COLOURS, 0.0), (PALE_COLOURS, PALEST))]
    return np.rint(255 * np.vstack([np.ones((1, 4)), *maps, class_colours(n_classes)])).astype(np.uint8)


def _bars(neurons: Neurons, width: int) -> np.ndarray:
    """A row of the picture for each neuron, coloured as far as it has spikes, by logarithm ``[n_neurons, width]``."""
    lengths = np.ceil(width * np.log1p(neurons.spikes) / max(np.log1p(neurons.spikes.max()), 1.0))
    labels = np.where(neurons.assignments == NO_LABEL, len(neurons.class_names), neurons.assignments)
    return np.where(np.arange(width) < lengths[:, None], OF_CLASSES + labels[:, None], WHITE)


def _texts(neurons: Neurons, width: float) -> tuple[list[str], float, str]:
    """What stands below each field, so many points wide, in which size, and what it means: as much as there is room for."""
    names, numbers = [*short_names(neurons.class_names), "–"], [*map(str, range(len(neurons.class_names))), "–"]
    pairs = list(zip(neurons.assignments.tolist(), neurons.spikes.tolist(), strict=True))  # label −1 takes the last
    for texts, meaning in (
        ([f"{names[label]} · {n}" for label, n in pairs], "label · spikes in training; "),
        ([f"{numbers[label]} · {n}" for label, n in pairs], "label's number, from 0 · spikes in training; "),
        ([str(n) for _, n in pairs], "spikes in training; "),
    ):
        points = min(LARGEST_TEXT, width / LETTER_SHARE / max(FEWEST_LETTERS, *map(len, texts)))
        if points >= SMALLEST_TEXT:
            return texts, points, meaning
    return [], 0.0, ""


def _add_key(axes: Axes, names: list[str], left: float) -> None:
    """Which colour is which class, of some if there are many; `left` in widths of the axes."""
    from matplotlib.patches import Patch

    colours = class_colours(len(names) - 1)
    shown = [*thinned(len(names) - 1, MOST_IN_KEY), len(names) - 1]
    patches = [Patch(facecolor=colours[label], label=names[label]) for label in shown]
    axes.legend(handles=patches, title="label", loc="upper left", bbox_to_anchor=(left, 1), alignment="left", handlelength=1,
                fontsize=TICK_POINTS, title_fontsize=LABEL_POINTS, frameon=False, borderpad=0, borderaxespad=0)  # fmt: skip
