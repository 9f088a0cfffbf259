"""Which part of what a monitor recorded a plot shows, and how its axes say so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from bindsnet.analysis.panels import as_array
from bindsnet.analysis.style import LINE_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

Layers = Mapping[str, torch.Tensor]
Ranges = Mapping[str, tuple[int, int]]

MOST_STROKES = 60  # neurons whose spikes are strokes; those of more are dots
LONGEST_STROKE, SMALLEST_DOT, LARGEST_DOT = 30.0, 1.0, 3.0  # points
POINTS_PER_INCH = 72
PANEL_SHARE = 0.7  # of a figure's height that its panels fill, about


class Window(NamedTuple):
    """What is shown: the numbers ``[steps, neurons]``, and which steps and neurons these are."""

    shown: np.ndarray
    steps: range
    neurons: range


def window_of(name: str, record: torch.Tensor, time: tuple[int, int] | None, n_neurons: Ranges | None) -> Window:
    """The part of a layer's record ``[time, ...]`` that is shown; all further dimensions count as neurons."""
    record = as_array(record)
    record = record.reshape(len(record), math.prod(record.shape[1:]))
    steps = range(len(record))[slice(*(time or (None,)))]
    neurons = range(record.shape[1])[slice(*((n_neurons or {}).get(name) or (None,)))]
    return Window(record[steps.start : steps.stop, neurons.start : neurons.stop], steps, neurons)


def edges(places: range) -> tuple[float, float]:
    """Where an axis begins and ends that shows these places, or has room for one."""
    return places.start - 0.5, max(places.stop, places.start + 1) - 0.5


def told(places: range, noun: str) -> str:
    """Which places, in words."""
    if len(places) < 2:
        return f"{noun} {places.start}" if places else f"no {noun}"
    return f"{noun}s {places.start} to {places.stop - 1}"


def label_steps(axes: Axes, steps: range, is_last: bool = True) -> None:
    """An axis of time steps, named if it is that of the last panel."""
    axes.set_xlim(edges(steps))
    axes.set_xlabel("time step" if is_last else "")
    axes.xaxis.get_major_locator().set_params(integer=True)


def label_neurons(axes: Axes, neurons: range) -> None:
    """An axis of neurons."""
    axes.set_ylabel("neuron")
    axes.set_ylim(edges(neurons))
    axes.yaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)


def draw_spikes(axes: Axes, n_neurons: int) -> PathCollection:
    """The marks of spikes, none yet, of a size for so many neurons."""
    height = axes.get_position().height * axes.figure.get_size_inches()[1]
    row = POINTS_PER_INCH * PANEL_SHARE * height / max(n_neurons, 1)
    if n_neurons <= MOST_STROKES:
        stroke = min(row, LONGEST_STROKE)
        return axes.scatter([], [], s=stroke**2, marker="|", linewidths=1.0, color=LINE_COLOURS[0])
    dot = min(max(row, SMALLEST_DOT), LARGEST_DOT)
    return axes.scatter([], [], s=dot**2, linewidths=0, color=LINE_COLOURS[0])
