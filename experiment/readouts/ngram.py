"""N-grams: which neuron fires after which (Hazan et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from bindsnet.evaluation import ngram, update_ngram_scores
from bindsnet.evaluation.ngrams import Scores
from common.spike_trains import SpikeTrains
from experiment.readouts.readout import Readout, check_array, length_of

NEURONS_IN_A_ROW = 2  # the n of n-grams


class Ngram(Readout):
    """Memory grows with the pairs that occur, not with the samples."""

    needs_spike_times = True
    array_names = ("ngrams", "ngram_scores")

    def __init__(self, n_neurons: int, n_classes: int) -> None:
        super().__init__(n_neurons, n_classes)
        self.scores: Scores = {}

    def observe(self, counts: torch.Tensor, spikes: SpikeTrains, labels: torch.Tensor) -> None:
        """Count a block's n-grams."""
        update_ngram_scores(spikes, labels, self.n_classes, NEURONS_IN_A_ROW, self.scores, one_by_one=True)

    def predict(self, counts: torch.Tensor, spikes: SpikeTrains) -> torch.Tensor:
        """Predictions, int64 ``[n_samples]``; −1 without a known n-gram."""
        return ngram(spikes, self.scores, self.n_classes, NEURONS_IN_A_ROW, one_by_one=True)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The n-grams ``[n_ngrams, 2]`` and how often each occurred in each class ``[n_ngrams, n_classes]``."""
        orders = np.array(list(self.scores), np.int32).reshape(-1, NEURONS_IN_A_ROW)
        scores = torch.stack(list(self.scores.values())) if self.scores else torch.zeros(0, self.n_classes)
        return {"ngrams": orders, "ngram_scores": scores.numpy()}

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what another has learned; as `Readout.load`."""
        orders, scores = arrays["ngrams"], arrays["ngram_scores"]
        check_array("ngrams", orders, np.int32, (length_of(orders), NEURONS_IN_A_ROW))
        check_array("ngram_scores", scores, np.float32, (len(orders), self.n_classes))
        if ((orders < 0) | (orders >= self.n_neurons)).any() or (scores < 0).any():
            raise ValueError("its n-grams are of neurons or counts that there are not")
        self.scores = dict(zip(map(tuple, orders.tolist()), torch.from_numpy(scores), strict=True))
