"""Neurons that gather evidence and decide at the end: the bound, who fires when, and which of them adapt."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from builders import random_trains

from bindsnet.errors import NetworkError
from bindsnet.learning import Competitive
from bindsnet.network import Network
from bindsnet.network.nodes import DecisionNodes, Input
from bindsnet.network.topology import Connection, UniformLateralConnection

N, RAMP = 8, 0.05


def network_of(n: int = N, dt: float = 1.0, margin: int | None = None, **options) -> Network:
    """Neurons Y that are driven from outside; the first spike ends the decision after so many steps."""
    network = Network(dt=dt)
    network.add_layer(Input(3), "X")
    network.add_layer(DecisionNodes(n, **{"decides_at": 5.0, "ceiling": 40.0, "ramp": RAMP} | options), "Y")
    if margin is not None:
        lateral = UniformLateralConnection(network.layers["Y"], network.layers["Y"], -1e9, itself=True, delay=margin)
        network.add_connection(lateral, "Y", "Y")
    return network


def spikes_of(network: Network, drive: np.ndarray, **kwargs) -> np.ndarray:
    """Spikes of each step, bool ``[n_steps, n_samples, n]``, for this drive of each step, mV."""
    spikes = []
    for step in drive:
        network.run({"Y": torch.from_numpy(step)[None].float()}, time=network.dt, **kwargs)
        spikes.append(network.layers["Y"].s.numpy().copy())
    return np.stack(spikes)


def decided_by_hand(drive: np.ndarray, theta_plus: float, tc_theta: float, tc_decay: float) -> tuple[np.ndarray, ...]:
    """Spikes ``[n_steps, n]``, voltages, bound and θ after them, in float64."""
    v, theta, bound, spikes = np.zeros(N), np.full(N, -0.95), 40.0, np.zeros(drive.shape, bool)
    for t, given in enumerate(drive, start=1):
        theta = np.where(theta < 0, theta, theta * math.exp(-1 / tc_theta))
        v = v * math.exp(-1 / tc_decay) + given
        if t > 5:
            bound *= 1 - RAMP
            spikes[t - 1] = (v > 0) & (v >= bound * (1 + theta))
        theta = np.where(spikes[t - 1], np.maximum(theta, 0) + theta_plus, theta)
    return spikes, v, bound, theta


def test_each_step_is_that_of_a_loop_in_float64():
    drive = np.random.default_rng(0).normal(0.3, 0.5, (60, 1, N))
    network = network_of(theta_plus=0.1, tc_theta_decay=30.0, tc_decay=80.0)
    spikes, v, bound, theta = decided_by_hand(drive[:, 0], 0.1, 30.0, 80.0)
    np.testing.assert_array_equal(spikes_of(network, drive)[:, 0], spikes)
    layer = network.layers["Y"]
    assert 0 < spikes.sum(0).min() < spikes.sum(0).max()
    np.testing.assert_allclose(layer.v[0], v, rtol=1e-4)
    np.testing.assert_allclose(layer.bound[0], bound, rtol=1e-5)
    np.testing.assert_allclose(layer.theta, theta, rtol=1e-6)


# Who fires when.


def first_steps(network: Network, v: np.ndarray, n_steps: int = 150) -> np.ndarray:
    """The step in which each of neurons that are used to it fires first, where it holds v, mV, from the first step on."""
    network.layers["Y"].theta.zero_()
    drive = np.zeros((n_steps, 1, len(v)))
    drive[0, 0] = v
    return spikes_of(network, drive)[:, 0].argmax(0)


@pytest.mark.parametrize("largest", [0.5, 40.0])
def test_whatever_their_size_voltages_fire_apart_by_the_logarithm_of_their_ratio(largest):
    ratios = np.array([1.0, 0.9, 0.7, 0.4])
    found = first_steps(network_of(4).train(False), ratios * largest)
    np.testing.assert_allclose(found - found[0], np.log(ratios) / math.log(1 - RAMP), atol=1)
    assert found[0] >= 5


def test_votes_are_graded_by_the_steps_that_inhibition_takes():
    v, margin = 20.0 * np.array([1.0, 0.97, 0.9, 0.8, 0.7, 0.3]), 6
    expected = np.maximum(0, margin - (first := first_steps(network_of(6).train(False), v)) + first.min())
    network, drive = network_of(6, margin=margin).train(False), np.zeros((150, 1, 6))
    network.layers["Y"].theta.zero_()
    drive[0, 0] = v
    counts = spikes_of(network, drive)[:, 0].sum(0)
    np.testing.assert_array_equal(counts, expected)
    assert len({*counts}) > 3
    assert counts[-1] == 0


@pytest.mark.parametrize(("dt", "decides_at", "after"), [(0.1, 10.0, 100), (0.1, 0.3, 3), (0.5, 5.2, 10), (0.1, 1000.0, 10_000)])
def test_the_bound_falls_from_the_first_step_after_its_time_whatever_the_time_step(dt, decides_at, after):
    network = network_of(1, dt=dt, decides_at=decides_at, ceiling=1.0)
    network.layers["Y"].age.fill_(after - 1)
    spikes_of(network, np.zeros((1, 1, 1)))
    assert network.layers["Y"].bound.item() == 1.0
    spikes_of(network, np.zeros((1, 1, 1)))
    assert network.layers["Y"].bound.item() == pytest.approx(1 - RAMP)


def test_nothing_is_decided_without_evidence_however_low_the_bound():
    drive = np.zeros((400, 1, 3))
    drive[0, 0] = [0.0, -1.0, 1e-20]
    assert spikes_of(network_of(3, ramp=0.9), drive).any((0, 1)).tolist() == [False, False, True]


def test_of_those_who_reach_their_own_bounds_in_a_step_the_first_to_do_so_wins():
    network = network_of(3, one_spike=True, ramp=0.5).train(False)
    network.layers["Y"].theta.copy_(torch.tensor([0.0, 1.0, -0.5]))
    drive = np.zeros((6, 1, 3))
    drive[0, 0] = [30.0, 70.0, 12.0]  # 30, 35 and 24 of a bound of 20
    assert spikes_of(network, drive)[5, 0].tolist() == [False, True, False]


# Which of them adapt.


def test_all_are_used_before_one_is_used_twice_however_fast_thresholds_fade():
    network = Network()
    network.add_layer(Input(20), "X")
    nodes = DecisionNodes(10, decides_at=30.0, ceiling=100.0, theta_plus=0.1, tc_theta_decay=20.0, one_spike=True)
    network.add_layer(nodes, "Y")
    w = torch.rand(20, 10, generator=torch.Generator().manual_seed(0))
    network.add_connection(Connection(network.layers["X"], nodes, w=w / w.norm(dim=0), nu=1.0, update_rule=Competitive), "X", "Y")
    network.add_connection(UniformLateralConnection(nodes, nodes, -1e9, itself=True), "Y", "Y")
    trains = random_trains(n_samples=14, n_steps=30)._replace(n_steps=200)
    counts = network.present(trains, "Y", seed=0, engine="plain").spike_counts
    assert (counts.sum(1) == 1).all()
    assert (counts[:10].sum(0) == 1).all()
    assert (nodes.theta >= 0).all()


def test_a_spike_takes_a_neuron_from_the_unused_and_only_the_winner_adapts():
    network = network_of(3, one_spike=True, theta_plus=0.25)
    drive = np.full((6, 1, 3), 0.0)
    drive[0, 0] = [39.0, 38.0, 0.0]
    assert spikes_of(network, drive)[5, 0].tolist() == [True, False, False]
    assert network.layers["Y"].theta.tolist() == [0.25, -0.95, -0.95]
    network.train(False)
    spikes_of(network, drive)
    assert network.layers["Y"].theta.tolist() == [0.25, -0.95, -0.95]


def test_the_samples_of_a_batch_decide_each_for_itself_and_share_what_is_learned():
    drive = np.zeros((7, 3, N))
    drive[0] = np.random.default_rng(1).permuted(np.tile(np.linspace(1.0, 30.0, N), (3, 1)), axis=1)
    network = network_of(theta_plus=0.25, tc_theta_decay=math.inf, one_spike=True)
    first = spikes_of(network, drive)[5]
    np.testing.assert_array_equal(first, drive[0] == 30.0)
    network = network_of(theta_plus=0.25, tc_theta_decay=math.inf, one_spike=True)
    spikes_of(network, drive[:6])
    n = first.sum(0)
    np.testing.assert_array_equal(network.layers["Y"].theta, np.where(n > 0, 0.25 * n, -0.95))


# What is refused.


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"ramp": 0.0}, "DecisionNodes: the ramp is a part of the bound between 0 and 1, got 0"),
        ({"ramp": 1}, "the ramp is a part of the bound between 0 and 1, got 1"),
        ({"ramp": math.nan}, "DecisionNodes: ramp is a number, or one for each neuron, got nan"),
        ({"ramp": torch.full((N,), 0.1)}, "DecisionNodes: ramp is one number, of the bound that all neurons share"),
        ({"ceiling": torch.ones(N)}, "ceiling is one number"),
        ({"decides_at": torch.ones(N)}, "decides_at is one number"),
        ({"ceiling": 0.0}, "the ceiling of the bound is above 0 mV, got 0"),
        ({"winner": "loudest"}, "a winner is drawn or highest, not 'loudest'"),
        ({"leak": 1.0}, "DecisionNodes takes no argument 'leak'"),
    ],
)
def test_what_cannot_be_decided_by_is_refused_in_a_line(options, complaint):
    with pytest.raises(NetworkError, match=complaint) as raised:
        DecisionNodes(N, **options)
    assert "\n" not in str(raised.value)
