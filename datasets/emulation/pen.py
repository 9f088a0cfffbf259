"""A pen that writes digits: strokes that vary from hand to hand, and the image they leave.

A digit is a list of strokes, a stroke a curve through a few points in a unit square (x to the
right, y down), passed at even speed. Writers differ in slant, size, proportions, thickness and in
where exactly each point lies.
"""

from __future__ import annotations

import numpy as np

IMAGE_SIDE = 28  # pixels, as MNIST's images
DIGIT_SIDE = 20  # pixels of these that a digit fills, as in MNIST
POINTS_PER_STROKE = 80

# How writers differ, standard deviations.
SLANT, ROTATION = 0.18, 0.06  # horizontal shift by unit of height; rad
ASPECT, SIZE = 0.12, 0.07  # relative
WOBBLE = 0.035  # of the unit square, for each point
THICKNESS, THICKNESS_SPREAD = 1.15, 0.2  # pixels: radius of the line, and its deviation
LEAST_THICKNESS = 0.7
EDGE = 0.6  # pixels over which a line's darkness fades

# Forms of each digit, the first the most common: strokes as points (x, y).
FORMS: tuple[tuple[tuple[tuple[tuple[float, float], ...], ...], ...], ...] = (
    ((((0.55, 0.0), (0.2, 0.15), (0.05, 0.5), (0.2, 0.88), (0.5, 1.0), (0.82, 0.85), (0.95, 0.5),
       (0.82, 0.14), (0.5, 0.0)),),),
    ((((0.5, 0.0), (0.5, 0.5), (0.5, 1.0)),),
     (((0.3, 0.2), (0.5, 0.0)), ((0.5, 0.0), (0.5, 1.0)))),
    ((((0.1, 0.22), (0.35, 0.0), (0.75, 0.05), (0.85, 0.32), (0.5, 0.65), (0.08, 0.98)),
      ((0.08, 0.98), (0.5, 0.94), (0.95, 0.97))),
     (((0.1, 0.2), (0.45, 0.0), (0.85, 0.25), (0.5, 0.7), (0.1, 0.9), (0.2, 1.0), (0.5, 0.85),
       (0.95, 0.95)),)),
    ((((0.12, 0.1), (0.5, 0.0), (0.85, 0.2), (0.4, 0.47)),
      ((0.4, 0.47), (0.85, 0.6), (0.8, 0.9), (0.45, 1.0), (0.1, 0.88))),),
    ((((0.2, 0.0), (0.1, 0.55)), ((0.1, 0.55), (0.9, 0.52)), ((0.8, 0.05), (0.72, 1.0))),
     (((0.65, 0.0), (0.08, 0.62)), ((0.08, 0.62), (0.95, 0.6)), ((0.65, 0.0), (0.65, 1.0)))),
    ((((0.85, 0.0), (0.25, 0.03)), ((0.25, 0.03), (0.18, 0.45)),
      ((0.18, 0.45), (0.6, 0.38), (0.88, 0.65), (0.7, 0.95), (0.3, 1.0), (0.08, 0.88))),),
    ((((0.7, 0.0), (0.3, 0.3), (0.12, 0.7), (0.35, 1.0), (0.75, 0.92), (0.82, 0.65), (0.5, 0.52),
       (0.18, 0.72)),),),
    ((((0.08, 0.08), (0.9, 0.04)), ((0.9, 0.04), (0.55, 0.5), (0.4, 1.0))),
     (((0.08, 0.1), (0.9, 0.04)), ((0.9, 0.04), (0.4, 1.0)), ((0.35, 0.52), (0.8, 0.48)))),
    ((((0.8, 0.15), (0.5, 0.0), (0.2, 0.18), (0.45, 0.45), (0.82, 0.75), (0.5, 1.0), (0.15, 0.78),
       (0.5, 0.47), (0.82, 0.2), (0.6, 0.02)),),),
    ((((0.85, 0.2), (0.5, 0.0), (0.15, 0.22), (0.4, 0.48), (0.8, 0.28), (0.85, 0.15)),
      ((0.85, 0.15), (0.8, 0.55), (0.65, 1.0))),),
)  # fmt: skip


def write_digit(digit: int, generator: np.random.Generator) -> list[np.ndarray]:
    """The strokes of a digit, each ``[n_points, 2]`` (x, y) at even steps of time, in pixels.

    They are sized as in MNIST: 20 pixels high or wide, centred on 0.
    """
    forms = FORMS[digit]
    form = forms[0] if generator.random() < 0.65 else forms[generator.integers(len(forms))]
    strokes = [_curve(np.array(points) - 0.5, generator) for points in form]
    aspect = 0.75 * (1 + ASPECT * generator.standard_normal())
    size = DIGIT_SIDE * (1 + SIZE * np.clip(generator.standard_normal(), -2, 0.5))
    slant, angle = SLANT * generator.standard_normal(), ROTATION * generator.standard_normal()
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shear = np.array([[aspect, 0.0], [-slant, 1.0]])
    strokes = [stroke @ shear @ turn for stroke in strokes]
    points = np.concatenate(strokes)
    extent = max(np.ptp(points, axis=0))
    centre = (points.max(0) + points.min(0)) / 2
    return [(stroke - centre) * (size / extent) for stroke in strokes]


def render(strokes: list[np.ndarray], generator: np.random.Generator) -> np.ndarray:
    """The image that strokes leave: float32 ``[28, 28]``, 0 to 1, centred by mass as in MNIST."""
    thickness = max(THICKNESS + THICKNESS_SPREAD * generator.standard_normal(), LEAST_THICKNESS)
    middle = (IMAGE_SIDE - 1) / 2
    image = _ink(strokes, thickness, middle, middle)
    place = np.arange(IMAGE_SIDE) - middle
    mass = image.sum()
    x, y = (image.sum(0) @ place) / mass, (image.sum(1) @ place) / mass
    return _ink(strokes, thickness, middle - x, middle - y).astype(np.float32)


def _ink(strokes: list[np.ndarray], thickness: float, x: float, y: float) -> np.ndarray:
    points = np.concatenate(strokes) + np.array([x, y])
    place = np.arange(IMAGE_SIDE)
    squared = ((place[None, :, None] - points[:, 0]) ** 2 + (place[:, None, None] - points[:, 1]) ** 2).min(2)
    return np.clip((thickness + EDGE - np.sqrt(squared)) / EDGE / 2, 0.0, 1.0)


def _curve(points: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A smooth curve (Catmull-Rom) near the points."""
    points = points + WOBBLE * generator.standard_normal(points.shape)
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    at = np.linspace(0, len(points) - 1 - 1e-9, POINTS_PER_STROKE)
    k, u = at.astype(int), (at % 1)[:, None]
    a, b, c, d = (padded[k + i] for i in range(4))
    cubic = (-a + 3 * b - 3 * c + d) * u**3 + (2 * a - 5 * b + 4 * c - d) * u**2
    return (cubic + (c - a) * u + 2 * b) / 2
