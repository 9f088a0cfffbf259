"""Models of point neurons against float64 loops written from their equations, against numbers measured on BindsNET 0.3.4, and in
both engines."""

from __future__ import annotations

import inspect

import neurons_by_hand as by_hand
import numpy as np
import pytest
import torch
from builders import random_trains
from neurons_by_hand import SHORT, N, driven, drives_of, layer_of

from bindsnet.errors import NetworkError
from bindsnet.network import Network, load
from bindsnet.network import nodes as models
from bindsnet.network.nodes import AdaptiveLIFNodes, DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.nodes.constructor import COMMON, constructor
from bindsnet.network.topology import Connection, Conv2dConnection, SparseConnection

THRESH = np.array([-52.0, -54.0, -50.0, -53.0])
#: model -> its parameters, its equation as a loop, what the loop takes otherwise
CASES = {
    "McCullochPitts": ({"thresh": THRESH + 53}, by_hand.mcculloch_pitts, {}),
    "IFNodes": ({"thresh": THRESH, "lbound": -66.0, "refrac": 4}, by_hand.integrate_and_fire, {"first": "reset"}),
    "LIFNodes": ({"thresh": THRESH, "tc_decay": 30.0, "refrac": 3}, by_hand.integrate_and_fire, {}),
    "BoostedLIFNodes": (
        {"thresh": THRESH + 65, "tc_decay": 30.0, "refrac": 3},
        by_hand.integrate_and_fire,
        {"rest": 0.0, "reset": 0.0},
    ),
    "CurrentLIFNodes": ({"thresh": THRESH, "tc_decay": 40.0, "refrac": 3, "lbound": -66.0}, by_hand.current_lif, {}),
    "AdaptiveLIFNodes": (
        {"thresh": THRESH, "tc_decay": 40.0, "refrac": 2, "theta_plus": 1.0, "tc_theta_decay": 50.0},
        by_hand.integrate_and_fire,
        {},
    ),
}


# Equations.


@pytest.mark.parametrize("dt", [1.0, 0.5])
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("model", CASES)
def test_each_step_is_that_of_a_loop_in_float64(model, batch_size, dt):
    parameters, loop, further = CASES[model]
    drives = drives_of(batch_size)
    expected = loop(drives, dt, **parameters, **further)
    layer = layer_of(model, batch_size, dt, **{name: torch.as_tensor(value) for name, value in parameters.items()})
    names = ("v", "s", *(name for name in expected if name in layer._buffers and name not in "vs"))
    found = driven(layer, drives, names)
    assert expected["s"].any((0, 1)).all()
    np.testing.assert_array_equal(found["s"], expected["s"])
    for name in names:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-4)


#: Two neurons, 40 steps of 1 ms; the first takes the drive times 1, 2, 3, 1, ..., the second twice the drive. Spikes of each, and
#: what they hold then, in BindsNET 0.3.4 (its counters of refractory time go on below 0).
MEASURED = {
    "McCullochPitts": ({"thresh": 1.2}, 0.5, [[*range(2, 40, 3)], []], {"v": [0.5, 1.0]}),
    "IFNodes": ({"refrac": 3}, 2.0, [[*range(3, 40, 7)]] * 2, {"v": [-65.0, -65.0], "refrac_count": [2.0, 2.0]}),
    "LIFNodes": ({}, 2.0, [[*range(3, 40, 9)]] * 2, {"v": [-65.0, -65.0], "refrac_count": [5.0, 5.0]}),
    "BoostedLIFNodes": ({}, 2.0, [[*range(3, 40, 9)]] * 2, {"v": [0.0, 0.0], "refrac_count": [5.0, 5.0]}),
    "CurrentLIFNodes": (
        {},
        1.0,
        [[*range(4, 40, 7)], [*range(3, 40, 7)]],
        {"v": [-65.0, -65.0], "i": [4.576508, 5.082988], "refrac_count": [5.0, 4.0]},
    ),
    "AdaptiveLIFNodes": (
        {"theta_plus": 2.0, "tc_theta_decay": 100.0},
        2.0,
        [[3, 13, 23, 33], [3, 12, 22, 32]],
        {"v": [-63.0, -57.039803], "theta": [6.525273, 6.474231]},
    ),
}


@pytest.mark.parametrize("model", MEASURED)
def test_spikes_and_state_are_those_measured_on_bindsnet(model):
    parameters, given, spikes, state = MEASURED[model]
    layer = layer_of(model, n=2, **parameters)
    drives = np.array([[[given * (1 + step % 3), given * 2]] for step in range(40)])
    found = driven(layer, drives)
    assert [found["s"][:, 0, j].nonzero()[0].tolist() for j in range(2)] == spikes
    for name, value in state.items():
        np.testing.assert_allclose(layer.get_buffer(name).reshape(-1), value, rtol=1e-6)


