"""What a model's functions declare must be there, in both engines; what is not is told by class, function and name."""

from __future__ import annotations

import functools

import pytest
import torch

from bindsnet.engine import SpikeTrains
from bindsnet.engine.fused.translate import CannotFuseError, Translator
from bindsnet.errors import NetworkError
from bindsnet.network import Network
from bindsnet.network.nodes import DiehlAndCookNodes, Input, Nodes
from bindsnet.network.topology import Connection
from bindsnet.numbers.ops import f32, f64, flag, to_f64, where

SPIKES = SpikeTrains.from_dense(torch.ones(1, 4, 3, dtype=torch.bool))


class Model(Nodes):
    """A model of a user, whose functions the tests replace."""

    state = {"v": "rest"}  # noqa: RUF012

    def __init__(self, n, **kwargs):
        super().__init__(n, **kwargs)
        self.declare(rest=-65.0)


def network_of(layer: Nodes) -> Network:
    network = Network()
    network.add_layer(Input(3), "X")
    network.add_layer(layer, "Y")
    network.add_connection(Connection(*network.layers.values(), w=torch.full((3, layer.n), 5.0)), "X", "Y")
    return network


def model(step, **parts) -> Nodes:
    parts = {name: staticmethod(part) if callable(part) else part for name, part in parts.items()}
    return type("Wrong", (Model,), {"step": staticmethod(step), **parts})(2)


def undeclared(v: f32, drive: f32, gain: f32):
    return v + gain * drive, v > gain


def with_a_default(v: f32, drive: f32, gain: f32 = 0.5):
    return v + gain * drive, v > gain


def any_number(v: f32, drive: f32, *gains: f32):
    return v, drive > v


def with_keywords(v: f32, drive: f32, **gains: f32):
    return v, drive > v


def of_too_little(v: f32):
    return v, v > 0.0


def of_another_drive(v: f32, drive: f64):
    return v, drive > 0.0


def of_another_state(u: f64, drive: f32):
    return u, drive > 0.0


def with_self(self, v: f32, drive: f32):
    return v, drive > v


def works(v: f32, drive: f32):
    return v + drive, v > 0.0


def forgets_its_state(v: f32, drive: f32):
    return (v > drive,)


def forgets_its_spikes(v: f32, drive: f32):
    return v + drive


def returns_more(v: f32, drive: f32):
    return v, drive, v > drive


def returns_numbers_for_spikes(v: f32, drive: f32):
    return v + drive, v


def swaps_its_results(v: f32, drive: f32):
    return v > drive, v + drive


def with_theta(v: f32, theta: f32, drive: f32):
    return v + drive, v > theta


def relaxes_twice(theta: f32):
    return theta, theta


def adapts_by(theta: f32, spikes: f32):
    return theta + spikes


def adapts_to(theta: f64, spikes: f64):
    return theta + spikes


ADAPTIVE = {"adaptive_state": {"theta": 0.0}}
NO_STATE = {"state": {}}

