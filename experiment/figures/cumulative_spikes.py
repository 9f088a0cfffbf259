"""Spikes of the excitatory neurons over training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import LINE_COLOURS, short_number

from .style import LABEL_POINTS, add_axes, add_caption, label_axes, neuron_noun, new_figure, scale_samples

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def cumulative_spikes_figure(
    samples_seen: Sequence[int], total_spikes_per_interval: Sequence[int], spikes_per_neuron: np.ndarray, *, note: str = ""
) -> Figure:
    """Excitatory spikes summed over training, and their distribution over the neurons.

    Args:
        samples_seen: Training samples seen at the end of each update interval.
        total_spikes_per_interval: Spikes of all excitatory neurons in each interval.
        spikes_per_neuron: Spikes of each neuron so far [n_neurons].
        note: Footnote.
    """
    n_neurons = len(spikes_per_neuron)
    n_fired = int(np.count_nonzero(spikes_per_neuron))
    figure = new_figure(9.2, 4.5)
    over_time = add_axes(figure, 0.85, 0.8, 3.55, 2.95)
    totals = np.cumsum([0, *total_spikes_per_interval])
    over_time.plot([0, *samples_seen], totals, color=LINE_COLOURS[0], linewidth=1.6)
    n_seen = scale_samples(over_time, samples_seen)
    over_time.set_title(f"{totals[-1]:,} spikes, n = {n_seen:,} samples", fontsize=LABEL_POINTS)
    label_axes(over_time, "training samples seen", "excitatory spikes, cumulative")

    by_neuron = add_axes(figure, 5.4, 0.8, 3.5, 2.95)
    by_neuron.stairs(np.sort(spikes_per_neuron)[::-1], np.arange(n_neurons + 1) + 0.5, fill=True,
                     color=LINE_COLOURS[1])  # fmt: skip
    by_neuron.set_xlim(0.5, n_neurons + 0.5)
    by_neuron.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1, nbins=6)
    by_neuron.xaxis.set_major_formatter(short_number)
    share = f"{100 * n_fired / n_neurons:.1f} %" if n_neurons else "none"
    by_neuron.set_title(f"{n_fired:,} of {n_neurons:,} {neuron_noun(n_neurons)} ever fired ({share})", fontsize=LABEL_POINTS)
    label_axes(by_neuron, "neuron, most active first", "spikes of the neuron (log scale above 1)")
    over_time.yaxis.get_major_locator().set_params(integer=True)
    by_neuron.set_yscale("symlog", linthresh=1)  # a few neurons fire a hundred times as often as most
    for axes in (over_time, by_neuron):
        top = max(axes.get_ylim()[1], 1)
        axes.set_ylim(0, top)
        axes.yaxis.set_major_formatter(short_number)
        axes.set_axisbelow(True)
        axes.grid(alpha=0.3, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    title = f"Spikes in training, n = {n_neurons:,} excitatory {neuron_noun(n_neurons)}"
    add_caption(figure, title, note)
    return figure
