"""An image beside the spikes that stand for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.analysis.panels import PathLike, as_array, new_image, panels, redraw, save_plot
from bindsnet.utils import lattice_side, on_lattice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage


def plot_input(
    image: torch.Tensor,
    inpt: torch.Tensor,
    label: int | None = None,
    axes: Sequence[Axes] | None = None,
    ims: Sequence[AxesImage] | None = None,
    figsize: tuple[float, float] = (8, 4),
    save: PathLike | None = None,
) -> tuple[list[Axes], list[AxesImage]]:
    """An image beside the spikes that stand for it.

    Args:
        image: ``[rows, columns]``; several channels ``[n_channels, rows, columns]`` side by side, colours last in colour.
        inpt: spike counts of the input units, likewise.
        label: of the image, for the title.
        axes, ims: what a former call returned.
        figsize: inches.
        save: file to be written.

    Returns:
        Both axes and both images.
    """
    axes = panels(2, axes, figsize, save, side_by_side=True)
    titles = ("image" if label is None else f"image (label {label})", "spikes of the input units")
    pictures = (_picture(image), _picture(inpt))
    if ims is None:
        ims = [new_image(ax, picture, "binary") for ax, picture in zip(axes, pictures, strict=True)]
    else:
        for im, picture in zip(ims, pictures, strict=True):
            redraw(im, picture)
            im.autoscale()
    for ax, title in zip(axes, titles, strict=True):
        ax.set(title=title, xticks=[], yticks=[])
    save_plot(axes[0].figure, save)
    return axes, list(ims)


def _picture(numbers: torch.Tensor) -> np.ndarray:
    """``[rows, columns]``, or the same in colour; leading dimensions of one, such as of a batch, are passed over."""
    picture = np.atleast_2d(as_array(numbers))
    while picture.ndim > 2 and len(picture) == 1:
        picture = picture[0]
    if picture.ndim == 3 and picture.shape[2] not in (3, 4):
        side = lattice_side(len(picture))
        return on_lattice(picture.astype(float), -(-len(picture) // side), side, np.nan, gap=1)
    if picture.ndim > 3:
        raise ValueError(f"an image [rows, columns] is expected, got the shape {list(picture.shape)}")
    return picture
