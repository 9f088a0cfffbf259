"""Read-out by the order of spikes: sequences of n neurons that fired one after the other.

A score is how often an n-gram occurred in samples of each class (Hazan et al. 2018, "Unsupervised learning with self-organizing
spiking neural networks"). What one after the other means where several neurons fire in a step, there are two ways to say:

- As BindsNET counts (the default): an n-gram takes a neuron from each of n steps in a row that have spikes, every choice of
  them. To predict, though, it reads spikes one by one, and leaves the last n-gram of a sample out.
- One by one: a sample is the list of the neurons that fired, step by step and, within a step, by number; each n in a row are an
  n-gram, in counting and in predicting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

import torch

from bindsnet.evaluation.readout import largest_votes
from common.spike_trains import SpikeTrains

Scores = dict[tuple[int, ...], torch.Tensor]
Order = list[list[int]]  # the neurons that fired, for each step with spikes


def ngram(
    spikes: torch.Tensor | SpikeTrains, ngram_scores: Scores, n_labels: int, n: int, one_by_one: bool = False
) -> torch.Tensor:
    """The class in whose samples a sample's n-grams occurred most often.

    Args:
        spikes: ``[n_samples, time, n_neurons]``, or packed, as ``Network.present`` returns them.
        ngram_scores: n-gram → score of each class, ``[n_labels]``.
        n_labels: number of classes.
        n: neurons in an n-gram.
        one_by_one: whether the last n-gram of a sample counts, too; see this module.

    Returns:
        Predictions, int64 ``[n_samples]``; ties to the smaller class, −1 where no n-gram is known (BindsNET: 0).
    """
    orders = _orders(spikes)
    votes = torch.zeros(len(orders), n_labels, dtype=torch.float64, device=_device(spikes))
    for order, vote in zip(orders, votes, strict=True):
        found = list(_ngrams(_single(order), n))
        for each in found if one_by_one else found[:-1]:
            if each in ngram_scores:
                vote += ngram_scores[each].to(vote)
    return largest_votes(votes)


def update_ngram_scores(
    spikes: torch.Tensor | SpikeTrains,
    labels: torch.Tensor,
    n_labels: int,
    n: int,
    ngram_scores: Scores,
    one_by_one: bool = False,
) -> Scores:
    """Count the n-grams of labelled samples.

    Args:
        spikes: as in :func:`ngram`.
        labels: labels of the samples, ``[n_samples]``.
        n_labels: number of classes.
        n: neurons in an n-gram.
        ngram_scores: what has been counted before; it is changed.
        one_by_one: how spikes of one step follow one another; see this module.

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
        for found in _ngrams(_single(order) if one_by_one else order, n):
            ngram_scores.setdefault(found, torch.zeros(n_labels, device=_device(spikes)))[int(label)] += 1
    return ngram_scores


def _orders(spikes: torch.Tensor | SpikeTrains) -> list[Order]:
    """The neurons that fired in each sample, step by step."""
    if isinstance(spikes, torch.Tensor):
        if spikes.dim() != 3:
            raise ValueError(f"expected spikes [n_samples, time, n_neurons], got the shape {list(spikes.shape)}")
        spikes = SpikeTrains.from_dense(spikes.bool())
    steps, units = spikes.steps.tolist(), spikes.units.tolist()
    return [_by_step(steps[first:last], units[first:last]) for first, last in pairwise(spikes.pointers.tolist())]


def _device(spikes: torch.Tensor | SpikeTrains) -> torch.device:
    return (spikes if isinstance(spikes, torch.Tensor) else spikes.steps).device


def _by_step(steps: Sequence[int], units: Sequence[int]) -> Order:
    order: dict[int, list[int]] = {}
    for step, unit in zip(steps, units, strict=True):
        order.setdefault(step, []).append(unit)
    return list(order.values())


def _single(order: Order) -> Order:
    """The same as if each spike had a step of its own."""
    return [[unit] for units in order for unit in units]


def _ngrams(order: Order, n: int) -> Iterator[tuple[int, ...]]:
    if n < 1:
        raise ValueError(f"n is {n}: an n-gram has at least one neuron")
    for steps in zip(*(order[start:] for start in range(n)), strict=False):
        yield from product(*steps)
