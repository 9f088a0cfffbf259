"""Labels and read-outs against numbers worked out by hand."""

from __future__ import annotations

import pytest
import torch

import bindsnet.evaluation as package
from bindsnet.engine import SpikeTrains
from bindsnet.evaluation import (
    LabelCounts,
    all_activity,
    assign_labels,
    evaluation,
    logreg_fit,
    logreg_predict,
    ngram,
    proportion_weighting,
    update_ngram_scores,
    votes,
)
from bindsnet.evaluation.readout import all_activity_votes, proportion_weighting_votes

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


def test_labels_that_were_read_change_with_what_is_counted_or_loaded_later():
    known, other = LabelCounts(1, 2), LabelCounts(1, 2)
    known.update(torch.tensor([[2]]), torch.tensor([0]))
    assert known.assignments.tolist() == [0]
    known.update(torch.tensor([[5]]), torch.tensor([1]))
    assert known.assignments.tolist() == [1]
    assert known.proportions[0].tolist() == pytest.approx([2 / 7, 5 / 7])
    other.update(torch.tensor([[3]]), torch.tensor([0]))
    known.load(other.sums, other.n_samples)
    assert known.assignments.tolist() == [0]
    assert known.proportions.tolist() == [[1.0, 0.0]]


def test_alpha_fades_rates_known_before_of_classes_that_have_samples():
    old = torch.tensor([[2.0, 4.0]])
    assert assign_labels(torch.tensor([[3]]), torch.tensor([1]), 2, old, alpha=0.5)[2].tolist() == [[2.0, 5.0]]
    assert assign_labels(torch.empty(0, 1), torch.empty(0), 2, old, alpha=0.5)[2].tolist() == [[2.0, 4.0]]
    assert old.tolist() == [[2.0, 4.0]]


def test_running_rates_are_bindsnets():
    counts = torch.tensor([[4, 0, 0], [0, 2, 1], [2, 0, 1], [0, 3, 0]])
    known = torch.tensor([[2.0, 4.0], [0.0, 0.0], [1.0, 0.0]])
    for spikes in (counts[:, None].float(), counts[:, None].float().to_sparse()):
        assignments, proportions, rates = assign_labels(spikes, torch.tensor([0, 1, 0, 0]), 2, rates=known, alpha=0.5)
        assert [assignments.dtype, proportions.dtype, rates.dtype] == [torch.int64, torch.float32, torch.float32]
        assert assignments.tolist() == [0, 1, 1]
        # As measured on BindsNET 0.3.4.
        assert rates.tolist() == [[3.0, 2.0], [1.0, 2.0], [0.8333333730697632, 1.0]]
        assert proportions[2].tolist() == [0.4545454680919647, 0.5454545617103577]


def test_read_outs_stand_under_both_of_bindsnets_names():
    assert evaluation.__all__ == [name for name in evaluation.__all__ if getattr(package, name) is getattr(evaluation, name)]


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


