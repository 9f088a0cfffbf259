"""Delays: a spike at step t drives its targets at step t + delay, of every kind of connection and of every synapse."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest
import torch
from rules_by_hand import PAIRS, Listed, let_fire, network_of, random_spikes

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import PostPre
from bindsnet.network import Network, load
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import Input, LIFNodes, Nodes
from bindsnet.network.topology import Connection, DistanceLateralConnection, OneToOneConnection, UniformLateralConnection
from bindsnet.numbers.ops import f32

N_STEPS = 50
MAPS, POSITIONS = 2, 3


class Ears(Nodes):
    """Neurons that keep the drive of the last step, and fire if there was one."""

    state: ClassVar = {"heard": 0.0}

    @staticmethod
    def step(heard: f32, drive: f32):
        return drive, drive != 0.0


class Repeater(Input):
    """An input that makes a new tensor for its spikes in each step, as models of one's own may."""

    def forward(self, x):
        self.s = x.bool().clone()


def eighths(*shape: int) -> np.ndarray:
    """Weights of which sums are exact in any order."""
    return np.random.default_rng(0).integers(1, 100, shape).astype(np.float32) / 8


def connected(kind: Callable, source: Nodes | None = None, target: Nodes | None = None, **options) -> Network:
    network = Network()
    network.add_layer(source or Input(6), "X")
    network.add_layer(target or Ears(shape=[MAPS, POSITIONS]), "Y")
    network.add_connection(kind(network.layers["X"], network.layers["Y"], **options), "X", "Y")
    return network


def uniform_by_hand(within: str) -> np.ndarray:
    w = np.zeros((6, 6), np.float32)
    for i, j in np.ndindex(6, 6):
        if i != j and (within == "layer" or i % POSITIONS == j % POSITIONS):
            w[i, j] = -0.5
    return w


def heard_by_hand(w: np.ndarray, delays: int | np.ndarray, spikes: np.ndarray) -> np.ndarray:
    """The drive of each step, ``[n_steps, n_target]``, by weights and delays ``[n_source, n_target]``."""
    delays = np.broadcast_to(delays, w.shape)
    heard = np.zeros((len(spikes), w.shape[1]), np.float32)
    for t, i in zip(*spikes.nonzero(), strict=True):
        for j in range(w.shape[1]):
            if t + delays[i, j] < len(spikes):
                heard[t + delays[i, j], j] += w[i, j]
    return heard


def listen(network: Network, spikes: np.ndarray, **kwargs) -> np.ndarray:
    """Run the network, and what Y hears in each step, ``[n_steps, ..., n_target]`` for spikes ``[n_steps, ..., n_source]``."""
    heard = []
    for step in spikes:
        network.run({"X": torch.from_numpy(step[None])}, time=1, **kwargs)
        heard.append(network.layers["Y"].heard.view(*step.shape[:-1], -1).numpy().copy())
    return np.stack(heard)


KINDS = {
    "dense": (Connection, {"w": torch.from_numpy(eighths(6, 6))}, eighths(6, 6)),
    "one to one": (OneToOneConnection, {"w": torch.from_numpy(eighths(6))}, np.diag(eighths(6))),
    "uniform": (UniformLateralConnection, {"w": -0.5}, uniform_by_hand("layer")),
    "uniform by position": (UniformLateralConnection, {"w": -0.5, "within": "position"}, uniform_by_hand("position")),
}


@pytest.mark.parametrize("delay", range(1, 21))
@pytest.mark.parametrize(("kind", "options", "w"), KINDS.values(), ids=KINDS)
def test_a_spike_reaches_its_targets_after_the_delay_and_no_other_step(kind, options, w, delay):
    spikes = random_spikes(delay, N_STEPS, 6, rate=0.1)
    spikes[0, 0] = True
    heard = listen(connected(kind, delay=delay, **options), spikes)
    np.testing.assert_array_equal(heard, heard_by_hand(w, delay, spikes))
    assert heard[delay].any()


@pytest.mark.parametrize("shape", [(6, 6), (6, 1), (1, 6), (6,)])
@pytest.mark.parametrize("kind", [Connection, OneToOneConnection])
def test_each_synapse_may_have_a_delay_of_its_own(kind, shape):
    if kind is OneToOneConnection:
        shape = (6,)
    delays = np.random.default_rng(1).integers(1, 21, shape)
    spikes = random_spikes(1, N_STEPS, 6, rate=0.1)
    w = eighths(6, 6) if kind is Connection else eighths(6)
    heard = listen(connected(kind, w=torch.from_numpy(w), delay=torch.from_numpy(delays)), spikes)
    np.testing.assert_array_equal(heard, heard_by_hand(w if kind is Connection else np.diag(w), delays, spikes))


