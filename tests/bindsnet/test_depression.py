"""Depressing synapses: each spike of a source counts by what the spikes before it have left of its resources."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import pytest
import torch
from rules_by_hand import PAIRS, Listed, random_spikes

from bindsnet.engine import Repetition, SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule
from bindsnet.learning.rules import Trace
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, Nodes
from bindsnet.network.topology import (
    AbstractConnection,
    Connection,
    Conv2dConnection,
    LocalConnection,
    MaskedConnection,
    OneToOneConnection,
    SparseConnection,
)
from bindsnet.numbers.ops import f32

N, N_STEPS, U, TC = 9, 25, 0.4, 12.0
WEIGHTS = np.random.default_rng(0).random((N, N)).astype(np.float32)


class Ears(Nodes):
    """Neurons that keep the drive of the last step, and fire if it is large."""

    state: ClassVar = {"heard": 0.0}

    @staticmethod
    def step(heard: f32, drive: f32):
        return drive, drive > 1.5


class Counting(LearningRule):
    """Weights follow what the source's spikes have counted."""

    traces: ClassVar = {"used": Trace("source", "tc", scale="part", with_spikes=True, saturating=True)}

    def __init__(self, connection, tc=math.inf, part=U, **kwargs):
        super().__init__(connection, **kwargs)
        self.declare(tc=tc, part=part)

    @staticmethod
    def on_post(used: f32, w: f32) -> f32:
        return 0.01 * (used - w)


def connected(kind: type[AbstractConnection] = Connection, dt: float = 1.0, **options) -> Network:
    """Nine inputs X on a plane, and nine ears Y in as many maps and places as the kind takes."""
    network = Network(dt=dt)
    network.add_layer(Input(shape=[1, 3, 3]), "X")
    network.add_layer(Ears(shape=[1, 3, 3]), "Y")
    given = {
        Connection: {"w": torch.from_numpy(WEIGHTS)},
        MaskedConnection: {"w": torch.from_numpy(WEIGHTS), "mask": torch.from_numpy(WEIGHTS > 0.5)},
        SparseConnection: {"w": torch.from_numpy(WEIGHTS) * (torch.from_numpy(WEIGHTS) > 0.5)},
        OneToOneConnection: {"w": torch.from_numpy(WEIGHTS[0])},
        LocalConnection: {"kernel_size": 1, "stride": 1, "n_filters": 1, "w": torch.from_numpy(WEIGHTS)},
        Conv2dConnection: {"kernel_size": 3, "padding": 1, "w": torch.from_numpy(WEIGHTS[:3, :3]).reshape(1, 1, 3, 3)},
        Listed: {"w": WEIGHTS[0, : len(PAIRS)]},
    }[kind]
    options = {"depression": U, "tc_recovery": TC} | given | options
    network.add_connection(kind(*network.layers.values(), **options), "X", "Y")
    return network


def dense(connection: AbstractConnection) -> np.ndarray:
    """Its weights, ``[n_source, n_target]``."""
    if isinstance(connection, Listed):
        w = np.zeros((N, N), np.float32)
        w[tuple(PAIRS.T)] = connection.w
        return w
    return connection.dense().numpy() if hasattr(connection, "dense") else connection.w.numpy()


def heard_by_hand(w: np.ndarray, spikes: np.ndarray, tc: float = TC, dt: float = 1.0, delay: int = 1) -> np.ndarray:
    """The drive of each step in float64, ``[n_steps, n_target]``, by what has recovered since a source's last spike."""
    heard = np.zeros((len(spikes), w.shape[1]))
    for i in range(w.shape[0]):
        left, last = 1.0, 0
        for t in spikes[:, i].nonzero()[0]:
            left = 1.0 - (1.0 - left) * math.exp(-(t - last) * dt / tc)
            if t + delay < len(spikes):
                heard[t + delay] += w[i].astype(np.float64) * left
            left, last = left * (1.0 - U), t
    return heard


