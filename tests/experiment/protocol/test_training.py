"""Which samples, in which order, and how the network is read out."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
import torch
from builders import small_network

from bindsnet.evaluation import LabelCounts, all_activity, proportion_weighting
from bindsnet.numbers.random import TRAINING
from datasets import SpikeTrains
from experiment.model.diehl_cook import INHIBITORY, DiehlCookNetwork
from experiment.protocol import testing
from experiment.protocol.pace import Pace
from experiment.protocol.sampling import epoch_order, labelled_samples, stratified, update_interval
from experiment.protocol.training import Interval, Training
from experiment.readouts import ALL_ACTIVITY, PROPORTION_WEIGHTING
from experiment.readouts.labels import accuracy
from experiment.results.checkpoint import Checkpoint


def trains(n_samples, n_steps=20, n_units=20, seed=0):
    spikes = np.random.default_rng(seed).random((n_samples, n_steps, n_units)) < 0.2
    samples, steps, units = spikes.nonzero()
    pointers = np.concatenate([[0], np.bincount(samples, minlength=n_samples).cumsum()])
    return SpikeTrains(*map(torch.from_numpy, (pointers, steps, units)), n_steps, n_units)


def training(n_train, n_epochs=1, **options) -> Training:
    labels = torch.arange(n_train) % 3
    return Training(small_network(**options), trains(n_train), labels, 3, n_epochs, seed=0)


def intervals_of(run: Training) -> list:
    return [interval for _, intervals in run for interval in intervals]


def test_subset_gives_each_class_its_share_and_depends_on_the_seed():
    labels = torch.tensor([0] * 60 + [1] * 30 + [2] * 10)
    chosen = stratified(labels, 10, seed=0)
    assert torch.bincount(labels[chosen]).tolist() == [6, 3, 1]
    assert len(set(chosen.tolist())) == 10
    assert torch.equal(chosen, stratified(labels, 10, seed=0))
    assert not torch.equal(chosen, stratified(labels, 10, seed=1))


def test_a_subset_is_in_ascending_order_and_another_for_another_purpose():
    labels = torch.arange(100) % 4
    chosen = stratified(labels, 40, seed=0)
    assert chosen.tolist() == sorted(chosen.tolist())
    assert not torch.equal(chosen, stratified(labels, 40, seed=0, purpose=1))
    assert not torch.equal(chosen, labelled_samples(labels, 0.4, seed=0).nonzero().flatten())


def test_samples_left_over_go_to_the_classes_with_the_largest_rest_and_among_equal_ones_by_the_draw():
    labels = torch.tensor([0] * 16 + [1] * 17 + [2] * 7)
    assert torch.bincount(labels[stratified(labels, 10, seed=0)]).tolist() == [4, 4, 2]  # shares 4, 4.25, 1.75
    equal = torch.arange(9) % 3
    assert {int(equal[stratified(equal, 1, seed)]) for seed in range(30)} == {0, 1, 2}


def test_the_share_of_labels_is_rounded_to_the_nearest_number():
    assert [int(labelled_samples(torch.zeros(10).long(), share, 0).sum()) for share in (0.26, 0.14, 0.99)] == [3, 1, 10]


def test_a_sample_without_an_answer_counts_as_wrong():
    assert accuracy(torch.tensor([0, 1, -1, 2]), torch.tensor([0, 1, 2, 1])) == 50.0


def test_pieces_at_most_double_and_take_half_a_second():
    pace = Pace(4)
    for n, seconds, expected in ((4, 0.0, 8), (8, 1.0, 4), (4, 0.4, 5), (5, 60.0, 1)):
        pace.adapt(n, seconds)
        assert pace.n == expected


@pytest.mark.parametrize("n", [1, 2, 99, 100])
def test_subset_has_just_the_size_that_was_asked_for(n):
    labels = torch.arange(100) % 7
    assert len(stratified(labels, n, seed=3)) == n


@pytest.mark.parametrize(("n_train", "interval"), [(1, 1), (59, 1), (60, 1), (256, 4), (750, 12)])
def test_update_interval_is_a_sixtieth_but_at_least_one_sample(n_train, interval):
    assert update_interval(n_train) == interval


def presented(seed: int, n_train: int = 12, n_epochs: int = 3) -> list[list[int]]:
    """The training samples as each epoch presents them, in its order; each fires an input of its own and has its own label."""
    own_input = SpikeTrains(torch.arange(n_train + 1), torch.zeros(n_train).short(), torch.arange(n_train).short(), 20, n_train)
    run = Training(small_network(n_train), own_input, torch.arange(n_train), n_train, n_epochs, seed)
    present, seen = run.network.present, []

    def noted(spikes, **kwargs):
        seen.extend(spikes.units.tolist())
        return present(spikes, **kwargs)

    run.network.present = noted
    labels = torch.cat([interval.labels for interval in intervals_of(run)])
    assert labels.tolist() == seen
    return [seen[i : i + n_train] for i in range(0, len(seen), n_train)]


def test_each_epoch_presents_all_samples_in_a_new_order_that_the_seed_settles():
    orders = presented(seed=0)
    assert len(orders) == 3
    assert all(sorted(order) == list(range(12)) != order for order in orders)
    assert len(set(map(tuple, orders))) == 3
    assert presented(seed=0) == orders
    assert all(one != other for one, other in zip(orders, presented(seed=1), strict=True))
    assert orders == [epoch_order(12, 0, epoch).tolist() for epoch in range(3)]


@pytest.mark.parametrize("n_train", [1, 5, 125])
def test_every_sample_is_trained_once_an_epoch_and_the_last_short_block_counts(n_train):
    run = training(n_train, n_epochs=2)
    intervals = intervals_of(run)
    assert intervals[-1].n_seen == 2 * n_train
    assert run.label_counts.n_samples.sum() == 2 * n_train
    assert sum(len(interval.labels) for interval in intervals) == 2 * n_train


def test_labels_of_a_share_of_samples_are_used_and_nothing_else_changes():
    labels = torch.arange(30) % 3
    few = labelled_samples(labels, 0.2, seed=0)
    assert torch.bincount(labels[few]).tolist() == [2, 2, 2]
    assert labelled_samples(labels, 1.0, seed=0).all()
    assert labelled_samples(labels, 1e-9, seed=0).sum() == 1
    assert not torch.equal(few, labelled_samples(labels, 0.2, seed=1))
    runs = training(30), training(30)
    runs[1].labelled = few
    whole, part = (intervals_of(run) for run in runs)
    assert runs[1].n_labels == runs[1].label_counts.n_samples.sum() == 6
    assert torch.equal(runs[0].network.w, runs[1].network.w)
    assert torch.equal(runs[0].network.theta, runs[1].network.theta)
    assert all(torch.equal(one.spike_counts, two.spike_counts) for one, two in zip(whole, part, strict=True))
    first_known = int(few[epoch_order(30, 0, 0)].nonzero()[0])
    assert [interval.predictions is None for interval in part] == [i <= first_known for i in range(30)]


@pytest.mark.parametrize("n_train", [7, 125])
def test_intervals_are_the_same_however_many_samples_are_presented_at_a_time(n_train, monkeypatch):
    together = training(n_train, n_epochs=2)
    sizes, whole = zip(*together, strict=True)
    assert max(sizes) > update_interval(n_train)
    monkeypatch.setattr("experiment.protocol.pace.PIECE_SECONDS", 0.0)
    alone = training(n_train, n_epochs=2)
    sizes, parts = zip(*alone, strict=True)
    assert set(sizes) == {1}
    assert torch.equal(together.network.w, alone.network.w)
    one, two = (list(chain(*intervals)) for intervals in (whole, parts))
    for a, b in zip(one, two, strict=True):
        assert (a.epoch, a.n_seen, a.repetitions, a.n_silent) == (b.epoch, b.n_seen, b.repetitions, b.n_silent)
        assert torch.equal(a.labels, b.labels)
        assert torch.equal(a.spike_counts, b.spike_counts)
        assert (a.predictions is None) == (b.predictions is None)
        assert all(torch.equal(a.predictions[name], b.predictions[name]) for name in a.predictions or ())
    for intervals, run in ((one, together), (two, alone)):
        seconds = [interval.seconds for interval in intervals]
        assert seconds == sorted(seconds)
        assert 0 < seconds[0] <= seconds[-1] <= run.seconds


def test_the_draws_of_a_seed_stay_what_they_were_since_documented_figures_rest_on_them():
    for seed in range(3):
        assert epoch_order(50, seed, 4).tolist() == np.random.default_rng([seed, 1, 4]).permutation(50).tolist()
        for purpose, of_one_class in (
            (0, stratified(torch.zeros(50).long(), 20, seed)),
            (2, labelled_samples(torch.zeros(50).long(), 0.4, seed).nonzero().flatten()),
        ):
            generator = np.random.default_rng([seed, purpose])
            generator.random(1)  # settles which classes get what is left over
            assert of_one_class.tolist() == sorted(generator.choice(50, 20, replace=False).tolist())


def test_first_block_has_no_predictions_and_all_others_have():
    known = [interval.predictions is not None for interval in intervals_of(training(3))]
    assert known == [False, True, True]


def test_an_interval_is_classified_by_the_labels_of_those_before_it_and_tells_what_it_holds():
    run = training(130, n_epochs=2, thresh=-40.0)
    present, n_presentations = run.network.present, []

    def noted(spikes, **kwargs):
        assert kwargs["stream"] == TRAINING
        assert list(kwargs["samples"]) == [len(n_presentations) + i for i in range(spikes.n_samples)]
        answer = present(spikes, **kwargs)
        n_presentations.extend(answer.n_presentations.tolist())
        return answer

    run.network.present = noted
    known, n_seen = LabelCounts(6, 3), 0
    for number, interval in enumerate(intervals_of(run)):
        repeated = sum(n_presentations[n_seen : interval.n_seen]) - len(interval.labels)
        n_seen += len(interval.labels)
        assert (interval.epoch, interval.n_seen, interval.repetitions) == (number // 65, n_seen, repeated)
        if number:
            assert interval.predictions.keys() == {ALL_ACTIVITY, PROPORTION_WEIGHTING}
            by_activity = all_activity(interval.spike_counts, known.assignments, 3)
            assert torch.equal(interval.predictions[ALL_ACTIVITY], by_activity)
            weighted = proportion_weighting(interval.spike_counts, known.assignments, known.proportions, 3)
            assert torch.equal(interval.predictions[PROPORTION_WEIGHTING], weighted)
            assert interval.accuracy(ALL_ACTIVITY) == 100 * (by_activity == interval.labels).double().mean()
        known.update(interval.spike_counts, interval.labels)
        assert interval.n_silent == (known.assignments == -1).sum()
    assert run.repetitions == sum(n_presentations) - 260 > 0


def test_training_makes_a_network_learn_that_did_not():
    run = training(6)
    first = run.network.w.clone()
    run.network.train(False)
    list(run)
    assert run.network.learning
    assert not torch.equal(run.network.w, first)


def told(interval: Interval) -> tuple:
    """All that an interval says but its time."""
    predictions = interval.predictions and {name: found.tolist() for name, found in interval.predictions.items()}
    counts = interval.epoch, interval.n_seen, interval.repetitions, interval.n_silent
    return *counts, interval.labels.tolist(), predictions, interval.spike_counts.tolist()


@pytest.mark.parametrize("stop", [4 * 20 + 3, 250 + 4 * 30 + 2, 250 + 249], ids=["an epoch", "another", "the last interval"])
def test_training_that_is_interrupted_within_an_interval_goes_on_as_if_it_had_not_been(stop, tmp_path):
    alone, first, second = (training(250, n_epochs=2, thresh=-40.0) for _ in range(3))
    whole = [told(interval) for interval in intervals_of(alone)]
    assert update_interval(250) == 4
    pieces, parts = iter(first), []
    while first.n_seen < stop:
        first.pace.n = min(first.pace.n, stop - first.n_seen)
        parts += [told(interval) for interval in next(pieces)[1]]
    assert 0 < len(first.counts) < 4
    assert first.interval_repetitions > 0
    Checkpoint(tmp_path / "checkpoint.pt", {"training": first}).save()
    Checkpoint(tmp_path / "checkpoint.pt", {"training": second}).load()
    assert second.seconds == first.seconds
    parts += [told(interval) for interval in intervals_of(second)]
    assert parts == whole
    assert second.repetitions == alone.repetitions == sum(repetitions for _, _, repetitions, *_ in whole)
    assert torch.equal(second.network.w, alone.network.w)
    assert torch.equal(second.network.theta, alone.network.theta)
    assert torch.equal(second.label_counts.rates, alone.label_counts.rates)


def test_a_state_of_another_training_is_refused():
    run, other = training(250), training(250)
    pieces = iter(run)
    while len(run.counts) != 2:
        run.pace.n = 1
        next(pieces)
    state = run.state_dict()
    wrong = (
        state | {"counts": state["counts"][:1]},
        state | {"counts": state["counts"][:, 1:]},
        state | {"n_seen": 252, "counts": state["counts"]},
        state | {"n_seen": -2},
    )
    for damaged in wrong:
        with pytest.raises(ValueError, match="do not fit this run"):
            other.load_state_dict(damaged)
    assert other.n_seen == 0
    other.load_state_dict(state)
    assert other.n_seen == run.n_seen
    list(run)
    other.load_state_dict(run.state_dict())
    assert list(other) == []
    assert other.n_seen == 250


@pytest.mark.parametrize("n_train", [7, 10, 125])
def test_map_formation_ends_after_a_tenth_of_the_first_epoch_rounded_up(n_train, monkeypatch):
    seen = []
    run = training(n_train, n_epochs=2, som=True)
    monkeypatch.setattr(DiehlCookNetwork, "end_map_formation", lambda self: seen.append(count[0]))
    present, count = run.network.present, [0]

    def counted(spikes, **kwargs):
        answer = present(spikes, **kwargs)
        count[0] += spikes.n_samples
        return answer

    monkeypatch.setattr(run.network, "present", counted)
    list(run)
    assert seen == [-(-n_train // 10)]


def test_uniform_inhibition_after_map_formation_inhibits():
    network = small_network(som=True, inh=17.5)
    network.end_map_formation()
    w = network.connections[INHIBITORY, "Excitatory"].dense()
    assert w.diag().eq(0).all()
    assert w.sum() == -17.5 * 30


def test_testing_changes_nothing_and_does_not_depend_on_the_order_of_samples():
    run = training(12)
    list(run)
    w, theta = run.network.w.clone(), run.network.theta.clone()
    spikes, labels = trains(6, seed=1), torch.arange(6) % 3
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    one = testing.Testing(run.network, spikes, labels, torch.arange(6), seed=0, known=run.label_counts)
    two = testing.Testing(run.network, spikes.select(order), labels[order], order, seed=0, known=run.label_counts)
    list(one), list(two)
    assert torch.equal(one.predictions[PROPORTION_WEIGHTING][order], two.predictions[PROPORTION_WEIGHTING])
    assert torch.equal(run.network.w, w)
    assert torch.equal(run.network.theta, theta)
