"""Rewards, learning rates of each synapse, reductions, and rules in files and in both engines."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import torch
from synapses_by_hand import N_SOURCE, N_TARGET, SOURCE, SYNAPSES, TARGET, let_fire, network_of, spikes, weights_of

from benchmarks.agreement import difference
from bindsnet import learning
from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import (
    MSTDP,
    MSTDPET,
    DiehlAndCook,
    Hebbian,
    HomeostaticScaling,
    LearningRule,
    NearestTripletSTDP,
    PostPre,
    SaturatingCompetitive,
    TripletSTDP,
    WeightDependentPostPre,
)
from bindsnet.learning.reward import AbstractReward, MovingAvgRPE
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import (
    Connection,
    Conv2dConnection,
    LocalConnection,
    MaskedConnection,
    SparseConnection,
    UniformLateralConnection,
)
from bindsnet.numbers.ops import f32


class ScaledPairs(HomeostaticScaling, PostPre):
    """Two rules in one."""


RULES = {
    WeightDependentPostPre: {"nu": (0.05, 0.1)},
    Hebbian: {"nu": (0.005, 0.01)},
    MSTDP: {"nu": 0.05, "a_plus": 0.5},
    MSTDPET: {"nu": 0.2, "tc_e_trace": 10.0, "zero_lag": True},
    TripletSTDP: {"nu": (5.0, 2.0), "tc_y": 50.0},
    NearestTripletSTDP: {"nu": 1.0},
    ScaledPairs: {"nu": (0.05, 0.1), "beta": 1.0, "target_rate": 50.0, "tc_rate": 100.0},
}


# In both engines, and in files.


def test_rules_give_the_same_bits_in_both_engines_on_every_kind_of_runs_with_delays():
    """One program of what random networks need not hold (test_agreement.py): all kinds, and changes at once by rows and runs."""
    network, some = Network(), torch.Generator().manual_seed(0)
    network.add_layer(Input(shape=SOURCE, traces=True), "X")
    mask = torch.rand(N_SOURCE, N_TARGET, generator=some) < 0.4
    on_kinds = [(WeightDependentPostPre, Connection), (WeightDependentPostPre, SparseConnection), (MSTDP, MaskedConnection)]
    on_kinds += [(MSTDPET, Conv2dConnection), (ScaledPairs, LocalConnection)]
    for k, (rule, kind) in enumerate(on_kinds):
        network.add_layer(LIFNodes(shape=TARGET, traces=True, thresh=-63.0 + 0.2 * k, refrac=1), f"Y{k}")
        ends = network.layers["X"], network.layers[f"Y{k}"]
        w = 2.0 * torch.rand(N_SOURCE, N_TARGET, generator=some)
        given = {LocalConnection: {"kernel_size": 3, "stride": 1, "n_filters": 2}, MaskedConnection: {"mask": mask}}.get(kind, {})
        if kind is Conv2dConnection:
            given, w = {"kernel_size": 3}, w[:9, :2].T.reshape(2, 1, 3, 3)
        w = (w * mask).to_sparse() if kind is SparseConnection else w
        delay = 1 + k % 3 if k % 2 else torch.randint(1, 4, (w._nnz(),) if w.is_sparse else w.shape, generator=some)
        arguments = {"w": w, "update_rule": rule, "wmin": 0.0, "wmax": 3.0, "delay": delay} | RULES[rule] | given
        network.add_connection(kind(*ends, **arguments), "X", f"Y{k}")
    before = network.clone()
    trains = SpikeTrains.from_dense(torch.rand(4, 25, N_SOURCE, generator=some) < 0.2)
    rewards = torch.randn(4, 25, generator=some)
    assert difference(network, {"spike_trains": trains, "layer": "Y0", "reward": rewards}) is None
    network.present(trains, "Y0", reward=rewards)
    for pair, connection in network.connections.items():
        assert (connection.w != before.connections[pair].w).float().mean() > 0.2, (pair, type(connection.update_rule))


@pytest.mark.parametrize("rule", RULES)
def test_a_network_with_each_rule_goes_on_after_loading_and_a_reset_clears_what_is_not_learned(rule, tmp_path):
    source, target = spikes()
    network = network_of(Connection, rule, reduction=torch.mean, weight_decay=1e-4, **RULES[rule])
    let_fire(network, source[:20], target[:20], reward=0.5)
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    assert type(loaded.connections["X", "Y"].update_rule) is rule
    found = [let_fire(each, source[20:], target[20:], reward=-0.5) for each in (network, loaded)]
    np.testing.assert_array_equal(*found)
    parameters = [each.connections["X", "Y"].update_rule.parameters for each in (network, loaded)]
    assert parameters[0] == parameters[1]
    network.reset_state_variables()
    kept = {name for name, value in network.connections["X", "Y"].named_buffers() if value.any()}
    assert kept == ({"plasticity.activity"} if rule is ScaledPairs else set())


@pytest.mark.parametrize("rule", [*RULES, DiehlAndCook, SaturatingCompetitive])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_many_synapses_are_changed_by_the_same_bits_as_few(rule, n_samples, monkeypatch):
    source, target = spikes(n_samples=n_samples)
    networks = [network_of(Connection, rule, **RULES.get(rule, {"nu": 0.3})) for _ in range(2)]
    few = let_fire(networks[0], source, target, reward=0.5)
    monkeypatch.setattr("bindsnet.learning.rules.updating.MANY", 0)
    np.testing.assert_array_equal(let_fire(networks[1], source, target, reward=0.5), few)
    assert (few != weights_of(Connection).reshape(-1)).mean() > 0.5


# Learning rates of each synapse.


@pytest.mark.parametrize("kind", list(SYNAPSES))
def test_rates_of_each_synapse_change_the_weights_that_they_belong_to(kind):
    source, target = spikes()
    shape = weights_of(kind).shape
    slow = torch.rand(shape, generator=torch.Generator().manual_seed(1)) < 0.5
    each = torch.where(slow, 0.001, 0.004)
    rates = {"slow": (0.001, 0.001), "fast": (0.004, 0.004), "each": (each, each), "later": (0.1, 0.1)}
    networks = {name: network_of(kind, PostPre, nu=nu, wmin=-9.0, wmax=9.0) for name, nu in rates.items()}
    networks["later"].connections["X", "Y"].update_rule.declare(nu_pre=each, nu_post=each)
    found = {name: let_fire(network, source, target) for name, network in networks.items()}
    there = weights_of(kind).reshape(-1) != 0
    np.testing.assert_array_equal(found["each"], np.where(slow.reshape(-1).numpy() | ~there, found["slow"], found["fast"]))
    np.testing.assert_array_equal(found["each"], found["later"])
    assert (found["slow"] != found["fast"]).sum() > 0.8 * there.sum()


def test_rates_of_each_synapse_are_kept_in_a_file_and_count_when_they_are_changed(tmp_path):
    rates = torch.rand(2, N_SOURCE, N_TARGET)
    network = network_of(Connection, PostPre, nu=tuple(rates))
    network.save(tmp_path / "network.pt")
    rule = load(tmp_path / "network.pt").connections["X", "Y"].update_rule
    assert torch.equal(rule.nu, rates)
    rule.nu[1] = 0.25
    assert rule.parameters["nu_post"].eq(0.25).all()
    assert torch.equal(rule.parameters["nu_pre"], rates[0])
    assert network_of(Connection, PostPre, nu=(rates[0], 0.5)).connections["X", "Y"].update_rule.nu.shape == rates.shape


@pytest.mark.parametrize("nu", [torch.ones(3), (torch.ones(2, 3), torch.ones(5)), (-torch.ones(16, 8), 0.1), (0.1, 0.2, 0.3)])
def test_rates_that_are_no_pair_or_negative_are_refused(nu):
    with pytest.raises(NetworkError, match="nu is a learning rate >= 0, or a pair"):
        network_of(Connection, PostPre, nu=nu)


# Rewards.


@pytest.mark.parametrize("reward", [torch.ones(2), torch.ones(3, 1), torch.ones(3, 40)])
def test_a_reward_of_another_shape_is_refused_by_what_was_expected(reward):
    source, target = spikes()
    with pytest.raises(NetworkError, match=r"a reward is a number of the step, or \[3\], one a sample; got \["):
        let_fire(network_of(Connection, MSTDP, nu=0.1), source, target, reward=reward)


@pytest.mark.parametrize("value", ["much", torch.ones(2), {("X", "Z"): 1.0}])
def test_an_amplitude_that_is_no_number_or_of_no_connection_is_refused_before_anything_runs(value):
    network = network_of(Connection, MSTDP, nu=0.1)
    with pytest.raises(NetworkError, match=r"a_plus|p_plus_scale"):
        let_fire(network, *spikes(), reward=1.0, a_plus=value)
    assert not network.layers["X"].s.any()
    assert network.connections["X", "Y"].update_rule.parameters["a_plus"] == 1.0


def test_what_no_rule_takes_of_a_run_is_unknown():
    with pytest.raises(NetworkError, match="run takes no argument 'a_plus'"):
        let_fire(network_of(Connection, PostPre, nu=0.1), *spikes(), a_plus=1.0)


def test_the_error_of_a_reward_that_was_expected_is_as_bindsnet_computes_it():
    """Measured on BindsNET 0.3.4."""
    error = MovingAvgRPE()
    assert isinstance(error, AbstractReward)
    assert error.compute(reward=torch.tensor([1.5, 2.0]), steps=3).tolist() == [1.5, 2.0]
    error.update(accumulated_reward=20.0, steps=4)
    assert (error.reward_predict, error.reward_predict_episode, error.compute(reward=1.0)) == (0.5, 2.0, 0.5)
    error.update(accumulated_reward=torch.tensor(-3.0), steps=10, ema_window=4)
    torch.testing.assert_close(error.reward_predict, torch.tensor(0.3))
    assert error.rewards_predict_episode == [2.0, 0.75]
    for call, missing in ((error.compute, "reward"), (error.update, "accumulated_reward")):
        with pytest.raises(NetworkError, match=f"MovingAvgRPE: .* takes {missing}, which was not given"):
            call()
    with pytest.raises(NetworkError, match="MovingAvgRPE takes no argument 'window'"):
        MovingAvgRPE(window=3)


def test_a_network_rewards_its_rules_by_what_was_not_expected():
    source, target = spikes()
    network, alone = (network_of(Connection, MSTDPET, nu=0.1) for _ in range(2))
    network.reward_fn = MovingAvgRPE()
    network.reward_fn.update(accumulated_reward=30.0, steps=1)
    found = let_fire(network, source, target, reward=torch.tensor([0.5, 1.0, 3.0]))
    np.testing.assert_array_equal(found, let_fire(alone, source, target, reward=torch.tensor([-2.5, -2.0, 0.0])))


# What functions are given, and what is refused.


class Together(LearningRule):
    """Counts the steps in which both ends fire, as a weight, in each of its functions."""

    @staticmethod
    def on_pre(s_pre: f32, s_post: f32) -> f32:
        return s_pre * s_post

    @staticmethod
    def on_post(s_pre: f32, s_post: f32) -> f32:
        return 100.0 * s_pre * s_post

    @staticmethod
    def on_step(s_pre: f32, s_post: f32) -> f32:
        return 10000.0 * s_pre * s_post


@pytest.mark.parametrize("kind", list(SYNAPSES))
def test_functions_are_told_which_ends_fire(kind):
    source, target = spikes(10, 2)
    i, j, places = SYNAPSES[kind]
    expected = weights_of(kind).reshape(-1).astype(float)
    np.add.at(expected, places, 10101.0 * (source[:, :, i] & target[:, :, j]).sum((0, 1)))
    found = let_fire(network_of(kind, Together, wmax=1e7), source, target)
    np.testing.assert_allclose(found, expected, atol=0.1)


@pytest.mark.parametrize("bounds", [{"wmin": -np.inf}, {"wmax": np.inf}])
def test_weight_dependence_needs_both_bounds_and_says_so_when_one_is_taken_away(bounds):
    with pytest.raises(NetworkError, match="WeightDependentPostPre needs a finite wmin and wmax, got"):
        network_of(Connection, WeightDependentPostPre, nu=0.1, **bounds)
    connection = network_of(Connection, WeightDependentPostPre, nu=0.1).connections["X", "Y"]
    with pytest.raises(NetworkError, match="WeightDependentPostPre needs a finite wmin and wmax, got"):
        connection.set_bounds(bounds.get("wmin", 0.0), bounds.get("wmax", 1.0))


@pytest.mark.parametrize("rule", [*RULES, learning.Rmax])
def test_a_connection_without_a_weight_of_every_synapse_is_refused_by_name(rule):
    ends = Input(4, traces=True, traces_additive=True), LIFNodes(4, traces=True)
    connection = UniformLateralConnection(*ends, -1.0)
    with pytest.raises(
        NetworkError, match=f"{rule.__name__}.* (changes a weight of every synapse, which Uniform|needs a finite)"
    ):
        rule(connection, nu=0.1)


def test_a_reduction_may_be_a_lambda_and_must_leave_one_change_for_each_synapse():
    source, target = spikes()
    networks = [network_of(Connection, PostPre, nu=0.01, reduction=r) for r in (torch.amax, lambda x, dim: x.max(dim).values)]
    np.testing.assert_array_equal(*(let_fire(network, source, target) for network in networks))
    for wrong in (torch.max, lambda x, dim: x):
        with pytest.raises(NetworkError, match=r"reduction must make .* and dim=0 a tensor .*, got"):
            let_fire(network_of(Connection, PostPre, nu=0.01, reduction=wrong), source, target)


def test_rules_and_rewards_are_where_programs_for_bindsnet_import_them_from():
    module = importlib.import_module("bindsnet.learning.learning")
    names = ["MSTDP", "MSTDPET", "DiehlAndCook", "Hebbian", "LearningRule", "NoOp", "PostPre", "Rmax", "WeightDependentPostPre"]
    assert all(getattr(module, name) is getattr(learning, name) for name in names)
    assert isinstance(Network(reward_fn=MovingAvgRPE).reward_fn, MovingAvgRPE)
