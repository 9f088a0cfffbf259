"""The fused engine does what the plain one does, bit for bit, and says what it cannot do."""

from __future__ import annotations

import ast
import logging
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bindsnet.engine import Presentation, Repetition, SpikeTrains, fused
from bindsnet.engine.fused.translate import CannotFuseError, Translator
from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, LearningRule, PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.nodes.lif import LeakyNodes
from bindsnet.network.topology import (
    Connection,
    DistanceLateralConnection,
    OneToOneConnection,
    UniformLateralConnection,
)
from bindsnet.numbers.ops import f32, f64, flag, to_f64, where

ROOT = Path(__file__).resolve().parents[2]


def spikes(n_samples: int, n_steps: int, n_units: int, rate: float, seed: int) -> SpikeTrains:
    generator = torch.Generator().manual_seed(seed)
    return SpikeTrains.from_dense(torch.rand(n_samples, n_steps, n_units, generator=generator) < rate)


def standard_network(
    n_inputs: int = 60, n: int = 12, lateral: str = "uniform", dt: float = 1.0, rule: type = DiehlAndCook, **excitatory
) -> Network:
    network = Network(dt=dt)
    parameters = {"thresh": -58.0, "reset": -60.0, "tc_decay": 100.0, "theta_plus": 0.5} | excitatory
    inputs = Input(n_inputs, traces=True)
    neurons = DiehlAndCookNodes(n, **parameters)
    inhibitory = LIFNodes(n, thresh=-40.0, rest=-60.0, reset=-45.0, refrac=2, tc_decay=10.0)
    for layer, name in ((inputs, "X"), (neurons, "E"), (inhibitory, "I")):
        network.add_layer(layer, name)
    w = 0.3 * torch.rand(n_inputs, n, generator=torch.Generator().manual_seed(1))
    plastic = Connection(inputs, neurons, w=w, wmin=0.0, wmax=1.0, update_rule=rule, nu=0.05)
    network.add_connection(plastic, "X", "E")
    network.add_connection(OneToOneConnection(neurons, inhibitory, 22.5), "E", "I")
    kinds = {
        "uniform": lambda: UniformLateralConnection(inhibitory, neurons, -17.5),
        "distance": lambda: DistanceLateralConnection(inhibitory, neurons),
        "dense": lambda: Connection(inhibitory, neurons, w=-17.5 * (1 - torch.eye(n))),
    }
    network.add_connection(kinds[lateral](), "I", "E")
    return network


def assert_same(network: Network, trains: SpikeTrains | dict, layer: str = "E", **arguments) -> Presentation:
    """Both engines, each on its own copy: every count, spike and tensor of the network is the same, bit for bit."""
    copies = {engine: network.clone() for engine in ("plain", "fused")}
    answers = {
        engine: copy.present(trains, layer, seed=3, spike_times=True, engine=engine, **arguments)
        for engine, copy in copies.items()
    }
    plain, compiled = answers["plain"], answers["fused"]
    assert torch.equal(plain.spike_counts, compiled.spike_counts)
    assert torch.equal(plain.n_presentations, compiled.n_presentations)
    assert torch.equal(plain.spike_trains.to_dense(), compiled.spike_trains.to_dense())
    states = copies["plain"].state_dict(), copies["fused"].state_dict()
    for name, tensor in states[0].items():
        assert np.array_equal(tensor.numpy(), states[1][name].numpy(), equal_nan=True), name
    return plain


@pytest.mark.parametrize("lateral", ["uniform", "distance", "dense"])
def test_a_training_run_with_many_repetitions_agrees_bit_for_bit(lateral):
    network = standard_network(lateral=lateral, thresh=-57.0)
    trains = spikes(60, 30, 60, 0.02, seed=5)
    answer = assert_same(network, trains, repetition=Repetition(("X", "E"), min_spikes=2))
    assert answer.n_presentations.sum() > 75
    assert answer.spike_counts.sum() > 30


def test_columns_and_layers_longer_than_what_is_looked_at_at_once_agree():
    network = standard_network(n_inputs=150, n=81, thresh=-57.0, one_spike=False)
    trains = spikes(20, 30, 150, 0.04, seed=5)
    assert assert_same(network, trains).spike_counts.sum(0).count_nonzero() > 40


