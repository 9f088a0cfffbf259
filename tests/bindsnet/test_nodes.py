"""One step of each model against numbers worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from bindsnet.errors import NetworkError
from bindsnet.network import Network
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.nodes.threshold import raised_threshold


def ready(layer, dt=1.0, batch_size=1):
    layer.compute_decays(dt)
    layer.set_batch_size(batch_size)
    return layer


def drive(*values):
    return torch.tensor([values])


def test_lif_leaks_then_takes_its_drive():
    layer = ready(LIFNodes(2, rest=-60.0, reset=-45.0, thresh=-40.0, tc_decay=10.0))
    layer.v[:] = torch.tensor([-50.0, -60.0])
    layer.forward(drive(1.0, 2.0))
    assert layer.v[0].tolist() == pytest.approx([-60 + 10 * math.exp(-0.1) + 1, -58.0])
    assert not layer.s.any()


def test_lif_fires_at_its_threshold_and_is_refractory_for_just_that_time():
    layer = ready(LIFNodes(1, rest=-60.0, reset=-45.0, thresh=-40.0, refrac=2, tc_decay=1e9))
    fired = []
    for _ in range(7):
        layer.forward(drive(20.0))
        fired.append(bool(layer.s))
    assert fired == [True, False, False, True, False, False, True]


@pytest.mark.parametrize("refrac", [0.0, 0.3, 2.0, 5.0])
@pytest.mark.parametrize("dt", [0.05, 0.1, 0.2, 0.4, 0.5, 1.0, 2.5])
def test_no_drive_is_taken_for_the_least_number_of_steps_that_hold_the_refractory_period(dt, refrac):
    layer = ready(LIFNodes(1, rest=-60.0, reset=-45.0, thresh=-40.0, refrac=refrac, tc_decay=1e9), dt)
    fired = []
    for step in range(250):
        layer.forward(drive(20.0))
        if layer.s:
            fired.append(step)
    between = 1 + math.ceil(Fraction(str(refrac)) / Fraction(str(dt)))
    assert fired == [*range(0, 250, between)]


def test_lower_bound_holds():
    layer = ready(LIFNodes(1, lbound=-70.0))
    layer.forward(drive(-100.0))
    assert layer.v.item() == -70.0


def test_lower_bound_holds_for_a_reset_below_it():
    layer = ready(LIFNodes(1, reset=-80.0, lbound=-70.0))
    layer.forward(drive(20.0))
    assert layer.s.item()
    assert layer.v.item() == -70.0


def test_the_lower_bound_is_told_if_any_neuron_has_one():
    assert LIFNodes(2).lbound is None
    assert LIFNodes(2, lbound=torch.tensor([-math.inf, -70.0])).lbound.tolist() == [-math.inf, -70.0]


def test_the_refractory_time_left_ends_at_0():
    layer = ready(LIFNodes(1, refrac=2), dt=0.75)
    left = []
    for value in (20.0, 0.0, 0.0, 0.0, 0.0):
        layer.forward(drive(value))
        left.append(layer.refrac_count.item())
    assert left == [2.0, 1.25, 0.5, 0.0, 0.0]


def test_every_neuron_over_threshold_is_reset_and_tired_but_one_alone_sends_a_spike():
    layer = ready(DiehlAndCookNodes(4, thresh=-52.0, rest=-65.0, reset=-60.0, refrac=5, theta_plus=0.2))
    layer.forward(drive(20.0, 20.0, 0.0, 20.0))
    over = torch.tensor([True, True, False, True])
    assert layer.s.sum() == 1
    assert not layer.s[0, 2]
    assert layer.theta.tolist() == pytest.approx([0.2, 0.2, 0.0, 0.2])
    assert (layer.v[0, over] == -60.0).all()
    assert (layer.refrac_count[0, over] == 5.0).all()
    layer.forward(drive(50.0, 50.0, 0.0, 50.0))
    assert not layer.s.any()


@pytest.mark.parametrize(("voltage", "fires"), [(-55.0, True), (np.nextafter(np.float32(-55), np.float32(-99)).item(), False)])
def test_an_adaptive_neuron_fires_at_its_threshold(voltage, fires):
    layer = ready(DiehlAndCookNodes(1, thresh=-55.5, rest=-65.0, tc_decay=math.inf))
    layer.theta[:], layer.v[:] = 0.5, voltage
    layer.forward(drive(0.0))
    assert layer.s.item() == fires


def test_threshold_and_theta_are_added_in_float64_and_rounded_once():
    thresh, theta = np.random.default_rng(0).uniform([[-60], [0]], [[-40], [20]], (2, 1000))
    assert np.array_equal(raised_threshold(theta, thresh), np.float32(thresh + theta))


def test_without_one_spike_all_neurons_over_threshold_send_theirs():
    layer = ready(DiehlAndCookNodes(3, one_spike=False))
    layer.forward(drive(20.0, 20.0, 0.0))
    assert layer.s.tolist() == [[True, True, False]]


def test_winner_is_drawn_evenly_among_neurons_over_threshold():
    layer = ready(DiehlAndCookNodes(3, refrac=0))
    wins = torch.zeros(3)
    for sample in range(1_500):
        layer.randomness.begin(0, 0, [sample], 0)
        layer.reset_state_variables()
        layer.theta.zero_()
        layer.forward(drive(20.0, 20.0, 20.0))
        wins += layer.s[0]
    assert (wins - 500).abs().max() < 80  # over 4 standard deviations


def test_theta_decays_in_float64_even_at_a_small_time_step():
    layer = ready(DiehlAndCookNodes(1, tc_theta_decay=1e7), dt=0.1)
    layer.theta[:] = 10.0
    for _ in range(100):
        layer.forward(drive(0.0))
    assert layer.theta.dtype == torch.float64
    assert 10.0 - layer.theta.item() == pytest.approx(10.0 * 10.0 / 1e7, rel=1e-3)


def test_theta_is_frozen_while_not_learning():
    layer = ready(DiehlAndCookNodes(1))
    layer.train(False)
    layer.theta[:] = 1.0
    layer.forward(drive(50.0))
    assert layer.s.all()
    assert layer.theta.item() == 1.0


def test_in_a_batch_theta_rises_by_the_spikes_of_all_samples_and_decays_once_a_step():
    layer = ready(DiehlAndCookNodes(3, theta_plus=0.2, tc_theta_decay=10.0), batch_size=4)
    layer.theta[:] = 1.0
    # Over threshold is neuron 0 in three samples, neuron 1 in one of these, neuron 2 in none.
    layer.forward(torch.tensor([[20.0, 20.0, 0.0], [20.0, 0.0, 0.0], [20.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    decayed = math.exp(-0.1)
    assert layer.theta.tolist() == pytest.approx([decayed + 0.6, decayed + 0.2, decayed])


def test_in_a_batch_samples_share_the_threshold_that_their_spikes_have_raised():
    layer = ready(DiehlAndCookNodes(2, thresh=-52.0, rest=-65.0, theta_plus=0.2), batch_size=4)
    layer.forward(torch.tensor([[20.0, 20.0], [20.0, 0.0], [20.0, 0.0], [0.0, 0.0]]))
    layer.v[:], layer.refrac_count[:] = -65.0, 0.0
    layer.forward(torch.tensor([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [13.3, 13.3]]))  # θ is 0.6 and 0.2 mV
    assert layer.s.tolist() == [[False, False]] * 3 + [[False, True]]


def test_threshold_and_theta_add_up():
    layer = ready(DiehlAndCookNodes(2, thresh=-52.0, rest=-65.0))
    layer.theta[:] = torch.tensor([1.9, 2.1], dtype=torch.float64)
    layer.forward(drive(15.0, 15.0))
    assert layer.s.tolist() == [[True, False]]


def test_trace_is_set_by_a_spike_and_decays_with_its_own_time_constant():
    layer = ready(Input(1, traces=True, tc_trace=20.0))
    for spike in (1, 1, 0, 0):
        layer.forward(torch.tensor([[spike]]))
    assert layer.x.item() == pytest.approx(math.exp(-2 / 20))


def test_a_spike_sets_the_trace_to_its_scale():
    layer = ready(Input(2, traces=True, trace_scale=0.5))
    layer.forward(torch.tensor([[1, 0]]))
    assert layer.x.tolist() == [[0.5, 0.0]]


def test_all_input_is_summed_if_asked_for():
    layer = ready(Input(2, sum_input=True))
    for spikes in ([1, 0], [1, 1], [0, 0]):
        layer.forward(torch.tensor([spikes]))
    assert layer.summed.tolist() == [[2.0, 1.0]]


def test_a_reset_takes_back_all_but_what_learning_moved():
    layer = ready(DiehlAndCookNodes(2, traces=True, sum_input=True, rest=-65.0, refrac=5, theta_plus=0.5), batch_size=3)
    for _ in range(2):
        layer.forward(torch.tensor([[20.0, 1.0]] * 3))
        layer.s[:, 0] = True
    assert all(layer.get_buffer(name).any() for name in ("s", "x", "summed", "refrac_count", "theta"))
    layer.reset_state_variables()
    assert not any(layer.get_buffer(name).any() for name in ("s", "x", "summed", "refrac_count"))
    assert layer.v.eq(-65.0).all()
    assert layer.theta[0] > 1


def test_additive_trace_sums_its_spikes():
    layer = ready(Input(1, traces=True, traces_additive=True, tc_trace=20.0, trace_scale=0.5))
    for spike in (1, 1):
        layer.forward(torch.tensor([[spike]]))
    assert layer.x.item() == pytest.approx(0.5 * math.exp(-1 / 20) + 0.5)


@pytest.mark.parametrize(
    ("thresh", "kept"),
    [
        (-60, -60.0),
        (torch.tensor([[-60.0]]), -60.0),
        (np.float32(-60), -60.0),
        (torch.tensor([[[-60.0, -61.0], [-62.0, -63.0]]]), [[-60.0, -61.0], [-62.0, -63.0]]),
        ([-60, -61], [[-60.0, -61.0], [-60.0, -61.0]]),
        (np.array([[-60.0], [-61.0]]), [[-60.0, -60.0], [-61.0, -61.0]]),
    ],
)
def test_a_parameter_is_one_number_or_one_for_each_neuron_in_the_layers_shape(thresh, kept):
    layer = ready(LIFNodes(shape=(2, 2), thresh=thresh))
    assert layer.thresh.tolist() == kept
    layer.forward(torch.full((1, 2, 2), 3.5))
    assert torch.equal(layer.s, layer.v.new_tensor(-61.5).ge(torch.tensor(kept)).expand(1, 2, 2))


@pytest.mark.parametrize("parameter", ["thresh", "rest", "tc_decay", "lbound", "trace_scale", "theta_plus"])
@pytest.mark.parametrize("shape", [(3,), (4, 1), (2, 4)])
def test_a_parameter_of_another_shape_is_refused_by_name(parameter, shape):
    got = str(list(shape)).replace("[", r"\[")
    message = rf"DiehlAndCookNodes: {{}} is a number, or one for each neuron in the layer's shape \[4\], got the shape {got}"
    with pytest.raises(NetworkError, match=message.format("lower_bound" if parameter == "lbound" else parameter)):
        DiehlAndCookNodes(4, traces=True, **{parameter: torch.ones(shape)})


@pytest.mark.parametrize("value", [None, "high", [[1.0], [1.0, 2.0]]])
def test_a_parameter_that_is_no_number_is_refused_by_name(value):
    with pytest.raises(NetworkError, match="LIFNodes: thresh is a number, or one for each neuron, got"):
        LIFNodes(2, thresh=value)


def test_later_changes_to_a_tensor_that_a_parameter_was_given_as_stay_outside():
    thresh = torch.full((2,), -52.0, requires_grad=True)
    layer = LIFNodes(2, thresh=thresh)
    with torch.no_grad():
        thresh[0] = 0.0
    assert layer.thresh.tolist() == [-52.0, -52.0]
    assert not layer.thresh.requires_grad


@pytest.mark.parametrize("value", [0.0, -5.0, math.nan, torch.tensor([10.0, -1.0])])
@pytest.mark.parametrize("parameter", ["tc_decay", "tc_theta_decay", "tc_trace"])
def test_a_time_constant_that_is_not_above_0_is_refused(parameter, value):
    with pytest.raises(NetworkError, match=f"DiehlAndCookNodes: the time constant {parameter} is above 0 ms, got"):
        DiehlAndCookNodes(2, traces=True, **{parameter: value})


def test_a_time_constant_without_end_keeps_what_it_would_make_decay():
    layer = ready(LIFNodes(1, tc_decay=math.inf))
    layer.forward(drive(1.0))
    layer.forward(drive(0.0))
    assert layer.v.item() == -64.0


@pytest.mark.parametrize("refrac", [-1, math.nan, torch.tensor([0, -1])])
def test_a_refractory_period_below_0_is_refused(refrac):
    with pytest.raises(NetworkError, match=r"LIFNodes: (the refractory period )?refrac is a (time from 0 ms on|number)"):
        LIFNodes(2, refrac=refrac)


def test_unknown_argument_is_an_error():
    with pytest.raises(NetworkError, match="tresh"):
        LIFNodes(3, tresh=-50.0)


@pytest.mark.parametrize("n", [3, 5])
def test_size_that_contradicts_the_shape_is_an_error(n):
    with pytest.raises(NetworkError, match=f"4 neurons, not n={n}"):
        LIFNodes(n, shape=(2, 2))


@pytest.mark.parametrize("network_learns", [True, False])
def test_a_layer_whose_learning_is_none_learns_as_its_network_does(network_learns):
    network = Network(learning=network_learns)
    network.add_layer(LIFNodes(2, learning=None), "Y")
    assert network.layers["Y"].learning is network_learns


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"n": 3, "thresh": math.nan}, "LIFNodes: thresh is a number, or one for each neuron, got nan"),
        ({"n": "many"}, "needs its number of neurons n, or its shape; got n='many', shape=None"),
        ({"n": 3, "shape": 3}, "needs its number of neurons n, or its shape; got n=3, shape=3"),
        ({}, "needs its number of neurons n, or its shape; got n=None, shape=None"),
    ],
)
def test_what_is_no_population_is_refused(arguments, complaint):
    with pytest.raises(NetworkError, match=complaint):
        LIFNodes(**arguments)