def present(network: Network, spikes: np.ndarray, engine: str, **options) -> np.ndarray:
    """What Y hears in each step, ``[n_samples, n_steps, n_target]``."""
    trains = SpikeTrains.from_dense(torch.from_numpy(spikes))
    answer = network.present(trains, "Y", seed=0, engine=engine, record={"Y": ["heard"]}, **options)
    return answer.records["Y", "heard"].numpy()


def listen(network: Network, spikes: np.ndarray) -> np.ndarray:
    """The same by single steps, of a batch: ``[n_steps, n_samples, n_target]`` for spikes ``[n_steps, n_samples, n_source]``."""
    heard = []
    for step in spikes:
        network.run({"X": torch.from_numpy(step).view(1, -1, 1, 3, 3)}, time=network.dt)
        heard.append(network.layers["Y"].heard.reshape(len(step), -1).numpy().copy())
    return np.stack(heard)


# What a spike counts.


def test_successive_spikes_count_less_and_less_and_what_is_missing_recovers():
    network = connected(w=torch.ones(N, N), depression=0.5, tc_recovery=math.inf)
    spikes = np.zeros((6, 1, N), bool)
    spikes[:5, 0, 0] = True
    assert listen(network, spikes)[:, 0, 0].tolist() == [0.0, 1.0, 0.5, 0.25, 0.125, 0.0625]
    spikes[1:4] = False
    recovered = 1.0 - 0.5 * math.exp(-4.0 / 20.0)
    found = listen(connected(w=torch.ones(N, N), depression=0.5, tc_recovery=20.0), spikes)[:, 0, 0]
    np.testing.assert_allclose(found, [0.0, 1.0, 0.0, 0.0, 0.0, recovered], rtol=1e-6)


@pytest.mark.parametrize("delay", [1, 4])
@pytest.mark.parametrize(
    "kind",
    [Connection, MaskedConnection, SparseConnection, OneToOneConnection, LocalConnection, Conv2dConnection, Listed],
)
def test_every_kind_drives_by_what_is_left_when_spikes_arrive(kind, delay):
    spikes = random_spikes(1, N_STEPS, N, rate=0.4)
    network = connected(kind, dt=0.5, delay=delay)
    expected = heard_by_hand(dense(network.connections["X", "Y"]), spikes, dt=0.5, delay=delay)
    np.testing.assert_allclose(listen(network, spikes[:, None])[:, 0], expected, rtol=1e-5, atol=1e-6)


def test_both_engines_do_bit_for_bit_alike_what_a_loop_in_float64_does():
    spikes = random_spikes(2, 3, N_STEPS, N, rate=0.4)
    networks = [connected().train(False) for _ in range(3)]
    heard = present(networks[0], spikes, "plain")
    expected = [heard_by_hand(WEIGHTS, sample) for sample in spikes]
    np.testing.assert_allclose(heard, expected, rtol=1e-5, atol=1e-6)
    for n_workers, network in enumerate(networks[1:], start=1):
        np.testing.assert_array_equal(present(network, spikes, "fused", n_workers=n_workers), heard)
        left = (each.connections["X", "Y"].resources.left for each in (network, networks[0]))
        np.testing.assert_array_equal(*left)


def test_a_saturating_trace_is_what_has_been_released():
    spikes = random_spikes(3, 1, N_STEPS, N, rate=0.4)
    network = connected(update_rule=Counting, nu=1.0, tc_recovery=math.inf)
    present(network, spikes, "plain")
    expected = 1.0 - (1.0 - U) ** spikes[0].sum(0)  # U (1 + (1 - U) + (1 - U)² + ...)
    state = network.state_dict()
    np.testing.assert_allclose(state["X_to_Y.plasticity.used"][0], expected, rtol=1e-6)
    heard, n_spikes = present(connected(tc_recovery=math.inf), spikes, "plain"), spikes[0, :-1].sum(0)
    np.testing.assert_allclose(heard.sum((0, 1)), (1.0 - (1.0 - U) ** n_spikes) / U @ WEIGHTS, rtol=1e-5)


# From sample to sample.


def test_the_samples_of_a_batch_have_resources_of_their_own():
    spikes = random_spikes(4, N_STEPS, 3, N, rate=0.4)
    network = connected()
    listen(network, spikes[:2, :2])  # a batch of another size starts from nothing
    heard = listen(network, spikes)
    for sample in range(3):
        np.testing.assert_allclose(heard[:, sample], heard_by_hand(WEIGHTS, spikes[:, sample]), rtol=1e-5, atol=1e-6)