def test_testing_agrees_and_leaves_weights_and_thresholds_alone():
    network = standard_network()
    trains = spikes(20, 30, 60, 0.05, seed=5)
    network.present(trains, "E", Repetition(("X", "E"), min_spikes=2), engine="fused")  # by the program that is compiled above
    network.train(False)
    before = network.state_dict()["X_to_E.w"].clone()
    repetition = Repetition(("X", "E"), first_factor=1.2)
    assert_same(network, trains, repetition=repetition)
    network.present(trains, "E", repetition, engine="fused")
    assert torch.equal(network.connections["X", "E"].w, before)


@given(
    seed=st.integers(0, 1000),
    n=st.sampled_from([1, 2, 5, 17]),
    n_inputs=st.sampled_from([1, 7, 33]),
    dt=st.sampled_from([0.5, 1.0, 2.5]),
    rate=st.sampled_from([0.0, 0.05, 0.4]),
    kind=st.sampled_from([("uniform", True, True), ("dense", False, True), ("distance", True, False)]),
    lbound=st.sampled_from([None, -66.0]),
)
@settings(max_examples=25, deadline=None)
def test_random_small_networks_agree_bit_for_bit(seed, n, n_inputs, dt, rate, kind, lbound):
    lateral, one_spike, learning = kind
    network = standard_network(n_inputs, n, lateral, dt, one_spike=one_spike, lbound=lbound, thresh=-62.0)
    network.train(learning)
    assert_same(network, spikes(6, 25, n_inputs, rate, seed), repetition=Repetition(("X", "E")))


def test_a_single_neuron_with_many_inputs_agrees():
    network = standard_network(n_inputs=300, n=1, thresh=-50.0, lateral="dense")
    network.connections["X", "E"].norm = 20.0
    network.connections["X", "E"].w.copy_(torch.rand(300, 1, generator=torch.Generator().manual_seed(2)))
    assert_same(network, spikes(5, 40, 300, 0.3, seed=5), repetition=Repetition(("X", "E")))


def test_weights_that_lie_in_another_order_agree():
    network = standard_network(n_inputs=40, n=12, thresh=-57.0, lateral="dense")
    connection = network.connections["X", "E"]
    connection.norm = 6.0
    connection.w.data = connection.w.data.t().contiguous().t()
    assert_same(network, spikes(5, 40, 40, 0.3, seed=5), repetition=Repetition(("X", "E")))
    rows = torch.rand(12, 40, generator=torch.Generator().manual_seed(1))
    assert Connection(network.layers["X"], network.layers["E"], w=rows.t()).w.is_contiguous()


@pytest.mark.parametrize(("wmin", "wmax"), [(0.0, 0.2), (0.1, 2.0)])
def test_bounds_that_are_changed_hold_in_both_engines(wmin, wmax):
    network = standard_network(thresh=-57.0)
    trains = spikes(10, 30, 60, 0.05, seed=5)
    network.present(trains, "E")
    connection = network.connections["X", "E"]
    connection.wmin, connection.wmax = wmin, wmax
    before = connection.w.clone()
    assert_same(network, trains)
    network.present(trains, "E")
    assert not torch.equal(connection.w, before)
    assert ((connection.w >= wmin) & (connection.w <= wmax)).all()


@pytest.mark.parametrize(
    ("additive", "bounds", "further"),  # a program each
    [
        (False, {}, {}),
        (False, {}, {"weight_decay": 1e-3}),
        (True, {"wmin": 0.0, "wmax": 0.6}, {"weight_decay": 1e-3}),
        (True, {"wmin": 0.0, "wmax": 0.6}, {"norm": 8.0, "b": torch.linspace(0, 1, 9)}),
    ],
)
def test_pair_based_plasticity_agrees_bit_for_bit(additive, bounds, further):
    network = Network()
    pre = Input(20, traces=True, traces_additive=additive, tc_trace=10.0)
    post = LIFNodes(9, traces=True, traces_additive=additive, tc_trace=30.0, thresh=-60.0, tc_decay=20.0)
    network.add_layer(pre, "X")
    network.add_layer(post, "E")
    w = torch.rand(20, 9, generator=torch.Generator().manual_seed(2))
    rule = {"update_rule": PostPre, "nu": (1e-2, 2e-2)}
    network.add_connection(Connection(pre, post, w=w, **rule, **bounds, **further), "X", "E")
    recurrent = torch.rand(9, 9, generator=torch.Generator().manual_seed(3)) - 0.5
    network.add_connection(Connection(post, post, w=recurrent, update_rule=PostPre, nu=1e-2), "E", "E")
    assert_same(network, spikes(8, 40, 20, 0.1, seed=1))


