"""Votes of all neurons for all classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from bindsnet.evaluation import LabelCounts, votes
from common.spike_trains import SpikeTrains
from experiment.readouts.readout import Readout, check_array


class Votes(Readout):
    """A neuron's spikes count for each class by its proportion of it, as the trained network answers to labelled samples."""

    array_names = ("votes_proportions",)

    def __init__(self, n_neurons: int, n_classes: int) -> None:
        super().__init__(n_neurons, n_classes)
        self.known = LabelCounts(n_neurons, n_classes)
        self.proportions = self.known.proportions

    def observe(self, counts: torch.Tensor, spikes: SpikeTrains | None, labels: torch.Tensor) -> None:
        """Count a block."""
        self.known.update(counts, labels)
        self.proportions = self.known.proportions

    def predict(self, counts: torch.Tensor, spikes: SpikeTrains | None) -> torch.Tensor:
        """Predictions, int64 ``[n_samples]``; −1 where no neuron fired that fired for a labelled sample."""
        return votes(counts, self.proportions)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The proportions ``[n_neurons, n_classes]``."""
        return {"votes_proportions": self.proportions.numpy()}

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what another has learned; as `Readout.load`."""
        proportions = arrays["votes_proportions"]
        check_array("votes_proportions", proportions, np.float64, (self.n_neurons, self.n_classes))
        if (proportions < 0).any() or (proportions > 1).any():
            raise ValueError("its array votes_proportions holds what are no proportions")
        self.proportions = torch.from_numpy(proportions)
