"""Running accuracies of several settings over training, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import line_look, scale_percent

from .style import LETTER_INCHES, TICK_POINTS, add_axes, add_chance, label_axes, new_figure, plain, scale_samples

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL_WIDTH, PANEL_HEIGHT = 4.1, 3.0  # inches
LEFT, BETWEEN = 0.7, 0.75  # inches beside the first panel and before each further
BOTTOM = 0.5  # inches below the panels
LINE_INCHES = 0.65  # of a line in the legend, and around it
MOST_LABELS_IN_COLUMN = 5  # of the legend, as long as three columns hold them all
BAND_OPACITY = 0.18


@dataclass(frozen=True)
class Curve:
    """How a read-out of a setting went.

    Attributes:
        number: of the setting, from 1; decides the line's look, the same in each panel.
        label: what the legend says.
        n_seen: training samples seen ``[n]``.
        mean: running accuracy, mean over seeds, %, NaN where there is none ``[n]``.
        deviation: its standard deviation over seeds, % ``[n]``; None for one seed.
    """

    number: int
    label: str
    n_seen: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray | None = None


def comparison_figure(panels: Mapping[str, Sequence[Curve]], n_classes: int) -> Figure:
    """A panel for each read-out with a line for each setting, and a band of ± one standard deviation over seeds.

    Args:
        panels: name of a read-out → its curves, of the same settings in each.
        n_classes: number of classes, for the chance level; 0 if it is not known.
    """
    n_labels = max(map(len, panels.values())) + bool(n_classes)
    width = LEFT + len(panels) * (PANEL_WIDTH + BETWEEN) - BETWEEN + 0.25
    longest = max(len(curve.label) for curves in panels.values() for curve in curves)
    most_columns = max(1, int((width - LEFT) / (LETTER_INCHES * longest + LINE_INCHES)))
    n_columns = min(most_columns, 3, math.ceil(n_labels / MOST_LABELS_IN_COLUMN))
    figure = new_figure(width, BOTTOM + PANEL_HEIGHT + 0.4 + 0.17 * math.ceil(n_labels / n_columns))
    for place, (name, curves) in enumerate(panels.items()):
        axes = add_axes(figure, LEFT + place * (PANEL_WIDTH + BETWEEN), BOTTOM, PANEL_WIDTH, PANEL_HEIGHT)
        if n_classes:
            add_chance(axes, n_classes)
        for curve in curves:
            colour, style = line_look(curve.number - 1)
            axes.plot(curve.n_seen, curve.mean, color=colour, linestyle=style, linewidth=1.6, label=plain(curve.label))
            if curve.deviation is not None:
                low, high = curve.mean - curve.deviation, curve.mean + curve.deviation
                axes.fill_between(curve.n_seen, low, high, color=colour, alpha=BAND_OPACITY, linewidth=0)
        scale_samples(axes, [max((curve.n_seen[-1] for curve in curves), default=0)])
        scale_percent(axes)
        axes.set_title(name, fontsize=TICK_POINTS + 1, loc="left")
        label_axes(axes, "training samples seen", "running accuracy (%)" if place == 0 else "")
    first = figure.axes[0]
    first.legend(fontsize=TICK_POINTS, loc="lower left", bbox_to_anchor=(0, 1.1), frameon=False,
                 borderpad=0, borderaxespad=0, handlelength=3.5, ncols=n_columns)  # fmt: skip
    return figure
