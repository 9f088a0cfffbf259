"""What a baseline is, and those that suit a sensor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from common.lazy import class_in


@dataclass(eq=False)
class Baseline(ABC):
    """A way to tell classes from spike counts: `fit` to training samples, then `predict`.

    Args:
        n_centroids: number of centroids, as many as a network has neurons.
        n_classes: number of classes.
        shape: how a sample's vector lies in the sensor's plane: polarities, rows, columns.
        seed: seed of all random choices.
    """

    n_centroids: int
    n_classes: int
    shape: tuple[int, int, int]
    seed: int

    @classmethod
    def suits(cls, shape: tuple[int, int, int]) -> bool:
        """Whether it can be made of what a sensor of this shape perceives."""
        return True

    @abstractmethod
    def fit(self, vectors: torch.Tensor, labels: torch.Tensor, labelled: torch.Tensor) -> None:
        """Learn.

        Args:
            vectors: of all training samples, float32 ``[n_samples, n_units]``.
            labels: int64 ``[n_samples]``.
            labelled: the samples whose labels may be used, bool ``[n_samples]``.
        """

    @abstractmethod
    def predict(self, vectors: torch.Tensor) -> torch.Tensor:
        """Predictions, int64 ``[n_samples]``; −1 where there is no answer."""


def baseline_class(name: str) -> type[Baseline]:
    """The class of a baseline: the one that its module holds."""
    return class_in(f"{__package__}.{name}", Baseline)
