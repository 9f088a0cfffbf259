"""Read-out by the order of spikes: sequences of n neurons that fired one after the other.

A sample is the list of the neurons that fired, step by step and, within a step, by number; each n
in a row are an n-gram (Hazan et al. 2018, "Unsupervised learning with self-organizing spiking neural
networks"). A score is how often an n-gram occurred in samples of each class.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch

from bindsnet.evaluation.readout import largest_votes
from common.spike_trains import SpikeTrains

Scores = dict[tuple[int, ...], torch.Tensor]


def ngram(spikes: torch.Tensor | SpikeTrains, ngram_scores: Scores, n_labels: int, n: int) -> torch.Tensor:
    """The class in whose samples a sample's n-grams occurred most often.

    Args:
        spikes: ``[n_samples, time, n_neurons]``, or packed, as ``Network.present`` returns them.
        ngram_scores: n-gram → score of each class, ``[n_labels]``.
        n_labels: number of classes.
        n: neurons in an n-gram.

    Returns:
        Predictions, int64 ``[n_samples]``; ties to the smaller class, −1 where no n-gram is known.
    """
    orders = _orders(spikes)
    votes = torch.zeros(len(orders), n_labels, dtype=torch.float64)
    for order, vote in zip(orders, votes, strict=True):
        for found in _ngrams(order, n):
            if found in ngram_scores:
                vote += ngram_scores[found].to(vote)
    return largest_votes(votes)


def update_ngram_scores(
    spikes: torch.Tensor | SpikeTrains, labels: torch.Tensor, n_labels: int, n: int, ngram_scores: Scores
) -> Scores:
    """Count the n-grams of labelled samples.

    Args:
        spikes: as in :func:`ngram`.
        labels: labels of the samples, ``[n_samples]``.
        n_labels: number of classes.
        n: neurons in an n-gram.
        ngram_scores: what has been counted before; it is changed.

    Returns:
        `ngram_scores`.

    Raises:
        ValueError: labels or shapes do not fit.
    """
    orders, labels = _orders(spikes), torch.as_tensor(labels)
    if labels.shape != (len(orders),):
        raise ValueError(f"expected {len(orders)} labels, got the shape {list(labels.shape)}")
    for order, label in zip(orders, labels.tolist(), strict=True):
        if not 0 <= label < n_labels:
            raise ValueError(f"expected labels from 0 to {n_labels - 1}, got {label}")
        for found in _ngrams(order, n):
            ngram_scores.setdefault(found, torch.zeros(n_labels))[label] += 1
    return ngram_scores


def _orders(spikes: torch.Tensor | SpikeTrains) -> list[list[int]]:
    """The neurons that fired in each sample, in order."""
    if isinstance(spikes, torch.Tensor):
        if spikes.dim() != 3:
            raise ValueError(f"expected spikes [n_samples, time, n_neurons], got the shape {list(spikes.shape)}")
        return [sample.nonzero()[:, 1].tolist() for sample in spikes]
    units, bounds = spikes.units.tolist(), spikes.pointers.tolist()  # already in that order
    return [units[first:last] for first, last in pairwise(bounds)]


def _ngrams(order: list[int], n: int) -> Iterator[tuple[int, ...]]:
    if n < 1:
        raise ValueError(f"n is {n}: an n-gram has at least one neuron")
    return zip(*(order[start:] for start in range(n)), strict=False)