@pytest.mark.parametrize("bounds", [{}, {"wmin": 0.1, "wmax": 0.6}])
def test_decay_without_a_rule_agrees(bounds):
    network = Network()
    network.add_layer(Input(20), "X")
    network.add_layer(LIFNodes(9, thresh=-60.0), "E")
    w = torch.rand(20, 9, generator=torch.Generator().manual_seed(2))
    network.add_connection(Connection(*network.layers.values(), w=w, weight_decay=1e-2, **bounds), "X", "E")
    assert_same(network, spikes(3, 40, 20, 0.1, seed=1))
    network.present(spikes(3, 40, 20, 0.1, seed=1), "E")
    assert network.connections["X", "E"].w.max() < 0.6


def test_a_learning_rate_changed_in_place_counts_in_both_engines():
    network = standard_network()
    rule = network.connections["X", "E"].update_rule
    trains = spikes(4, 30, 60, 0.1, seed=1)
    rule.nu[1] = 0.0
    before = network.connections["X", "E"].w.clone()
    for engine in ("plain", "fused"):
        network.present(trains, "E", engine=engine)
        assert torch.equal(network.connections["X", "E"].w, before)
    rule.nu[1] = 0.2
    assert_same(network, trains)
    network.present(trains, "E", engine="fused")
    assert not torch.equal(network.connections["X", "E"].w, before)


def test_two_input_layers_and_parameters_of_each_neuron_agree():
    network = Network()
    layers = {"A": Input(10), "B": Input(4), "E": LIFNodes(6, thresh=torch.linspace(-64, -60, 6))}
    for name, layer in layers.items():
        network.add_layer(layer, name)
    for source, n in (("A", 10), ("B", 4)):
        w = torch.rand(n, 6, generator=torch.Generator().manual_seed(n))
        network.add_connection(Connection(layers[source], layers["E"], w=w), source, "E")
    trains = {"A": spikes(5, 20, 10, 0.2, seed=1), "B": spikes(5, 20, 4, 0.2, seed=2)}
    assert_same(network, trains)
    assert_same(network, {"A": trains["A"]})


def test_threads_change_nothing_while_testing():
    network = standard_network()
    trains = spikes(23, 30, 60, 0.05, seed=5)
    network.train(False)
    one, three = network.clone(), network.clone()
    how = {"repetition": Repetition(("X", "E")), "seed": 1, "engine": "fused"}
    counts = [n.present(trains, "E", **how, n_workers=k).spike_counts for n, k in ((one, 1), (three, 3))]
    assert torch.equal(*counts)
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, three.state_dict()[name]), name


RECORD = {"X": ["s", "x"], "E": ["s", "v", "refrac_count", "theta"], "I": ["v", "s"]}


@pytest.mark.parametrize("learning", [True, False])
def test_recorded_variables_agree_step_by_step_and_with_the_spikes(learning):
    network = standard_network(thresh=-57.0).train(learning)
    trains = spikes(12, 30, 60, 0.03, seed=5)
    answers = [
        network.clone().present(
            trains, "E", Repetition(("X", "E")), seed=3, spike_times=True, engine=engine, record=RECORD, samples_to_record=[7, 2]
        )
        for engine in ("plain", "fused")
    ]
    plain, compiled = (answer.records for answer in answers)
    assert list(plain) == list(compiled) == [(layer, name) for layer, names in RECORD.items() for name in names]
    assert all(torch.equal(plain[pair], compiled[pair]) for pair in plain)
    assert plain["E", "theta"].dtype == torch.float64
    assert torch.equal(plain["E", "s"], answers[0].spike_trains.to_dense()[[7, 2]].bool())
    assert plain["E", "s"].any()


