"""How many labels are enough: the accuracy by the number of labelled training samples."""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.evaluation import LabelCounts
from experiment.protocol.sampling import LABEL_CURVE
from experiment.readouts import READOUTS
from experiment.readouts.labels import accuracy, classify

N_DRAWS = 5  # of the samples whose labels are used, for each number of labels
DIGITS = (1, 2, 5)  # numbers of labels a class: 1, 2, 5, 10, 20, 50, …


class LabelCurve:
    """How right the read-outs are if only so many training labels are used, each number drawn several times.

    Args:
        labels: of the training samples, int64 ``[n_train]``.
        n_neurons: number of neurons.
        n_classes: number of classes.
        seed: seed of the draws.

    Attributes:
        n_labels: numbers of labels, ascending, the last all of them.
    """

    def __init__(self, labels: torch.Tensor, n_neurons: int, n_classes: int, seed: int) -> None:
        self.n_neurons, self.n_classes = n_neurons, n_classes
        sizes = torch.bincount(labels, minlength=n_classes)
        per_class = _steps(int(sizes.max()))
        self.n_labels = [int(sizes.clamp(max=n).sum()) for n in per_class]
        # A sample's place within its class says from which number of labels a class on it is used.
        places = torch.stack([_places(labels, np.random.default_rng([seed, LABEL_CURVE, draw])) for draw in range(N_DRAWS)])
        self.levels = torch.bucketize(places, torch.tensor(per_class), right=True)
        self.known = [[LabelCounts(n_neurons, n_classes) for _ in per_class] for _ in range(N_DRAWS)]

    def observe(self, piece: torch.Tensor, counts: torch.Tensor, labels: torch.Tensor) -> None:
        """Count the answers to the training samples at these places."""
        for levels, known in zip(self.levels[:, piece], self.known, strict=True):
            for level in levels.unique().tolist():
                used = levels == level
                known[level].update(counts[used], labels[used])

    def accuracies(self, counts: torch.Tensor, labels: torch.Tensor) -> dict[str, np.ndarray]:
        """Test accuracy by read-out, % ``[n_draws, n_numbers]``, from the test samples' spike counts and labels."""
        found = {name: np.zeros((N_DRAWS, len(self.n_labels))) for name in READOUTS}
        for draw, levels in enumerate(self.known):
            total = LabelCounts(self.n_neurons, self.n_classes)
            for level, known in enumerate(levels):
                total.load(total.sums + known.sums, total.n_samples + known.n_samples)
                for name, predictions in classify(counts, total).items():
                    found[name][draw, level] = accuracy(predictions, labels)
        return found


def _steps(largest: int) -> list[int]:
    """1, 2, 5, 10, … below the largest, and the largest."""
    powers = range(len(str(largest)))
    return [n for power in powers for digit in DIGITS if (n := digit * 10**power) < largest] + [largest]


def _places(labels: torch.Tensor, generator: np.random.Generator) -> torch.Tensor:
    """Each sample's place in a random order of the samples of its class, from 0, int64 ``[n]``."""
    places = torch.zeros_like(labels)
    for label in labels.unique():
        of_class = (labels == label).nonzero().flatten()
        places[of_class] = torch.from_numpy(generator.permutation(len(of_class)))
    return places
