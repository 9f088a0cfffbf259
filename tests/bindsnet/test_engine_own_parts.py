"""Kinds of connections, neurons and rules of the user's own: both engines run them alike, or the fused one says why not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.agreement import difference
from bindsnet.engine import SpikeTrains
from bindsnet.engine.fused import CannotFuseError
from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule, PostPre
from bindsnet.network import Network
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes, Nodes
from bindsnet.network.nodes.lif import LeakyNodes
from bindsnet.network.topology import AbstractConnection, Connection
from bindsnet.network.topology.runs import Runs
from bindsnet.numbers.ops import f32, f64, flag, to_f32, to_f64, where

N, M = 6, 4


def network_of(target: Nodes | None = None, kind: type[AbstractConnection] = Connection, **arguments) -> Network:
    network = Network()
    network.add_layer(Input(N, traces=True), "X")
    network.add_layer(target or LIFNodes(M, traces=True, thresh=-62.0), "Y")
    if kind is Connection:
        arguments["w"] = 3.0 * torch.rand(N, M, generator=torch.Generator().manual_seed(0))
    network.add_connection(kind(network.layers["X"], network.layers["Y"], **arguments), "X", "Y")
    return network


def trains(n_steps: int = 12, rate: float = 0.3) -> SpikeTrains:
    return SpikeTrains.from_dense(torch.rand(3, n_steps, N, generator=torch.Generator().manual_seed(0)) < rate)


TRAINS = trains()


def assert_same(network: Network, spikes: SpikeTrains = TRAINS, as_large: bool = False) -> None:
    assert difference(network, {"spike_trains": spikes, "layer": "Y", "seed": 3}, as_large) is None


class Formula(AbstractConnection):
    """A drive by formula, as large as many spikes there are, and 1.5 mV in any case."""

    def __init__(self, source: Nodes, target: Nodes, **kwargs) -> None:
        super().__init__(source, target, **kwargs)
        self.w = torch.nn.Parameter(torch.ones(()), requires_grad=False)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """1.5 mV and one for each spike."""
        return self.scaled(1.5 + s.view(len(s), -1).sum(1, keepdim=True).float().expand(-1, self.target.n))

    @staticmethod
    def compiled_drive(drive, w, fired, first, last, factor):
        """The same."""
        for j in range(len(drive)):
            drive[j] = (np.float32(1.5) + np.float32(last - first)) * factor

    def drive_arguments(self, runs: Runs | None, places: np.ndarray | None) -> dict[str, object]:
        """None."""
        return {}


def test_a_formula_that_drives_without_spikes_stands_in_its_class():
    assert_same(network_of(kind=Formula), trains(30, 0.05))


class Ring(AbstractConnection):
    """Weights by the sum of source and target, with a loop of its own."""

    drives_without_spikes = False

    def __init__(self, source: Nodes, target: Nodes, **kwargs) -> None:
        super().__init__(source, target, **kwargs)
        self.w = torch.nn.Parameter(torch.rand(7, generator=torch.Generator().manual_seed(0)), requires_grad=False)

    def make_runs(self) -> Runs:
        """See above."""
        i, j = np.indices((N, M)).reshape(2, -1)
        return Runs.of_synapses(i, j, (i + j) % 7, N, M, 7)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """By runs, here."""
        return super().compute(s)

    @staticmethod
    def compiled_drive(drive, w, fired, first, last, factor):
        """By a loop of its own."""

    def drive_arguments(self, runs: Runs | None, places: np.ndarray | None) -> dict[str, object]:
        """None."""
        return {}


def test_weights_that_change_and_a_loop_of_its_own_beside_runs_are_for_the_plain_engine():
    network = network_of(kind=Ring, update_rule=PostPre, nu=0.1)
    with pytest.raises(CannotFuseError, match="Ring has a compiled_drive of its own beside make_runs"):
        network.engine("fused")
    assert network.engine() == "plain"


class Nothing(AbstractConnection):
    """Gives neither runs nor a formula."""


@pytest.mark.parametrize("engine", ["auto", "plain", "fused"])
def test_a_kind_without_weights_or_runs_is_refused(engine):
    with pytest.raises(NetworkError, match=r"no weights w|must give make_runs"):
        network_of(kind=Nothing).present(TRAINS, "Y", engine=engine)


class Neuron(LeakyNodes):
    """Its state has names that the program has for other things, and its functions return tuples of one."""

    state = {"v": "rest", "neuron": 0.5, "touched": 0.25}  # noqa: RUF012
    adaptive_state = {"theta": 0.0}  # noqa: RUF012

    def __init__(self, n: int) -> None:
        super().__init__(n, traces=True)
        self.declare_membrane(thresh=-62.0, rest=-65.0, reset=-65.0, refrac=0, tc_decay=50.0, lbound=None)
        self.one_spike = True

    @staticmethod
    def threshold(theta: f64, thresh: f64):
        """In a tuple."""
        return (to_f32(thresh + theta),)

    @staticmethod
    def relax(theta: f64):
        """In a tuple."""
        return (theta * 0.9,)

    @staticmethod
    def adapt(theta: f64, spikes: f64):
        """In a tuple."""
        return (theta + spikes,)

    @staticmethod
    def step(v: f32, neuron: f32, touched: f32, threshold: f32, drive: f32, rest: f32, decay: f32):
        """Grows harder to fire within a sample."""
        v = rest + (v - rest) * decay + drive
        over = v >= threshold + neuron
        return where(over, rest, v), neuron + 0.01, touched * 0.5, over


def test_states_may_have_any_name_and_functions_may_return_tuples_of_one():
    assert_same(network_of(Neuron(M)))


class Shadowing(LIFNodes):
    """Calls a state as the layer calls its trace."""

    state = {"v": "rest", "x": 0.0}  # noqa: RUF012


def test_a_state_that_has_the_name_of_what_every_layer_keeps_is_refused():
    with pytest.raises(NetworkError, match="Shadowing: the layer keeps x itself"):
        Shadowing(M)


class SeesTrace(LIFNodes):
    """Takes its own trace as if it were a parameter."""

    @staticmethod
    def step(v: f32, refrac_count: f32, drive: f32, thresh: f32, rest: f32, x: f32) -> tuple[f32, f32, flag]:
        """See above."""
        v = v + drive - x
        over = v >= thresh
        return where(over, rest, v), refrac_count, over


class SeesVoltage(DiehlAndCookNodes):
    """Its threshold rises by the voltage."""

    @staticmethod
    def adapt(theta: f64, spikes: f64, v: f32) -> f64:
        """See above."""
        return theta - to_f64(v) * 0.01


@pytest.mark.parametrize(("model", "name"), [(SeesTrace, "x"), (SeesVoltage, "v")])
def test_what_steps_move_is_no_parameter_for_the_fused_engine(model, name):
    with pytest.raises(CannotFuseError, match=f"takes {name} as a parameter, which steps move"):
        network_of(model(M, traces=True)).engine("fused")


def test_clamped_layers_and_inputs_that_compete_are_for_the_plain_engine():
    network = network_of()
    network.layers["Y"].clamp = torch.ones(M, dtype=torch.bool)
    with pytest.raises(CannotFuseError, match="clamped"):
        network.engine("fused")
    network = network_of()
    network.layers["X"].one_spike = True
    with pytest.raises(CannotFuseError, match="at most one of its spikes"):
        network.engine("fused")


class Sinking(DiehlAndCookNodes):
    """Its threshold falls below rest by itself."""

    @staticmethod
    def relax(theta: f64, theta_decay: f64) -> f64:
        """See above."""
        return theta - 3.0 * theta_decay


def test_a_large_layer_of_a_model_with_other_functions_is_advanced_as_a_whole():
    assert DiehlAndCookNodes(M).rests_while_relaxing
    assert not Sinking(M).rests_while_relaxing
    assert_same(network_of(Sinking(M, traces=True, one_spike=False)), as_large=True)


class SameHeight(LIFNodes):
    """All neurons are equally far above threshold."""

    @staticmethod
    def depolarisation(v: f32, refrac_count: f32, drive: f32, thresh: f32) -> f32:
        """One number for all."""
        return thresh


class NoHeight(LIFNodes):
    """No neuron is any number of mV above threshold."""

    @staticmethod
    def depolarisation(v: f32, refrac_count: f32, drive: f32, thresh: f32) -> f32:
        """Not a number."""
        return v * ((thresh - thresh) / (thresh - thresh))


@pytest.mark.parametrize(("model", "expected"), [(SameHeight, 1), (NoHeight, 0)])
def test_the_plain_engine_takes_one_height_for_all_and_lets_none_win_without_one(model, expected):
    network = network_of(model(M, traces=True, thresh=-62.0, winner="highest"))
    network.layers["Y"].one_spike = True
    network.connections["X", "Y"].w.fill_(9.0)
    answer = network.present(TRAINS, "Y", seed=0, spike_times=True, engine="plain")
    assert answer.spike_trains.to_dense().sum(2).max() == expected


class Marked(LearningRule):
    """Its state comes as a flag, and as float64."""

    state = {"e": 0.0}  # noqa: RUF012

    @staticmethod
    def on_pre(e: f32) -> tuple[f32, flag]:
        """A flag."""
        return 0.1, e > 0.5

    @staticmethod
    def on_post(e: f32) -> tuple[f32, f64]:
        """Float64."""
        return -0.1, to_f64(e) + 0.4


def test_state_of_synapses_is_float32_whatever_type_a_rule_returns():
    assert_same(network_of(update_rule=Marked))


class Gaining(LearningRule):
    """Adapts by a parameter of each weight."""

    adaptive_state = {"n": 0.0}  # noqa: RUF012

    def __init__(self, connection: AbstractConnection, **kwargs) -> None:
        super().__init__(connection, **kwargs)
        self.declare(gain=torch.ones(M))

    @staticmethod
    def on_post(n: f32) -> f32:
        """Something."""
        return n

    @staticmethod
    def adapt(n: f32, gain: f32) -> f32:
        """See above."""
        return n + gain


def test_an_adaptive_state_that_takes_a_parameter_of_each_weight_is_for_the_plain_engine():
    network = network_of(update_rule=Gaining)
    with pytest.raises(CannotFuseError, match=r"Gaining\.adapt takes a parameter of which every weight has its own"):
        network.engine("fused")


class Changing(LearningRule):
    """Its function is replaced."""

    @staticmethod
    def on_post(nu_post: f32) -> f32:
        """Up."""
        return nu_post


def falling(nu_post: f32) -> f32:
    """Down."""
    return -nu_post


def test_another_function_of_the_same_class_is_another_program(monkeypatch):
    network = network_of(update_rule=Changing, nu=0.1)
    assert_same(network)
    monkeypatch.setattr(Changing, "on_post", staticmethod(falling))
    assert_same(network)


@pytest.mark.parametrize("engine", ["plain", "fused"])
def test_no_samples_have_no_spikes(engine):
    none = SpikeTrains.from_dense(torch.zeros(0, 12, N))
    answer = network_of(kind=Formula).present(none, "Y", spike_times=True, engine=engine)  # compiled above
    assert answer.spike_trains.to_dense().shape == (0, 12, M)


@pytest.mark.parametrize("engine", ["plain", "fused"])
def test_a_rule_on_a_formula_with_a_table_of_another_shape_is_refused(engine):
    class Table(AbstractConnection):
        def __init__(self, source, target, **kwargs):
            super().__init__(source, target, **kwargs)
            self.w = torch.nn.Parameter(torch.rand(3, 3), requires_grad=False)

        def compute(self, s):
            return self.scaled(torch.zeros(len(s), self.target.n))

    network = Network()
    network.add_layer(Input(6, traces=True), "X")
    network.add_layer(LIFNodes(4, traces=True), "Y")
    network.add_connection(Table(*network.layers.values(), update_rule=PostPre, nu=0.1), "X", "Y")
    trains = SpikeTrains.from_dense(torch.ones(1, 3, 6, dtype=torch.bool))
    with pytest.raises(NetworkError, match=r"PostPre needs weights of the shape \[6, 4\], got \[3, 3\]"):
        network.present(trains, "Y", engine=engine)