def test_records_do_not_depend_on_threads_and_hold_all_samples_by_default():
    network = standard_network().train(False)
    trains = spikes(12, 30, 60, 0.05, seed=5)
    how = {"repetition": Repetition(("X", "E"), max_presentations=1), "engine": "fused", "record": {"E": ["v"]}}
    one, two = (network.present(trains, "E", **how, n_workers=n).records["E", "v"] for n in (1, 2))
    assert one.shape == (12, 30, 12)
    assert torch.equal(one, two)


@pytest.mark.parametrize(
    ("record", "places", "complaint"),
    [
        ({"Z": ["v"]}, None, "no layer 'Z' to record"),
        ({"E": "theta"}, None, "expected lists of variables by layer"),
        ([("E", "v")], None, "expected lists of variables by layer"),
        ({"E": ["u"]}, None, "layer 'E' has no 'u' to record; it has s, v, refrac_count, theta"),
        ({"E": ["v"]}, [3], "places in a block of 3, each once, got \\[3\\]"),
        ({"E": ["v"]}, [1, 1], "each once"),
    ],
)
def test_what_cannot_be_recorded_is_refused(record, places, complaint):
    with pytest.raises(NetworkError, match=complaint):
        standard_network().present(spikes(3, 5, 60, 0.1, seed=5), "E", record=record, samples_to_record=places)


@pytest.mark.parametrize("engine", ["fused", "plain"])
def test_no_samples_change_nothing(engine):
    network = standard_network()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    answer = network.present(spikes(0, 30, 60, 0.05, seed=5), "E", engine=engine)
    assert answer.spike_counts.shape == (0, 12)
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


@pytest.mark.parametrize(("network_learns", "layer_learns"), [(True, False), (False, True)])
def test_a_layer_may_be_frozen_alone_or_keep_adapting_alone(network_learns, layer_learns):
    network = standard_network()
    network.train(network_learns)
    network.layers["E"].train(layer_learns)
    trains = spikes(12, 30, 60, 0.05, seed=5)
    assert_same(network, trains, n_workers=3)
    before = network.layers["E"].theta.clone()
    network.present(trains, "E", engine="fused", n_workers=3)
    assert torch.equal(network.layers["E"].theta, before) != layer_learns


def scale(v: f32) -> f32:
    return 0.5 * v


class TiredNodes(LeakyNodes):
    """A model of a user: a threshold that every spike of the neuron itself moves, in each sample."""

    state = {"v": "rest", "refrac_count": 0.0, "fatigue": 0.0}  # noqa: RUF012
    decays = {"decay": "tc_decay"}  # noqa: RUF012

    def __init__(self, n, rise=1.0, **kwargs):
        super().__init__(n, **kwargs)
        self.declare(rise=rise)
        self.declare_membrane(-60.0, -65.0, -65.0, 2, 50.0, None)

    @staticmethod
    def step(v: f32, wait: f32, fatigue: f32, current: f32, rest: f32, decay: f32, thresh: f32, rise: f32):
        v = rest + (v - rest) * decay + 2.0 * scale(current)
        over = (v >= thresh + fatigue) & ~(v > 1000.0)
        return where(over, rest, v), wait, where(over, fatigue + rise, 0.9 * fatigue), over


class Hebb(LearningRule):
    """A rule of a user."""

    @staticmethod
    def on_post(w: f32, x_pre: f32, nu_post: f32) -> f32:
        return nu_post * (x_pre - w / 2)


class Drift(LearningRule):
    """A rule of a user that moves weights of silent sources, too."""

    @staticmethod
    def on_post(w: f32, nu_post: f32) -> f32:
        return nu_post * (0.5 - w)


@pytest.mark.parametrize("rule", [DiehlAndCook, Hebb, Drift])
def test_weights_at_their_lower_bound_agree_whether_or_not_the_rule_leaves_them_there(rule):
    network = standard_network(rule=rule, thresh=-57.0)
    network.connections["X", "E"].w[20:50] = 0.0
    dense = spikes(20, 30, 60, 0.1, seed=5).to_dense()
    dense[:, :, 30:40] = False
    trains = SpikeTrains.from_dense(dense)
    learned = network.clone()
    learned.present(trains, "E", engine="plain")
    before, after = (one.connections["X", "E"].w for one in (network, learned))
    assert not torch.equal(before, after)
    fired = (before != after).any(0)
    assert (after[:, fired] == 0).any() == (rule is not Drift)
    assert_same(network, trains)


