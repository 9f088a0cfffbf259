"""Logistic regression on spike counts: what labels get out of them where nothing is learned without."""

from __future__ import annotations

import torch

from experiment.baselines.baseline import Baseline
from experiment.readouts.logreg import LogisticRegression


class CountsRegression(Baseline):
    """The read-out of a network's spike counts, on those of its inputs."""

    def fit(self, vectors: torch.Tensor, labels: torch.Tensor, labelled: torch.Tensor) -> None:
        """Fit it to the labelled samples."""
        self.readout = fitted(vectors[labelled], labels[labelled], self.n_classes)

    def predict(self, vectors: torch.Tensor) -> torch.Tensor:
        """Its predictions; −1 if all labelled samples are of one class."""
        return self.readout.predict(vectors, None)


def fitted(vectors: torch.Tensor, labels: torch.Tensor, n_classes: int) -> LogisticRegression:
    """The read-out, fitted to vectors ``[n_samples, n]``."""
    readout = LogisticRegression(vectors.shape[1], n_classes)
    readout.observe(vectors, None, labels)
    for _ in readout.fit():
        pass
    return readout
