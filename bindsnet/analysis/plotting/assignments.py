"""Labels of neurons as colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.analysis.panels import PathLike, as_array, image_of, new_image, panels, redraw, rule, save_in_series
from bindsnet.analysis.style import class_colours, thinned
from bindsnet.utils import lattice_side, on_lattice
from common import NO_LABEL

if TYPE_CHECKING:
    from matplotlib.image import AxesImage

FEWEST_CLASSES = 10  # that the colours tell apart where no classes are named
MOST_NAMES = 25  # beside the colours; of more, names at equal steps


def plot_assignments(
    assignments: torch.Tensor,
    im: AxesImage | tuple[AxesImage, str] | None = None,
    figsize: tuple[float, float] = (5, 5),
    classes: Sequence[str] | None = None,
    save: PathLike | None = None,
) -> AxesImage | tuple[AxesImage, str]:
    """Labels of neurons as colours.

    Args:
        assignments: −1 for a silent neuron; ``[rows, columns]``, such as :func:`bindsnet.utils.get_square_assignments` makes,
            or ``[n_neurons]``, which are laid out on a square lattice.
        im: what a former call returned.
        figsize: inches.
        classes: names of the classes; numbers by default. Of many, only some are shown.
        save: file to be written; beside it each call writes one of a series, as :func:`plot_weights` does.

    Returns:
        The image; with `save` the image and the path that the next call shall have, to go on with the series.
    """
    picture = as_array(assignments)
    if picture.ndim not in (1, 2) or not picture.size or np.isinf(picture).any():
        raise ValueError(
            f"labels [rows, columns] or [n_neurons] are expected, each a number, got the shape {list(picture.shape)}"
        )
    if picture.ndim == 1:
        side = lattice_side(len(picture))
        picture = on_lattice(picture.astype(float).reshape(-1, 1, 1), side, side, np.nan)
    im = image_of(im)
    if im is None:
        names = list(classes) if classes is not None else [str(c) for c in range(_n_classes(picture))]
        im = _new_labels(picture, names, figsize, save)
    else:
        redraw(im, picture)
    return im if save is None else (im, save_in_series(im.figure, save))


def _n_classes(picture: np.ndarray) -> int:
    return max(FEWEST_CLASSES, int(np.nanmax(picture, initial=0)) + 1)


def _new_labels(picture: np.ndarray, names: list[str], figsize: tuple[float, float], save: PathLike | None) -> AxesImage:
    from matplotlib.colors import ListedColormap

    ax = panels(1, None, figsize, save)[0]
    ax.set(xticks=[], yticks=[], title="labels of neurons")
    colours = np.roll(class_colours(len(names)), 1, axis=0)  # that of silent ones first
    limits = {"vmin": NO_LABEL - 0.5, "vmax": len(names) - 0.5}
    im = new_image(ax, picture, ListedColormap(colours), "label", interpolation="nearest", **limits)
    ax.set_facecolor("white")
    rule(ax, picture.shape, (1, 1), colors="white")
    shown = thinned(len(names), MOST_NAMES)
    if len(shown) < len(names):
        shown = shown[1:]  # the first would stand on that of the silent ones
    im.colorbar.set_ticks([NO_LABEL, *shown], labels=["silent", *(names[k] for k in shown)])
    im.colorbar.minorticks_off()
    return im
