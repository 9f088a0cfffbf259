"""k-means of patches (Coates, Lee & Ng 2011, "An analysis of single-layer networks in unsupervised feature learning").

Patches of the sensor's plane, all polarities, are brought to one mean and contrast and whitened; centroids are found of them.
A patch activates centroid k by max(0, mean distance − distance to k); activations are summed over each quarter of the plane,
and a logistic regression tells the class from the sums.
"""

from __future__ import annotations

import torch

from experiment.baselines.baseline import Baseline
from experiment.baselines.clusters import clusters_of
from experiment.baselines.logreg import fitted

SMALLEST_SIDE, LARGEST_SIDE = 2, 6  # of a patch; in between half of the plane's shorter side
MOST_PLACES = 32  # of patches along a side; in a larger plane they lie further apart
N_PATCHES = 20_000  # that centroids are found of
FLAT = 1.0  # added to a patch's variance, the mean square of a plane: a stray event is no full contrast
NOISE = 0.1  # added to the variances that whitening divides by
N_DRAWN = 4 * N_PATCHES  # from which blank ones are left out
BLOCK = 1 << 24  # activations held at once


class Patches(Baseline):
    """Centroids are features here, each four times."""

    @classmethod
    def suits(cls, shape: tuple[int, int, int]) -> bool:
        """Whether the sensor has a plane."""
        return min(shape[1:]) >= SMALLEST_SIDE

    def fit(self, vectors: torch.Tensor, labels: torch.Tensor, labelled: torch.Tensor) -> None:
        """Find centroids of patches of all samples, and fit the regression to the labelled ones."""
        drawn = self._drawn(vectors)
        self.centre = drawn.mean(0)
        variances, axes = torch.linalg.eigh((drawn - self.centre).T @ (drawn - self.centre) / len(drawn))
        self.whitening = axes @ ((variances + NOISE).rsqrt()[:, None] * axes.T)
        self.centroids = torch.from_numpy(clusters_of(self._whitened(drawn), self.n_centroids, self.seed).cluster_centers_)
        features = self._features(vectors[labelled])
        deviations, self.mean = torch.std_mean(features, 0, correction=0)
        self.scale = torch.where(deviations > 0, deviations, 1.0)
        self.readout = fitted((features - self.mean) / self.scale, labels[labelled], self.n_classes)

    def predict(self, vectors: torch.Tensor) -> torch.Tensor:
        """The regression's predictions; −1 if all labelled samples are of one class."""
        return self.readout.predict((self._features(vectors) - self.mean) / self.scale, None)

    def _drawn(self, vectors: torch.Tensor) -> torch.Tensor:
        """Patches at random places of random samples, blank ones left out, float32 ``[n, units of a patch]``."""
        windows = self._windows(vectors)
        generator = torch.Generator().manual_seed(self.seed)
        drawn = [torch.randint(windows.shape[axis], (N_DRAWN,), generator=generator) for axis in (0, 2, 3)]
        sample, row, column = drawn
        patches = windows[sample, :, row, column].flatten(1)
        held = patches[patches.amax(1) > 0][:N_PATCHES]
        return _normalised(held if len(held) else patches[:1])

    def _windows(self, vectors: torch.Tensor) -> torch.Tensor:
        """All patches, a view ``[n_samples, polarities, places down, places across, side, side]``."""
        planes = vectors.view(-1, *self.shape)
        side = max(SMALLEST_SIDE, min(LARGEST_SIDE, min(self.shape[1:]) // 2))
        for axis in (2, 3):
            planes = planes.unfold(axis, side, 1 + (planes.shape[axis] - side) // MOST_PLACES)
        return planes

    def _whitened(self, patches: torch.Tensor) -> torch.Tensor:
        return (patches - self.centre) @ self.whitening

    def _features(self, vectors: torch.Tensor) -> torch.Tensor:
        """Activations of each centroid, summed over each quarter, float32 ``[n_samples, 4 * n_centroids]``."""
        windows = self._windows(vectors)
        size = max(1, BLOCK // (windows[0, 0, :, :, 0, 0].numel() * len(self.centroids)))
        features = torch.empty(len(vectors), 4 * len(self.centroids))
        for block, of_block in zip(features.split(size), windows.split(size), strict=True):
            block.copy_(self._pooled(of_block))
        return features

    def _pooled(self, windows: torch.Tensor) -> torch.Tensor:
        patches = windows.permute(0, 2, 3, 1, 4, 5)
        places, patches = patches.shape[:3], patches.flatten(3).flatten(0, 2)
        distances = torch.cdist(self._whitened(_normalised(patches)), self.centroids)
        active = (distances.mean(1, keepdim=True) - distances).clamp_(min=0).view(*places, -1)
        quarters = [part for half in active.tensor_split(2, 1) for part in half.tensor_split(2, 2)]
        return torch.cat([part.sum((1, 2)) for part in quarters], 1)


def _normalised(patches: torch.Tensor) -> torch.Tensor:
    """Patches with mean 0, and contrast 1 but for nearly blank ones."""
    variances, means = torch.var_mean(patches, 1, keepdim=True, correction=0)
    return (patches - means) / (variances + FLAT).sqrt()
