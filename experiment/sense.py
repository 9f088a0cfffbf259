"""What a run perceives: facts of the sensor and of the classes, which with your own recordings the data tell."""

from __future__ import annotations

from typing import NamedTuple


class Sense(NamedTuple):
    """A sense, as ``options.json`` tells it.

    Attributes:
        name: How results name it, such as "Visual".
        dataset: Name of the class in `datasets`.
        input_shape: The sensor's units of one polarity (rows, columns).
        class_names: What the labels 0, 1, … stand for.
        features: What suits its sensor, as `Modality` has it.
    """

    name: str
    dataset: str
    input_shape: tuple[int, int]
    class_names: tuple[str, ...]
    features: str = "fields"
