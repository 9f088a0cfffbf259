"""What anyone may replace in a network is looked at before it runs: in one line, by both engines, and nothing is read beyond."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule, Trace
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import (
    AbstractConnection,
    Connection,
    MaskedConnection,
    SparseConnection,
    UniformLateralConnection,
)
from bindsnet.network.topology.runs import Runs
from bindsnet.numbers.ops import f32

N, M = 6, 4
BOTH = pytest.mark.parametrize("engine", ["plain", "fused"])


class Keeping(LearningRule):
    """Keeps one thing of each sort."""

    traces = {"o": Trace("target", "tc")}  # noqa: RUF012
    state = {"e": 0.0}  # noqa: RUF012
    adaptive_state = {"n": 0.0}  # noqa: RUF012

    def __init__(self, connection: AbstractConnection, **kwargs) -> None:
        super().__init__(connection, **kwargs)
        self.declare(tc=20.0)

    @staticmethod
    def on_post(e: f32, o: f32, n: f32) -> tuple[f32, f32]:
        """Something of all of them."""
        return o * n, e + 1.0


class Listed(AbstractConnection):
    """A kind that says nothing of the shape of its weights, and whose runs may be of other populations."""

    def __init__(self, source: Input, target: LIFNodes, n_targets: int = M, order: list[int] | None = None, **kwargs) -> None:
        super().__init__(source, target, **kwargs)
        self.n_targets, self.order = n_targets, order
        self.w = torch.nn.Parameter(torch.ones(N), requires_grad=False)

    @property
    def order_of_targets(self) -> np.ndarray | None:
        """As given."""
        return None if self.order is None else np.array(self.order)

    def make_runs(self) -> Runs:
        """One synapse a source."""
        return Runs(np.arange(N + 1), np.arange(N) % self.n_targets, np.arange(N), np.ones(N), self.n_targets, N)


def network_of(connect: Callable, **arguments) -> Network:
    network = Network()
    network.add_layer(Input(N, traces=True), "X")
    network.add_layer(LIFNodes(M, traces=True, thresh=-60.0), "Y")
    network.add_connection(connect(network.layers["X"], network.layers["Y"], **arguments), "X", "Y")
    return network


def present(network: Network, engine: str) -> torch.Tensor:
    spikes = torch.rand(2, 12, N, generator=torch.Generator().manual_seed(0)) < 0.4
    return network.present(SpikeTrains.from_dense(spikes), "Y", seed=0, engine=engine, spike_times=True).spike_trains.to_dense()


@BOTH
@pytest.mark.parametrize(
    ("name", "value"),
    [("o", torch.zeros(1, 2)), ("o", torch.zeros(1, M, dtype=torch.float64)), ("e", torch.zeros(1, 3)), ("n", torch.zeros(2))],
)
def test_what_a_rule_keeps_must_have_its_shape_and_type(engine, name, value):
    network = network_of(Connection, update_rule=Keeping)
    setattr(network.connections["X", "Y"].plasticity, name, value)
    with pytest.raises(NetworkError, match=f"{name} of a plasticity rule is a contiguous tensor"):
        present(network, engine)


@BOTH
@pytest.mark.parametrize(
    "past", [torch.zeros(1, 1, N, dtype=torch.bool), torch.zeros(3, 1, 2, dtype=torch.bool), torch.zeros(3, 1, N)]
)
def test_past_spikes_must_reach_back_as_far_as_delays(engine, past):
    network = network_of(Connection, delay=4)
    network.layers["X"].past = past
    with pytest.raises(NetworkError, match="past must be a contiguous bool tensor"):
        present(network, engine)


def test_spikes_of_a_layer_must_be_as_many_as_its_neurons():
    network = network_of(Connection)
    network.layers["Y"].s = torch.zeros(1, 2, dtype=torch.bool)
    with pytest.raises(NetworkError, match="s must be a contiguous tensor of its 4 neurons"):
        present(network, "fused")


@BOTH
def test_weights_of_a_kind_of_ones_own_must_be_those_of_its_runs(engine):
    network = network_of(Listed)
    connection = network.connections["X", "Y"]
    connection.w = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    with pytest.raises(NetworkError, match="runs are of 6 weights, there are 2"):
        present(network, engine)
    connection.w = torch.nn.Parameter(torch.ones(N, dtype=torch.float64), requires_grad=False)
    with pytest.raises(NetworkError, match="are float32"):
        present(network, engine)
    connection.w = torch.nn.Parameter(torch.ones(3, 2).T, requires_grad=False)
    with pytest.raises(NetworkError, match="must lie so that flat gives a view"):
        present(network, engine)


def test_runs_must_be_of_the_connected_populations():
    with pytest.raises(NetworkError, match="runs are of 6 sources and 6 targets, the populations have 6 and 4"):
        network_of(Listed, n_targets=6)


@pytest.mark.parametrize("order", [[2, 0, 1], [2, 0, 9, 1], [0, 0, 1, 2]])
def test_an_order_of_targets_names_each_once(order):
    with pytest.raises(NetworkError, match="must name each of 4 neurons once"):
        network_of(Listed, order=order)


@BOTH
def test_another_mask_means_other_synapses(engine):
    mask = torch.eye(N, M).bool()
    network, expected = (network_of(MaskedConnection, mask=m, w=9.0 * torch.ones(N, M)) for m in (mask, ~mask))
    before = present(network, engine)
    connection = network.connections["X", "Y"]
    connection.mask = ~mask
    connection.w.fill_(9.0)
    assert not torch.equal(before, present(expected, engine))
    assert torch.equal(present(network, engine), present(expected, engine))
    connection.mask = mask[:2]
    with pytest.raises(NetworkError, match="a mask is bool of shape"):
        present(network, engine)


@BOTH
def test_other_indices_mean_other_synapses(engine):
    indices = torch.tensor([[0, 1, 5], [3, 2, 0]])
    expected = network_of(SparseConnection, indices=indices, w=9.0 * torch.ones(3))
    network = network_of(SparseConnection, w=9.0 * torch.ones(N, M))
    connection = network.connections["X", "Y"]
    connection.indices = indices
    with pytest.raises(NetworkError, match="weights have the shape"):
        present(network, engine)
    connection.w = torch.nn.Parameter(9.0 * torch.ones(3), requires_grad=False)
    assert torch.equal(present(network, engine), present(expected, engine))
    network.reset_state_variables()
    assert len(connection.runs.targets) == 3


@BOTH
def test_the_one_weight_of_a_uniform_connection_stays_one(engine):
    network = network_of(Connection)
    layer = network.layers["Y"]
    network.add_connection(UniformLateralConnection(layer, layer, w=-1.0), "Y", "Y")
    network.connections["Y", "Y"].w.data = torch.zeros(M)
    with pytest.raises(NetworkError, match=r"weights have the shape \[\] and are float32, got \[4\]"):
        present(network, engine)
