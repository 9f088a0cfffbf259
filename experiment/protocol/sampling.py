"""Which samples, and in which order: all drawn by seeds."""

from __future__ import annotations

import numpy as np
import torch

INTERVALS_PER_EPOCH = 60

# What a random choice of the protocol is for; its generator is seeded by (seed, purpose, …).
SUBSET, ORDER, LABELLED, LABEL_CURVE, PARTS = range(5)
TEST_SEED = 0  # fixed, so that all runs are tested on the same samples, of the test split or held out


def stratified(labels: torch.Tensor, n: int | None, seed: int, purpose: int = SUBSET) -> torch.Tensor:
    """A subset in which each class has its share, drawn by a seed.

    Args:
        labels: int64 ``[n_samples]``.
        n: size of the subset, at most n_samples; None takes all.
        seed: seed of the draw.
        purpose: what it is for: another purpose draws another subset.

    Returns:
        Indices of the samples, ascending, int64 ``[n]``.
    """
    n = len(labels) if n is None else n
    generator = np.random.default_rng([seed, purpose])
    classes, counts = np.unique(labels.numpy(), return_counts=True)
    shares = counts * (n / len(labels))
    sizes = np.floor(shares).astype(int)
    # Whole numbers by largest remainder, ties broken by the draw.
    order = np.lexsort((generator.random(len(classes)), sizes - shares))
    sizes[order[: n - sizes.sum()]] += 1
    chosen = [
        generator.choice(np.flatnonzero(labels.numpy() == label), size, replace=False)
        for label, size in zip(classes, sizes, strict=True)
    ]
    return torch.from_numpy(np.sort(np.concatenate(chosen)))


def parts(labels: torch.Tensor, n_parts: int) -> torch.Tensor:
    """Which of so many parts each sample is in, from 0, int64 ``[n_samples]``.

    The sizes of two parts differ by a sample at most, of all classes together and of each.
    """
    generator = np.random.default_rng([TEST_SEED, PARTS])
    # Class after class, each in a random order, is dealt out like cards.
    order = np.lexsort((generator.random(len(labels)), labels.numpy()))
    found = torch.empty(len(labels), dtype=torch.int64)
    found[torch.from_numpy(order)] = torch.arange(len(labels)) % n_parts
    return found


def labelled_samples(labels: torch.Tensor, fraction: float, seed: int) -> torch.Tensor:
    """Which samples' labels may be used, bool ``[n_samples]``: that share of each class's, at least one sample's."""
    chosen = stratified(labels, max(1, round(fraction * len(labels))), seed, LABELLED)
    return torch.zeros(len(labels), dtype=torch.bool).index_fill_(0, chosen, True)


def epoch_order(n_train: int, seed: int, epoch: int) -> torch.Tensor:
    """The order of the training samples in an epoch (counted from 0), int64 ``[n_train]``."""
    return torch.from_numpy(np.random.default_rng([seed, ORDER, epoch]).permutation(n_train))


def update_interval(n_train: int) -> int:
    """Number of samples after which the labels are updated."""
    return max(1, n_train // INTERVALS_PER_EPOCH)