def test_votes_are_means_over_the_neurons_of_a_class_each_weighted_by_its_proportion_for_its_own_label():
    # Two neurons of class 0, one of class 1, a silent one that has come to fire, none of class 2.
    assignments = torch.tensor([0, 0, 1, -1])
    proportions = torch.tensor([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0], [0.25, 0.75, 0.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    counts = torch.tensor([[3, 4, 8, 50], [0, 0, 0, 7]])
    assert all_activity_votes(counts, assignments, 3).tolist() == [[3.5, 8.0, 0.0], [0.0, 0.0, 0.0]]
    weighted = proportion_weighting_votes(counts, assignments, proportions, 3)
    assert weighted[0].tolist() == pytest.approx([(3 * 0.5 + 4 * 0.9) / 2, 8 * 0.75, 0.0])
    assert weighted[1].tolist() == [0.0, 0.0, 0.0]


def test_in_votes_each_neuron_speaks_for_every_class_by_its_proportion():
    # Labels of the neurons are 0, 2 and none; 1 wins where both fire (2, 3.6, 2.4).
    proportions = torch.tensor([[0.5, 0.45, 0.05], [0.0, 0.45, 0.55], [0.0, 0.0, 0.0]], dtype=torch.float64)
    counts = torch.tensor([[4, 4, 0], [4, 0, 0], [0, 4, 9], [0, 0, 9], [0, 0, 0]])
    assert votes(counts, proportions).tolist() == [1, 0, 2, -1, -1]
    assert votes(counts[:, None], proportions).tolist() == [1, 0, 2, -1, -1]
    with pytest.raises(ValueError, match="3 neurons, got 2"):
        votes(counts[:, :2], proportions)


def test_votes_are_added_neuron_by_neuron_in_any_company():
    # Neurons speak for ten classes in another order each: votes are equal but for rounding.
    generator = torch.Generator().manual_seed(0)
    shares = torch.rand(101, generator=generator).double()
    proportions = torch.stack([shares[torch.randperm(101, generator=generator)] for _ in range(10)], 1)
    counts = torch.arange(1, 33)[:, None].expand(32, 101)
    expected = []
    for n in range(1, 33):
        sums = [0.0] * 10
        for row in proportions.tolist():
            sums = [total + n * share for total, share in zip(sums, row, strict=True)]
        expected.append(sums.index(max(sums)))
    for n in (1, 2, 7, 32):
        assert torch.cat([votes(block, proportions) for block in counts.split(n)]).tolist() == expected


def test_sample_without_votes_has_no_answer():
    assignments = torch.tensor([0, -1])
    assert all_activity(torch.tensor([[0, 7], [1, 0]]), assignments, 2).tolist() == [-1, 0]


def test_spikes_over_time_are_summed():
    spikes = torch.zeros(1, 4, 2)
    spikes[0, :3, 1] = 1
    assert all_activity(spikes, torch.tensor([0, 1]), 2).tolist() == [1]


def test_labels_that_do_not_fit_are_refused():
    for label in (2, -1):
        with pytest.raises(ValueError, match="expected labels from 0 to 1"):
            LabelCounts(1, 2).update(torch.tensor([[1]]), torch.tensor([label]))
    for labels in ([0], [0, 1, 1], [[0], [1]]):
        with pytest.raises(ValueError, match="expected 2 labels, got the shape"):
            LabelCounts(1, 2).update(torch.tensor([[1], [1]]), torch.tensor(labels))
    with pytest.raises(ValueError, match="2 neurons"):
        LabelCounts(2, 2).update(torch.tensor([[1]]), torch.tensor([0]))


def raster(*steps: tuple[int, ...], n_neurons: int = 3) -> torch.Tensor:
    """Spikes of one sample ``[time, n_neurons]`` from the neurons that fire in each step."""
    spikes = torch.zeros(len(steps), n_neurons)
    for step, neurons in enumerate(steps):
        spikes[step, list(neurons)] = 1
    return spikes


def as_lists(scores: dict) -> dict:
    return {order: score.tolist() for order, score in scores.items()}


def test_ngrams_take_a_neuron_from_each_of_n_steps_in_a_row_that_have_spikes():
    # Sample 0, label 1: neuron 2, then 0 and 1 in one step, then 2. Sample 1, label 0: neuron 2, then 0. As in BindsNET 0.3.4.
    spikes, labels = torch.stack([raster((2,), (0, 1), (), (2,)), raster((2,), (), (0,), ())]), torch.tensor([1, 0])
    pairs = update_ngram_scores(spikes, labels, 2, 2, {})
    assert as_lists(pairs) == {(2, 0): [1, 1], (2, 1): [0, 1], (0, 2): [0, 1], (1, 2): [0, 1]}
    assert as_lists(update_ngram_scores(spikes, labels, 2, 1, {})) == {(2,): [1, 2], (0,): [1, 1], (1,): [0, 1]}
    assert set(update_ngram_scores(spikes, labels, 2, 3, {})) == {(2, 0, 2), (2, 1, 2)}
    again = update_ngram_scores(spikes[1:], labels[1:], 2, 2, pairs)
    assert again is pairs
    assert pairs[2, 0].tolist() == [2, 1]


def test_ngrams_are_counted_one_by_one_in_the_order_of_spikes_by_step_then_by_neuron():
    # Orders of spikes: 2, 0, 1, 2 (neurons 0 and 1 in one step) with label 1, and 2, 0 with label 0.
    spikes = torch.stack([raster((2,), (0, 1), (), (2,)), raster((2,), (), (0,), ())])
    scores = update_ngram_scores(spikes, torch.tensor([1, 0]), 2, 2, {}, one_by_one=True)
    assert as_lists(scores) == {(2, 0): [1, 1], (0, 1): [0, 1], (1, 2): [0, 1]}
    scores = update_ngram_scores(raster((0, 1, 2), (0,))[None], torch.tensor([0]), 1, 3, {}, one_by_one=True)
    assert set(scores) == {(0, 1, 2), (1, 2, 0)}


def test_ngrams_vote_with_their_scores_and_samples_without_a_known_one_have_no_answer():
    scores = {(0, 1): torch.tensor([1.0, 0.0, 2.0]), (1, 2): torch.tensor([3.0, 0.0, 0.0]), (2, 0): torch.tensor([0.0, 0.5, 0.5])}
    orders = torch.stack(
        [
            raster((0,), (1,), ()),  # (0, 1): 1, 0, 2
            raster((0,), (1,), (2,)),  # and (1, 2): 4, 0, 2
            raster((2,), (0,), ()),  # a tie of 1 and 2
            raster((1,), (0,), ()),  # unknown
            raster((1,), (), ()),  # too short
        ]
    )
    assert ngram(orders, scores, 3, 2, one_by_one=True).tolist() == [2, 0, 1, -1, -1]
    # BindsNET 0.3.4 leaves the last n-gram of a sample out, and says 0 where we say -1.
    assert ngram(orders, scores, 3, 2).tolist() == [-1, 2, -1, -1, -1]


def test_packed_spikes_have_the_ngrams_of_dense_ones():
    spikes = torch.rand(6, 20, 3, generator=torch.Generator().manual_seed(0)) < 0.1
    spikes[2] = False
    packed, labels = SpikeTrains.from_dense(spikes), torch.arange(6) % 2
    scores, same = (update_ngram_scores(given, labels, 2, 2, {}) for given in (spikes, packed))
    assert list(scores) == list(same)
    assert all(torch.equal(scores[order], same[order]) for order in scores)
    assert torch.equal(ngram(packed, scores, 2, 2), ngram(spikes, scores, 2, 2))
    assert torch.equal(ngram(spikes.float().to_sparse(), scores, 2, 2), ngram(spikes, scores, 2, 2))
    with pytest.raises(ValueError, match="expected 6 labels"):
        update_ngram_scores(packed, labels[1:], 2, 2, {})


def test_ngrams_refuse_counts_and_labels_that_do_not_fit():
    with pytest.raises(ValueError, match="time, n_neurons"):
        ngram(torch.ones(2, 3), {}, 2, 2)
    with pytest.raises(ValueError, match="from 0 to 1, got 2"):
        update_ngram_scores(torch.ones(1, 2, 3), torch.tensor([2]), 2, 2, {})
    with pytest.raises(ValueError, match="expected 1 labels"):
        update_ngram_scores(torch.ones(1, 2, 3), torch.tensor([0, 1]), 2, 2, {})
    with pytest.raises(ValueError, match="at least one"):
        ngram(torch.ones(1, 2, 3), {}, 2, 0)


def test_logistic_regression_tells_apart_what_a_line_divides_and_answers_nothing_before_it_is_fitted():
    from sklearn.linear_model import LogisticRegression

    counts = torch.tensor([[5, 0], [4, 1], [0, 5], [1, 4]])
    labels = torch.tensor([3, 3, 8, 8])
    model = LogisticRegression()
    assert logreg_predict(counts, model).tolist() == [-1] * 4
    assert logreg_fit(counts, labels, model) is model
    assert logreg_predict(torch.tensor([[7, 2], [2, 7]]), model).tolist() == [3, 8]
    # Two classes, mirrored: the boundary is the diagonal.
    weights, bias = model.coef_[0], model.intercept_[0]
    assert weights[0] == pytest.approx(-weights[1], rel=1e-3)
    assert bias == pytest.approx(0, abs=1e-3)
    over_time = torch.zeros(1, 9, 2)
    over_time[0, :7, 0] = over_time[0, :2, 1] = 1
    assert logreg_predict(over_time, model).tolist() == [3]
