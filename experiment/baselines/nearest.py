"""Nearest neighbour: the class of the labelled training sample in whose direction a sample lies most (cosine)."""

from __future__ import annotations

import torch

from common import NO_LABEL
from experiment.baselines.baseline import Baseline

BLOCK = 256  # samples compared with all others at once


class NearestNeighbour(Baseline):
    """Keeps all labelled samples."""

    def fit(self, vectors: torch.Tensor, labels: torch.Tensor, labelled: torch.Tensor) -> None:
        """Keep the labelled samples."""
        self.vectors, self.labels = vectors[labelled], labels[labelled]

    def predict(self, vectors: torch.Tensor) -> torch.Tensor:
        """The class of the nearest; −1 where no input is shared with any, as of a silent sample."""
        found = [(block @ self.vectors.T).max(1) for block in vectors.split(BLOCK)]
        return torch.cat([torch.where(alike > 0, self.labels[nearest], NO_LABEL) for alike, nearest in found])
