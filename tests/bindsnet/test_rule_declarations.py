"""What rules declare: traces, state of synapses, adaptive state of neurons, fields; and what they cannot declare."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from rules_by_hand import (
    ONE,
    PAIRS,
    ZERO,
    Eligible,
    Listed,
    Slowing,
    Triplets,
    decay_of,
    eligible_by_hand,
    let_fire,
    network_of,
    random_spikes,
    random_weights,
    rule_of,
    triplets_by_hand,
)

from bindsnet.errors import NetworkError
from bindsnet.learning.rules import Field, Trace
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection, OneToOneConnection, UniformLateralConnection
from bindsnet.numbers.ops import f32, f64

DENSE = np.array([*np.ndindex(5, 4)])
HALVED = 1.0 / math.log(2.0)  # ms: the time constant of what is halved in a step of 1 ms


# Traces.


@pytest.mark.parametrize("dt", [1.0, 0.5])
@pytest.mark.parametrize("seed", range(3))
def test_triplets_of_spikes_change_weights_as_the_equations_say(seed, dt):
    source, target, w = random_spikes(seed, 80, 5), random_spikes(seed + 100, 80, 4), random_weights(5, 4)
    expected = triplets_by_hand(w, source, target, dt)
    assert (expected != w).all()
    np.testing.assert_array_equal(let_fire(network_of(Triplets, dt=dt), source, target), expected)


def test_triplets_change_the_synapses_that_there_are_as_they_change_those_of_a_dense_connection():
    source, target, w = random_spikes(3, 80, 5), random_spikes(103, 80, 4), random_weights(5, 4)
    expected = triplets_by_hand(w, source, target)
    listed = network_of(Triplets, kind=Listed, w=w[tuple(PAIRS.T)])
    np.testing.assert_array_equal(let_fire(listed, source, target), expected[tuple(PAIRS.T)])
    one_to_one = network_of(Triplets, 4, 4, kind=OneToOneConnection, w=w.diagonal())
    np.testing.assert_array_equal(let_fire(one_to_one, source[:, :4], target), expected.diagonal())


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("scale", [1.0, 0.25, "jump"])
@pytest.mark.parametrize("additive", [False, True])
@pytest.mark.parametrize("with_spikes", [False, True])
def test_a_trace_decays_follows_spikes_by_its_scale_and_is_seen_with_this_steps_only_if_it_says_so(
    side, scale, additive, with_spikes
):
    def on_step(w: f32, a: f32) -> f32:
        return a - w  # so that the weight is the trace as it is seen

    trace = Trace(side, "tc", additive, scale, with_spikes)
    network = network_of(rule_of(on_step, parameters={"tc": HALVED, "jump": 0.75}, traces={"a": trace}), 1, 1, wmax=9.0)
    jump, x, expected, seen = {"jump": 0.75}.get(scale, scale), 0.0, [], []
    for fires in (True, False, True, True, False, False):
        before = 0.5 * x
        x = (before + jump if additive else jump) if fires else before
        expected.append(x if with_spikes else before)
        this, other = np.full((1, 1), fires), np.zeros((1, 1), bool)
        seen.append(let_fire(network, *((this, other) if side == "source" else (other, this))).item())
    assert seen == expected


# State of synapses, and reward.


@pytest.mark.parametrize("seed", range(3))
def test_weights_follow_the_eligibility_of_their_synapses_as_reward_comes(seed):
    source, target = random_spikes(seed, 60, 1, 5), random_spikes(seed + 100, 60, 1, 4)
    rewards = [0.0] * 20 + [1.5] * 20 + [-0.5] * 20
    expected = eligible_by_hand(random_weights(5, 4), source, target, rewards)
    network = network_of(Eligible, nu=(0.02, 0.05))
    for part in (slice(0, 20), slice(20, 40), slice(40, 60)):
        w = let_fire(network, source[part], target[part], reward=rewards[part][0])
    assert (expected != random_weights(5, 4)).any()
    np.testing.assert_array_equal(w, expected)


@pytest.mark.parametrize(("kind", "pairs"), [(Listed, PAIRS), (OneToOneConnection, np.array([[k, k] for k in range(4)]))])
def test_eligibility_belongs_to_synapses_that_there_are(kind, pairs):
    source, target, w = random_spikes(7, 60, 1, 5), random_spikes(107, 60, 1, 4), random_weights(5, 4)
    expected = eligible_by_hand(w, source, target, [1.0] * 60)
    n_source = 5 if kind is Listed else 4
    network = network_of(Eligible, n_source, kind=kind, w=w[tuple(pairs.T)], nu=(0.02, 0.05))
    np.testing.assert_array_equal(let_fire(network, source[..., :n_source], target, reward=1.0), expected[tuple(pairs.T)])


class Rewards:
    """A reward for each run, whatever was asked for: 0, 1, 2, ..."""

    n_runs = 0

    def compute(self, **kwargs):
        self.n_runs += 1
        return torch.tensor([self.n_runs - 1.0])


def test_a_reward_function_gives_the_reward_of_each_run():
    source, target = random_spikes(5, 40, 1, 5), random_spikes(105, 40, 1, 4)
    network = network_of(Eligible, nu=(0.02, 0.05))
    network.reward_fn = Rewards()
    for part in (slice(0, 20), slice(20, 40)):
        w = let_fire(network, source[part], target[part])
    np.testing.assert_array_equal(w, eligible_by_hand(random_weights(5, 4), source, target, [0.0] * 20 + [1.0] * 20))


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, r"^Eligible\.on_step takes a reward: give reward"),
        ({"reward": "much"}, "a reward is a number, got 'much'"),
        ({"reward": torch.ones(2)}, r"a reward is a number of the step, or \[1\], one a sample; got \[2\]"),
    ],
)
def test_a_reward_that_is_missing_or_no_number_is_refused_in_a_line_and_nothing_is_learned(given, complaint):
    network = network_of(Eligible, nu=(0.02, 0.05))
    with pytest.raises(NetworkError, match=complaint) as raised:
        let_fire(network, np.ones((2, 5), bool), np.ones((2, 4), bool), **given)
    assert "\n" not in str(raised.value)
    np.testing.assert_array_equal(network.connections["X", "Y"].w, random_weights(5, 4))


def test_without_learning_no_reward_is_asked_for():
    network = network_of(Eligible, nu=(0.02, 0.05))
    network.train(False)
    np.testing.assert_array_equal(let_fire(network, np.ones((2, 5), bool), np.ones((2, 4), bool)), random_weights(5, 4))


# Adaptive state of target neurons.


def test_a_neurons_own_learning_rate_falls_with_its_spikes():
    source, target = random_spikes(4, 50, 5), random_spikes(104, 50, 4) & [True, True, True, False]
    w, x, rate = random_weights(5, 4), np.zeros(5, np.float32), np.full(4, 0.5, np.float32)
    for pre, post in zip(source, target, strict=True):
        x = np.where(pre, ONE, x * decay_of(20.0))
        for j in post.nonzero()[0]:
            w[:, j] += rate[j] * (x - w[:, j])
            rate[j] = np.float32(0.875) * rate[j] / (ONE + np.float32(0.25))
    network = network_of(Slowing)
    np.testing.assert_array_equal(let_fire(network, source, target), w)
    kept = network.state_dict()["X_to_Y.plasticity.rate"]
    np.testing.assert_array_equal(kept, rate)
    assert kept[3] == 0.5
    network.reset_state_variables()
    np.testing.assert_array_equal(kept, rate)


def test_adaptive_state_may_be_finer_than_float32_and_counts_what_float32_could_not():
    def on_post(w: f32) -> f32:
        return 0.0 * w

    def adapt(seen: f64, spikes: f64) -> f64:
        return seen + spikes

    network = network_of(rule_of(on_post, adapt, adaptive_state={"seen": 2.0**24}), 1, 1)
    let_fire(network, np.zeros((3, 1), bool), np.ones((3, 1), bool))
    assert network.state_dict()["X_to_Y.plasticity.seen"].tolist() == [2.0**24 + 3]


# Fields.


def of_fields(w: f32, w_sum: f32, w_length: f32, x_sum: f32, x_length: f32, r_sum: f32, r_length: f32, rate: f32) -> f32:
    return rate * (x_sum * r_length - r_sum * x_length - w_sum * w + w_length)


FIELDS_OF = {"w": "w", "x": "x_pre", "r": "r"}


def length(values: list[np.float32]) -> np.float32:
    return np.sqrt(sum((value * value for value in values), ZERO))


def fields_by_hand(w: np.ndarray, pairs: np.ndarray, source: np.ndarray, target: np.ndarray, role: str) -> np.ndarray:
    """Weights ``[n_source, n_target]``, of which those of the pairs are synapses, after spikes ``[n_steps, n]``."""
    x, r = np.zeros((2, 5), np.float32)
    for pre, post in zip(source, target, strict=True):
        x, r = np.where(pre, ONE, x * decay_of(20.0)), r * decay_of(30.0)
        changed = w.copy()
        for i, j in pairs:
            if {"on_pre": pre[i], "on_post": post[j], "on_step": True}[role]:
                into = [k for k in range(5) if [k, j] in pairs.tolist()]
                values = [[weight_or_trace[k] for k in into] for weight_or_trace in (w[:, j], x, r)]
                fields = [quantity(each) for each in values for quantity in (lambda them: sum(them, ZERO), length)]
                changed[i, j] += of_fields(w[i, j], *fields, np.float32(0.01))
        w, r = changed, r + pre.astype(np.float32)
    return w


@pytest.mark.parametrize("role", ["on_pre", "on_post", "on_step"])
@pytest.mark.parametrize(("kind", "pairs"), [(Connection, DENSE), (Listed, PAIRS)])
def test_fields_are_sums_and_lengths_of_all_that_comes_into_a_target(role, kind, pairs):
    fields = {f"{name}_{quantity}": Field(of, quantity) for name, of in FIELDS_OF.items() for quantity in ("sum", "length")}
    parts = {role: staticmethod(of_fields), "fields": fields, "traces": {"r": Trace("source", "tc", additive=True)}}
    rule = rule_of(parameters={"tc": 30.0, "rate": 0.01}, **parts)
    source, target, w = random_spikes(6, 40, 5), random_spikes(106, 40, 4), random_weights(5, 4)
    expected = fields_by_hand(w, pairs, source, target, role)
    network = network_of(rule, kind=kind, w=w if kind is Connection else w[tuple(pairs.T)], wmin=-np.inf, wmax=np.inf)
    changed = let_fire(network, source, target).reshape(-1)
    assert (expected != w)[tuple(pairs.T)].all()
    np.testing.assert_array_equal(changed, expected[tuple(pairs.T)])


# What cannot be declared.

SOME = {"r": Trace("source", "tc"), "o": Trace("target", "tc")}


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        ({"traces": SOME, "state": {"r": 0.0}}, "Rule declares r twice"),
        ({"state": {"rate": 0.0}, "adaptive_state": {"rate": 0.0}}, "Rule declares rate twice"),
        ({"state": {"e": 0.0}, "decays": {"e": "tc"}}, "Rule declares e twice"),
        ({"traces": SOME, "state": {"r_decay": 0.0}}, "Rule declares r_decay twice"),
        ({"traces": SOME, "adaptive_state": {"o_scale": 0.0}}, "Rule declares o_scale twice"),
        ({"traces": SOME, "decays": {"r_decay": "tc"}}, "Rule declares r_decay twice"),
        ({"state": {"w": 0.0}}, "declares w twice, or it is the name of what every rule has"),
        ({"state": {"reward": 0.0}}, "declares reward twice, or"),
        ({"traces": {"x_pre": Trace("source", "tc")}}, "declares x_pre twice, or"),
        ({"fields": {"nu_post": Field("w")}}, "declares nu_post twice, or"),
        ({"adaptive_state": {"spikes": 0.0}}, "declares spikes twice, or"),
        ({"state": {"training": 0.0}}, "declares training twice, or"),
        ({"decays": {"wmax": "tc"}}, "declares wmax twice, or"),
        ({"traces": {"r": "source"}}, "Rule declares r as 'source', which is no Trace"),
        ({"fields": {"total": "w"}}, "Rule declares total as 'w', which is no Field"),
        ({"state": {"e": "tc"}}, "Rule declares e as 'tc', which is no number"),
        ({"state": {"e": None}}, "Rule declares e as None, which is no number"),
        ({"adaptive_state": {"rate": "nu_post"}}, "Rule declares rate as 'nu_post', which is no number"),
        ({"decays": {"fading": 20.0}}, "Rule declares fading as 20.0, which is no name of a parameter"),
        ({"fields": {"total": Field("x_post")}}, "the field total is of 'x_post'; there are w, x_pre"),
        ({"traces": SOME, "fields": {"total": Field("o")}}, "the field total is of 'o'; there are w, x_pre, r"),
    ],
)
def test_declarations_that_contradict_each_other_or_are_of_no_kind_are_refused_in_a_line(declared, complaint):
    with pytest.raises(NetworkError, match=complaint) as raised:
        network_of(rule_of(parameters={"tc": 20.0}, **declared))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Trace("middle", "tc"), "a trace follows the spikes of source or target, not of 'middle'"),
        (lambda: Trace("source", 20.0), "the time constant of a trace is the name of a parameter, got 20.0"),
        (lambda: Trace("source", "tc", scale=None), "the scale of a trace is a number or the name of a parameter, got None"),
        (lambda: Field("w", "mean"), "of a field there is sum or length, not 'mean'"),
    ],
)
def test_a_trace_of_no_side_and_a_field_of_no_quantity_are_refused_as_they_are_declared(make, complaint):
    with pytest.raises(NetworkError, match=complaint):
        make()


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({}, "Rule: r_decay takes 'tc', which nobody declared"),
        ({"tc": 0.0}, "Rule: r_decay takes 'tc', which must be a number above 0"),
        ({"tc": -20.0}, "Rule: r_decay takes 'tc', which must be a number above 0"),
        ({"tc": math.nan}, "Rule: r_decay takes 'tc', which must be a number above 0"),
        ({"tc": torch.ones(5, 4)}, "Rule: r_decay takes 'tc', which must be a number above 0"),
        ({"tc": "long"}, "Rule: tc is a number, or one for each weight, got 'long'"),
        ({"tc": 20.0}, "Rule: r_scale takes 'jump', which nobody declared"),
        ({"tc": 20.0, "jump": math.nan}, "Rule: r_scale takes 'jump', which must be a number"),
    ],
)
def test_a_time_constant_or_scale_that_is_no_number_is_refused_by_its_name(parameters, complaint):
    traces = {"r": Trace("source", "tc", scale="jump")}
    with pytest.raises(NetworkError, match=complaint):
        network_of(rule_of(parameters=parameters, traces=traces))


def test_a_decay_by_what_nobody_declared_is_refused():
    with pytest.raises(NetworkError, match="Rule: fading takes 'tc_e', which nobody declared"):
        network_of(rule_of(decays={"fading": "tc_e"}))


@pytest.mark.parametrize("name", ["w", "reward", "spikes", "r", "e", "rate", "total", "fading", "r_decay", "r_scale"])
def test_a_parameter_may_not_take_the_name_of_what_is_declared_given_or_computed(name):
    declared = {"traces": {"r": SOME["r"]}, "state": {"e": 0.0}, "adaptive_state": {"rate": 1.0}, "decays": {"fading": "tc"}}
    rule = rule_of(parameters={"tc": 20.0, name: 1.0}, fields={"total": Field("w")}, **declared)
    with pytest.raises(NetworkError, match=f"^Rule: {name} is .*; call the parameter otherwise$"):
        network_of(rule)


def of_unknown(w: f32, o3: f32) -> f32:
    return w + o3


def of_another_type(w: f32, r: f64) -> f32:
    return w


def of_weights(w: f32, spikes: f64) -> f32:
    return w


@pytest.mark.parametrize(
    ("role", "function", "complaint"),
    [
        ("on_post", of_unknown, "Rule.on_post takes 'o3', which nobody declared"),
        ("on_step", of_another_type, "Rule.on_step declares 'r' as f64, it is given as such and is f32"),
        ("adapt", of_weights, "Rule.adapt takes 'w', which nobody declared"),
    ],
)
def test_a_function_that_takes_what_it_is_not_given_is_refused_when_the_connection_is_made(role, function, complaint):
    parts = {role: staticmethod(function), "traces": SOME, "adaptive_state": {"rate": 1.0}}
    with pytest.raises(NetworkError, match=complaint):
        network_of(rule_of(parameters={"tc": 20.0}, **parts))


def forgets_its_state(w: f32, e: f32) -> f32:
    return w


def returns_more(w: f32, e: f32) -> tuple[f32, f32, f32]:
    return w, e, e


def adapts_twice(rate: f32, spikes: f64) -> tuple[f32, f32]:
    return rate, rate


@pytest.mark.parametrize(
    ("role", "function", "complaint"),
    [
        ("on_pre", forgets_its_state, "Rule.on_pre must return the change of w, e, got 1 values"),
        ("on_post", returns_more, "Rule.on_post must return the change of w, e, got 3 values"),
        ("on_step", forgets_its_state, "Rule.on_step must return the change of w, e, got 1 values"),
        ("adapt", adapts_twice, "Rule.adapt must return rate, got 2 values"),
    ],
)
def test_a_function_that_returns_too_little_or_too_much_is_told_in_a_line(role, function, complaint):
    parts = {role: staticmethod(function), "state": {"e": 0.0}, "adaptive_state": {"rate": 1.0}}
    with pytest.raises(NetworkError, match=complaint) as raised:
        let_fire(network_of(rule_of(**parts)), np.ones((1, 5), bool), np.ones((1, 4), bool))
    assert "\n" not in str(raised.value)


def test_a_rule_is_refused_where_synapses_have_no_weights_of_their_own():
    network = Network()
    for name in "XY":
        network.add_layer(Input(4, traces=True) if name == "X" else LIFNodes(4, traces=True), name)
    connection = UniformLateralConnection(network.layers["X"], network.layers["Y"], w=-1.0)
    with pytest.raises(NetworkError, match="Eligible changes a weight of every synapse, which UniformLateralConnection has not"):
        connection.update_rule = Eligible(connection)
