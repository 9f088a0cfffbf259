"""Showing samples to a trained network, and what a test keeps of it."""

from __future__ import annotations

import pytest
import torch
from builders import random_trains, small_network

from bindsnet.evaluation import LabelCounts
from bindsnet.network import Network
from bindsnet.numbers.random import ELSEWHERE, TESTING, TRAINING
from datasets import SpikeTrains
from experiment.protocol import testing
from experiment.protocol.fitting import Fitting
from experiment.protocol.label_curve import LabelCurve
from experiment.readouts.labels import classify

N_TEST = 12
LABELS = torch.arange(N_TEST) % 3
NUMBERS = 100 - 7 * torch.arange(N_TEST)


def known() -> LabelCounts:
    counts = LabelCounts(6, 3)
    counts.update(torch.tensor([[9, 5, 0, 0, 0, 0], [0, 0, 9, 0, 0, 0], [0, 0, 0, 0, 0, 0]]), torch.arange(3))
    return counts


def a_test() -> testing.Testing:
    return testing.Testing(small_network(), weak_trains(), LABELS, NUMBERS, seed=0, known=known())


def weak_trains() -> SpikeTrains:
    """Such that some samples need repetitions."""
    return random_trains(N_TEST, 40, rate=0.03)


@pytest.fixture
def presented(monkeypatch) -> list[tuple[int, list[int], torch.Tensor]]:
    """Stream and numbers of all samples that networks are shown, and how often each is presented."""
    present, seen = Network.present, []

    def noted(self, spikes, **kwargs):
        answer = present(self, spikes, **kwargs)
        seen.append((kwargs["stream"], list(kwargs["samples"]), answer))
        return answer

    monkeypatch.setattr(Network, "present", noted)
    return seen


def test_testing_shows_each_sample_by_its_own_number_and_counts_spikes_repetitions_and_answers(presented):
    test = a_test()
    assert sum(test) == N_TEST
    assert {stream for stream, _, _ in presented} == {TESTING}
    assert [number for _, numbers, _ in presented for number in numbers] == NUMBERS.tolist()
    assert torch.equal(test.counts, torch.cat([answer.spike_counts for _, _, answer in presented]))
    assert test.n_spikes == test.counts.sum() > 0
    assert test.repetitions == sum(int(answer.n_presentations.sum()) for _, _, answer in presented) - N_TEST > 0
    for name, found in classify(test.counts, known()).items():
        assert torch.equal(test.predictions[name], found)
        assert test.n_without_answer(name) == (found == -1).sum()
        assert test.accuracies()[name] == pytest.approx(100 * (found == LABELS).double().mean().item())
    assert 0 < test.n_without_answer("all_activity") < N_TEST


def test_looking_back_draws_on_random_choices_of_its_own(presented):
    curve = LabelCurve(LABELS, 6, 3, seed=0)
    shown = small_network(), weak_trains(), LABELS, NUMBERS
    list(Fitting(*shown, seed=0, labelled=LABELS == 1, curve=curve))
    assert {stream for stream, _, _ in presented} == {ELSEWHERE}
    assert len({TRAINING, TESTING, ELSEWHERE}) == 3


def test_a_test_that_was_interrupted_goes_on_as_if_it_had_not_been():
    whole, first, second = a_test(), a_test(), a_test()
    list(whole)
    pieces = iter(first)
    while first.n_done < 5:
        first.pace.n = 1
        next(pieces)
    second.load_state_dict(first.state_dict())
    assert (second.n_done, second.n_spikes, second.repetitions) == (5, first.n_spikes, first.repetitions)
    assert second.seconds == first.seconds > 0
    assert torch.equal(second.counts, first.counts)
    list(second)
    for name, found in whole.predictions.items():
        assert torch.equal(second.predictions[name], found)
    assert torch.equal(second.counts, whole.counts)
    assert (second.n_spikes, second.repetitions) == (whole.n_spikes, whole.repetitions)


def test_a_finished_test_keeps_its_answers_when_it_is_loaded():
    first, second = a_test(), a_test()
    list(first)
    second.load_state_dict(first.state_dict())
    assert list(second) == []
    assert second.accuracies() == first.accuracies()


def test_a_state_of_another_test_is_refused():
    first, second = a_test(), a_test()
    list(first)
    state = first.state_dict()
    wrong = (
        {"n_done": N_TEST + 1, "counts": torch.zeros(N_TEST + 1, 6)},
        {"n_done": 3},
        {"counts": state["counts"][:, 1:]},
        {"predictions": {name: found[1:] for name, found in state["predictions"].items()}},
        {"predictions": {}},
    )
    for damage in wrong:
        with pytest.raises(ValueError, match="samples tested do not fit this run"):
            second.load_state_dict(state | damage)
    assert second.n_done == 0
