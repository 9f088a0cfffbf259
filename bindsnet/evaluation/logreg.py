"""Read-out by logistic regression on spike counts, fitted by scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bindsnet.evaluation.labels import spike_counts
from common import NO_LABEL

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


def logreg_fit(spikes: torch.Tensor, labels: torch.Tensor, logreg: LogisticRegression) -> LogisticRegression:
    """Fit a model anew.

    Args:
        spikes: ``[n_samples, time, n_neurons]``, or counts ``[n_samples, n_neurons]``.
        labels: labels of the samples, ``[n_samples]``.
        logreg: the model; it is changed.

    Returns:
        `logreg`.

    Raises:
        ValueError: scikit-learn cannot fit it, such as to a single class.
    """
    return logreg.fit(spike_counts(spikes).cpu().numpy(), torch.as_tensor(labels).cpu().numpy())


def logreg_predict(spikes: torch.Tensor, logreg: LogisticRegression) -> torch.Tensor:
    """Predictions of a fitted model, int64 ``[n_samples]``; −1 of one that was not fitted.

    Args:
        spikes: as in :func:`logreg_fit`.
        logreg: the model.
    """
    counts = spike_counts(spikes)
    if getattr(logreg, "coef_", None) is None:
        return torch.full((len(counts),), NO_LABEL)
    return torch.as_tensor(logreg.predict(counts.cpu().numpy())).long()
