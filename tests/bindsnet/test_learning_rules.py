"""What functions of a rule may name, in both engines; and what a rule refuses, in words."""

from __future__ import annotations

import gc
import math
import pickle
import weakref
from copy import deepcopy
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, LearningRule, NoOp, PostPre
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection, DistanceLateralConnection, UniformLateralConnection
from bindsnet.numbers.ops import f32, f64


def of_nothing(nu_pre: f32) -> f32:
    return 0.25 * nu_pre


def of_weight(w: f32, nu_post: f32) -> f32:
    return nu_post * (0.5 - w)


def of_source(x_pre: f32, nu_pre: f32, nu_post: f32) -> f32:
    return (nu_pre + nu_post) * (x_pre - 0.3)


def of_target(nu_post: f32, x_post: f32) -> f32:
    return nu_post * (0.4 - x_post)


def of_both(x_pre: f32, x_post: f32, nu_pre: f32) -> f32:
    return nu_pre * (x_pre - x_post)


def of_weight_and_source(x_pre: f32, w: f32, wmax: f32, gain: f32) -> f32:
    return gain * (wmax - w) * x_pre


def of_weight_and_target(w: f32, wmin: f32, x_post: f32, gain: f32) -> f32:
    return gain * (wmin - w) * x_post


def of_all(nu_pre: f32, x_post: f32, w: f32, x_pre: f32, gain: f32) -> f32:
    return nu_pre * (x_pre - w * x_post) + gain * 0.1


FUNCTIONS = [of_nothing, of_weight, of_source, of_target, of_both, of_weight_and_source, of_weight_and_target, of_all]
RATES, GAIN = (0.05, 0.08), 0.03


