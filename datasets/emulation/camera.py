"""An event camera that looks at an image while it makes three saccades (Orchard et al. 2015).

A pixel compares the logarithm of its intensity, as its photoreceptor follows it, with that at its
last event; when the difference reaches a threshold it sends an ON or OFF event (Lichtsteiner et
al. 2008; Posch et al. 2011). Thresholds differ from pixel to pixel, a pixel rests a while after an
event, and now and then one fires for no reason.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numba import njit

from eventvision import EVENT_DTYPE, Events

SIDE = 34  # pixels
SACCADE_TIME = 105  # ms
# Where the camera looks between the saccades (x, y), pixels: an isosceles triangle.
CORNERS = np.array([[-1.6, -3.0], [0.0, 3.0], [1.6, -3.0], [-1.6, -3.0]])
START_SPREAD = 0.3  # pixels by which recordings differ in where they start
SIMULATION_STEP = 1.0  # ms
US_PER_MS = 1000

DARK = 0.16  # intensity of a dark screen, of a bright one 1 + DARK
RECEPTOR_TIME = 4.0  # ms, time constant of the photoreceptor
THRESHOLD_ON, THRESHOLD_OFF = 0.3, 0.3  # of log intensity
MISMATCH = 0.12  # relative standard deviation between pixels
CAMERA_SEED = 34  # one camera, so one mismatch, for all recordings
REFRACTORY = 4.0  # ms
LAST_MOMENT = 1.0 - 1e-6  # of a step: times stay within it
NOISE_RATE = 0.15  # Hz, of each pixel and polarity


def look_at(image: np.ndarray, generator: np.random.Generator) -> Events:
    """The events of three saccades over an image.

    Args:
        image: intensities from 0 to 1, ``[height, width]``, at most 34 each.
        generator: what differs between recordings of one image.
    """
    path = _path() + START_SPREAD * generator.standard_normal(2)
    seen = _changes(_scene(image), path, _thresholds())
    noise = _noise(len(path) - 1, generator)
    return _events([np.concatenate(parts) for parts in zip(seen, noise, strict=True)])


@njit(cache=True)
def _changes(
    scene: np.ndarray, path: np.ndarray, thresholds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Columns, rows, polarities and times (ms) at which pixels see a change on the path."""
    margin = (scene.shape[0] - SIDE) // 2
    follow = 1.0 - math.exp(-SIMULATION_STEP / RECEPTOR_TIME)
    receptor = np.zeros((SIDE, SIDE))
    reference = np.zeros((SIDE, SIDE))
    rested_at = np.zeros((SIDE, SIDE))
    n, most = 0, SIDE * SIDE * (len(path) - 1)
    columns, rows = np.empty(most, np.int64), np.empty(most, np.int64)
    polarities, times = np.empty(most, np.bool_), np.empty(most)
    for step in range(len(path)):
        x, y = path[step]
        left, top = math.floor(x), math.floor(y)
        u, v = x - left, y - top
        now = (step - 1) * SIMULATION_STEP
        for row in range(SIDE):
            for column in range(SIDE):
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
    """Thresholds of OFF and ON events, ``[2, 34, 34]``."""
    mismatch = np.random.default_rng(CAMERA_SEED).standard_normal((2, SIDE, SIDE))
    mean = np.array([THRESHOLD_OFF, THRESHOLD_ON])[:, None, None]
    return mean * np.clip(1.0 + MISMATCH * mismatch, 0.5, 1.5)


def _path() -> np.ndarray:
    """Where the camera looks at the start and after every step (x, y), pixels."""
    n = round(SACCADE_TIME / SIMULATION_STEP)
    u = np.arange(1, n + 1)[:, None] / n
    way = u - np.sin(2 * np.pi * u) / (2 * np.pi)  # starts and ends at rest
    legs = [a + way * (b - a) for a, b in pairwise(CORNERS)]
    return np.vstack([CORNERS[:1], *legs])


def _scene(image: np.ndarray) -> np.ndarray:
    """The image in the middle of a dark screen, wide enough for every look."""
    margin = int(np.ceil(np.abs(CORNERS).max() + 6 * START_SPREAD)) + 1
    scene = np.zeros((SIDE + 2 * margin, SIDE + 2 * margin))
    height, width = image.shape
    top, left = (scene.shape[0] - height) // 2, (scene.shape[1] - width) // 2
    scene[top : top + height, left : left + width] = image
    return scene


def _noise(n_steps: int, generator: np.random.Generator) -> list[np.ndarray]:
    duration = n_steps * SIMULATION_STEP
    n = generator.poisson(2 * SIDE * SIDE * NOISE_RATE * duration / US_PER_MS)
    cols, rows = generator.integers(SIDE, size=(2, n))
    return [cols, rows, generator.random(n) < 0.5, generator.random(n) * duration]


def _events(columns: list[np.ndarray]) -> Events:
    x, y, p, t = columns
    data = np.zeros(len(x), EVENT_DTYPE)
    data["x"], data["y"], data["p"], data["ts"] = x, y, p, (t * US_PER_MS).astype(np.int64)
    return Events(data[np.argsort(data["ts"], kind="stable")], SIDE, SIDE)
