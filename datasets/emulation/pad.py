"""A pad of 10 × 10 pressure sensors on which a digit is written (as in See et al. 2020).

The pad looks at all its taxels every few milliseconds. A taxel whose pressure differs from that at
its last event by one or more thresholds sends as many events, ON for a rise, OFF for a fall. The tip
presses a small area and rubs over it, so the pressure trembles as long as it lasts. Writers differ
in how hard, how fast, how large and how broad they write. Now and then a taxel is faulty: it fires
from beginning to end.
"""

from __future__ import annotations

import numpy as np

from common.compiled import compiled_once
from datasets.emulation.pen import DIGIT_SIDE
from eventvision import EVENT_DTYPE, Events
from eventvision.sensors import PAD

SIDE = PAD.width  # taxels, of a square
SCAN_TIME = 3_300  # µs: the intervals between the events of a taxel of the published file cluster there
SHORTEST, LONGEST = 100_000, 2_000_000  # µs

# What writers do: medians, and standard deviations of the logarithm where not said otherwise.
SIZE, SIZE_SPREAD = 9.0, 0.14  # taxels that a digit is high or wide
OFFSET_SPREAD = 0.9  # taxels: standard deviation of where its middle lies
SPEED, SPEED_SPREAD = 22.0, 0.36  # taxels/s
LIFT_TIME = 120_000  # µs between two strokes
RADIUS, RADIUS_SPREAD = 0.5, 0.22  # taxels from the tip at which the pressure has fallen by exp(−1/2)
FORCE, FORCE_SPREAD = 10.0, 0.45  # ON thresholds

UNSTEADINESS, STEADY_TIME = 0.5, 150_000  # the force wavers by so much (deviation of its logarithm) over so long (µs)

THRESHOLD_OFF, THRESHOLD_OFF_SPREAD = 1.4, 0.2  # ON thresholds; deviation of the logarithm between recordings
CONTACT = 1.5  # ON thresholds: a lighter touch does not close a taxel's contact
MISMATCH = 0.5  # standard deviation of the logarithm of taxels' sensitivities
TREMBLE = 0.35  # relative standard deviation of the pressure from scan to scan
LARGEST_BURST = 5  # events of a taxel in a scan
FAULTY_TAXELS = 0.8  # mean number in a recording
FAULTY_PRESSURE = 3.0  # ON thresholds: standard deviation from scan to scan
FAULTY_SHARE = 0.6  # of the scans in which a faulty taxel speaks


def press(strokes: list[np.ndarray], generator: np.random.Generator) -> Events:
    """The events of a digit written on the pad, in order of time from about 0 on.

    Args:
        strokes: as `datasets.emulation.pen.write_digit` returns them.
        generator: what differs between recordings of one digit.
    """
    tip = _tip(strokes, generator)
    pressure = _pressure(tip, generator)
    threshold_off = THRESHOLD_OFF * np.exp(THRESHOLD_OFF_SPREAD * generator.standard_normal())
    scans, taxels, signs = _changes(pressure, threshold_off, LARGEST_BURST)
    data = np.empty(len(scans), EVENT_DTYPE)
    data["y"], data["x"] = np.divmod(taxels, SIDE)
    data["p"] = signs > 0
    # The taxels of a scan are read one after the other.
    data["ts"] = scans * SCAN_TIME + taxels * SCAN_TIME // SIDE**2
    return Events(data, SIDE, SIDE)


def _tip(strokes: list[np.ndarray], generator: np.random.Generator) -> np.ndarray:
    """Where the tip is at each scan, `[n_scans, 2]` (x, y) in taxels; NaN while it is lifted."""
    size = SIZE * np.exp(SIZE_SPREAD * generator.standard_normal())
    middle = (SIDE - 1) / 2 + OFFSET_SPREAD * generator.standard_normal(2)
    speed = SPEED * np.exp(SPEED_SPREAD * generator.standard_normal())
    paths = [stroke * (size / DIGIT_SIDE) + middle for stroke in strokes]
    lengths = [np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))]) for path in paths]
    writing = sum(length[-1] for length in lengths) / speed * 1e6
    pause = LIFT_TIME * (len(paths) - 1)
    rounding = SCAN_TIME * (len(paths) + 1)  # a scan for each stroke and one after the last
    speed *= writing / np.clip(writing, SHORTEST, LONGEST - pause - rounding)

    lifted = np.full((LIFT_TIME // SCAN_TIME, 2), np.nan)
    parts = []
    for path, length in zip(paths, lengths, strict=True):
        at = np.arange(0, length[-1], speed * SCAN_TIME / 1e6)
        parts += [np.column_stack([np.interp(at, length, column) for column in path.T]), lifted]
    return np.concatenate([*parts[:-1], lifted[:1]])


def _pressure(tip: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Pressure of each taxel at each scan, in ON thresholds, `[n_scans, 100]`."""
    radius = RADIUS * np.exp(RADIUS_SPREAD * generator.standard_normal())
    force = FORCE * np.exp(FORCE_SPREAD * generator.standard_normal() + _wavering(len(tip), generator))[:, None, None]
    place = np.arange(SIDE)
    squared = (place[None, None, :] - tip[:, :1, None]) ** 2 + (place[None, :, None] - tip[:, 1:, None]) ** 2
    pressure = np.nan_to_num(force * np.exp(-squared / (2 * radius**2))).reshape(len(tip), SIDE**2)
    pressure *= np.exp(MISMATCH * generator.standard_normal(SIDE**2))
    pressure *= np.maximum(1 + TREMBLE * generator.standard_normal(pressure.shape), 0)
    pressure[pressure < CONTACT] = 0
    for taxel in generator.integers(SIDE**2, size=generator.poisson(FAULTY_TAXELS)):
        speaks = generator.random(len(tip)) < FAULTY_SHARE
        pressure[speaks, taxel] += FAULTY_PRESSURE * np.abs(generator.standard_normal(np.count_nonzero(speaks)))
    return pressure


def _wavering(n_scans: int, generator: np.random.Generator) -> np.ndarray:
    """What the logarithm of the force adds at each scan, `[n_scans]`: lines between random values."""
    at = np.arange(n_scans) * SCAN_TIME / STEADY_TIME
    values = UNSTEADINESS * generator.standard_normal(int(at[-1]) + 2)
    return np.interp(at, np.arange(len(values)), values)


@compiled_once
def _changes(pressure: np.ndarray, threshold_off: float, largest_burst: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scan, taxel and sign of each event, in order, of pressures `[n_scans, n_taxels]` in ON thresholds, 0 at first."""
    n_scans, n_taxels = pressure.shape
    reference = np.zeros(n_taxels)
    scans = np.empty(n_scans * n_taxels * largest_burst, np.int64)
    taxels, signs = np.empty_like(scans), np.empty_like(scans)
    n = 0
    for scan in range(n_scans):
        for taxel in range(n_taxels):
            change = pressure[scan, taxel] - reference[taxel]
            sign = 1 if change > 0 else -1
            threshold = 1.0 if sign > 0 else threshold_off
            burst = int(abs(change) / threshold)
            if burst:
                reference[taxel] = pressure[scan, taxel]
            for _ in range(min(burst, largest_burst)):
                scans[n], taxels[n], signs[n] = scan, taxel, sign
                n += 1
    return scans[:n], taxels[:n], signs[:n]
