"""Every rule against loops that its paper's equation was written into, on three kinds of connections, in batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from synapses_by_hand import (
    N_TARGET,
    SYNAPSES,
    TARGET,
    florian_by_hand,
    let_fire,
    network_of,
    pairs_by_hand,
    rmax_by_hand,
    scaling_by_hand,
    spikes,
    triplets_by_hand,
    weights_of,
)

from bindsnet.errors import NetworkError
from bindsnet.learning import (
    MSTDP,
    MSTDPET,
    Hebbian,
    HomeostaticScaling,
    NearestTripletSTDP,
    PostPre,
    Rmax,
    TripletSTDP,
    WeightDependentPostPre,
)
from bindsnet.network.nodes import LIFNodes
from bindsnet.network.topology import Connection, Conv2dConnection

KINDS = pytest.mark.parametrize("kind", list(SYNAPSES))
REWARDS = np.array([0.5, -1.0, 2.0])


def assert_learned(kind: type, found: np.ndarray, expected: np.ndarray, atol: float = 2e-6) -> None:
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=atol)
    before = weights_of(kind).reshape(-1)
    assert (np.abs(found - before) > 10 * atol).sum() > 0.8 * (before > 0).sum()  # enough has happened for that to tell


@KINDS
@pytest.mark.parametrize(("rule", "name"), [(WeightDependentPostPre, "soft bounds"), (Hebbian, "hebbian")])
def test_pairs_of_spikes_change_weights(kind, rule, name):
    source, target = spikes()
    nu = (0.001, 0.002)
    found = let_fire(network_of(kind, rule, nu=nu), source, target)
    assert_learned(kind, found, pairs_by_hand(kind, source, target, nu, name))


@KINDS
@pytest.mark.parametrize(("rule", "nu", "tc_z"), [(MSTDP, 0.005, None), (MSTDPET, 0.02, 25.0)])
def test_a_reward_of_each_sample_turns_eligibility_into_weight(kind, rule, nu, tc_z):
    source, target = spikes()
    network = network_of(kind, rule, nu=(nu, 0.9))
    found = let_fire(network, source, target, reward=torch.from_numpy(REWARDS))
    assert_learned(kind, found, florian_by_hand(kind, source, target, REWARDS, nu, tc_z))


@pytest.mark.parametrize(("rule", "nu", "tc_z"), [(MSTDP, 0.005, None), (MSTDPET, 0.05, 8.0)])
def test_amplitudes_time_constants_and_time_step_count_however_they_are_given(rule, nu, tc_z):
    source, target = spikes()
    own = {"nu": nu, "dt": 0.5, "tc_plus": 10.0, "tc_minus": 30.0} | ({} if tc_z is None else {"tc_e_trace": tc_z})
    expected = florian_by_hand(Connection, source, target, np.full(3, 0.5), nu, tc_z, (0.5, -0.25), (10.0, 30.0), 0.5)
    for constructed, told in (
        ({"a_plus": 0.5, "a_minus": -0.25}, {}),
        ({}, {"a_plus": 0.5, "a_minus": -0.25}),
        ({}, {"a_plus": {("X", "Y"): 0.5}, "a_minus": {("X", "Y"): torch.tensor(-0.25)}}),
    ):
        network = network_of(Connection, rule, **own, **constructed)
        found = let_fire(network, source, target, reward=torch.tensor([0.5]), **told)
        assert_learned(Connection, found, expected)
        rule_after = network.connections["X", "Y"].update_rule
        assert rule_after.parameters["a_plus"] == constructed.get("a_plus", 1.0)  # what a run is told is for that run
        assert rule_after.parameters["p_minus_scale"] == constructed.get("a_minus", -1.0)


@KINDS
@pytest.mark.parametrize(("rule", "nearest"), [(TripletSTDP, False), (NearestTripletSTDP, True)])
def test_triplets_of_spikes_change_weights(kind, rule, nearest):
    source, target = spikes()
    found = let_fire(network_of(kind, rule, nu=(0.2, 0.1)), source, target)
    assert_learned(kind, found, triplets_by_hand(kind, source, target, (0.2, 0.1), nearest))


@KINDS
def test_weights_are_scaled_until_a_neuron_fires_as_often_as_it_should(kind):
    source, target = spikes()
    given = {"target_rate": 100.0, "beta": 0.01, "tc_rate": 200.0}
    found = let_fire(network_of(kind, HomeostaticScaling, **given), source, target)
    assert_learned(kind, found, scaling_by_hand(kind, target, 100.0, 0.01, 0.2))


def test_scaling_that_is_slower_than_float32_resolves_in_a_step_is_not_lost():
    network = network_of(Connection, HomeostaticScaling, target_rate=5.0, beta=4e-6)  # 2e-8 of a weight in a step
    silent = np.zeros((3000, 1, 16), bool), np.zeros((3000, 1, N_TARGET), bool)
    grown = let_fire(network, *silent) / weights_of(Connection).reshape(-1) - 1.0
    np.testing.assert_allclose(grown, 3000 * 2e-8, rtol=0.01, atol=6e-8)


class Both(HomeostaticScaling, PostPre):
    """Two rules in one."""


def test_scaling_goes_together_with_a_rule_that_acts_at_spikes_and_outlasts_samples():
    source, target = spikes(n_samples=1)
    wide = {"wmin": -9.0, "wmax": 9.0}
    scaling, pairs = {"target_rate": 100.0, "beta": 0.05, "tc_rate": 200.0}, {"nu": (0.01, 0.02)}
    network = network_of(Connection, Both, **scaling, **pairs, **wide)
    alone = network_of(Connection, PostPre, **pairs, **wide), network_of(Connection, HomeostaticScaling, **scaling, **wide)
    for part in range(0, 40, 10):  # by samples, between which all else is reset
        steps = slice(part, part + 10)
        for each in (network, *alone):
            each.reset_state_variables()
        before = network.connections["X", "Y"].w.clone()
        for other in alone:
            other.connections["X", "Y"].w.copy_(before)
        changes = [let_fire(other, source[steps], target[steps]) - before.reshape(-1).numpy() for other in alone]
        found = let_fire(network, source[steps], target[steps]) - before.reshape(-1).numpy()
        np.testing.assert_allclose(found, sum(changes), atol=3e-3)  # but for what the one changes for the other
        assert np.abs(changes[0]).max() > 0.01 < np.abs(changes[1]).max()
    rates = network.state_dict()["X_to_Y.plasticity.activity"]
    assert torch.equal(rates, alone[1].state_dict()["X_to_Y.plasticity.activity"])
    network.set_batch_size(2)
    assert torch.equal(network.state_dict()["X_to_Y.plasticity.activity"], rates.expand(2, -1))


class Chancy(LIFNodes):
    """Neurons that tell with which probability they fire, as tests set it."""

    s_prob = torch.zeros(1)


def rmax(kind: type, nodes: type = Chancy, dt: float = 1.0, additive: bool = True, **given):
    network = network_of(kind, None, dt=dt, additive=additive)
    network.layers["Y"].__class__ = nodes
    connection = network.connections["X", "Y"]
    connection.update_rule = Rmax(connection, **given)
    return network


@pytest.mark.parametrize("kind", [Connection, Conv2dConnection])
@pytest.mark.parametrize("tc_c", [0.0, 5.0, float("inf")])
def test_rewards_are_maximised_by_what_neurons_do_beyond_what_was_expected(kind, tc_c):
    source, target = spikes()
    chance = np.random.default_rng(8).random(target.shape) * (target | (np.random.default_rng(9).random(target.shape) < 0.5))
    network = rmax(kind, dt=0.5, nu=0.002, tc_c=tc_c)
    for s, t, p in zip(source, target, chance, strict=True):
        network.layers["Y"].s_prob = torch.from_numpy(p).float().view(-1, *TARGET)
        found = let_fire(network, s[None], t[None], reward=0.5)
    expected = rmax_by_hand(kind, source, target, np.where(chance > 0, chance, 1e-300), 0.5, 0.002, min(tc_c, 1e290), 0.5)
    assert_learned(kind, found, expected)


def test_rmax_says_what_it_needs_and_leaves_the_network_to_the_plain_engine():
    assert rmax(Connection, nu=0.1).engine() == "plain"
    with pytest.raises(NetworkError, match="Rmax takes s_prob of its target neurons"):
        rmax(Connection, nu=0.1).engine("fused")
    with pytest.raises(NetworkError, match="Rmax takes s_prob of its target neurons, which LIFNodes do not keep"):
        rmax(Connection, nodes=LIFNodes, nu=0.1)
    with pytest.raises(NetworkError, match="Rmax needs additive traces of its source"):
        rmax(Connection, additive=False, nu=0.1)
