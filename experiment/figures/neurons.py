"""What the figures of weights tell of the neurons besides: labels, spikes, and which have learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WEIGHT_COLOURS, PALE_COLOURS = "viridis", "Greys"
"""Colour maps of the weights of neurons that have learned, and of the others."""
PALEST = 0.07  # where the latter begins, so that the fields of such neurons are seen on white


@dataclass(frozen=True)
class Neurons:
    """What is known of the excitatory neurons.

    Attributes:
        assignments: label of each, an index into `class_names`, −1 without one ``[n_neurons]``.
        class_names: name of each class.
        spikes: spikes of each in training ``[n_neurons]``.
        enough: so many spikes leave little of a neuron's first, random weights; 0 if they were not random.
    """

    assignments: np.ndarray
    class_names: Sequence[str]
    spikes: np.ndarray
    enough: int = 0

    @property
    def pale(self) -> np.ndarray:
        """Which neurons fired too seldom to have learned much, bool ``[n_neurons]``."""
        return self.spikes < self.enough

    @property
    def explanation(self) -> str:
        """What pale weights mean, and how many neurons have them."""
        if not self.pale.any():
            return ""
        seldom = "never" if self.enough == 1 else f"fewer than {self.enough:,} times"
        n_pale, n = np.count_nonzero(self.pale), len(self.spikes)
        return f"grey ({n_pale:,} of {n:,}): fired {seldom}, so the weights are mostly still the first, random ones"
