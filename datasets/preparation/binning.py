"""From events to spikes: which time step, which input unit.

Bins are [k·dt, (k + 1)·dt) for k = 0 … n_steps − 1, counted from time 0 whatever the first event
is. A bin holds a unit's spike or none, however many of its events fall into it. Events before
time 0 or after the last bin belong to no step; they are left out and counted. Needs NumPy only: it
runs in worker processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from common.time_steps import ROUNDING, n_time_steps
from eventvision import Events

MICROSECONDS_PER_MS = 1000
# Least and most (µs) that a time may lie below what was meant: as after a subtraction, and in types as coarse as float32.
SHORTFALL = (1e-6, 0.5)


def step_of(ts: np.ndarray, dt: float) -> np.ndarray:
    """Time step (int64) of times (µs) at steps of `dt` (ms); an event at just k·dt has step k."""
    step_time = _step_time(dt)
    if isinstance(step_time, int):
        return ts // step_time
    return np.floor(ts / step_time + ROUNDING).astype(np.int64)


def window_end(n_steps: int, dt: float) -> int:
    """The first whole µs that lies after the last of `n_steps` steps of `dt` (ms)."""
    return int(_start_of(n_steps, _step_time(dt)))


def whole_microseconds(times: np.ndarray, dt: float) -> np.ndarray:
    """Times (ms) in whole µs (as float64) that `step_of` puts into the time's own step of `dt` (ms), at least 1 µs long.

    A time that is not finite gives one that is not.
    """
    times = times if times.dtype.kind == "f" else times.astype(np.float64)
    step_time = _step_time(dt)
    with np.errstate(over="ignore", invalid="ignore"):
        us = times.astype(np.float64) * MICROSECONDS_PER_MS
        # A time computed as k·dt may lie some roundings of its type below the start of step k.
        rounding = 4 * np.spacing(np.abs(times)).astype(np.float64) * MICROSECONDS_PER_MS
        us += np.clip(rounding, *SHORTFALL)
        # Where dt is no whole µs, a step begins between two: the whole µs before a time may lie in the step before.
        start = _start_of(np.floor(us / step_time + ROUNDING), step_time)
        return np.maximum(np.floor(us), start)


def _start_of(step: int | np.ndarray, step_time: int | float) -> int | float | np.ndarray:
    """The first whole µs of a step, counted in steps of `step_time` (µs)."""
    return step * step_time if isinstance(step_time, int) else np.ceil((step - ROUNDING) * step_time)


def _step_time(dt: float) -> int | float:
    """A time step in µs, an int if it is whole."""
    step_time = dt * MICROSECONDS_PER_MS
    whole = round(step_time)
    return whole if whole and abs(step_time - whole) < ROUNDING else step_time


def smallest_index_type(n: int) -> type[np.signedinteger]:
    """int16 if it holds 0 … n − 1, else int32 or, for sensors of more than 2³¹ units, int64."""
    return next(kind for kind in (np.int16, np.int32, np.int64) if n <= np.iinfo(kind).max + 1)


class Grid(NamedTuple):
    """Time steps × input units into which a sensor's events are sorted.

    Attributes:
        dt: time step (ms).
        pattern_time: time from 0 on that is kept (ms).
        polarities: "on", "off", or "both": the OFF units follow the ON units.
        width: columns of the sensor (pixels).
        height: rows of the sensor (pixels).
    """

    dt: float
    pattern_time: float
    polarities: str
    width: int
    height: int

    @property
    def n_steps(self) -> int:
        """Number of time steps."""
        return n_time_steps(self.pattern_time, self.dt)

    @property
    def n_units(self) -> int:
        """Number of input units: width · y + x, and as many again for OFF with "both"."""
        return self.width * self.height * (2 if self.polarities == "both" else 1)


class Batch(NamedTuple):
    """What some recordings gave: the spikes of those that are sound, one after the other, each sorted by step and unit.

    Attributes:
        counts: spikes of each recording, int64 `[n_recordings]`.
        steps: time step of each spike, of `smallest_index_type`, `[n_spikes]`.
        units: input unit of each spike, of `smallest_index_type`, `[n_spikes]`.
        n_events: events of the wanted polarities, inside the window or not.
        n_outside: those of them outside the window.
        labels: the recordings' classes.
        n_damaged_events: partial or corrupted events left out of them.
        left_out: names of the damaged recordings, each with its reason.
    """

    counts: np.ndarray
    steps: np.ndarray
    units: np.ndarray
    n_events: int
    n_outside: int
    labels: Sequence[int] = ()
    n_damaged_events: int = 0
    left_out: Sequence[tuple[str, str]] = ()


def bin_events(recordings: Iterable[Events], grid: Grid) -> Batch:
    """The spikes of some recordings on a grid, without labels; of each recording no more is kept than its spikes."""
    n_steps, n_units = grid.n_steps, grid.n_units
    end = window_end(n_steps, grid.dt)
    cells, n_events, n_outside = [np.empty(0, np.int64)], 0, 0
    for events in recordings:
        cell, n_wanted = _cells(events, grid, end)
        n_events += n_wanted
        n_outside += n_wanted - len(cell)
        cell.sort()
        first = np.ones(len(cell), bool)
        first[1:] = cell[1:] != cell[:-1]
        cells.append(cell[first])
    step, unit = np.divmod(np.concatenate(cells), n_units)
    return Batch(
        counts=np.array([len(cell) for cell in cells[1:]], np.int64),
        steps=step.astype(smallest_index_type(n_steps)),
        units=unit.astype(smallest_index_type(n_units)),
        n_events=n_events,
        n_outside=n_outside,
    )


def _cells(events: Events, grid: Grid, end: int) -> tuple[np.ndarray, int]:
    """step · n_units + unit of the wanted events before `end` (µs); how many are wanted at all."""
    p, ts = events.p, events.ts
    inside = (ts >= 0) & (ts < end)
    if grid.polarities == "both":
        n_wanted = len(events)
    else:
        wanted = p == (grid.polarities == "on")
        n_wanted = int(np.count_nonzero(wanted))
        inside &= wanted
    chosen = events[inside]
    return step_of(chosen.ts, grid.dt) * grid.n_units + chosen.units(grid.polarities == "both"), n_wanted