def test_an_adaptive_threshold_stays_where_its_layer_was_made_not_to_learn():
    layer = layer_of("AdaptiveLIFNodes", learning=False, theta_plus=1.0)
    assert driven(layer, drives_of(1, mean=5.0))["s"].any()
    assert not layer.theta.any()


@pytest.mark.parametrize("model", CASES)
def test_the_height_is_how_far_above_its_threshold_the_step_finds_a_neuron(model):
    parameters = {name: torch.as_tensor(value) for name, value in CASES[model][0].items()}
    layer, plain = layer_of(model, learning=False, **parameters), layer_of(model, learning=False, **parameters)
    layer.one_spike, layer.winner = True, "highest"
    fired = 0
    for drive in drives_of(1, mean=14.0):
        layer.reset_state_variables()
        plain.reset_state_variables()
        for each in (layer, plain):
            each.forward(torch.from_numpy(drive).float())
        if plain.s.sum() > 1:
            above = np.where(plain.s[0], drive[0] - (parameters["thresh"].numpy() - THRESH[0]), -np.inf)
            assert layer.s[0].nonzero().item() == above.argmax()
            fired += 1
    assert fired > 3


# Constructors.


def test_a_constructor_takes_first_what_all_take_by_place_or_by_name():
    layer = LIFNodes(6, (2, 3), True, True, 10.0, 0.5, True, -50.0, rest=-60.0, learning=False)
    assert (layer.n, layer.shape, layer.traces, layer.traces_additive, layer.sum_input) == (6, [2, 3], True, True, True)
    assert (layer.tc_trace, layer.trace_scale, layer.thresh, layer.rest) == (10.0, 0.5, -50.0, -60.0)
    assert not layer.learning


@pytest.mark.parametrize("whose", [DiehlAndCookNodes, DiehlAndCookNodes.__init__])
def test_help_and_inspect_see_all_arguments_in_order(whose):
    names = [name for name in inspect.signature(whose).parameters if name != "self"]
    own = ["thresh", "rest", "reset", "refrac", "tc_decay", "theta_plus", "tc_theta_decay", "lbound", "one_spike", "kwargs"]
    assert names == [*COMMON, *own]


@pytest.mark.parametrize("wrong", [{"tresh": -50.0}, {"one_spike": True}])
def test_a_keyword_that_nobody_takes_is_an_error(wrong):
    with pytest.raises(NetworkError, match=f"AdaptiveLIFNodes takes no argument '{next(iter(wrong))}'"):
        AdaptiveLIFNodes(3, **wrong)


def test_a_default_of_a_models_own_reaches_the_model_that_it_is_made_of():
    class Easy(LIFNodes):
        @constructor
        def __init__(self, ease: float = 2.0, thresh: float = -60.0) -> None:
            self.declare(ease=ease)

    assert (Easy(3).thresh, Easy(3).ease, Easy(3, thresh=-55.0).thresh, Easy(3, rest=-70.0).rest) == (-60.0, 2.0, -55.0, -70.0)
    with pytest.raises(NetworkError, match="Easy takes no argument 'eese'"):
        Easy(3, eese=1.0)


def test_a_subclass_may_hand_on_all_arguments_by_their_place_as_in_earlier_versions():
    class Full(LIFNodes):
        def __init__(self, n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input, thresh, rest, **kwargs):
            super().__init__(n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input, thresh, rest, **kwargs)

    layer = Full(2, None, True, False, 5.0, 2.0, False, -40.0, -50.0, refrac=1)
    assert (layer.tc_trace, layer.thresh, layer.rest, layer.refrac) == (5.0, -40.0, -50.0, 1.0)
    with pytest.raises(TypeError, match="too many positional arguments"):
        LIFNodes(2, *[None] * 13)


def test_a_constructor_goes_by_a_base_that_takes_its_arguments_in_an_order_of_its_own():
    class Old(LIFNodes):
        def __init__(self, n=None, thresh=-50.0, **kwargs):
            super().__init__(n, thresh=thresh, **kwargs)

    class New(Old):
        @constructor
        def __init__(self, thresh: float = -55.0) -> None:
            pass

    assert (New(3, traces=True).thresh, New(3, traces=True).traces, New(shape=(1, 2)).shape) == (-55.0, True, [1, 2])


# In a network.


GIVEN_MORE = {
    "SRM0Nodes": {"refrac": 2, "d_thresh": 2.0},
    "CSRMNodes": SHORT | {"theta_plus": 0.3, "tc_decay": 400.0, "thresh": -57.0},
    "IzhikevichNodes": {"excitatory": 0.6},
}
EVERY = [*CASES, *GIVEN_MORE]