WRONG_MODELS = [
    (lambda: model(undeclared), r"Wrong.step takes 'gain', which nobody declared: .* there are .*rest"),
    (lambda: model(with_a_default), r"Wrong.step takes 'gain', .* self.declare\(gain=0.5\)"),
    (lambda: model(any_number), r"any_number: argument '\*gains' is none with a place and a name"),
    (lambda: model(with_keywords), r"with_keywords: argument '\*\*gains' is none with a place and a name"),
    (lambda: model(of_too_little), "Wrong.step takes v; it must take v, drive first, in this order"),
    (lambda: model(of_another_drive), "Wrong.step declares 'drive' as f64, it takes the place of drive and is f32"),
    (lambda: model(of_another_state), "Wrong.step declares 'u' as f64, it takes the place of v and is f32"),
    (lambda: model(with_self), "argument 'self' declares no type; .*write @staticmethod above it"),
    (lambda: model(lambda v, drive: (v, drive > v)), "argument 'v' declares no type"),
    (lambda: model(forgets_its_state), "Wrong.step must return v, its spikes, got 1 values"),
    (lambda: model(forgets_its_spikes), "Wrong.step must return v, its spikes, got 1 values"),
    (lambda: model(returns_more), "Wrong.step must return v, its spikes, got 3 values"),
    (lambda: model(returns_numbers_for_spikes), "Wrong.step must return its spikes as flags"),
    (lambda: model(swaps_its_results), "Wrong.step must return its spikes as flags"),
    (lambda: model(with_theta, relax=relaxes_twice, **ADAPTIVE), "Wrong.relax must return theta, got 2 values"),
    (lambda: model(with_theta, adapt=adapts_by, **ADAPTIVE), "Wrong.adapt declares 'spikes' as f32, it .* is f64"),
    (lambda: model(with_theta, adapt=adapts_to, **ADAPTIVE), "Wrong declares 'theta' with different types, f32 and f64"),
    (lambda: model(works, state={"v": "rst"}), "Wrong: the first value of v is 'rst', which nobody declared"),
    (lambda: model(works, state={"v": None}), "Wrong: the first value of v is None, neither a number nor a parameter"),
    (lambda: model(works, decays={"decay": "tc"}), "Wrong: decay decays by 'tc', which nobody declared"),
]


@pytest.mark.parametrize("engine", ["plain", "fused", "auto"])
@pytest.mark.parametrize(("make", "complaint"), WRONG_MODELS, ids=[text for _, text in WRONG_MODELS])
def test_a_model_whose_functions_do_not_fit_it_is_told_in_every_engine(make, complaint, engine):
    with pytest.raises(NetworkError, match=complaint):
        network_of(make()).present(SPIKES, "Y", engine=engine)


def misspells(v: f32, drive: f32):
    return v + exq(drive), v > 0.0  # noqa: F821


def test_a_misspelt_function_is_told_with_the_function_that_calls_it():
    network = network_of(model(misspells))
    for engine in ("plain", "auto"):
        with pytest.raises(NetworkError, match=r"Wrong\.step: NameError: name 'exq' is not defined"):
            network.present(SPIKES, "Y", engine=engine)
    with pytest.raises(CannotFuseError, match=r"misspells: 'exq\(drive\)' is no call of a function"):
        network.present(SPIKES, "Y", engine="fused")


@pytest.mark.parametrize("name", ["s", "no_drive", "v", "dt", "n", "shape", "type"])
def test_a_parameter_may_not_take_the_name_of_what_the_layer_keeps(name):
    with pytest.raises(NetworkError, match=f"Model: the layer keeps {name} itself"):
        Model(2).declare(**{name: 1.0})


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("v", torch.zeros(1, 3), r"v must be a contiguous tensor of its 2 neurons, got the shape \[1, 3\]"),
        ("v", torch.zeros(1, 2, dtype=torch.float64), r"got the shape \[1, 2\] and torch.float64 in place of torch.float32"),
        ("v", None, "v must be a contiguous tensor of its 2 neurons, got nothing"),
        ("theta", torch.zeros(2), "theta must be .* got .* torch.float32 in place of torch.float64"),
        ("thresh", None, "DiehlAndCookNodes: thresh is a number, or one for each neuron, got None"),
        ("thresh", torch.zeros(3), r"DiehlAndCookNodes: thresh is a number, .* got the shape \[3\]"),
    ],
)
@pytest.mark.parametrize("engine", ["plain", "fused"])
def test_state_and_parameters_that_were_replaced_by_what_does_not_fit_are_told(name, value, complaint, engine):
    network = network_of(DiehlAndCookNodes(2))
    setattr(network.layers["Y"], name, value)
    with pytest.raises(NetworkError, match=complaint):
        network.present(SPIKES, "Y", engine=engine)


