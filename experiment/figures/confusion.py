"""Confusion matrix of a read-out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .style import (
    DOTS_PER_INCH,
    POINTS_PER_INCH,
    QUIET_COLOUR,
    TICK_POINTS,
    add_axes,
    add_caption,
    add_colour_bar,
    cells_with_names,
    ink_on,
    label_axes,
    new_figure,
    room_for,
    short_names,
    stamp,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

MOST_CLASSES_WITH_NUMBERS = 24
"""Beyond this many classes the cells of a confusion matrix are too small for numbers."""
MOST_DOTS_PER_INCH = 300


def confusion_figure(
    labels: np.ndarray, predictions: np.ndarray, class_names: Sequence[str], *, title: str, note: str = ""
) -> Figure:
    """Confusion matrix: of the samples of each class, how many % were taken for which.

    Args:
        labels: Class of each sample [n_samples].
        predictions: Predicted class of each sample [n_samples], −1 where there was no answer.
        class_names: Name of each class.
        title: What was predicted; accuracy, number of samples and chance are added to it.
        note: Footnote.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    labels, predictions = np.asarray(labels, dtype=int), np.asarray(predictions, dtype=int)
    n_classes, n_samples = len(class_names), len(labels)
    counts = np.zeros((n_classes, n_classes + 1), dtype=int)
    np.add.at(counts, (labels, predictions), 1)  # −1 counts in the last column
    class_sizes = counts.sum(axis=1, keepdims=True)
    percent = 100 * counts / np.maximum(class_sizes, 1)
    width, height = 5.4, 5.0
    none_width, named, across = cells_with_names(n_classes, height)
    picture = percent[:, [*range(n_classes), *[n_classes] * none_width]]

    class_names = short_names(class_names)
    room = room_for(class_names, 5)
    left, bottom = 1.05 + room, 0.85 + room
    dpi = min(max(DOTS_PER_INCH, math.ceil(picture.shape[1] / width)), MOST_DOTS_PER_INCH)  # a pixel for each cell
    figure = new_figure(left + width + 1.15, bottom + height + 0.75, dpi)
    axes = add_axes(figure, left, bottom, width, height)
    colours = ScalarMappable(Normalize(0, 100), "Blues")
    how = "nearest" if picture.shape[1] <= width * dpi else "antialiased"
    axes.imshow(picture, cmap=colours.cmap, norm=colours.norm, aspect="auto", interpolation=how)
    axes.axvline(n_classes - 0.5, color=QUIET_COLOUR, linewidth=1)
    if n_classes <= MOST_CLASSES_WITH_NUMBERS:
        _number_cells(axes, counts, percent, colours, min(9.0, height * POINTS_PER_INCH / n_classes * 0.3))
    add_colour_bar(axes, colours, "share of the class (%)")

    # Names of all classes, in small letters if they must be, or at round steps.
    tick_points = min(TICK_POINTS, height * POINTS_PER_INCH / len(named) * 0.8)
    upright = max(map(len, class_names), default=0) <= 5 and len(named) <= 16
    axes.set_xticks([*across, n_classes + (none_width - 1) / 2], [*(class_names[k] for k in across), "none"],
                    rotation=0 if upright else 90)  # fmt: skip
    axes.set_yticks(named, [f"{class_names[k]}  (n = {class_sizes[k, 0]:,})" for k in named])
    label_axes(axes, "predicted class (none: no answer)", "")
    axes.tick_params(labelsize=tick_points)
    n_right = int(np.count_nonzero(labels == predictions))
    accuracy = f"{100 * n_right / n_samples:.1f} %" if n_samples else "no data yet"
    cells = "; cells: % of the class, below it the number of samples" if n_classes <= MOST_CLASSES_WITH_NUMBERS else ""
    explanation = f"true class (its samples), some of {n_classes:,}" if len(named) < n_classes else "true class (its samples)"
    caption = f"{title}: {accuracy}, n = {n_samples:,}, chance {100 / n_classes:.1f} %"
    add_caption(figure, caption, note, explanation + cells)
    return figure


def _number_cells(axes: Axes, counts: np.ndarray, percent: np.ndarray, colours: ScalarMappable, points: float) -> None:
    """In each cell that is not empty its % and, smaller below it, its number of samples."""
    rows, columns = np.nonzero(counts)
    inks = ink_on(colours.to_rgba(percent[rows, columns])[:, :3])
    stamp(axes, [f"{share:.0f}" for share in percent[rows, columns]], columns, rows - 0.15, points, inks)
    stamp(axes, [f"{count:,}" for count in counts[rows, columns]], columns, rows + 0.2, points * 0.7, inks)
