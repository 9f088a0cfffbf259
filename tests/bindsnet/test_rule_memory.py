"""What a rule keeps: a memory of each sample of a batch, that is reset, saved, copied and moved with its network."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch
from rules_by_hand import (
    ONE,
    Eligible,
    Slowing,
    Triplets,
    decay_of,
    eligible_by_hand,
    let_fire,
    network_of,
    random_spikes,
    random_weights,
    rule_of,
    triplets_by_hand,
)

from bindsnet.learning import PostPre
from bindsnet.learning.rules import Trace
from bindsnet.network import Network, load
from bindsnet.numbers.ops import f32

N_SAMPLES = 3
NU = (0.02, 0.05)


def memory_of(network: Network) -> dict[str, torch.Tensor]:
    """What the rule between X and Y keeps, as the network's state dictionary has it."""
    start = "X_to_Y.plasticity."
    return {name.removeprefix(start): value for name, value in network.state_dict().items() if name.startswith(start)}


# Batches.


@pytest.mark.parametrize(("reduction", "by_hand"), [(torch.sum, np.sum), (torch.mean, np.mean)])
def test_each_sample_of_a_batch_has_its_own_eligibility_and_weights_change_by_their_reduction(reduction, by_hand):
    source, target = random_spikes(1, 40, N_SAMPLES, 5), random_spikes(101, 40, N_SAMPLES, 4)
    expected = eligible_by_hand(random_weights(5, 4), source, target, [0.5] * 40, by_hand)
    network = network_of(Eligible, nu=NU, reduction=reduction)
    np.testing.assert_allclose(let_fire(network, source, target, reward=0.5), expected, rtol=1e-6)
    e = memory_of(network)["e"].view(N_SAMPLES, 5, 4)
    assert not torch.equal(e[0], e[1])