def creep(v: f32, refrac_count: f32, drive: f32, thresh: f32, reset: f32) -> tuple[f32, f32, flag]:
    v = v + 0.75 + drive
    over = v >= thresh
    return where(over, reset, v), refrac_count, over


class PacemakerNodes(LIFNodes):
    """Rises by 0.75 mV a step, spikes or not."""

    step = staticmethod(creep)


@pytest.mark.parametrize("kind", [LIFNodes, PacemakerNodes])
@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_neurons_that_single_spikes_reach_agree_whether_or_not_they_rest_without(kind, factor):
    network = standard_network(thresh=-57.0)
    network.add_layer(kind(12, rest=torch.linspace(-62.0, -60.0, 12), thresh=-45.0), "F")
    connection = OneToOneConnection(network.layers["E"], network.layers["F"], 40.0)
    connection.weight_factor = factor
    network.add_connection(connection, "E", "F")
    network.add_connection(OneToOneConnection(network.layers["I"], network.layers["F"], -3.0), "I", "F")
    trains = spikes(30, 30, 60, 0.03, seed=5)
    repetition = Repetition(("X", "E"), min_spikes=2)
    assert_same(network, trains, layer="F", repetition=repetition)
    advanced = fused.program_text(network, "F", repetition).split("advance__F")[1].split("def ")[0]
    assert "touched[:n_touched]" in advanced
    assert network.present(trains, "F", repetition, engine="fused").spike_counts.sum() > 0


def test_a_frozen_layer_with_a_threshold_that_single_spikes_reach_agrees():
    network = standard_network()
    network.add_layer(DiehlAndCookNodes(12, thresh=-60.0), "F")
    network.layers["F"].theta.copy_(torch.linspace(0, 40, 12, dtype=torch.float64))
    network.add_connection(OneToOneConnection(network.layers["E"], network.layers["F"], 20.0), "E", "F")
    network.train(False)
    trains = spikes(30, 30, 60, 0.05, seed=5)
    assert 0 < network.present(trains, "F", engine="plain").spike_counts.sum(0).count_nonzero() < 12
    assert_same(network, trains, layer="F", n_workers=2)


def half_raised(theta: f64, thresh: f64) -> f64:
    return thresh + 0.5 * theta


class DoubleThresholdNodes(DiehlAndCookNodes):
    """A threshold in float64 that is not the only thing which the step compares."""

    threshold = staticmethod(half_raised)

    @staticmethod
    def step(v: f32, refrac_count: f32, threshold: f64, drive: f32, rest: f32, reset: f32, thresh: f64):
        v = v + drive
        over = (to_f64(v) >= threshold) & (to_f64(v) > thresh)
        return where(over, reset, v), refrac_count, over


@pytest.mark.parametrize("learning", [True, False])
def test_a_threshold_function_of_the_user_agrees(learning):
    network = Network()
    network.add_layer(Input(60), "X")
    network.add_layer(DoubleThresholdNodes(12, thresh=-60.0, theta_plus=0.3, one_spike=False), "F")
    w = torch.rand(60, 12, generator=torch.Generator().manual_seed(1))
    network.add_connection(Connection(*network.layers.values(), w=w), "X", "F")
    trains = spikes(8, 30, 60, 0.05, seed=5)
    assert network.present(trains, "F", engine="plain").spike_counts.sum() > 50
    assert network.layers["F"].theta.max() > 1.0
    assert_same(network.train(learning), trains, layer="F")


def test_a_step_that_does_not_take_the_threshold_of_its_class_is_refused():
    with pytest.raises(NetworkError, match=r"OldNodes.step must take 'threshold'"):

        class OldNodes(DiehlAndCookNodes):
            @staticmethod
            def step(v: f32, refrac_count: f32, theta: f64, drive: f32):
                return v + drive, refrac_count, to_f64(v) >= theta


def test_a_model_and_a_rule_of_the_user_run_in_both_engines_and_agree():
    network = Network()
    network.add_layer(Input(15, traces=True), "X")
    network.add_layer(TiredNodes(8, rise=0.5), "E")
    w = torch.rand(15, 8, generator=torch.Generator().manual_seed(1))
    connection = Connection(network.layers["X"], network.layers["E"], w=w, update_rule=Hebb, nu=0.1)
    network.add_connection(connection, "X", "E")
    trains = spikes(6, 40, 15, 0.2, seed=1)
    assert network.clone().present(trains, "E", engine="plain").spike_counts.sum() > 20
    assert_same(network, trains)


