"""Predictions from the spike counts of labelled neurons (Diehl & Cook 2015, "Training and Classification").

Silent neurons, whose label is −1, have no vote; a sample without votes is predicted −1.
"""

from __future__ import annotations

import torch

from bindsnet.evaluation.labels import spike_counts
from common import NO_LABEL


def all_activity(spikes: torch.Tensor, assignments: torch.Tensor, n_labels: int) -> torch.Tensor:
    """The class whose neurons fire most on average.

    Args:
        spikes: ``[n_samples, time, n_neurons]``, or counts ``[n_samples, n_neurons]``.
        assignments: labels of the neurons, ``[n_neurons]``.
        n_labels: number of classes.

    Returns:
        Predictions, int64 ``[n_samples]``; ties to the smaller class.
    """
    return largest_votes(all_activity_votes(spikes, assignments, n_labels))


def proportion_weighting(
    spikes: torch.Tensor, assignments: torch.Tensor, proportions: torch.Tensor, n_labels: int
) -> torch.Tensor:
    """The same, each neuron weighted by its proportion for its label.

    Args:
        spikes, assignments, n_labels: as in :func:`all_activity`.
        proportions: ``[n_neurons, n_labels]``.

    Returns:
        Predictions, int64 ``[n_samples]``; ties to the smaller class.
    """
    return largest_votes(proportion_weighting_votes(spikes, assignments, proportions, n_labels))


def votes(spikes: torch.Tensor, proportions: torch.Tensor) -> torch.Tensor:
    """The class that all neurons vote for, each for every class by its spike count times its proportion of that class.

    Args:
        spikes: as in :func:`all_activity`.
        proportions: ``[n_neurons, n_labels]``, zeros for a neuron without a vote.

    Returns:
        Predictions, int64 ``[n_samples]``; ties to the smaller class.
    """
    counts = _counts_of(spikes, len(proportions))
    samples, neurons = counts.nonzero(as_tuple=True)
    found = torch.zeros(len(counts), proportions.shape[1], dtype=torch.float64, device=counts.device)
    # Neuron by neuron in their order: a matrix product rounds by how many samples there are.
    found.index_add_(0, samples, counts[samples, neurons, None].double() * proportions.double()[neurons])
    return largest_votes(found)


def all_activity_votes(spikes: torch.Tensor, assignments: torch.Tensor, n_labels: int) -> torch.Tensor:
    """Mean spike count of each class's neurons, float64 ``[n_samples, n_labels]``; arguments as in :func:`all_activity`."""
    return _mean_votes(spikes, _membership(assignments, n_labels), assignments, n_labels)


def proportion_weighting_votes(
    spikes: torch.Tensor, assignments: torch.Tensor, proportions: torch.Tensor, n_labels: int
) -> torch.Tensor:
    """The same, weighted; arguments as in :func:`proportion_weighting`."""
    return _mean_votes(spikes, _membership(assignments, n_labels) * proportions, assignments, n_labels)


def _membership(assignments: torch.Tensor, n_labels: int) -> torch.Tensor:
    """1 where a neuron has a label, float64 ``[n_neurons, n_labels]``."""
    classes = torch.arange(n_labels, device=assignments.device)
    return (assignments[:, None] == classes).double()


def _mean_votes(spikes: torch.Tensor, weights: torch.Tensor, assignments: torch.Tensor, n_labels: int) -> torch.Tensor:
    counts = _counts_of(spikes, len(assignments))
    n_members = _membership(assignments, n_labels).sum(0).clamp(min=1)
    return counts.double() @ weights.double() / n_members


def _counts_of(spikes: torch.Tensor, n_neurons: int) -> torch.Tensor:
    counts = spike_counts(spikes)
    if counts.shape[1] != n_neurons:
        raise ValueError(f"expected counts of {n_neurons} neurons, got {counts.shape[1]}")
    return counts


def largest_votes(votes: torch.Tensor) -> torch.Tensor:
    """The class with the most votes ``[n_samples, n_labels]``; the first of equals, −1 where there are none."""
    largest = votes.max(1, keepdim=True).values
    predictions = (votes == largest).int().argmax(1)  # the first of equals
    return torch.where(largest.squeeze(1) > 0, predictions, NO_LABEL)