def test_a_reset_brings_resources_back_and_a_repeated_presentation_does_not():
    spikes = random_spikes(5, 1, N_STEPS, N, rate=0.4)
    network = connected(tc_recovery=math.inf)
    first = present(network, spikes, "plain")
    np.testing.assert_array_equal(present(network, spikes, "plain"), first)
    again = present(
        network, spikes, "plain", repetition=Repetition(("X", "Y"), min_spikes=10**6, growth=1.0, max_presentations=2)
    )
    twice = heard_by_hand(WEIGHTS, np.concatenate([spikes[0], spikes[0]]), tc=math.inf)[N_STEPS:]
    np.testing.assert_allclose(again[0], twice, rtol=1e-5, atol=1e-6)
    network.reset_state_variables()
    assert (network.connections["X", "Y"].resources.left == 1.0).all()


@pytest.mark.parametrize("way", ["file", "clone", "state"])
def test_resources_are_saved_and_copied_with_their_network(way, tmp_path):
    spikes = random_spikes(6, 30, 2, N, rate=0.4)
    network = connected(dt=0.5, delay=3)
    listen(network, spikes[:15])
    if way == "file":
        network.save(tmp_path / "network.pt")
        other = load(tmp_path / "network.pt")
    elif way == "clone":
        other = network.clone()
    else:
        other = connected(dt=0.5, delay=3, w=torch.zeros(N, N))
        other.set_batch_size(2)
        other.load_state_dict(network.state_dict())
    assert (other.connections["X", "Y"].depression, other.connections["X", "Y"].tc_recovery) == (U, TC)
    rest = listen(network, spikes[15:])
    np.testing.assert_array_equal(listen(other, spikes[15:]), rest)
    assert network.to("meta").connections["X", "Y"].resources.left.is_meta


def test_nothing_is_kept_without_depression():
    network = connected(depression=0.0)
    assert sorted(network.connections["X", "Y"].state_dict()) == ["w"]
    assert network.connections["X", "Y"].depression == 0.0


# What is refused.


class Formula(Connection):
    """A drive of its own."""

    def compute(self, s):
        return self.scaled(s.view(len(s), -1).float() @ self.w)


@pytest.mark.parametrize(
    ("kind", "options", "complaint"),
    [
        (Connection, {"depression": 1.5}, "depression is the part of its resources that a spike uses up, from 0 to 1, got 1.5"),
        (Connection, {"depression": math.nan}, "from 0 to 1, got nan"),
        (Connection, {"depression": None}, "from 0 to 1, got None"),
        (
            Connection,
            {"depression": 0.5, "tc_recovery": 0},
            "tc_recovery is a time constant above 0 ms, inf if nothing recovers",
        ),
        (Connection, {"depression": 0.5, "tc_recovery": "5"}, "tc_recovery is a time constant above 0 ms"),
        (Connection, {"depression": 0.5, "delay": torch.arange(1, N + 1)}, "give one delay for all, not one for each"),
        (Formula, {"depression": 0.5}, "Formula cannot depress: its drive is a formula of its own"),
    ],
)
def test_what_cannot_depress_is_refused_in_a_line(kind, options, complaint):
    with pytest.raises(NetworkError, match=complaint) as raised:
        kind(Input(N), Ears(N), **options)
    assert "\n" not in str(raised.value)


def test_resources_that_were_replaced_by_what_does_not_fit_are_refused():
    network = connected()
    network.connections["X", "Y"].resources.left = torch.ones(1, N - 1)
    with pytest.raises(NetworkError, match=r"resources are a contiguous tensor \[batch_size, 9\] of torch.float32, got \[1, 8\]"):
        listen(network, np.ones((1, 1, N), bool))


def test_a_trace_is_not_both_additive_and_saturating():
    with pytest.raises(NetworkError, match="a trace is additive or saturating, not both"):
        Trace("source", "tc", additive=True, saturating=True)
