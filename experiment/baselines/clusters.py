"""Centroids by k-means (Lloyd 1982), begun by k-means++ (Arthur & Vassilvitskii 2007)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

MOST_ITERATIONS = 100


def clusters_of(vectors: torch.Tensor, n: int, seed: int) -> KMeans:
    """scikit-learn's k-means, fitted to float32 ``[n_samples, n_units]``; of fewer samples than n, one a sample."""
    from sklearn.cluster import KMeans

    return KMeans(min(n, len(vectors)), n_init=1, max_iter=MOST_ITERATIONS, random_state=seed).fit(vectors.numpy())
