"""What the maps of a convolutional layer have learned to see, and where on the plane each of them fires."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .fields import assemble_cells
from .style import add_axes, add_caption, label_axes, new_figure, stamp

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 5.0  # inches of a panel
BOTTOM, TOP = 0.75, 0.95
ON, OFF = np.array([0.75, 0.05, 0.05]), np.array([0.05, 0.15, 0.75])  # red and blue
TEXT_POINTS = 6.0
FOOT = 0.35  # of a tile's height: room for the text below it


def maps_figure(kernels: np.ndarray, spikes: np.ndarray, note: str = "") -> Figure:
    """The fields of all maps, sorted by how often they fire, and beside them the plane on which each fires.

    Args:
        kernels: weights [n_maps, n_polarities, rows, columns]; ON red, OFF blue.
        spikes: of each map at each position [n_maps, rows, columns].
        note: Footnote, such as where the recordings come from.
    """
    use = spikes.reshape(len(spikes), -1).sum(1)
    order = np.argsort(-use, kind="stable")
    share = 100 * use / max(use.sum(), 1)
    texts = [f"{share[k]:.1f} %" if use[k] else "–" for k in order]
    where = spikes[order] / np.maximum(spikes[order].max((1, 2), keepdims=True), 1)
    panels = [
        (_coloured(kernels[order]), "what a map sees: ON red, OFF blue"),
        (1 - np.stack([where] * 3, -1), "where it fires: black where most"),
    ]
    side = math.ceil(math.sqrt(len(kernels)))
    pictures = [_assembled(tiles) for tiles, _ in panels]
    heights = [WIDTH * picture.shape[0] / picture.shape[1] for picture, _ in pictures]
    figure = new_figure(0.5 + 2 * (WIDTH + 0.4), max(heights) + BOTTOM + TOP)
    for k, ((tiles, meaning), (picture, pitch)) in enumerate(zip(panels, pictures, strict=True)):
        height = tiles.shape[1]
        axes = add_axes(figure, 0.3 + k * (WIDTH + 0.4), BOTTOM + max(heights) - heights[k], WIDTH, heights[k])
        axes.imshow(picture, interpolation="nearest", aspect="auto")
        row, column = np.divmod(np.arange(len(tiles)), side)
        x, y = column * pitch[1] + (tiles.shape[2] - 1) / 2, row * pitch[0] + height + (pitch[0] - height - 2) / 2
        stamp(axes, texts, x, y, TEXT_POINTS, ["black"] * len(tiles))
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        label_axes(axes, meaning, "")
    rows, columns = kernels.shape[2:]
    title = f"Fields of {len(kernels)} maps, {rows} × {columns} pixels each"
    add_caption(figure, title, note, "sorted by use; below a tile its share of all spikes of the layer")
    return figure


def _assembled(tiles: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Tiles [n, rows, columns, 3] with room below each as one picture, and their pitch (y, x)."""
    foot = np.ones((len(tiles), math.ceil(FOOT * tiles.shape[1]), *tiles.shape[2:]))
    parts = [assemble_cells(np.concatenate([tiles, foot], 1)[..., colour], 1, 1.0) for colour in range(3)]
    return np.stack([part for part, _ in parts], -1), parts[0][1]


def _coloured(kernels: np.ndarray) -> np.ndarray:
    """Fields [n, polarities, rows, columns] on white, each as strong as its largest weight: [n, rows, columns, 3]."""
    strength = kernels / np.maximum(kernels.max((1, 2, 3), keepdims=True), 1e-9)
    paint = (1 - colour for colour in (ON, OFF))
    ink = sum(strength[:, k, ..., None] * colour for k, colour in zip(range(kernels.shape[1]), paint, strict=False))
    return (1 - ink).clip(0, 1)
