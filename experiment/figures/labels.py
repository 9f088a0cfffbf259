"""Test accuracy by the number of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import line_look, scale_percent, short_number

from .style import QUIET_COLOUR, add_axes, add_caption, add_chance, add_legend_above, label_axes, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BAND_OPACITY = 0.15
CROSS_SIZE = 7.0  # points


def labels_figure(
    n_labels: Sequence[int],
    accuracies: Mapping[str, np.ndarray],
    n_used: int,
    n_classes: int,
    n_test: int,
    tested: Mapping[str, float],
    test_name: str = "Test",
    tested_on: str = "test samples",
    *,
    note: str = "",
) -> Figure:
    """Test accuracy of one trained network against the number of training labels that its neurons are labelled with.

    Each number of labels is drawn several times: the line is the mean, the band the range. The run's own test, by labels
    counted while the network was still learning, is a cross.

    Args:
        n_labels: Numbers of labels, ascending.
        accuracies: Name of a read-out → its accuracy, % [n_draws, len(n_labels)].
        n_used: Labels that the run used.
        n_classes: Number of classes, for the chance level.
        n_test: Test samples.
        tested: Name of a read-out → its accuracy in the run's own test, %.
        test_name: What the test is called.
        tested_on: What it is on, in words.
        note: Footnote.

    Raises:
        ValueError: a read-out has not as many accuracies as there are numbers of labels.
    """
    figure = new_figure(7.5, 4.85 + 0.2 * (len(accuracies) + 4))
    axes = add_axes(figure, 0.75, 0.8, 6.45, 3.3)
    add_chance(axes, n_classes)
    axes.axvline(n_used, color=QUIET_COLOUR, linewidth=1, label=f"labels that this run used: {n_used:,}")
    axes.fill_between([], [], [], color=QUIET_COLOUR, alpha=BAND_OPACITY, linewidth=0,
                      label="lines: mean of several draws of the labels; bands: their range")  # fmt: skip
    for number, (name, percent) in enumerate(accuracies.items()):
        if percent.shape[1:] != (len(n_labels),):
            raise ValueError(f"{name}: accuracies {list(percent.shape)} for {len(n_labels)} numbers of labels")
        (colour, style), means = line_look(number), percent.mean(0)
        axes.fill_between(n_labels, percent.min(0), percent.max(0), color=colour, alpha=BAND_OPACITY, linewidth=0)
        axes.plot(n_labels, means, "o", markersize=3, linestyle=style, linewidth=1.6,
                  color=colour, label=_summary(name, n_labels, means))  # fmt: skip
        axes.plot([n_used], [tested[name]], "x", color=colour, markersize=CROSS_SIZE, markeredgewidth=2, zorder=3)
    axes.plot([], [], "x", color=QUIET_COLOUR, markersize=CROSS_SIZE, markeredgewidth=2, label="crosses: the test of this run")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(short_number)
    axes.set_xlim(min(n_labels[0], n_used) / 1.2, max(n_labels[-1], n_used) * 1.2)
    scale_percent(axes)
    add_legend_above(axes)
    label_axes(axes, "training labels used (log scale)", f"{test_name.lower()} accuracy (%)")
    explanation = (
        "lines: neurons are labelled anew once training is done, by one more pass in which nothing learns;\n"
        "this run's own test goes by labels that were counted while the network was still learning"
    )
    add_caption(figure, f"{test_name} accuracy by number of labels, n = {n_test:,} {tested_on}", note, explanation)
    return figure


def _summary(name: str, n_labels: Sequence[int], means: np.ndarray) -> str:
    """A read-out's line in the legend: its accuracy with the fewest and with all labels."""
    return f"{name}: {means[0]:.1f} % with {n_labels[0]:,} labels, {means[-1]:.1f} % with {n_labels[-1]:,}"
