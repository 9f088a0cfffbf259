"""The read-outs that are always there, by the labels of neurons (Diehl & Cook 2015, "Training and Classification")."""

from __future__ import annotations

from typing import Protocol

import torch

from bindsnet.evaluation.readout import all_activity_votes, largest_votes, proportion_weighting_votes
from experiment.readouts import ALL_ACTIVITY, PROPORTION_WEIGHTING, READOUTS

BLOCK = 64  # samples that are classified together


class Labelled(Protocol):
    """What a network is read out by: labels of its neurons, as `LabelCounts` and `TrainedNetwork` have them."""

    assignments: torch.Tensor
    proportions: torch.Tensor
    n_labels: int


def votes_by_label(counts: torch.Tensor, known: Labelled) -> dict[str, torch.Tensor]:
    """Votes of each read-out for each class, float64 ``[n_samples, n_labels]``, for spike counts ``[n_samples, n]``."""
    return {
        ALL_ACTIVITY: all_activity_votes(counts, known.assignments, known.n_labels),
        PROPORTION_WEIGHTING: proportion_weighting_votes(counts, known.assignments, known.proportions, known.n_labels),
    }


def classify(counts: torch.Tensor, known: Labelled) -> dict[str, torch.Tensor]:
    """Predictions of each read-out, int64 ``[n_samples]``, for spike counts ``[n_samples, n]``."""
    return {name: largest_votes(found) for name, found in votes_by_label(counts, known).items()}


def classify_blocks(counts: torch.Tensor, known: Labelled) -> dict[str, torch.Tensor]:
    """Predictions as of `classify`, always of the same samples together, so that votes are rounded alike."""
    blocks = [classify(block, known) for block in counts.split(BLOCK)]
    return {name: torch.cat([block[name] for block in blocks]) for name in READOUTS}


def accuracy(predictions: torch.Tensor, labels: torch.Tensor) -> float:
    """Percentage of right predictions; a sample without an answer counts as wrong."""
    return 100.0 * (predictions == labels).double().mean().item()


def sampling_error(percent: float, n: int) -> float:
    """Standard error of a share of n samples drawn, percentage points."""
    return (percent * (100.0 - percent) / n) ** 0.5


def chance_level(labels: torch.Tensor) -> tuple[float, float]:
    """What naming the most frequent class gets right, %, and two standard errors of that in so small a test."""
    chance = 100.0 * labels.bincount().max().item() / len(labels)
    return chance, 2 * sampling_error(chance, len(labels))