def test_synapses_that_are_listed_have_delays_in_the_order_of_their_weights():
    delays = np.array([3, 1, 20, 2, 3, 7])
    w, steps = np.zeros((6, 6), np.float32), np.ones((6, 6), int)
    w[tuple(PAIRS.T)], steps[tuple(PAIRS.T)] = eighths(6), delays
    spikes = random_spikes(2, N_STEPS, 6, rate=0.1)
    heard = listen(connected(Listed, w=eighths(6), delay=torch.from_numpy(delays)), spikes)
    np.testing.assert_array_equal(heard, heard_by_hand(w, steps, spikes))


def test_delays_for_each_synapse_may_all_be_one_step():
    spikes, w = random_spikes(1, N_STEPS, 6, rate=0.1), eighths(6, 6)
    heard = listen(connected(Connection, w=torch.from_numpy(w), delay=torch.ones(6, 6)), spikes)
    np.testing.assert_array_equal(heard, heard_by_hand(w, 1, spikes))


def test_a_bias_and_a_factor_count_once_however_many_delays_there_are():
    delays, spikes = np.random.default_rng(1).integers(1, 5, (6, 6)), random_spikes(3, 20, 6)
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)), b=0.25, delay=torch.from_numpy(delays))
    network.connections["X", "Y"].weight_factor = 0.5
    heard = listen(network, spikes)
    np.testing.assert_array_equal(heard, heard_by_hand(eighths(6, 6), delays, spikes) * np.float32(0.5) + np.float32(0.25))


def test_connections_from_one_layer_have_their_own_delays():
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)), delay=2)
    network.add_layer(Ears(6), "Z")
    network.add_connection(OneToOneConnection(network.layers["X"], network.layers["Z"], w=1.0, delay=9), "X", "Z")
    network.add_connection(OneToOneConnection(network.layers["Z"], network.layers["Y"], w=1.0), "Z", "Y")
    spikes = random_spikes(4, N_STEPS, 6, rate=0.1)
    expected = heard_by_hand(eighths(6, 6), 2, spikes) + heard_by_hand(np.eye(6, dtype=np.float32), 10, spikes)
    np.testing.assert_array_equal(listen(network, spikes), expected)


def test_a_neuron_that_excites_itself_fires_every_so_many_steps_as_its_delay_is_long():
    network = Network()
    neuron = LIFNodes(1, refrac=0)
    network.add_layer(neuron, "Y")
    network.add_connection(OneToOneConnection(neuron, neuron, w=20.0, delay=7), "Y", "Y")
    fired = []
    for t in range(30):
        network.run({"Y": torch.full((1, 1), 20.0 * (t == 0))}, time=1)
        fired += [t] if neuron.s.item() else []
    assert fired == [0, 7, 14, 21, 28]


def test_spikes_of_a_layer_that_steps_its_own_way_arrive_as_late():
    spikes = random_spikes(5, N_STEPS, 6)
    for delay in (5, torch.tensor([5, 5, 5, 5, 5, 4])):
        network = connected(Connection, source=Repeater(6), w=torch.from_numpy(eighths(6, 6)), delay=delay)
        monitor = Monitor(network.layers["Y"], ["heard"])
        network.add_monitor(monitor, "Y")
        network.run({"X": torch.from_numpy(spikes)}, time=N_STEPS)
        expected = heard_by_hand(eighths(6, 6), np.asarray(delay), spikes)
        np.testing.assert_array_equal(monitor.get("heard").view(N_STEPS, 6), expected)


# From run to run, and from sample to sample.


DELAYS = {"one for all": 11, "of each synapse": torch.arange(1, 37).view(6, 6) % 12 + 1}


@pytest.mark.parametrize("delay", DELAYS.values(), ids=DELAYS)
@pytest.mark.parametrize("lengths", [(50,), (25, 25), (1, 3, 40, 6)])
def test_spikes_that_are_under_way_at_the_end_of_a_run_arrive_in_the_next(delay, lengths):
    spikes, heard, first = random_spikes(6, N_STEPS, 6), [], 0
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)), delay=delay)
    for n in lengths:
        network.run({"X": torch.from_numpy(spikes[first : first + n])}, time=n)
        first += n
        heard.append(network.layers["Y"].heard.view(-1).numpy().copy())
    expected = heard_by_hand(eighths(6, 6), np.asarray(delay), spikes)
    np.testing.assert_array_equal(heard, expected[np.cumsum(lengths) - 1])