def test_the_program_can_be_read():
    text = fused.program_text(standard_network(), "E", Repetition(("X", "E")))
    assert "def advance__E(" in text
    assert "def learn__X_to_E(" in text
    assert "def fn_DiehlAndCook_on_post(" in text
    assert fused.source(standard_network(n=5), "E", Repetition(("X", "E"))) == text  # sizes are arguments


def mixes(x: f32, y: f64) -> f32:
    return x * y


def branches(x: f32) -> f32:
    if x > 0:
        return x
    return -x


def uses_a_flag(x: f32) -> f32:
    return x * (x > 0.0)


def two_types(x: f32) -> f32:
    x = to_f64(x)
    return x


@pytest.mark.parametrize(
    ("function", "line", "reason"),
    [
        (mixes, "x * y", "mixes f32 and f64"),
        (branches, "if x > 0", "conditions with where"),
        (uses_a_flag, "x * (x > 0.0)", "mixes f32 and flag"),
        (two_types, "x = to_f64(x)", "changes 'x' from f32 to f64"),
    ],
)
def test_what_has_no_certain_type_is_refused_with_its_line(function, line, reason):
    with pytest.raises(CannotFuseError) as error:
        Translator().add(function)
    assert reason in str(error.value)
    assert line in str(error.value)
    first = function.__code__.co_firstlineno
    assert re.search(rf"{Path(__file__).name}:({first + 1}|{first + 2}):", str(error.value))


def halves(x: f32, over: flag) -> f32:
    return where(over, 0.1 * x, 1 - x)


#: what the program's loops call their own variables and functions, and what Python and the paper call theirs
NAMES = [
    "b",
    "k",
    "w_",
    "moves",
    "column",
    "bounded",
    "range",
    "len",
    "np",
    "f32",
    "drive",
    "fired",
    "spike",
    "sample",
    "u_x",
    "fn_step",
]


@pytest.mark.parametrize("names", [NAMES[:8], NAMES[8:]])
def test_states_parameters_and_variables_may_have_any_name(names):
    first, second, third, fourth, *parameters = names
    source = f"""
        from bindsnet.learning import LearningRule
        from bindsnet.network.nodes import Nodes
        from bindsnet.numbers.ops import f32, where

        class Named(Nodes):
            state = {{"{first}": 0.0}}

            def __init__(self, n):
                super().__init__(n, traces=True)
                self.declare(**{{name: 0.5 for name in {parameters!r}}})

            @staticmethod
            def step({first}: f32, {second}: f32, {": f32, ".join(parameters)}: f32):
                {third} = {first} * {parameters[0]} + {second}
                {fourth} = {third} > 1.0
                return where({fourth}, {parameters[1]} * {third}, {third}), {fourth}

        class NamedRule(LearningRule):
            state = {{"{first}": 0.0}}

            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.declare(**{{name: 0.5 for name in {parameters!r}}})

            @staticmethod
            def on_post(w: f32, x_pre: f32, nu_post: f32, {first}: f32, {": f32, ".join(parameters)}: f32):
                {third} = nu_post * (x_pre - w) * {parameters[0]}
                return {third} + {first} * {parameters[1]}, {first} + {third}
    """
    defined = {}
    path = Path(tempfile.mkdtemp()) / "named.py"
    path.write_text(textwrap.dedent(source))
    exec(compile(path.read_text(), str(path), "exec"), defined)
    network = Network()
    network.add_layer(Input(8, traces=True), "sample")
    network.add_layer(defined["Named"](4), "fired")
    w = torch.rand(8, 4, generator=torch.Generator().manual_seed(1))
    plastic = Connection(*network.layers.values(), w=w, update_rule=defined["NamedRule"], nu=0.1)
    network.add_connection(plastic, "sample", "fired")
    trains = spikes(4, 20, 8, 0.2, seed=1)
    assert network.clone().present(trains, "fired", engine="fused").spike_counts.sum() > 0
    assert_same(network, trains, "fired")


