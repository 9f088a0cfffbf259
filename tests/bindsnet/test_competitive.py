"""Competitive learning: weights follow the input of the neuron that fires, in every layout of weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from rules_by_hand import let_fire, network_of, random_spikes, random_weights

from bindsnet.errors import NetworkError
from bindsnet.learning import Competitive, SaturatingCompetitive
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection, Conv2dConnection, RegionConnection

N_SOURCE, N_TARGET = 5, 4
FREE = {"wmin": -math.inf, "wmax": math.inf}


def traces_by_hand(source: np.ndarray, tc: float, release: float, saturating: bool) -> np.ndarray:
    """The trace of each source after each step, in float64."""
    x, traces = np.zeros(source.shape[1:]), []
    for spikes in source:
        x = x * math.exp(-1 / tc)
        x = x + release * (1.0 - x if saturating else 1.0) * spikes
        traces.append(x)
    return np.stack(traces)


def learned_by_hand(
    w, source, target, saturating=False, nu=0.5, tc=math.inf, release=1.0, length=1.0, own_rate=0.5
) -> np.ndarray:
    """Weights ``[n_source, n_target]`` after spikes ``[n_steps, n_samples, n]``, neuron by neuron in float64."""
    w, n = w.astype(np.float64), np.zeros(w.shape[1])
    for x, fires in zip(traces_by_hand(source, tc, release, saturating), target, strict=True):
        for j in fires.any(0).nonzero()[0]:
            change = 0.0
            for sample in fires[:, j].nonzero()[0]:
                size = math.sqrt((x[sample] ** 2).sum())
                change += nu * (1 + n[j]) ** -own_rate * (length * x[sample] / size - w[:, j]) if size else 0.0
            w[:, j] += change
        n += fires.sum(0)
    return w


@pytest.mark.parametrize("n_samples", [1, 3])
@pytest.mark.parametrize(
    ("rule", "options"),
    [
        (Competitive, {}),
        (Competitive, {"tc": 7.0, "release": 2.0, "length": 3.0, "own_rate": 1.0}),
        (Competitive, {"own_rate": 0.0, "nu": 0.1}),
        (SaturatingCompetitive, {"release": 0.4}),
        (SaturatingCompetitive, {"tc": 12.0, "release": 0.3, "length": 2.0}),
    ],
)
def test_weights_are_those_of_a_loop_in_float64(rule, options, n_samples):
    source, target = random_spikes(0, 60, n_samples, N_SOURCE), random_spikes(1, 60, n_samples, N_TARGET, rate=0.1)
    given = {"tc_trace" if name == "tc" else name: value for name, value in options.items()}
    network = network_of(rule, N_SOURCE, N_TARGET, **{"nu": 0.5} | given | FREE)
    expected = learned_by_hand(random_weights(N_SOURCE, N_TARGET), source, target, rule is SaturatingCompetitive, **options)
    np.testing.assert_allclose(let_fire(network, source, target), expected, rtol=2e-4, atol=1e-6)
    memory = network.state_dict()
    np.testing.assert_array_equal(memory["X_to_Y.plasticity.n"], target.sum((0, 1)))
    rates = (1.0 + target.sum((0, 1))) ** -options.get("own_rate", 0.5)
    np.testing.assert_allclose(memory["X_to_Y.plasticity.rate"], rates, rtol=1e-6)


def test_a_neuron_whose_rate_falls_with_its_spikes_learns_the_mean_of_its_inputs():
    source, network = random_spikes(2, 30, N_SOURCE, rate=0.5), network_of(Competitive, N_SOURCE, 1, nu=1.0, own_rate=1.0, **FREE)
    source[:, 0] = True
    for sample in source:  # in each sample the neuron fires once, after its input
        network.reset_state_variables()
        w = let_fire(network, np.stack([sample, sample & False]), np.array([[False], [True]]))
    np.testing.assert_allclose(w[:, 0], (source / np.linalg.norm(source, axis=1, keepdims=True)).mean(0), rtol=1e-5)


def test_strong_and_weak_inputs_teach_the_same_and_none_teaches_nothing():
    fires, learned = np.ones((1, 1), bool), []
    for release in (0.01, 1.0, 50.0):
        network = network_of(Competitive, N_SOURCE, 1, nu=1.0, release=release, length=2.0, **FREE)
        learned.append(let_fire(network, np.array([[True, False, True, False, False]]), fires)[:, 0])
    np.testing.assert_allclose(learned, [[math.sqrt(2), 0, math.sqrt(2), 0, 0]] * 3, rtol=1e-6)
    network = network_of(Competitive, N_SOURCE, 1, nu=1.0, **FREE)
    np.testing.assert_array_equal(let_fire(network, np.zeros((1, N_SOURCE), bool), fires), random_weights(N_SOURCE, 1))


@pytest.mark.parametrize("tc", [math.inf, 15.0])
def test_a_saturating_trace_is_the_share_of_what_depressing_synapses_have_driven(tc):
    spikes, part, n_steps = random_spikes(3, 20, 1, rate=0.5), 0.4, 20
    network = network_of(SaturatingCompetitive, 1, 1, nu=1.0, release=part, depression=part, tc_trace=tc, tc_recovery=tc, **FREE)
    let_fire(network, spikes, np.zeros((n_steps, 1), bool))
    x = network.state_dict()["X_to_Y.plasticity.x"].item()
    let_fire(network, np.zeros((1, 1), bool), np.zeros((1, 1), bool))  # the last spike arrives a step later
    assert 1.0 - network.connections["X", "Y"].resources.left.item() == pytest.approx(x, rel=1e-5)


# Shared weights.


def convolving(kind, rule=Competitive, **options):
    network = Network()
    network.add_layer(Input(shape=[1, 4, 4]), "X")
    network.add_layer(LIFNodes(shape=[2, 2, 2] if kind is Conv2dConnection else [1, 2, 2]), "Y")
    given = {"kernel_size": 3, "w": torch.from_numpy(random_weights(2, 1, 3, 3))} if kind is Conv2dConnection else {"size": 3}
    network.add_connection(kind(*network.layers.values(), **given, update_rule=rule, nu=0.1, **options), "X", "Y")
    return network


@pytest.mark.parametrize("kind", [Conv2dConnection, RegionConnection])
def test_neurons_that_share_weights_share_one_rate(kind):
    complaint = rf"Competitive: neurons of {kind.__name__} share weights and so one rate; give own_rate=0"
    with pytest.raises(NetworkError, match=complaint) as raised:
        convolving(kind)
    assert "\n" not in str(raised.value)
    network = convolving(kind, own_rate=0.0)
    with pytest.raises(NetworkError, match=complaint):
        network.connections["X", "Y"].update_rule = Competitive(network.connections["X", "Y"], nu=0.1)


def test_a_map_learns_from_all_patches_of_a_step_whose_neurons_fire():
    network = convolving(Conv2dConnection, own_rate=0.0, tc_trace=9.0)
    source, target = random_spikes(4, 40, 1, 4, 4), random_spikes(5, 40, 2, 2, 2, rate=0.15)
    w, x = random_weights(2, 3, 3).astype(np.float64), np.zeros((4, 4))
    for spikes, fires in zip(source[:, 0], target, strict=True):
        x = x * math.exp(-1 / 9.0) + spikes
        change = np.zeros_like(w)
        for m, row, column in zip(*fires.nonzero(), strict=True):
            patch = x[row : row + 3, column : column + 3]
            change[m] += 0.1 * (patch / np.linalg.norm(patch) - w[m]) if patch.any() else 0.0
        w += change
    found = let_fire(network, source[:, None], target[:, None])
    np.testing.assert_allclose(found[:, 0], w, rtol=1e-4, atol=1e-6)


def test_the_scale_of_a_trace_is_a_number():
    with pytest.raises(NetworkError, match="x_scale takes 'release', which must be a number"):
        Connection(Input(2), LIFNodes(2), update_rule=Competitive, nu=1.0, release=torch.ones(2, 2))