@pytest.mark.parametrize("delay", DELAYS.values(), ids=DELAYS)
def test_a_reset_forgets_the_spikes_that_are_under_way(delay):
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)), delay=delay)
    listen(network, np.ones((5, 6), bool))
    network.reset_state_variables()
    assert not listen(network, np.zeros((20, 6), bool)).any()


@pytest.mark.parametrize("delay", DELAYS.values(), ids=DELAYS)
@pytest.mark.parametrize("n_samples", [2, 3])
def test_the_samples_of_a_batch_do_not_hear_each_others_spikes(delay, n_samples):
    spikes = random_spikes(7, N_STEPS, n_samples, 6)
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)), delay=delay)
    listen(network, np.ones((3, 6), bool))  # a batch of another size starts from nothing
    heard = listen(network, spikes)
    for sample in range(n_samples):
        expected = heard_by_hand(eighths(6, 6), np.asarray(delay), spikes[:, sample])
        np.testing.assert_array_equal(heard[:, sample], expected)


@pytest.mark.parametrize("delay", DELAYS.values(), ids=DELAYS)
def test_samples_that_are_presented_one_after_the_other_do_not_hear_each_others_spikes(delay):
    spikes = random_spikes(8, 2, 20, 6)
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)), delay=delay)
    trains = SpikeTrains.from_dense(torch.from_numpy(spikes))
    answer = network.present(trains, "Y", engine="plain", record={"Y": ["heard"]})
    expected = [heard_by_hand(eighths(6, 6), np.asarray(delay), each) for each in spikes]
    np.testing.assert_array_equal(answer.records["Y", "heard"].view(2, 20, 6), np.stack(expected))


@pytest.mark.parametrize("delay", [*DELAYS.values(), np.int64(11)], ids=[*DELAYS, "a number of NumPy"])
@pytest.mark.parametrize("way", ["file", "clone", "state"])
def test_spikes_under_way_are_saved_and_copied_with_the_delays(way, delay, tmp_path):
    spikes = random_spikes(9, 30, 6)
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)), delay=delay)
    listen(network, spikes[:15])
    if way == "file":
        network.save(tmp_path / "network.pt")
        other = load(tmp_path / "network.pt")
    elif way == "clone":
        other = network.clone()
    else:
        other = connected(Connection, w=torch.zeros(6, 6), delay=delay)
        other.load_state_dict(network.state_dict())
    expected = heard_by_hand(eighths(6, 6), np.asarray(delay), spikes)[15:]
    np.testing.assert_array_equal(listen(other, spikes[15:]), expected)
    np.testing.assert_array_equal(listen(network, spikes[15:]), expected)


@pytest.mark.parametrize(("kind", "options", "w"), KINDS.values(), ids=KINDS)
def test_every_kind_is_saved_with_its_delay(kind, options, w, tmp_path):
    network = connected(kind, delay=4, **options)
    network.save(tmp_path / "network.pt")
    connection = load(tmp_path / "network.pt").connections["X", "Y"]
    assert connection.delay == 4
    np.testing.assert_array_equal(connection.dense() if hasattr(connection, "dense") else connection.w, w)


def test_rules_see_spikes_when_they_are_fired_whatever_the_delay():
    source, target = random_spikes(10, 40, 5), random_spikes(110, 40, 4)
    options = [{}, {"delay": 9}, {"delay": torch.arange(1, 5)}]
    at_once, late, mixed = (let_fire(network_of(PostPre, nu=(0.01, 0.02), **each), source, target) for each in options)
    np.testing.assert_array_equal(late, at_once)
    np.testing.assert_array_equal(mixed, at_once)


# What is refused, and what is not kept.


@pytest.mark.parametrize(
    "delay",
    [
        0,
        -1,
        1.5,
        float("nan"),
        float("inf"),
        True,
        None,
        "2",
        2**15,
        [],
        [1, 0],
        torch.full((6, 6), 1.5),
        torch.ones(6, 6) > 0,
        1j,
    ],
)
def test_what_is_no_whole_number_of_steps_is_refused_in_a_line(delay):
    with pytest.raises(NetworkError, match="delay is a whole number of steps from 1 to 32767") as raised:
        connected(Connection, delay=delay)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "options", "complaint"),
    [
        (Connection, {"delay": torch.ones(5)}, r"delays of the shape \[5\] do not fit weights \[6, 6\]"),
        (Connection, {"delay": torch.ones(2, 6, 6)}, r"delays of the shape \[2, 6, 6\] do not fit weights \[6, 6\]"),
        (OneToOneConnection, {"w": 1.0, "delay": torch.ones(6, 6)}, r"delays of the shape \[6, 6\] do not fit weights \[6\]"),
        (UniformLateralConnection, {"w": 1.0, "delay": torch.ones(6)}, "give one delay for all"),
        (DistanceLateralConnection, {"delay": torch.ones(5, 5)}, "give one delay for all"),
    ],
)
def test_delays_that_fit_no_synapses_are_refused_and_the_connection_is_not_kept(kind, options, complaint):
    network = Network()
    for layer, name in ((Input(6), "X"), (Ears(6), "Y")):
        network.add_layer(layer, name)
    connection = kind(network.layers["X"], network.layers["Y"], **options)
    with pytest.raises(NetworkError, match=complaint):
        network.add_connection(connection, "X", "Y")
    assert not network.connections
    network.run({"X": torch.ones(3, 6)}, time=3)