def network_of() -> Network:
    """A layer of each model, most with parameters of each neuron's own; some drive each other, some lie in another order."""
    torch.manual_seed(0)
    network = Network()
    network.add_layer(Input(shape=(1, 3, 4), traces=True), "X")
    source = network.layers["X"]
    for k, (model, (parameters, *_)) in enumerate(CASES.items()):
        given = {name: torch.as_tensor(value) for name, value in parameters.items()}
        layer = getattr(models, model)(N, traces=True, traces_additive=k % 2 == 0, **given)
        network.add_layer(layer, model)
        weights = torch.rand(12, N) * (3.0 if model != "McCullochPitts" else 1.0)
        network.add_connection(Connection(source, layer, w=weights), "X", model)
    for model, given in GIVEN_MORE.items():
        layer = getattr(models, model)(shape=(3, 2, 3), **given)
        network.add_layer(layer, model)
        weights = torch.rand(3, 1, 2, 2) * 9.0
        network.add_connection(Conv2dConnection(source, layer, kernel_size=2, w=weights), "X", model)
    for pair in (("LIFNodes", "CurrentLIFNodes"), ("CurrentLIFNodes", "LIFNodes"), ("SRM0Nodes", "IzhikevichNodes")):
        ends = [network.layers[name] for name in pair]
        network.add_connection(Connection(*ends, w=torch.randn(ends[0].n, ends[1].n)), *pair)
    return network


def state_of(network: Network) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def test_both_engines_give_the_same_bits():
    record = {model: ["s", "v", "x"] for model in CASES} | {model: ["s", "v"] for model in GIVEN_MORE}
    record |= {"AdaptiveLIFNodes": ["s", "v", "theta"], "CurrentLIFNodes": ["i"], "IzhikevichNodes": ["s", "u"]}
    trains, answers, left = random_trains(4, 60, 12), {}, {}
    for engine in ("plain", "fused"):
        network = network_of()
        answers[engine] = network.present(trains, "IzhikevichNodes", engine=engine, seed=0, record=record)
        left[engine] = state_of(network)
    for pair, steps in answers["plain"].records.items():
        assert torch.equal(steps, answers["fused"].records[pair]), pair
        assert pair[1] != "s" or steps.any(), pair
    assert all(torch.equal(value, left["fused"][name]) for name, value in left["plain"].items())
    assert left["plain"]["AdaptiveLIFNodes.theta"].any()
    assert left["plain"]["CSRMNodes.theta"].any()


def test_neurons_that_no_spike_reaches_act_by_themselves_in_both_engines_and_on_several_threads():
    trains, answers = random_trains(5, 40, 6, rate=0.05), []
    for engine, n_workers in (("plain", 1), ("fused", 1), ("fused", 2)):
        torch.manual_seed(0)
        network = Network(learning=False)
        network.add_layer(Input(6), "X")
        for model, given in (("SRM0Nodes", {}), ("CSRMNodes", {"rest": -50.0}), ("IzhikevichNodes", {"rest": -40.0})):
            layer = getattr(models, model)(9, **given)
            network.add_layer(layer, model)
            weights = torch.zeros(6, 9).fill_diagonal_(5.0)
            network.add_connection(SparseConnection(network.layers["X"], layer, w=weights), "X", model)
        answer = network.present(
            trains, "SRM0Nodes", engine=engine, n_workers=n_workers, seed=3, record={model: ["s", "v"] for model in GIVEN_MORE}
        )
        answers.append((answer.records, state_of(network)))
    assert all(answers[0][0][model, "s"][..., 6:].any() for model in GIVEN_MORE)
    for records, state in answers[1:]:
        assert all(torch.equal(value, records[pair]) for pair, value in answers[0][0].items())
        assert all(torch.equal(value, state[name]) for name, value in answers[0][1].items())


def test_a_sample_of_a_batch_is_as_it_is_alone():
    network = network_of().train(False)
    spikes = torch.rand(50, 3, 1, 3, 4) < 0.15
    network.run({"X": spikes}, time=50, samples=[5, 6, 7])
    together = {name: network.layers[name].v.clone() for name in EVERY}
    for sample in range(3):
        network.set_batch_size(1)
        network.run({"X": spikes[:, sample : sample + 1]}, time=50, samples=[5 + sample])
        for name, v in together.items():
            torch.testing.assert_close(network.layers[name].v[0], v[sample], rtol=1e-3, atol=1e-2)


def test_what_was_saved_goes_on_as_the_network_itself(tmp_path):
    network = network_of()
    spikes = torch.rand(80, 1, 1, 3, 4) < 0.15
    network.run({"X": spikes[:40]}, time=40)
    network.save(tmp_path / "network.pt")
    other = load(tmp_path / "network.pt")
    for each in (network, other):
        each.run({"X": spikes[40:]}, time=40)
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in network.state_dict().items())
    for model in EVERY:
        layer = network.layers[model].to("cpu")
        assert layer.s.any() or (layer.v != 0).any()
        layer.reset_state_variables()
        assert not layer.s.any()
        assert torch.equal(layer.v, layer.v.new_zeros(layer.v.shape) + getattr(layer, str(layer.state["v"]), 0.0))
