"""An event camera that looks at an image while it makes three saccades (Orchard et al. 2015).

A pixel compares the logarithm of its intensity, as its photoreceptor follows it, with that at its
last event; when the difference reaches a threshold it sends an ON or OFF event (Lichtsteiner et
al. 2008; Posch et al. 2011). Thresholds differ from pixel to pixel, a pixel rests a while after an
event, and now and then one fires for no reason: an ON event, as its memory leaks (Nozaki & Delbruck 2017).

Constants are fitted to 900 recordings and the images that they show (`benchmarks/emulation.py visual`). An edge that brightens,
if the image is bright on a dark screen, gives OFF events in them, and leaks give ON; so the digits are taken to be dark on a
bright screen. That also fits how the number of events follows from the image.
"""

from __future__ import annotations

import math

import numpy as np

from common.compiled import compiled_once
from eventvision import EVENT_DTYPE, Events
from eventvision.sensors import ATIS

SIDE = ATIS.width  # pixels, of a square
SIMULATION_STEP = 1.0  # ms
DURATION = 308.0  # ms, of a recording in the mean; they differ by 3
US_PER_MS = 1000

# Where the camera looks every 15 ms (x, y), pixels from the middle of the screen: where the events of 15 ms fit the images' edges
# best (500 recordings), then scaled in time until each saccade has its events when it should. A saccade is over after 90 ms of
# its 105; the camera drifts until the next.
GAZE_INTERVAL = 15.0  # ms
GAZE = np.array([
    (2.6, 2.0), (2.65, 1.7), (2.75, 0.65), (2.5, -1.1), (1.8, -2.75), (1.05, -3.36), (1.0, -3.5),
    (0.97, -3.53), (0.65, -3.45), (-0.3, -2.85), (-1.2, -1.05), (-1.9, 0.8), (-2.3, 1.5), (-2.65, 1.7),
    (-2.75, 1.8), (-2.65, 1.85), (-1.65, 1.75), (0.0, 1.7), (1.4, 1.75), (2.15, 1.8), (2.3, 1.85), (2.3, 1.85),
])  # fmt: skip
SMOOTHING = 9  # steps over which the way from one to the next is smoothed
START_SPREAD = 0.3  # pixels by which recordings differ in where they start

DARK = 0.16  # intensity of the digit's ink, of the bright screen 1 + DARK
RECEPTOR_TIME = 3.0  # ms, time constant of the photoreceptor
THRESHOLD = 0.275  # of log intensity
MISMATCH = 0.1  # relative standard deviation between pixels
CAMERA_SEED = 34  # one camera, so one mismatch, for all recordings
REFRACTORY = 2.5  # ms; of the intervals between a pixel's events of one polarity 5 % are below 2.1
LAST_MOMENT = 1.0 - 1e-6  # of a step: times stay within it
LEAK_RATE = 0.29  # Hz, of ON events of a pixel that sees nothing: corner pixels of the recordings


def look_at(image: np.ndarray, generator: np.random.Generator) -> Events:
    """The events of three saccades over an image.

    Args:
        image: how much ink, from 0 to 1, ``[height, width]``, at most `SIDE` each.
        generator: what differs between recordings of one image.
    """
    path = _path() + START_SPREAD * generator.standard_normal(2)
    seen = _changes(_scene(image), path, _thresholds())
    leaks = _leaks(len(path) - 1, generator)
    return _events([np.concatenate(parts) for parts in zip(seen, leaks, strict=True)])


@compiled_once
def _changes(
    scene: np.ndarray, path: np.ndarray, thresholds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Columns, rows, polarities and times (ms) at which pixels see a change on the path."""
    side = thresholds.shape[1]  # not a constant of another package, which machine code would keep
    margin = (scene.shape[0] - side) // 2
    follow = 1.0 - math.exp(-SIMULATION_STEP / RECEPTOR_TIME)
    receptor = np.zeros((side, side))
    reference = np.zeros((side, side))
    rested_at = np.zeros((side, side))
    n, most = 0, side * side * (len(path) - 1)
    columns, rows = np.empty(most, np.int64), np.empty(most, np.int64)
    polarities, times = np.empty(most, np.bool_), np.empty(most)
    for step in range(len(path)):
        x, y = path[step]
        left, top = math.floor(x), math.floor(y)
        u, v = x - left, y - top
        now = (step - 1) * SIMULATION_STEP
        for row in range(side):
            for column in range(side):
                i, j = margin + row + int(top), margin + column + int(left)
                above = scene[i, j] * (1.0 - u) + scene[i, j + 1] * u
                below = scene[i + 1, j] * (1.0 - u) + scene[i + 1, j + 1] * u
                intensity = math.log(DARK + above * (1.0 - v) + below * v)
                if step == 0:
                    receptor[row, column] = reference[row, column] = intensity
                    continue
                rise = follow * (intensity - receptor[row, column])
                receptor[row, column] += rise
                change = receptor[row, column] - reference[row, column]
                on = change > 0.0
                excess = abs(change) - thresholds[int(on), row, column]
                if excess < 0.0 or rested_at[row, column] > now:
                    continue
                # Within the step the receptor moves evenly: when did it reach the threshold?
                late = 1.0 - excess / abs(rise) if excess < abs(rise) else 0.0
                columns[n], rows[n], polarities[n] = column, row, on
                times[n] = now + min(late, LAST_MOMENT) * SIMULATION_STEP
                n += 1
                reference[row, column] = receptor[row, column]
                rested_at[row, column] = now + REFRACTORY
    return columns[:n], rows[:n], polarities[:n], times[:n]


def _thresholds() -> np.ndarray:
    """Thresholds of OFF and ON events, ``[2, SIDE, SIDE]``."""
    mismatch = np.random.default_rng(CAMERA_SEED).standard_normal((2, SIDE, SIDE))
    return THRESHOLD * np.clip(1.0 + MISMATCH * mismatch, 0.5, 1.5)


def _path() -> np.ndarray:
    """Where the camera looks at the start and after every step (x, y), pixels."""
    around = SMOOTHING // 2
    at = SIMULATION_STEP * np.arange(-around, DURATION / SIMULATION_STEP + around + 1)
    known = GAZE_INTERVAL * np.arange(len(GAZE))
    smooth = np.full(SMOOTHING, 1 / SMOOTHING)
    return np.column_stack([np.convolve(np.interp(at, known, column), smooth, "valid") for column in GAZE.T])


def _scene(image: np.ndarray) -> np.ndarray:
    """Dark ink in the middle of a bright screen, wide enough for every look."""
    margin = int(np.ceil(np.abs(GAZE).max() + 6 * START_SPREAD)) + 1
    scene = np.ones((SIDE + 2 * margin, SIDE + 2 * margin))
    height, width = image.shape
    top, left = (scene.shape[0] - height) // 2, (scene.shape[1] - width) // 2
    scene[top : top + height, left : left + width] -= image
    return scene


def _leaks(n_steps: int, generator: np.random.Generator) -> list[np.ndarray]:
    duration = n_steps * SIMULATION_STEP
    n = generator.poisson(SIDE * SIDE * LEAK_RATE * duration / US_PER_MS)
    columns, rows = generator.integers(SIDE, size=(2, n))
    return [columns, rows, np.ones(n, np.bool_), generator.random(n) * duration]


def _events(columns: list[np.ndarray]) -> Events:
    x, y, p, t = columns
    data = np.zeros(len(x), EVENT_DTYPE)
    data["x"], data["y"], data["p"], data["ts"] = x, y, p, (t * US_PER_MS).astype(np.int64)
    return Events(data[np.argsort(data["ts"], kind="stable")], SIDE, SIDE)
