"""Prototypes: they decide at the end, one learns, those that are near vote."""

from __future__ import annotations

import torch
from builders import random_trains

from bindsnet.numbers.random import TESTING, TRAINING
from experiment.model.network import EXCITATORY
from experiment.model.prototypes import PrototypeNetwork, lengths_of


def trained(engine: str = "plain") -> tuple[PrototypeNetwork, torch.Tensor]:
    trains = random_trains(12, n_steps=20, n_units=15, rate=0.2)
    network = PrototypeNetwork(15, 5, 20, seed=3)
    network.calibrate(trains)
    learned = network.answer(trains, range(12), 0, TRAINING, engine=engine).spike_counts
    answer = network.train(False).answer(trains, range(12), 0, TESTING, engine=engine).spike_counts
    return network, torch.stack([learned, answer])


def test_both_engines_agree_bit_for_bit():
    (plain, counts), (fused, others) = (trained(engine) for engine in ("plain", "fused"))
    assert torch.equal(counts, others)
    assert all(torch.equal(plain.arrays[name], fused.arrays[name]) for name in plain.arrays)


def test_each_is_used_once_before_one_is_used_twice_and_a_recording_has_one_winner():
    _, (learned, answer) = trained()
    assert learned.sum(1).tolist() == [1] * 12
    assert sorted(learned[:5].argmax(1).tolist()) == list(range(5))
    assert (answer.sum(1) >= 1).all()


def test_the_first_win_takes_the_recording_over_whole():
    trains = random_trains(1, n_steps=20, n_units=15, rate=0.2)
    network = PrototypeNetwork(15, 1, 20, seed=3)
    network.calibrate(trains)
    network.answer(trains, [0], 0, TRAINING, engine="plain")
    passed = 1 - 0.5 ** trains.counts()[0].double()
    assert torch.allclose(network.w[:, 0].double(), passed / passed.norm(), atol=1e-6)


def test_prototypes_vote_the_oftener_the_nearer_once_nothing_learns():
    network, (_, answer) = trained()
    assert answer.max() <= network.margin
    assert (answer > 0).sum(1).max() > 1
    assert not network.layers[EXCITATORY].one_spike
    assert network.connections[EXCITATORY, EXCITATORY].delay == network.margin
    network.train(True)
    assert network.layers[EXCITATORY].one_spike
    assert network.connections[EXCITATORY, EXCITATORY].delay == 1


def test_a_decision_begins_where_no_recording_can_drive_a_prototype_beyond():
    trains = random_trains(6, n_steps=20, n_units=15, rate=0.3)
    counts = trains.counts().double()
    passed = (1 - 0.5**counts) / 0.5
    assert torch.allclose(lengths_of(trains, 0.5), passed.norm(dim=1))
    assert torch.allclose(lengths_of(trains, 0.0), counts.norm(dim=1))


def test_thresholds_stay_within_reach_however_long_it_learns():
    trains = random_trains(4, n_steps=20, n_units=15, rate=0.2)
    network = PrototypeNetwork(15, 2, 20, conscience=0.1, forgetting=0.5, seed=3)
    network.calibrate(trains)
    for k in range(60):
        network.answer(trains, range(4 * k, 4 * k + 4), 0, TRAINING, engine="plain")
    assert network.theta.mean() < 1.5 * 0.1 / 0.5