def test_no_name_of_the_program_itself_begins_as_names_of_users_do():
    network = standard_network()
    network.add_layer(TiredNodes(12, traces=True), "F")
    w = torch.rand(60, 12, generator=torch.Generator().manual_seed(1))
    arguments = {"w": w, "b": w[0], "norm": 1.0, "update_rule": PostPre, "nu": 0.1, "weight_decay": 0.1}
    network.add_connection(Connection(network.layers["X"], network.layers["F"], **arguments), "X", "F")
    layers, rules = network.layers.values(), [connection.update_rule for connection in network.connections.values()]
    users = {name for layer in layers for name in (*dict(layer.named_buffers()), *layer.state)}
    users |= {name for rule in rules for name in rule.parameters}
    for text in (fused.program_text(network, "E"), fused.program_text(network.clone().train(False), "E")):
        functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        loops = [function for function in functions if "step" not in map(ast.unparse, function.decorator_list)]
        used = {node.id for function in loops for node in ast.walk(function) if isinstance(node, ast.Name)}
        used |= {argument.arg for function in loops for argument in function.args.args}
        begins_as_users = {name.removeprefix("u_").split("__")[0] for name in used if name.startswith("u_")}
        assert begins_as_users <= users
        assert {function.name for function in functions if function.name.startswith("fn_")}
        assert not any(function.name.startswith("fn_") for function in loops)


def two_layers(first: str = "X", second: str = "Y", nodes: type = LIFNodes, **arguments) -> Network:
    network = Network()
    network.add_layer(Input(6), first)
    network.add_layer(nodes(4, **arguments), second)
    w = torch.full((6, 4), 9.0)
    network.add_connection(Connection(network.layers[first], network.layers[second], w=w), first, second)
    return network


@pytest.mark.parametrize("names", [("X", "sample"), ("__", "factor")])
def test_layers_may_be_called_anything(names):
    trains = spikes(4, 20, 6, 0.3, seed=1)
    repetition = Repetition(names, min_spikes=30)
    assert_same(two_layers(*names), trains, layer=names[1], repetition=repetition)


def test_layers_whose_names_look_like_another_layers_variables_agree():
    network = two_layers("X", "Y", DiehlAndCookNodes)
    for name in ("neuron_Y", "count_Y", "X_to_Z", "X to Y", "X__to__Y"):
        network.add_layer(DiehlAndCookNodes(4, thresh=-60.0), name)
        w = torch.rand(6, 4, generator=torch.Generator().manual_seed(1)) * 9
        network.add_connection(Connection(network.layers["X"], network.layers[name], w=w), "X", name)
    assert_same(network, spikes(4, 20, 6, 0.3, seed=1), layer="Y")


def test_networks_whose_connections_are_called_alike_have_programs_of_their_own():
    def network(source: str, target: str) -> Network:
        network = Network()
        for name, layer in (("A", Input(6)), ("A_to_B", LIFNodes(6)), ("B_to_C", LIFNodes(6)), ("C", LIFNodes(6))):
            network.add_layer(layer, name)
        w = 20 * torch.rand(6, 6, generator=torch.Generator().manual_seed(0))
        for ends in (("A", "A_to_B"), (source, target)):
            network.add_connection(Connection(network.layers[ends[0]], network.layers[ends[1]], w=w), *ends)
        return network

    trains = spikes(4, 30, 6, 0.3, seed=1)
    for ends in (("A", "B_to_C"), ("A_to_B", "C")):
        assert_same(network(*ends), trains, layer="C")


@pytest.mark.parametrize("engine", ["fused", "plain"])
@pytest.mark.parametrize(
    ("replace", "complaint"),
    [
        ({"w": torch.zeros(4, 6)}, r"connection \('X', 'Y'\): weights have the shape \[6, 4\].* got \[4, 6\]"),
        ({"w": torch.zeros(6, 4, dtype=torch.float64)}, "are float32, got .* torch.float64"),
        ({"b": torch.zeros(2)}, r"a bias is float32 of shape \[4\], got \[2\]"),
    ],
)
def test_weights_that_were_replaced_by_others_that_do_not_fit_are_refused(engine, replace, complaint):
    network = two_layers()
    for name, tensor in replace.items():
        setattr(network.connections["X", "Y"], name, torch.nn.Parameter(tensor, requires_grad=False))
    with pytest.raises(NetworkError, match=complaint):
        network.present(spikes(2, 5, 6, 0.3, seed=1), "Y", engine=engine)