def test_a_parameter_that_was_replaced_by_another_number_counts_in_both_engines_whatever_its_type():
    network = network_of(DiehlAndCookNodes(2, thresh=-20.0))
    network.layers["Y"].thresh = torch.tensor([-60])
    copies = [network.clone() for _ in range(2)]
    counts = [
        copy.present(SPIKES, "Y", engine=engine).spike_counts for copy, engine in zip(copies, ("plain", "fused"), strict=True)
    ]
    assert torch.equal(*counts)
    assert counts[0].sum() > 0


def alone(drive: f32):
    return drive > 12.0


def test_a_model_without_state_may_return_its_spikes_alone_to_the_plain_engine():
    network = network_of(model(alone, **NO_STATE))
    assert network.present(SPIKES, "Y").spike_counts.tolist() == [[3, 3]]
    with pytest.raises(CannotFuseError, match=r"Wrong\.step returns its spikes alone; return them in a tuple"):
        network.present(SPIKES, "Y", engine="fused")


def half_raised(theta: f64, thresh: f64) -> f64:
    return thresh + 0.5 * theta


def test_a_threshold_of_another_type_than_the_step_takes_is_not_fused():
    layer = type("Wrong", (DiehlAndCookNodes,), {"threshold": staticmethod(half_raised)})(2)
    with pytest.raises(CannotFuseError, match=r"Wrong\.threshold returns no f32, which Wrong\.step takes"):
        network_of(layer).present(SPIKES, "Y", engine="fused")


def test_a_threshold_function_without_a_place_for_it_is_refused_when_the_class_is_made():
    with pytest.raises(NetworkError, match=r"Short\.step must take 'threshold'"):
        type("Short", (DiehlAndCookNodes,), {"step": staticmethod(of_too_little)})


def doubled(function):
    @functools.wraps(function)
    def twice(x):
        return 2 * function(x)

    return twice


@doubled
def half(x: f32) -> f32:
    return 0.5 * x


def calls_a_decorated_function(v: f32, drive: f32):
    return v + half(drive), v > 0.0


def helper_without_types(x):
    return x


def calls_a_helper_without_types(v: f32, drive: f32):
    return helper_without_types(v) + drive, v > 0.0


def calls_itself(v: f32, drive: f32):
    return calls_itself(v, drive)


def adds_nothing(v: f32, drive: f32):
    return v + None, v > 0.0


def divides_by_0(v: f32, drive: f32):
    return v + 1.0 / 0.0, v > 0.0


def converts_nothing(v: f32, drive: f32):
    return v, to_f64() > 0.0


in_a_lambda = [lambda v, drive: (v, v > drive)][0]
in_a_lambda.__annotations__ = {"v": f32, "drive": f32}


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (calls_a_decorated_function, "half is changed by a decorator"),
        (calls_a_helper_without_types, "calls what cannot be translated: .*helper_without_types: argument 'x' declares no type"),
        (calls_itself, "calls itself"),
        (adds_nothing, "'None' is no number"),
        (divides_by_0, "divides by 0"),
        (converts_nothing, "gives 0 arguments"),
        (in_a_lambda, "define it"),
    ],
)
def test_what_cannot_be_translated_is_refused_in_words_and_left_to_the_plain_engine(function, complaint):
    with pytest.raises(CannotFuseError, match=complaint):
        Translator().add(function)
    assert network_of(model(function)).engine("auto") == "plain"


def where_flags_meet(v: f32, drive: f32, rest: f32) -> tuple[f32, flag]:
    over = v > rest
    return where(over, rest, v + drive), over


def test_what_does_not_compile_is_told_in_a_line(monkeypatch):
    network = network_of(model(where_flags_meet))
    monkeypatch.setattr(
        "bindsnet.engine.fused.kernels.COLLECT", "\n@loop\ndef collect(drive, fired):\n    return fired.nowhere\n"
    )
    with pytest.raises(CannotFuseError, match=r'the program of this network does not compile .*engine="plain" runs it'):
        network.present(SPIKES, "Y", engine="fused")