class Gained(LearningRule):
    """A rule with a parameter of its own."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.declare(gain=GAIN)


def rule_of(on_pre, on_post) -> type[LearningRule]:
    """A rule of these functions."""
    functions = {"on_pre": staticmethod(on_pre), "on_post": staticmethod(on_post)}
    return type(f"Rule_{on_pre.__name__}_{on_post.__name__}", (Gained,), functions)


def layers(n_source=3, n_target=2, batch_size=1):
    source, target = Input(n_source, traces=True), LIFNodes(n_target, traces=True, tc_trace=10.0)
    for layer in (source, target):
        layer.compute_decays(1.0)
        layer.set_batch_size(batch_size)
    return source, target


def expected_weights(connection, on_pre, on_post):
    """The weights after an update, number by number, from the definition."""
    source, target, w = connection.source, connection.target, connection.w.double()
    kept = {"nu_pre": RATES[0], "nu_post": RATES[1], "gain": GAIN, "wmin": connection.wmin, "wmax": connection.wmax}

    def change(function, sample, i, j):
        values = {"w": w[i, j], "x_pre": source.x[sample, i].double(), "x_post": target.x[sample, j].double()} | kept
        return function(*(values[name] for name in function.__annotations__ if name != "return"))

    for function, fired in ((on_pre, source.s[:, :, None]), (on_post, target.s[:, None, :])):
        fired = fired.expand(-1, source.n, target.n)
        after = w.clone()
        for sample, i, j in fired.nonzero().tolist():
            after[i, j] += change(function, sample, i, j)
        w = after
    touched = source.s.any(0)[:, None] | target.s.any(0)[None]
    return torch.where(touched, w.clamp(connection.wmin, connection.wmax), w)


@given(
    on_pre=st.sampled_from(FUNCTIONS),
    on_post=st.sampled_from(FUNCTIONS),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    batch_size=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_both_functions_of_a_rule_may_name_weight_traces_rates_bounds_and_parameters(on_pre, on_post, sizes, batch_size, seed):
    generator = torch.Generator().manual_seed(seed)
    source, target = layers(*sizes, batch_size)
    for layer in (source, target):
        layer.s[:] = torch.rand(layer.s.shape, generator=generator) < 0.5
        layer.x[:] = torch.rand(layer.x.shape, generator=generator)
    w = torch.rand(sizes, generator=generator)
    rule = {"update_rule": rule_of(on_pre, on_post), "nu": RATES}
    connection = Connection(source, target, w=w, wmin=0.1, wmax=0.9, **rule)
    expected = expected_weights(connection, on_pre, on_post)
    connection.update(learning=True)
    assert torch.allclose(connection.w.double(), expected, atol=1e-6)


def test_functions_that_name_the_trace_of_their_own_side_agree_in_both_engines_bit_for_bit():
    """One program with a rule for each combination that each function of a rule names."""
    network = Network()
    for name, n in (("A", 7), ("B", 5)):
        network.add_layer(Input(n, traces=True), name)
    for name, n in (("C", 4), ("D", 1), ("E", 3), ("F", 2)):
        network.add_layer(LIFNodes(n, traces=True, tc_trace=10.0, thresh=-62.0), name)
    pairs = [(source, target) for source in "AB" for target in "CDEF"]
    for k, (source, target) in enumerate(pairs):
        ends = network.layers[source], network.layers[target]
        w = torch.rand(ends[0].n, ends[1].n, generator=torch.Generator().manual_seed(k))
        bounds = {"wmin": 0.0, "wmax": 1.0}
        rule = {"update_rule": rule_of(FUNCTIONS[k], FUNCTIONS[(5 - k) % 8]), "nu": RATES}
        network.add_connection(Connection(*ends, w=w, **rule, **bounds), source, target)
    before = {pair: network.connections[pair].w.clone() for pair in pairs}
    spikes = torch.rand(4, 40, 12, generator=torch.Generator().manual_seed(0)) < 0.2
    trains = {"A": SpikeTrains.from_dense(spikes[:, :, :7]), "B": SpikeTrains.from_dense(spikes[:, :, 7:])}
    copies = {engine: network.clone() for engine in ("plain", "fused")}
    answers = {engine: copy.present(trains, "C", engine=engine).spike_counts for engine, copy in copies.items()}
    assert torch.equal(answers["plain"], answers["fused"])
    for pair in pairs:
        plain, fused = (copies[engine].connections[pair].w for engine in ("plain", "fused"))
        assert torch.equal(plain, fused), pair
        assert not torch.equal(plain, before[pair])


@pytest.mark.parametrize("on_pre", [of_source, of_all])
def test_masked_weights_stay_0_under_a_rule_that_names_the_trace_of_its_own_side(on_pre):
    network = Network()
    source, target = Input(3, traces=True), LIFNodes(2, traces=True)
    network.add_layer(source, "X")
    network.add_layer(target, "Y")
    connection = Connection(source, target, w=torch.full((3, 2), 0.2), update_rule=rule_of(on_pre, of_both), nu=RATES)
    network.add_connection(connection, "X", "Y")
    mask = torch.tensor([[True, False], [False, True], [False, False]])
    fired = torch.tensor([1.0, 0.0, 1.0])
    network.run({"X": fired.expand(5, 2, 3)}, time=5, masks={("X", "Y"): mask})
    assert (connection.w == 0).equal(mask)
    assert connection.w[~mask].ne(0.2).equal((fired[:, None] > 0).expand(3, 2)[~mask])


@pytest.mark.parametrize("shape", [(3, 2), (3, 1), (2,)])
def test_a_parameter_of_each_weight_is_that_of_the_weight_that_changes(shape):
    source, target = layers()
    connection = Connection(source, target, w=torch.zeros(3, 2), update_rule=PostPre, nu=RATES)
    rates = torch.arange(1.0, 1 + math.prod(shape)).reshape(shape)
    connection.update_rule.declare(nu_post=rates)
    source.x[:], target.s[:] = 1.0, torch.tensor([False, True])
    connection.update(learning=True)
    assert torch.equal(connection.w[:, 1], rates.expand(3, 2)[:, 1])
    assert connection.w[:, 0].eq(0).all()


def undeclared(w: f32, x_pre: f32, gain: f32) -> f32:
    return gain * x_pre


def with_a_default(w: f32, gain: f32 = 2.0) -> f32:
    return gain * w


def any_number(w: f32, *gains: f32) -> f32:
    return w


def by_name_only(w: f32, *, nu_post: f32) -> f32:
    return w * nu_post


def misspelt_type(w: f23) -> f32:  # noqa: F821
    return w


def of_another_type(w: f64, nu_post: f32) -> f32:
    return nu_post


def without_types(w, x_pre):
    return w


WRONG_FUNCTIONS = [
    (undeclared, "Wrong.on_post takes 'gain', which nobody declared: keep it with self.declare"),
    (with_a_default, r"Wrong.on_post takes 'gain', which nobody declared: keep it with self.declare\(gain=2.0\)"),
    (any_number, r"any_number: argument '\*gains' is none with a place"),
    (by_name_only, "by_name_only: argument 'nu_post' is none with a place"),
    (misspelt_type, "misspelt_type: its arguments cannot be told"),
    (of_another_type, "Wrong.on_post declares 'w' as f64, it is given as such and is f32"),
    (without_types, "without_types: argument 'w' declares no type"),
    (lambda w: w, "argument 'w' declares no type"),
    (min, "min: "),
    (partial(of_weight, 1.0), "its arguments cannot be told|declares no type"),
]


@pytest.mark.parametrize(("function", "complaint"), WRONG_FUNCTIONS, ids=[text for _, text in WRONG_FUNCTIONS])
def test_a_function_that_a_rule_cannot_call_is_refused_when_the_connection_is_made(function, complaint):
    wrong = type("Wrong", (LearningRule,), {"on_post": staticmethod(function)})
    with pytest.raises(NetworkError, match=complaint):
        Connection(*layers(), update_rule=wrong, nu=0.1)


def learns_by(function) -> Network:
    network = Network()
    for name, layer in (("X", Input(3, traces=True)), ("Y", LIFNodes(2, traces=True, thresh=-64.0))):
        network.add_layer(layer, name)
    rule = type("Wrong", (LearningRule,), {"on_post": staticmethod(function)})
    network.add_connection(Connection(*network.layers.values(), w=torch.ones(3, 2), update_rule=rule, nu=0.1), "X", "Y")
    return network


def returns_two(w: f32, x_pre: f32):
    return w, x_pre


def returns_a_flag(w: f32):
    return w > 0.5


def returns_nothing(w: f32, x_pre: f32):
    w = w * x_pre


def misspells(w: f32):
    return exq(w)  # noqa: F821


ALL_STEPS = SpikeTrains.from_dense(torch.ones(1, 6, 3, dtype=torch.bool))


@pytest.mark.parametrize(
    ("function", "engines", "complaint"),
    [
        (returns_two, ("plain", "fused", "auto"), "Wrong.on_post must return the change of w, got 2 values"),
        (returns_a_flag, ("plain", "fused", "auto"), "Wrong.on_post must return the change of w, .*flag"),
        (returns_nothing, ("plain", "auto"), "Wrong.on_post must return the change of w, got nothing"),
        (returns_nothing, ("fused",), "returns nothing"),
        (misspells, ("plain", "auto"), "Wrong.on_post: NameError: name 'exq' is not defined"),
        (misspells, ("fused",), r"misspells: 'exq\(w\)' is no call of a function"),
    ],
)
def test_a_function_that_returns_something_else_or_fails_is_told_by_its_name_in_every_engine(function, engines, complaint):
    for engine in engines:
        with pytest.raises(NetworkError, match=complaint):
            learns_by(function).present(ALL_STEPS, "Y", engine=engine)


def test_a_parameter_that_was_taken_away_is_told_in_both_engines():
    network = learns_by(of_source)
    del network.connections["X", "Y"].update_rule.parameters["nu_pre"]
    for engine in ("plain", "fused"):
        with pytest.raises(NetworkError, match=r"Wrong\.on_post takes 'nu_pre', which nobody declared"):
            network.present(ALL_STEPS, "Y", engine=engine)


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        ({"gain": None}, "gain is a number, or one for each weight, got None"),
        ({"gain": "2"}, "gain is a number, or one for each weight, got '2'"),
        ({"gain": torch.ones(2, dtype=torch.complex64)}, "gain is a number, .* got torch.complex64"),
        ({"gain": torch.ones(0)}, r"gain is a number, .* \[0\]"),
        ({"x_pre": 0.5}, "x_pre is given by each spike"),
    ],
)
def test_a_parameter_that_is_no_number_is_refused_by_its_name(declared, complaint):
    rule = PostPre(Connection(*layers()), nu=0.1)
    with pytest.raises(NetworkError, match=complaint):
        rule.declare(**declared)


def test_a_parameter_that_fits_no_weight_is_told_by_its_name_when_it_is_used():
    source, target = layers()
    connection = Connection(source, target, update_rule=PostPre, nu=0.1)
    connection.update_rule.declare(nu_post=torch.ones(5))
    target.s[:] = True
    with pytest.raises(NetworkError, match=r"PostPre: nu_post is a number, or one for each weight \[3, 2\], got the shape \[5\]"):
        connection.update(learning=True)


def test_a_number_in_a_list_is_a_number_to_both_engines():
    network = learns_by(of_source)
    network.connections["X", "Y"].update_rule.declare(nu_pre=[0.2])
    copies = [network.clone() for _ in range(2)]
    for copy, engine in zip(copies, ("plain", "fused"), strict=True):
        copy.present(ALL_STEPS, "Y", engine=engine)
    assert torch.equal(*(copy.connections["X", "Y"].w for copy in copies))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"update_rule": "PostPre"}, "update_rule is a class of rules, such as PostPre; got 'PostPre'"),
        ({"update_rule": dict}, "update_rule is a class of rules, such as PostPre; got <class .dict.>"),
        ({"update_rule": PostPre, "nu": "fast"}, "nu is a learning rate"),
        ({"update_rule": PostPre, "nu": (None, 0.1)}, "nu is a learning rate"),
        ({"update_rule": PostPre, "nu": 0.1, "reduction": "mean"}, "reduction is a function of a tensor"),
        ({"wmin": None}, "wmin and wmax are"),
        ({"wmax": torch.ones(7)}, "wmax"),
        ({"update_rule": DiehlAndCook, "nu": 0.1, "wmax": 1.0, "mu": None}, "DiehlAndCook: mu is a number"),
    ],
)
def test_arguments_that_no_rule_or_connection_can_take_are_refused_in_words(arguments, complaint):
    with pytest.raises(NetworkError, match=complaint):
        Connection(*layers(), **arguments)


@pytest.mark.parametrize(
    "make", [lambda ends: DistanceLateralConnection(*ends), lambda ends: UniformLateralConnection(*ends, -1.0)]
)
def test_a_rule_on_a_connection_without_a_weight_of_every_synapse_is_refused(make):
    connection = make(layers(2, 2))
    with pytest.raises(NetworkError, match=r"PostPre changes a weight of every synapse, which .*Connection has not"):
        PostPre(connection, nu=0.1)


@pytest.mark.parametrize("rule", [None, PostPre, NoOp])
def test_no_decay_is_none_as_well_as_0(rule):
    connection = Connection(*layers(), update_rule=rule, nu=0.1 if rule else None, weight_decay=None)
    assert connection.update_rule.weight_decay == 0
    assert PostPre(connection, nu=0.1, weight_decay=None).weight_decay == 0


def test_a_rule_alone_keeps_its_connection_and_works_on_it():
    rule = PostPre(Connection(*layers(), w=torch.zeros(3, 2)), nu=0.1)
    for each in (rule, deepcopy(rule), pickle.loads(pickle.dumps(rule))):
        each.connection.source.x[:], each.connection.target.s[:] = 1.0, True
        each.update()
        assert each.connection.w.eq(0.1).all()


def test_a_rule_and_its_connection_are_freed_together_without_the_garbage_collector():
    gc.disable()
    try:
        connection = Connection(*layers(), update_rule=PostPre, nu=0.1)
        connection.update_rule = PostPre(connection, nu=0.2)
        copies = [deepcopy(connection), pickle.loads(pickle.dumps(connection))]
        references = [weakref.ref(part) for each in (connection, *copies) for part in (each, each.update_rule)]
        assert all(copied.update_rule.connection is copied for copied in copies)
        rule = connection.update_rule
        del connection, copies
        assert [reference() for reference in references] == [None, rule, None, None, None, None]
        with pytest.raises(NetworkError, match="PostPre: its connection is gone; keep the connection"):
            rule.update()
    finally:
        gc.enable()
