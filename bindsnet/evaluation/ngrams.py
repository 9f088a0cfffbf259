"""Read-out by the order of spikes: sequences of n neurons that fired one after the other.

A sample is the list of the neurons that fired, step by step and, within a step, by number; each n
in a row are an n-gram (Hazan et al. 2018, "Unsupervised learning with self-organizing spiking neural
networks"). A score is how often an n-gram occurred in samples of each class.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from bindsnet.evaluation.readout import largest_votes

Scores = dict[tuple[int, ...], torch.Tensor]


def ngram(spikes: torch.Tensor, ngram_scores: Scores, n_labels: int, n: int) -> torch.Tensor:
    """The class in whose samples a sample's n-grams occurred most often.

    Args:
        spikes: ``[n_samples, time, n_neurons]``.
        ngram_scores: n-gram → score of each class, ``[n_labels]``.
        n_labels: number of classes.
        n: neurons in an n-gram.

    Returns:
        Predictions, int64 ``[n_samples]``; ties to the smaller class, −1 where no n-gram is known.
    """
    votes = torch.zeros(len(spikes), n_labels, dtype=torch.float64)
    for sample, vote in zip(spikes, votes, strict=True):
        for found in _ngrams(sample, n):
            if found in ngram_scores:
                vote += ngram_scores[found].to(vote)
    return largest_votes(votes)


def update_ngram_scores(spikes: torch.Tensor, labels: torch.Tensor, n_labels: int, n: int, ngram_scores: Scores) -> Scores:
    """Count the n-grams of labelled samples.

    Args:
        spikes: ``[n_samples, time, n_neurons]``.
        labels: labels of the samples, ``[n_samples]``.
        n_labels: number of classes.
        n: neurons in an n-gram.
        ngram_scores: what has been counted before; it is changed.

    Returns:
        `ngram_scores`.

    Raises:
        ValueError: labels or shapes do not fit.
    """
    labels = torch.as_tensor(labels)
    if labels.shape != spikes.shape[:1]:
        raise ValueError(f"expected {len(spikes)} labels, got the shape {list(labels.shape)}")
    for sample, label in zip(spikes, labels.tolist(), strict=True):
        if not 0 <= label < n_labels:
            raise ValueError(f"expected labels from 0 to {n_labels - 1}, got {label}")
        for found in _ngrams(sample, n):
            ngram_scores.setdefault(found, torch.zeros(n_labels))[label] += 1
    return ngram_scores


def _ngrams(sample: torch.Tensor, n: int) -> Iterator[tuple[int, ...]]:
    if sample.dim() != 2:
        raise ValueError(f"expected spikes [n_samples, time, n_neurons], got samples of the shape {list(sample.shape)}")
    if n < 1:
        raise ValueError(f"n is {n}: an n-gram has at least one neuron")
    fired = sample.nonzero()[:, 1].tolist()
    return zip(*(fired[start:] for start in range(n)), strict=False)
