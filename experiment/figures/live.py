"""What goes on in the network just now: one picture, drawn again and again while it trains."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import LINE_COLOURS, line_look, thinned
from experiment.protocol.course import running_mean

from .fields import LONGEST_FIELD, assemble_cells, gap_between, joined_fields
from .style import (
    EDGE,
    LABEL_POINTS,
    QUIET_COLOUR,
    TICK_POINTS,
    add_axes,
    add_caption,
    add_chance,
    add_colour_bar,
    label_axes,
    neuron_noun,
    new_figure,
    room_for,
    scale_samples,
    short_names,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 14.0, 9.5  # inches
# Left edges and widths of the columns, inches: between them is room for the numbers of colour bars, ticks and their names.
LEFT, LEFT_WIDTH = 0.7, 2.35
MIDDLE, MIDDLE_WIDTH = 4.25, 5.65
RIGHT = 10.7  # with short names of classes
BOTTOM, ROW_HEIGHT, ROW_GAP = 0.8, 2.1, 0.85  # inches
BAR_GAP, BAR_WIDTH = 0.08, 0.12  # inches of colour bars
DPI = 80  # a screen's
FIELD_PIXELS = 200  # height of the picture of receptive fields: as many are shown as have a pixel for each weight
MOST_FIELDS = 100
MARK_POINTS = 2.0
MOST_NAMES = 12  # of classes that stand beside their bars


@dataclass(frozen=True)
class Moment:
    """A sample on its way through the network, and how far the run has come.

    Attributes:
        label: the sample's class.
        input_steps, input_units: its spikes, a time step and an input unit each ``[n_spikes]``.
        input_shape: rows and columns of the sensor.
        n_inputs: number of input units; twice the sensor's with both polarities, ON first.
        n_steps: steps of a sample.
        dt: time step, ms.
        spikes: of excitatory neurons, bool ``[n_steps, n_neurons]``.
        neurons: the few whose voltages are shown ``[n]``.
        voltages, thresholds: of these, threshold + θ, mV ``[n_steps, n]``.
        w: weights input → excitatory ``[n_inputs, n_neurons]``.
        w_max: the largest possible.
        w_shape: rows and columns of one polarity of a neuron's field.
        assignments: label of each neuron, -1 for silent ones.
        samples_seen: training samples seen at the end of each update interval.
        accuracies: read-out -> its accuracy in each interval, %; NaN where there is none.
        n_train: training samples in an epoch.
        class_names: what labels stand for.
        note: where the events come from.
    """

    label: int
    input_steps: np.ndarray
    input_units: np.ndarray
    input_shape: tuple[int, int]
    n_inputs: int
    n_steps: int
    dt: float
    spikes: np.ndarray
    neurons: np.ndarray
    voltages: np.ndarray
    thresholds: np.ndarray
    w: np.ndarray
    w_max: float
    w_shape: tuple[int, int]
    assignments: np.ndarray
    samples_seen: Sequence[int]
    accuracies: Mapping[str, Sequence[float]]
    n_train: int
    class_names: Sequence[str]
    note: str = ""


def live_figure(moment: Moment) -> Figure:
    """Input, spikes, voltages, weights, labels and accuracy at a moment of training."""
    figure = new_figure(WIDTH, HEIGHT, DPI)
    right = RIGHT + room_for(short_names(moment.class_names), 4)
    upper, middle, lower = (BOTTOM + k * (ROW_HEIGHT + ROW_GAP) for k in (2, 1, 0))
    end = moment.n_steps * moment.dt
    _draw_input(add_axes(figure, LEFT, upper, LEFT_WIDTH, ROW_HEIGHT), moment)
    _draw_raster(
        add_axes(figure, MIDDLE, upper, MIDDLE_WIDTH, ROW_HEIGHT), moment.input_steps * moment.dt, moment.input_units, end,
        moment.n_inputs, "input unit", f"Input, n = {len(moment.input_steps):,} spikes",
    )  # fmt: skip
    steps, fired = np.nonzero(moment.spikes)
    n_neurons = moment.spikes.shape[1]
    _draw_raster(
        add_axes(figure, MIDDLE, middle, MIDDLE_WIDTH, ROW_HEIGHT), steps * moment.dt, fired, end,
        n_neurons, "excitatory neuron", f"Excitatory layer, n = {len(fired):,} spikes",
    )  # fmt: skip
    _draw_counts(add_axes(figure, LEFT, middle, LEFT_WIDTH, ROW_HEIGHT), moment)
    _draw_voltages(add_axes(figure, MIDDLE, lower, MIDDLE_WIDTH, ROW_HEIGHT), moment)
    _draw_weights(add_axes(figure, LEFT, lower, LEFT_WIDTH, ROW_HEIGHT), moment)
    _draw_assignments(add_axes(figure, right, upper, WIDTH - EDGE - right, ROW_HEIGHT), moment)
    _draw_accuracy(add_axes(figure, right, lower, WIDTH - EDGE - right, 2 * ROW_HEIGHT + ROW_GAP), moment)
    n_seen = moment.samples_seen[-1] if len(moment.samples_seen) else 0
    name = short_names(moment.class_names)[moment.label]
    title = f"A training sample of class {name} in {n_neurons:,} {neuron_noun(n_neurons)}, after n = {n_seen:,} samples"
    add_caption(figure, title, moment.note)
    return figure


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, fontsize=LABEL_POINTS, loc="left", pad=4)


def _draw_input(axes: Axes, moment: Moment) -> None:
    rows, columns = moment.input_shape
    counts = np.bincount(moment.input_units, minlength=moment.n_inputs).reshape(-1, rows * columns)
    if max(rows, columns) > LONGEST_FIELD * min(rows, columns):
        axes.barh(np.arange(rows * columns), counts.sum(0), height=1.0, color=LINE_COLOURS[0])
        axes.set_ylim(-0.5, rows * columns - 0.5)
        label_axes(axes, "spikes", "channel")
        _title(axes, "Spikes of each channel")
        return
    both = len(counts) == 2
    picture = (counts[0] - counts[1] if both else counts[0]).reshape(rows, columns)
    most = max(1, np.abs(picture).max())
    image = axes.imshow(picture, cmap="PuOr" if both else "Greys", vmin=-most if both else 0, vmax=most, interpolation="nearest")
    add_colour_bar(axes, image, gap=BAR_GAP, width=BAR_WIDTH)
    label_axes(axes, "column", "row")
    _title(axes, "Spikes of each input" + (", ON − OFF" if both else ""))


def _draw_raster(axes: Axes, times: np.ndarray, units: np.ndarray, end: float, n_units: int, name: str, title: str) -> None:
    axes.plot(times, units, "|" if n_units < 300 else ".", markersize=2 * MARK_POINTS, color="black", markeredgewidth=0.8)
    axes.set_xlim(0, end)
    axes.set_ylim(-0.5, n_units - 0.5)
    label_axes(axes, "time (ms)", name)
    _title(axes, title)


def _draw_counts(axes: Axes, moment: Moment) -> None:
    counts = moment.spikes.sum(0)
    fired = np.flatnonzero(counts)
    axes.vlines(fired, 0, counts[fired], color=LINE_COLOURS[0], linewidth=1.2)
    axes.set_xlim(-0.5, len(counts) - 0.5)
    axes.set_ylim(0, max(1, counts.max()) * 1.1)
    axes.yaxis.get_major_locator().set_params(integer=True)
    label_axes(axes, "excitatory neuron", "spikes")
    _title(axes, f"Spikes of each neuron, n = {len(fired):,} fired")


def _draw_voltages(axes: Axes, moment: Moment) -> None:
    times = (np.arange(moment.n_steps) + 1) * moment.dt
    for k, neuron in enumerate(moment.neurons):
        colour = LINE_COLOURS[k % len(LINE_COLOURS)]
        axes.plot(times, moment.voltages[:, k], color=colour, linewidth=1.1, label=f"neuron {neuron}")
        axes.plot(times, moment.thresholds[:, k], color=colour, linewidth=1.0, linestyle="--")
        fired = moment.spikes[:, neuron]
        axes.plot(times[fired], moment.thresholds[fired, k], "v", color=colour, markersize=5, clip_on=False)
    axes.plot([], [], color=QUIET_COLOUR, linestyle="--", label="threshold + θ")
    axes.set_xlim(0, moment.n_steps * moment.dt)
    axes.legend(fontsize=TICK_POINTS, loc="lower right", ncols=len(moment.neurons) + 1, bbox_to_anchor=(1, 1.0), frameon=False,
                borderaxespad=0.1, handlelength=1.2, columnspacing=0.8, handletextpad=0.4)  # fmt: skip
    label_axes(axes, "time (ms)", "voltage (mV)")
    _title(axes, "Voltages; ▾ a spike")


def _draw_weights(axes: Axes, moment: Moment) -> None:
    rows, columns = moment.w_shape
    n_inputs, n_neurons = moment.w.shape
    is_spectrum = moment.w_shape == moment.input_shape and max(rows, columns) > LONGEST_FIELD * min(rows, columns)
    pixels = 1 if is_spectrum else max(rows, n_inputs // rows)
    n_shown = min(max(2, FIELD_PIXELS // pixels) ** 2, MOST_FIELDS, n_neurons)
    w = moment.w[:, :n_shown]
    fields = w.T.reshape(n_shown, -1, rows, columns).astype(np.float32)
    picture = w if is_spectrum else assemble_cells(joined_fields(fields, np.nan), gap_between(fields.shape[1]), np.nan)[0]
    image = axes.imshow(
        picture, cmap="viridis", vmin=0, vmax=moment.w_max, interpolation="nearest", aspect="auto",
        origin="lower" if is_spectrum else "upper",
    )  # fmt: skip
    add_colour_bar(axes, image, gap=BAR_GAP, width=BAR_WIDTH)
    if is_spectrum:
        label_axes(axes, "excitatory neuron", "channel")
    else:
        axes.set_xticks([])
        axes.set_yticks([])
        side = math.ceil(math.sqrt(n_shown))
        axes.set_xlabel(f"neurons 0 to {n_shown - 1}, {side} in a row", fontsize=LABEL_POINTS)
    _title(axes, f"Weights of n = {n_shown:,} {neuron_noun(n_shown)}")


def _draw_assignments(axes: Axes, moment: Moment) -> None:
    n_classes = len(moment.class_names)
    counts = np.bincount(moment.assignments + 1, minlength=n_classes + 1)
    axes.barh(np.arange(n_classes), counts[1:], color=LINE_COLOURS[0])
    names, named = short_names(moment.class_names), thinned(n_classes, MOST_NAMES)
    axes.set_yticks(named, [names[k] for k in named])
    axes.invert_yaxis()
    axes.xaxis.get_major_locator().set_params(integer=True)
    label_axes(axes, "neurons", "class")
    _title(axes, f"Labels; n = {counts[0]:,} {neuron_noun(counts[0])} silent so far")


def _draw_accuracy(axes: Axes, moment: Moment) -> None:
    add_chance(axes, len(moment.class_names), "chance")
    for k, (name, values) in enumerate(moment.accuracies.items()):
        percent = np.asarray(values, dtype=float)
        means = running_mean(moment.samples_seen, percent, moment.n_train)
        colour, style = line_look(k)
        latest = f": {means[-1]:.1f} %" if len(means) and not math.isnan(means[-1]) else ""
        axes.plot(moment.samples_seen, means, color=colour, linestyle=style, linewidth=1.5, label=f"{name}{latest}")
    scale_samples(axes, moment.samples_seen)
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.legend(fontsize=TICK_POINTS, loc="upper left", frameon=False)
    label_axes(axes, "training samples seen", "running accuracy (%)")
    _title(axes, f"Mean over the last {moment.n_train:,} samples")
