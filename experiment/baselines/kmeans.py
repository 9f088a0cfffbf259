"""k-means: each sample excites the nearest of as many centroids as a network has neurons, which is read out as a network is."""

from __future__ import annotations

import torch

from bindsnet.evaluation import LabelCounts
from experiment.baselines.baseline import Baseline
from experiment.baselines.clusters import clusters_of
from experiment.readouts import PROPORTION_WEIGHTING
from experiment.readouts.labels import classify_blocks

BLOCK = 1024  # samples whose answers are held at once


class KMeans(Baseline):
    """One spike a sample, of the nearest centroid: so all activity and proportion weighting tell the same."""

    def fit(self, vectors: torch.Tensor, labels: torch.Tensor, labelled: torch.Tensor) -> None:
        """Find centroids of all samples, and label them by the labelled ones."""
        self.clusters = clusters_of(vectors, self.n_centroids, self.seed)
        self.known = LabelCounts(self.n_centroids, self.n_classes)
        for block, of_block in zip(vectors[labelled].split(BLOCK), labels[labelled].split(BLOCK), strict=True):
            self.known.update(self._spikes(block), of_block)

    def predict(self, vectors: torch.Tensor) -> torch.Tensor:
        """The labels of the nearest centroids; −1 where no labelled sample was near it."""
        blocks = [classify_blocks(self._spikes(block), self.known)[PROPORTION_WEIGHTING] for block in vectors.split(BLOCK)]
        return torch.cat(blocks)

    def _spikes(self, vectors: torch.Tensor) -> torch.Tensor:
        """1 for the nearest centroid ``[n_samples, n_centroids]``."""
        nearest = torch.from_numpy(self.clusters.predict(vectors.numpy())).long()
        return torch.nn.functional.one_hot(nearest, self.n_centroids)
