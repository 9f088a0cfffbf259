"""Labels and read-outs against numbers worked out by hand."""

from __future__ import annotations

import pytest
import torch

from bindsnet.evaluation import LabelCounts, all_activity, assign_labels, proportion_weighting

# Three classes; the neurons: class 0, class 1 twice, silent, tied between 1 and 2.
COUNTS = torch.tensor([[4, 0, 0, 0, 0], [0, 2, 1, 0, 3], [2, 0, 1, 0, 3]])
LABELS = torch.tensor([0, 1, 2])


def test_labels_are_the_largest_proportion_ties_to_the_smaller_class_silent_minus_one():
    assignments, proportions, rates = assign_labels(COUNTS, LABELS, 3)
    assert assignments.tolist() == [0, 1, 1, -1, 1]
    assert proportions[0].tolist() == pytest.approx([4 / 6, 0, 2 / 6])
    assert proportions[3].tolist() == [0, 0, 0]
    assert rates[4].tolist() == [0, 3, 3]


def test_rates_are_means_over_all_samples_of_a_class():
    known = LabelCounts(1, 2)
    known.update(torch.tensor([[2], [4]]), torch.tensor([0, 0]))
    known.update(torch.tensor([[9], [1]]), torch.tensor([0, 1]))
    assert known.rates.tolist() == [[5.0, 1.0]]


def test_alpha_fades_rates_known_before():
    old = torch.tensor([[2.0, 0.0]])
    assert assign_labels(torch.tensor([[3]]), torch.tensor([1]), 2, old, alpha=0.5)[2].tolist() == [[1.0, 3.0]]


def test_all_activity_takes_the_class_whose_neurons_fire_most_on_average():
    # Class 1 has more spikes in all (5), class 0 more a neuron (4 against 5/3).
    assignments = torch.tensor([0, 1, 1, -1, 1])
    assert all_activity(torch.tensor([[4, 2, 1, 50, 2]]), assignments, 3).tolist() == [0]


def test_proportions_weigh_votes():
    assignments = torch.tensor([0, 1])
    proportions = torch.tensor([[0.9, 0.1], [0.4, 0.6]])
    counts = torch.tensor([[3, 4]])
    assert all_activity(counts, assignments, 2).tolist() == [1]
    assert proportion_weighting(counts, assignments, proportions, 2).tolist() == [0]


def test_sample_without_votes_has_no_answer():
    assignments = torch.tensor([0, -1])
    assert all_activity(torch.tensor([[0, 7], [1, 0]]), assignments, 2).tolist() == [-1, 0]


def test_spikes_over_time_are_summed():
    spikes = torch.zeros(1, 4, 2)
    spikes[0, :3, 1] = 1
    assert all_activity(spikes, torch.tensor([0, 1]), 2).tolist() == [1]


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="from 0 to 1"):
        LabelCounts(1, 2).update(torch.tensor([[1]]), torch.tensor([2]))
    with pytest.raises(ValueError, match="2 neurons"):
        LabelCounts(2, 2).update(torch.tensor([[1]]), torch.tensor([0]))