def test_state_that_was_replaced_by_less_is_refused():
    network = two_layers()
    network.layers["Y"].v = torch.zeros(1, 2)
    with pytest.raises(NetworkError, match="layer 'Y': v must be a contiguous tensor of its 4 neurons, got the shape"):
        network.present(spikes(2, 5, 6, 0.3, seed=1), "Y", engine="fused")


def test_a_bias_is_one_number_or_one_of_each_neuron():
    network = two_layers()
    ends = network.layers["X"], network.layers["Y"]
    assert Connection(*ends, b=torch.tensor(0.5)).b.tolist() == [0.5] * 4
    with pytest.raises(NetworkError, match="a bias is float32 of shape"):
        Connection(*ends, b=torch.ones(3))


def test_each_neuron_may_have_a_sum_of_weights_of_its_own():
    weights = []
    for engine in ("plain", "fused"):
        network = two_layers()
        network.connections["X", "Y"].norm = torch.arange(1.0, 5.0)
        network.present(spikes(2, 5, 6, 0.3, seed=1), "Y", engine=engine)
        weights.append(network.connections["X", "Y"].w)
    assert torch.equal(*weights)
    assert weights[0].sum(0).tolist() == pytest.approx([1.0, 2.0, 3.0, 4.0])
    network.connections["X", "Y"].norm = torch.ones(3)
    with pytest.raises(NetworkError, match="norm is a number, or one for each of 4; got 3"):
        network.run({}, time=1)


def test_numbers_take_the_type_of_what_they_meet():
    assert "f32(0.1) * u_x" in Translator().add(halves).text
    assert "f32(1.0) - u_x" in Translator().add(halves).text


def test_auto_says_once_why_it_does_not_fuse_and_fused_refuses(caplog):
    network = standard_network()
    network.add_monitor(Monitor(next(iter(network.connections.values())), ("w",), time=1), "weights")
    trains = spikes(2, 5, 60, 0.05, seed=5)
    with caplog.at_level(logging.INFO):
        network.present(trains, "E")
        network.present(trains, "E")
    assert caplog.text.count("The plain engine runs this network: monitors record every step: weights") == 1
    with pytest.raises(CannotFuseError, match="monitors"):
        network.present(trains, "E", engine="fused")
    with pytest.raises(NetworkError, match="no engine 'quick'"):
        network.present(trains, "E", engine="quick")


def test_an_edited_function_gives_another_program(tmp_path):
    """The key covers what a step function calls: edit the callee, and the result changes in a new process."""
    model = tmp_path / "model.py"
    script = textwrap.dedent("""
        import sys
        sys.path[:0] = [sys.argv[1], sys.argv[2]]
        import torch
        from model import Grows
        from bindsnet.engine import SpikeTrains
        from bindsnet.network import Network
        from bindsnet.network.nodes import Input
        network = Network()
        network.add_layer(Input(1), "X")
        network.add_layer(Grows(1), "E")
        network.present(SpikeTrains.from_dense(torch.zeros(1, 4, 1)), "E", engine="fused")
        print(network.layers["E"].v.item())
    """)
    text = textwrap.dedent("""
        from __future__ import annotations
        import torch
        from bindsnet.numbers.ops import f32, flag
        from bindsnet.network.nodes import Nodes

        def grow(v: f32) -> f32:
            return v + 1.0

        class Grows(Nodes):
            state = {"v": 0.0}

            def __init__(self, n):
                super().__init__(n)
                self.register_buffer("v", torch.zeros(1, n))

            @staticmethod
            def step(v: f32, drive: f32) -> tuple[f32, flag]:
                v = grow(v)
                return v, v > 100.0
    """)
    found = []
    for edited in (text, text.replace("v + 1.0", "v + 2.0"), text):
        model.write_text(edited)
        command = [sys.executable, "-c", script, str(ROOT), str(tmp_path)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env={"XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
        )
        found.append(float(done.stdout))
        (tmp_path / "__pycache__").exists() and [file.unlink() for file in (tmp_path / "__pycache__").iterdir()]
    assert found == [4.0, 8.0, 4.0]
