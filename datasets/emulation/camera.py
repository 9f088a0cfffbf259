"""An event camera that looks at an image while it makes three saccades (Orchard et al. 2015).

A pixel compares the logarithm of its intensity, as its photoreceptor follows it, with that at its
last event; when the difference reaches a threshold it sends an ON or OFF event (Lichtsteiner et
al. 2008; Posch et al. 2011). Thresholds differ from pixel to pixel, a pixel rests a while after an
event, and now and then one fires for no reason.
"""

from __future__ import annotations

import numpy as np

from eventvision import EVENT_DTYPE, Events

SIDE = 34  # pixels
SACCADE_TIME = 105  # ms
# Where the camera looks between the saccades (x, y), pixels: an isosceles triangle.
CORNERS = np.array([[-1.6, -3.0], [0.0, 3.0], [1.6, -3.0], [-1.6, -3.0]])
START_SPREAD = 0.3  # pixels by which recordings differ in where they start
SIMULATION_STEP = 1.0  # ms
US_PER_MS = 1000

DARK = 0.16  # intensity of a dark screen, of a bright one 1 + DARK
RECEPTOR_TIME = 8.0  # ms, time constant of the photoreceptor
THRESHOLD_ON, THRESHOLD_OFF = 0.38, 0.44  # of log intensity
MISMATCH = 0.12  # relative standard deviation between pixels
CAMERA_SEED = 34  # one camera, so one mismatch, for all recordings
REFRACTORY = 4.0  # ms
NOISE_RATE = 0.15  # Hz, of each pixel and polarity


def look_at(image: np.ndarray, generator: np.random.Generator) -> Events:
    """The events of three saccades over an image.

    Args:
        image: intensities from 0 to 1, ``[height, width]``, at most 34 each.
        generator: what differs between recordings of one image.
    """
    thresholds = _thresholds()
    path = _path() + START_SPREAD * generator.standard_normal(2)
    scene = _scene(image)
    seen = np.log(DARK + _shifted(scene, *path[0]))
    reference, receptor = seen.copy(), seen.copy()
    rested_at = np.zeros(seen.shape)
    follow = 1.0 - np.exp(-SIMULATION_STEP / RECEPTOR_TIME)
    columns: list[list[np.ndarray]] = []
    for step, place in enumerate(path[1:]):
        now = step * SIMULATION_STEP
        before = receptor
        receptor = before + follow * (np.log(DARK + _shifted(scene, *place)) - before)
        for polarity, sign in ((True, 1.0), (False, -1.0)):
            threshold = thresholds[int(polarity)]
            excess = sign * (receptor - reference) - threshold
            rows, cols = np.nonzero((excess >= 0) & (rested_at <= now))
            if len(rows) == 0:
                continue
            rise = np.maximum(sign * (receptor - before)[rows, cols], 1e-12)
            late = np.clip(1.0 - excess[rows, cols] / rise, 0.0, 1.0 - 1e-6)
            columns.append([cols, rows, np.full(len(rows), polarity), now + late * SIMULATION_STEP])
            reference[rows, cols] = receptor[rows, cols]
            rested_at[rows, cols] = now + REFRACTORY
    columns.append(_noise(len(path) - 1, generator))
    return _events(columns)


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
    legs = [a + way * (b - a) for a, b in zip(CORNERS[:-1], CORNERS[1:], strict=True)]
    return np.vstack([CORNERS[:1], *legs])


def _scene(image: np.ndarray) -> np.ndarray:
    """The image in the middle of a dark screen, wide enough for every look."""
    margin = int(np.ceil(np.abs(CORNERS).max() + 6 * START_SPREAD)) + 1
    scene = np.zeros((SIDE + 2 * margin, SIDE + 2 * margin))
    height, width = image.shape
    top, left = (scene.shape[0] - height) // 2, (scene.shape[1] - width) // 2
    scene[top : top + height, left : left + width] = image
    return scene


def _shifted(scene: np.ndarray, x: float, y: float) -> np.ndarray:
    """What the sensor sees of the scene from a place, between pixels linearly, ``[34, 34]``."""
    margin = (scene.shape[0] - SIDE) // 2
    column, row = int(np.floor(x)), int(np.floor(y))
    u, v = x - column, y - row
    top, left = margin + row, margin + column
    part = scene[top : top + SIDE + 1, left : left + SIDE + 1]
    rows = part[:-1] * (1 - v) + part[1:] * v
    return rows[:, :-1] * (1 - u) + rows[:, 1:] * u


def _noise(n_steps: int, generator: np.random.Generator) -> list[np.ndarray]:
    duration = n_steps * SIMULATION_STEP
    n = generator.poisson(2 * SIDE * SIDE * NOISE_RATE * duration / US_PER_MS)
    cols, rows = generator.integers(SIDE, size=(2, n))
    return [cols, rows, generator.random(n) < 0.5, generator.random(n) * duration]


def _events(columns: list[list[np.ndarray]]) -> Events:
    x, y, p, t = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    data = np.zeros(len(x), EVENT_DTYPE)
    data["x"], data["y"], data["p"], data["ts"] = x, y, p, (t * US_PER_MS).astype(np.int64)
    return Events(data[np.argsort(data["ts"], kind="stable")], SIDE, SIDE)
