"""Weights after some steps, as BindsNET 0.3.4 gives them, of its own rules.

Measured on 0.3.4 with just this set-up: three sources and two targets, of which the second one's synapses only decay; spikes by a
formula, traces with τ 20 ms at a step of 0.5 ms, twelve updates of the connection alone, initial weights and bounds as below.
"""

from __future__ import annotations

import math

import pytest
import torch

from bindsnet.learning import MSTDP, MSTDPET, DiehlAndCook, Hebbian, PostPre, Rmax, WeightDependentPostPre
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes, SRM0Nodes
from bindsnet.network.topology import Connection

N_STEPS, DT = 12, 0.5
WEIGHTS = torch.tensor([[0.2, 0.8], [0.4, 0.6], [0.5, 0.3]])
MEASURED = [
    # rule, batch size, further arguments of the connection, of its update; weights
    (PostPre, 1, {}, {}, [[0.257098, 0.8], [0.4, 0.6], [0.528561, 0.3]]),
    (PostPre, 3, {}, {}, [[0.314924, 0.8], [0.285877, 0.6], [0.614924, 0.3]]),
    (PostPre, 3, "mean and decay", {}, [[0.21335, 0.709108], [0.318533, 0.531831], [0.479266, 0.265915]]),
    (PostPre, 3, {"reduction": torch.amax}, {}, [[0.143667, 0.8], [0.285877, 0.6], [0.443667, 0.3]]),
    (WeightDependentPostPre, 1, {}, {}, [[0.275677, 0.8], [0.4, 0.6], [0.513544, 0.3]]),
    (WeightDependentPostPre, 3, {}, {}, [[0.366507, 0.8], [0.380175, 0.6], [0.551241, 0.3]]),
    (WeightDependentPostPre, 3, "mean and decay", {}, [[0.237004, 0.709108], [0.349953, 0.531831], [0.4642, 0.265915]]),
    (WeightDependentPostPre, 3, {"reduction": torch.amax}, {}, [[0.252764, 0.8], [0.380175, 0.6], [0.474944, 0.3]]),
    (Hebbian, 1, {}, {}, [[0.374159, 0.8], [0.4, 0.6], [0.645622, 0.3]]),
    (Hebbian, 3, {}, {}, [[0.666109, 0.8], [0.754123, 0.6], [0.966109, 0.3]]),
    (Hebbian, 3, "mean and decay", {}, [[0.322522, 0.709108], [0.464808, 0.531831], [0.588438, 0.265915]]),
    (Hebbian, 3, {"reduction": torch.amax}, {}, [[0.494852, 0.8], [0.754123, 0.6], [0.794852, 0.3]]),
    (DiehlAndCook, 1, {}, {}, [[0.306675, 0.8], [0.327132, 0.6], [0.556489, 0.3]]),
    (DiehlAndCook, 3, {}, {}, [[0.4289, 0.8], [0.363724, 0.6], [0.70623, 0.3]]),
    (DiehlAndCook, 3, {"reduction": torch.amax}, {}, [[0.312336, 0.8], [0.506822, 0.6], [0.601717, 0.3]]),
    (MSTDP, 1, {}, {}, [[0.221585, 0.8], [0.4, 0.6], [0.435232, 0.3]]),
    (MSTDP, 3, {}, {}, [[0.135232, 0.8], [0.31254, 0.6], [0.435232, 0.3]]),
    (MSTDP, 3, "mean and decay", "amplitudes", [[0.198904, 0.709108], [0.380784, 0.531831], [0.464819, 0.265915]]),
    (MSTDP, 3, {"reduction": torch.amax}, {}, [[0.337236, 0.8], [0.675312, 0.6], [0.637236, 0.3]]),
    (MSTDP, 1, {"zero_lag": True}, {}, [[0.221585, 0.8], [0.4, 0.6], [0.435232, 0.3]]),
    (MSTDPET, 1, {}, {}, [[0.213801, 0.8], [0.4, 0.6], [0.402474, 0.3]]),
    (MSTDPET, 3, {}, {}, [[0.0147, 0.8], [0.025892, 0.6], [0.3147, 0.3]]),
    (MSTDPET, 3, "mean and decay", "amplitudes", [[0.261866, 0.709108], [0.446074, 0.531831], [0.527781, 0.265915]]),
    (MSTDPET, 3, {"reduction": torch.amax}, {}, [[0.293259, 0.8], [0.410685, 0.6], [0.593259, 0.3]]),
    (MSTDPET, 1, {"zero_lag": True}, {}, [[0.230796, 0.8], [0.4, 0.6], [0.35259, 0.3]]),
]
RATES = {MSTDP: (0.05, 0.9), MSTDPET: (2.0, 0.9), DiehlAndCook: (0.0, 0.05)}  # (0.02, 0.03) of the others
OWN = {DiehlAndCook: {"x_tar": 0.4, "mu": 0.2}}


