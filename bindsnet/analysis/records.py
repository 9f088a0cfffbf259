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

SHORTEST_STROKE, LONGEST_STROKE = 3.0, 30.0  # points, of a spike; where there is less room, spikes are dots
SMALLEST_DOT, SMALL_DOT = 1.0, 2.0  # points
FEW_SPIKES = 2000  # whose dots are small at the least, not smallest
POINTS_PER_INCH = 72
PANEL_SHARE = 0.7  # of a figure's height that its panels fill, about


class Window(NamedTuple):
    """What is shown: the numbers ``[steps, neurons]``, and which steps and neurons these are."""

    shown: np.ndarray
    steps: range
    neurons: range


def window_of(name: str, record: torch.Tensor, time: tuple[int, int] | None, n_neurons: Ranges | None) -> Window:
    """The part of a layer's record ``[time, ...]`` that is shown; all further dimensions count as neurons.

    Raises:
        ValueError: it has no time.
    """
    record = as_array(record)
    if not record.ndim:
        raise ValueError(f"the record of {name!r} is expected as [time, ...], got a single number")
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
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)


def label_neurons(axes: Axes, neurons: range) -> None:
    """An axis of neurons."""
    axes.set_ylabel("neuron")
    axes.set_ylim(edges(neurons))
    axes.yaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)


def draw_spikes(axes: Axes, n_neurons: int) -> PathCollection:
    """The marks of spikes, none yet: strokes or, of so many neurons that these would be too short, dots."""
    if _room(axes, n_neurons) >= SHORTEST_STROKE:
        return axes.scatter([], [], marker="|", linewidths=1.0, color=LINE_COLOURS[0])
    return axes.scatter([], [], linewidths=0, color=LINE_COLOURS[0])


def place_spikes(im: PathCollection, places: np.ndarray, n_neurons: int) -> None:
    """Put the marks of spikes at ``[n_spikes, (step, neuron)]``, as large as there is room for."""
    smallest = SMALL_DOT if len(places) <= FEW_SPIKES else SMALLEST_DOT
    im.set_sizes([min(max(_room(im.axes, n_neurons), smallest), LONGEST_STROKE) ** 2])
    im.set_offsets(places)


def _room(axes: Axes, n_neurons: int) -> float:
    """Points from one neuron to the next, about, since a figure is laid out only as it is drawn."""
    height = axes.get_position().height * axes.figure.get_size_inches()[1]
    return POINTS_PER_INCH * PANEL_SHARE * height / max(n_neurons, 1)