@pytest.mark.parametrize(("reduction", "by_hand"), [(torch.sum, np.sum), (torch.mean, np.mean)])
def test_samples_of_a_batch_change_weights_by_their_own_traces_and_spikes(reduction, by_hand):
    source, target, w = random_spikes(5, 30, N_SAMPLES, 5), random_spikes(105, 30, N_SAMPLES, 4), random_weights(5, 4)
    alone = [triplets_by_hand(w, source[:, k], target[:, k], bounds=(-np.inf, np.inf)) - w for k in range(N_SAMPLES)]
    network = network_of(Triplets, reduction=reduction, wmin=-np.inf, wmax=np.inf)
    np.testing.assert_allclose(let_fire(network, source, target), w + by_hand(alone, axis=0), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("reduction", [torch.sum, torch.mean])
def test_each_sample_of_a_batch_has_its_own_traces(reduction):
    source, target = random_spikes(2, 1, N_SAMPLES, 5, rate=0.5), np.zeros((1, N_SAMPLES, 4), bool)
    network = network_of(Triplets, reduction=reduction)
    network.set_batch_size(N_SAMPLES)
    let_fire(network, source, target)
    np.testing.assert_array_equal(memory_of(network)["r1"], source[0])
    # One spike of each target then moves a weight by what its source's traces, one step later, sum up to.
    expected = random_weights(5, 4) + 0.005 * decay_of(16.8) * getattr(source[0], reduction.__name__)(0)[:, None]
    after = let_fire(network, np.zeros_like(source), np.ones_like(target))
    np.testing.assert_allclose(after, np.minimum(expected, 1.0), rtol=1e-6)


def test_in_a_batch_a_neurons_own_learning_rate_falls_by_the_spikes_of_all_samples():
    network = network_of(Slowing)
    target = np.zeros((1, N_SAMPLES, 4), bool)
    target[0, :, 0] = target[0, 1, 1] = True
    let_fire(network, np.zeros((1, N_SAMPLES, 5), bool), target)
    rates = [np.float32(0.875) * np.float32(0.5) / (ONE + np.float32(0.25 * n)) for n in (3, 1)]
    assert memory_of(network)["rate"].tolist() == [*rates, 0.5, 0.5]


def test_memory_follows_the_batch_size_and_what_samples_share_stays():
    rule = rule_of(on_pre, parameters={"tc": 20.0}, traces={"r": Trace("source", "tc"), "o": Trace("target", "tc")}, **KEPT)
    network = network_of(rule)
    let_fire(network, np.ones((2, 5), bool), np.ones((2, 4), bool))
    network.connections["X", "Y"].update_rule.memory._buffers["rate"].fill_(7.0)
    network.set_batch_size(N_SAMPLES)
    memory = memory_of(network)
    shapes = {name: list(value.shape) for name, value in memory.items()}
    assert shapes == {"r": [N_SAMPLES, 5], "o": [N_SAMPLES, 4], "e": [N_SAMPLES, 20], "rate": [4]}
    assert (memory["rate"] == 7.0).all()
    assert (memory["e"] == 0.5).all()
    assert not memory["r"].any()


def on_pre(w: f32, e: f32, r: f32, rate: f32) -> tuple[f32, f32]:
    return 0.0 * w, e + 1.0


KEPT = {"state": {"e": 0.5}, "adaptive_state": {"rate": 2.0}}


# Resets.


def test_a_reset_forgets_traces_and_state_and_nothing_that_was_learned():
    rule = rule_of(on_pre, parameters={"tc": 20.0}, traces={"r": Trace("source", "tc")}, **KEPT)
    network = network_of(rule)
    w = let_fire(network, np.ones((2, 5), bool), np.ones((2, 4), bool))
    memory = memory_of(network)
    assert (memory["e"] == 2.5).all()
    assert memory["r"].all()
    memory["rate"].fill_(7.0)
    network.reset_state_variables()
    assert (memory["e"] == 0.5).all()
    assert not memory["r"].any()
    assert (memory["rate"] == 7.0).all()
    np.testing.assert_array_equal(network.connections["X", "Y"].w, w)


def test_a_sample_after_a_reset_is_learned_as_if_it_were_the_first():
    source, target = random_spikes(3, 2, 30, 5), random_spikes(103, 2, 30, 4)
    network = network_of(Triplets)
    let_fire(network, source[0], target[0])
    network.reset_state_variables()
    w = let_fire(network, source[1], target[1])
    first = triplets_by_hand(random_weights(5, 4), source[0], target[0])
    np.testing.assert_array_equal(w, triplets_by_hand(first, source[1], target[1]))


def test_traces_stand_still_while_nothing_is_learned():
    network = network_of(Triplets)
    let_fire(network, np.ones((1, 5), bool), np.ones((1, 4), bool))
    before = deepcopy(memory_of(network))
    network.train(False)
    let_fire(network, np.ones((3, 5), bool), np.ones((3, 4), bool))
    assert all(torch.equal(value, before[name]) for name, value in memory_of(network).items())


# Files, copies and devices.


@pytest.mark.parametrize(("rule", "kept"), [(Triplets, ["o1", "o2", "r1", "r2"]), (Eligible, ["e"]), (Slowing, ["rate"])])
@pytest.mark.parametrize("way", ["file", "clone", "state"])
def test_a_network_that_was_saved_or_copied_goes_on_as_if_it_had_not_been(rule, kept, way, tmp_path):
    source, target = random_spikes(4, 2, 30, N_SAMPLES, 5), random_spikes(104, 2, 30, N_SAMPLES, 4)
    options = {"nu": NU, "reduction": torch.mean}
    network = network_of(rule, dt=0.5, **options)
    let_fire(network, source[0], target[0], reward=0.5)
    assert sorted(memory_of(network)) == kept
    if way == "file":
        network.save(tmp_path / "network.pt")
        other = load(tmp_path / "network.pt")
    elif way == "clone":
        other = network.clone()
    else:
        other = network_of(rule, dt=0.5, w=torch.zeros(5, 4), **options)
        other.set_batch_size(N_SAMPLES)
        other.load_state_dict(network.state_dict())
    before = deepcopy(memory_of(network))
    after = let_fire(other, source[1], target[1], reward=0.5)
    assert all(torch.equal(value, before[name]) for name, value in memory_of(network).items())  # the other one's is its own
    np.testing.assert_array_equal(let_fire(network, source[1], target[1], reward=0.5), after)
    for name, value in memory_of(network).items():
        assert torch.equal(memory_of(other)[name], value)


def test_parameters_of_a_rule_that_was_saved_come_back(tmp_path):
    network = network_of(Triplets, tc_plus=5.0, tc_y=50.0, weight_decay=0.25)
    network.save(tmp_path / "network.pt")
    rule = load(tmp_path / "network.pt").connections["X", "Y"].update_rule
    assert [rule.parameters[name].item() for name in ("tc_plus", "tc_x", "tc_y")] == [5.0, 101.0, 50.0]
    assert rule.parameters["r1_decay"] == decay_of(5.0)
    assert rule.weight_decay == 0.25


def test_memory_moves_with_its_network():
    network = network_of(Eligible, nu=NU)
    let_fire(network, np.ones((1, 5), bool), np.ones((1, 4), bool), reward=1.0)
    network.to("meta")
    assert memory_of(network)["e"].is_meta
    assert network.connections["X", "Y"].update_rule.memory is network.connections["X", "Y"].plasticity


@pytest.mark.parametrize("name", ["decay", "reset", "state", "type", "sizes"])
def test_memory_may_have_a_name_that_a_module_has(name):
    network = network_of(rule_of(of_nothing, state={name: 0.25}))
    let_fire(network, np.ones((1, 5), bool), np.ones((1, 4), bool))
    assert (memory_of(network)[name] == 0.25).all()
    network.set_batch_size(2)
    other = network.clone()
    other.load_state_dict(network.state_dict())
    assert memory_of(other)[name].shape == (2, 20)


def of_nothing() -> f32:
    return 0.0


# Another rule in its place.


def test_a_rule_that_takes_anothers_place_takes_over_the_time_step_and_the_batch_and_none_of_its_memory():
    network = network_of(Eligible, dt=0.5, nu=NU)
    network.set_batch_size(N_SAMPLES)
    connection = network.connections["X", "Y"]
    connection.update_rule = Triplets(connection)
    memory = memory_of(network)
    assert sorted(memory) == ["o1", "o2", "r1", "r2"]
    assert memory["o1"].shape == (N_SAMPLES, 4)
    assert connection.update_rule.parameters["r1_decay"] == decay_of(16.8, dt=0.5)
    connection.update_rule = PostPre(connection, nu=NU)
    assert memory_of(network) == {}


def test_a_rule_keeps_nothing_that_it_does_not_declare():
    network = network_of(PostPre, nu=NU)
    let_fire(network, np.ones((1, 5), bool), np.ones((1, 4), bool))
    assert memory_of(network) == {}
