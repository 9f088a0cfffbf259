"""The network of Diehl & Cook (2015), with the numbers that they published and those that design settled."""

from __future__ import annotations

import pytest
import torch

from experiment.model.diehl_cook import INHIBITORY, DiehlCookNetwork
from experiment.model.network import EXCITATORY, INPUT


def parameters(network: DiehlCookNetwork, layer: str, *names: str) -> list[float]:
    return [network.layers[layer].get_buffer(name).item() for name in names]


def test_neurons_have_the_published_parameters():
    network = DiehlCookNetwork(4, 3)
    membrane = "rest", "reset", "thresh", "refrac", "tc_decay"
    assert parameters(network, EXCITATORY, *membrane) == [-65, -60, -52, 5, 215]
    assert parameters(network, INHIBITORY, *membrane) == [-60, -45, -40, 2, 10]
    assert parameters(network, EXCITATORY, "theta_plus", "tc_theta_decay") == pytest.approx([0.2, 1e7])
    assert parameters(network, INPUT, "tc_trace", "trace_scale") == [20, 1]
    assert network.layers[EXCITATORY].lbound is None
    assert network.layers[EXCITATORY].one_spike


def test_weights_begin_evenly_below_0_3_by_the_seed_and_stay_between_0_and_1():
    network = DiehlCookNetwork(500, 20, seed=3)
    plastic = network.connections[INPUT, EXCITATORY]
    assert torch.equal(network.w, 0.3 * torch.rand(500, 20, generator=torch.Generator().manual_seed(3)))
    assert (plastic.wmin, plastic.wmax) == (0, 1)
    assert {name: plastic.update_rule.parameters[name].item() for name in ("nu_post", "x_tar", "mu")} == pytest.approx(
        {"nu_post": 0.05, "x_tar": 0.4, "mu": 0.2}
    )


def test_excitation_is_one_to_one_and_inhibition_reaches_all_others():
    network = DiehlCookNetwork(4, 3)
    assert torch.equal(network.connections[EXCITATORY, INHIBITORY].dense(), 22.5 * torch.eye(3))
    assert torch.equal(network.connections[INHIBITORY, EXCITATORY].dense(), -17.5 * (1 - torch.eye(3)))


@pytest.mark.parametrize(("learning", "first"), [(True, 1.0), (False, 1.2)])
def test_a_sample_with_fewer_than_2_spikes_is_presented_up_to_5_times_with_a_fifth_more_each_time(learning, first):
    repetition = DiehlCookNetwork(4, 3).train(learning).repetition()
    assert (repetition.min_spikes, repetition.max_presentations) == (2, 5)
    assert list(repetition.factors()) == pytest.approx([first * 1.2**k for k in range(5)])


def test_without_a_learning_rate_nothing_learns():
    assert not DiehlCookNetwork(4, 3, nu=0).connections[INPUT, EXCITATORY].learns