def test_nothing_is_kept_of_spikes_that_take_one_step():
    network = connected(Connection, delay=1)
    network.run({"X": torch.ones(3, 6)}, time=3)
    assert not [name for name in network.state_dict() if name.endswith("past")]


# Another delay.


@pytest.mark.parametrize("delays", [(1, 4, 2), (4, 1, 4)])
def test_the_delay_of_a_connection_can_be_set(delays):
    spikes = random_spikes(3, 2, 20, 6, rate=0.1)
    network = connected(UniformLateralConnection, w=-0.5, delay=delays[0])
    for delay in delays:
        network.connections["X", "Y"].delay = delay
        answer = network.present(SpikeTrains.from_dense(torch.from_numpy(spikes)), "Y", engine="plain", record={"Y": ["heard"]})
        for heard, sample in zip(answer.records["Y", "heard"].numpy(), spikes, strict=True):
            np.testing.assert_array_equal(heard, heard_by_hand(uniform_by_hand("layer"), delay, sample))


def test_another_delay_may_be_one_for_each_synapse_and_back():
    spikes, each = random_spikes(4, N_STEPS, 6, rate=0.1), np.random.default_rng(1).integers(1, 9, (6, 6))
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)))
    for delay in (torch.from_numpy(each), 3, torch.from_numpy(each[:1])):
        network.reset_state_variables()
        network.connections["X", "Y"].delay = delay
        np.testing.assert_array_equal(listen(network, spikes), heard_by_hand(eighths(6, 6), np.asarray(delay), spikes))


def test_spikes_that_are_kept_when_a_delay_grows_arrive_by_it():
    spikes = random_spikes(5, 20, 3, 6, rate=0.2)
    network = connected(Connection, w=torch.from_numpy(eighths(6, 6)), delay=3)
    listen(network, spikes[:10])
    network.connections["X", "Y"].delay = 5
    heard = listen(network, spikes[10:])
    spikes[:7] = False  # of a delay of 3 steps the spikes of the last 3 are kept
    for sample in range(3):
        np.testing.assert_array_equal(heard[:, sample], heard_by_hand(eighths(6, 6), 5, spikes[:, sample])[10:])


@pytest.mark.parametrize("delay", [1, 2, 9])
def test_another_delay_is_saved_with_the_network(delay, tmp_path):
    spikes = random_spikes(6, 30, 6, rate=0.2)
    network = connected(UniformLateralConnection, w=-0.5, delay=4)
    network.connections["X", "Y"].delay = delay
    listen(network, spikes[:15])
    network.save(tmp_path / "network.pt")
    other = load(tmp_path / "network.pt")
    assert other.connections["X", "Y"].delay == delay
    np.testing.assert_array_equal(listen(other, spikes[15:]), listen(network, spikes[15:]))


@pytest.mark.parametrize(
    ("kind", "options", "delay", "complaint"),
    [
        (Connection, {}, 0, "delay is a whole number of steps from 1 to 32767"),
        (Connection, {}, torch.ones(5, dtype=torch.int64), r"delays of the shape \[5\] do not fit weights \[6, 6\]"),
        (Connection, {"depression": 0.5}, torch.arange(1, 7), "give one delay for all, not one for each"),
        (UniformLateralConnection, {"w": -0.5}, torch.arange(1, 7), "give one delay for all"),
    ],
)
def test_another_delay_that_does_not_fit_is_refused_in_a_line_and_the_one_before_holds(kind, options, delay, complaint):
    network, spikes = connected(kind, delay=2, **options), random_spikes(7, 12, 6, rate=0.2)
    before = listen(network, spikes)
    with pytest.raises(NetworkError, match=complaint) as raised:
        network.connections["X", "Y"].delay = delay
    assert "\n" not in str(raised.value)
    network.reset_state_variables()
    np.testing.assert_array_equal(listen(network, spikes), before)