def spikes_of(batch_size: int, n: int, a: int, b: int, c: int, every: int) -> torch.Tensor:
    t, k, i = torch.meshgrid(torch.arange(N_STEPS), torch.arange(batch_size), torch.arange(n), indexing="ij")
    return (a * t + b * k + c * i + t * i) % every == 0


@pytest.mark.parametrize(("rule", "batch_size", "given", "told", "measured"), MEASURED)
def test_weights_are_those_that_bindsnet_gives(rule, batch_size, given, told, measured):
    modulated = issubclass(rule, MSTDP)
    arguments = OWN.get(rule, {}) | (given if isinstance(given, dict) else {"reduction": torch.mean, "weight_decay": 0.01})
    if modulated and not isinstance(given, dict):
        arguments |= {"tc_plus": 10.0, "tc_minus": 30.0}
    told = (told or {}) if isinstance(told, dict) else {"a_plus": 0.5, "a_minus": -0.25}
    told |= {"reward": 0.5} if modulated else {}
    network = Network(dt=DT, batch_size=batch_size)
    source, target = Input(3, traces=True), LIFNodes(2, traces=True)
    network.add_layer(source, "X")
    network.add_layer(target, "Y")
    arguments |= {"update_rule": rule, "nu": RATES.get(rule, (0.02, 0.03)), "wmin": 0.0, "wmax": 1.0}
    network.add_connection(Connection(source, target, w=WEIGHTS.clone(), **arguments), "X", "Y")
    for pre, post in zip(spikes_of(batch_size, 3, 7, 5, 3, 4), spikes_of(batch_size, 2, 5, 3, 2, 3), strict=True):
        for layer, s in ((source, pre), (target, post)):
            layer.s[:], layer.x[:] = s, torch.where(s, 1.0, layer.x * math.exp(-DT / 20.0))
        network.connections["X", "Y"].update(learning=True, **told)
    torch.testing.assert_close(network.connections["X", "Y"].w, torch.tensor(measured), rtol=0.0, atol=2e-6)


@pytest.mark.parametrize(
    ("given", "measured"),
    [
        ({}, [[0.915891, 0.597072], [0.4, 0.6], [0.966525, 0.167728]]),
        ({"tc_c": 0.0}, [[0.190408, 0.0], [0.4, 0.6], [0.408693, 0.0]]),
        ({"tc_c": 20.0, "tc_e_trace": 10.0}, [[0.974109, 0.742893], [0.4, 0.6], [1.0, 0.262231]]),
    ],
)
def test_rmax_gives_what_bindsnet_gives(given, measured):
    """The same set-up, with additive traces, and of step t the probabilities 0.1 + 0.05 t and 0.3."""
    network, (source, target) = Network(dt=DT), (Input(3, traces=True, traces_additive=True), SRM0Nodes(2))
    network.add_layer(source, "X")
    network.add_layer(target, "Y")
    arguments = {"update_rule": Rmax, "nu": (0.05, 0.9), "wmin": 0.0, "wmax": 1.0} | given
    network.add_connection(Connection(source, target, w=WEIGHTS.clone(), **arguments), "X", "Y")
    for t, (pre, post) in enumerate(zip(spikes_of(1, 3, 7, 5, 3, 4), spikes_of(1, 2, 5, 3, 2, 3), strict=True)):
        source.s[:], source.x[:] = pre, source.x * math.exp(-DT / 20.0) + pre
        target.s[:], target.s_prob[:] = post, torch.tensor([0.1 + 0.05 * t, 0.3])
        network.connections["X", "Y"].update(learning=True, reward=0.5)
    torch.testing.assert_close(network.connections["X", "Y"].w, torch.tensor(measured), rtol=0.0, atol=2e-6)


def test_spike_response_neurons_tell_rmax_with_which_probability_they_fire():
    torch.manual_seed(0)
    nodes = SRM0Nodes(1000)
    network = Network(dt=DT)
    network.add_layer(nodes, "Y")
    network.run({"Y": torch.full((1, 1, 1000), 15.0)}, time=DT)  # v 5 mV below the threshold, so the rate is 1 / e per ms
    torch.testing.assert_close(nodes.s_prob, torch.full((1, 1000), 1.0 - math.exp(-math.exp(-1.0) * DT)))
    assert abs(nodes.s.float().mean() - nodes.s_prob[0, 0]) < 0.05
