"""Accuracy over training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.panels import PathLike, as_array, panels, save_plot
from bindsnet.analysis.style import line_look, scale_percent, short_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW_POINTS = 20  # that are marked one by one


def plot_performance(
    performances: Mapping[str, Sequence[float]],
    ax: Axes | None = None,
    figsize: tuple[float, float] = (7, 4),
    x_scale: int = 1,
    save: PathLike | None = None,
) -> Axes:
    """Accuracies over training, a line for each read-out.

    Args:
        performances: name of a read-out → its accuracies, %.
        ax: what a former call returned.
        figsize: inches.
        x_scale: samples between two accuracies; the first stands at 0.
        save: file to be written.

    Returns:
        The axes.
    """
    ax = panels(1, ax, figsize, save)[0]
    ax.clear()
    lines = {name: as_array(accuracies).reshape(-1) for name, accuracies in performances.items()}
    for number, (name, accuracies) in enumerate(lines.items()):
        colour, style = line_look(number)
        marker = "o" if len(accuracies) <= FEW_POINTS else ""
        places = x_scale * np.arange(len(accuracies))
        ax.plot(places, accuracies, color=colour, linestyle=style, marker=marker, markersize=4, clip_on=False, label=name)
    scale_percent(ax)
    longest = max(map(len, lines.values()), default=0)
    ax.set_xlim(0, max(longest - 1, 1) * x_scale * 1.02)
    ax.xaxis.set_major_formatter(short_number)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set(xlabel="samples", ylabel="accuracy (%)", title="estimated accuracy of classification")
    if performances:
        ax.legend(frameon=False)
    save_plot(ax.figure, save)
    return ax
