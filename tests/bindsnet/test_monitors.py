"""What monitors keep, and until when."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bindsnet.errors import NetworkError
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection


def watched(time: float | None) -> tuple[Network, NetworkMonitor]:
    """One input and one neuron, run for three steps under the eyes of a monitor."""
    network = Network()
    for name, layer in (("X", Input(1)), ("Y", LIFNodes(1))):
        network.add_layer(layer, name)
    network.add_connection(Connection(network.layers["X"], network.layers["Y"], w=torch.tensor([[1.0]])), "X", "Y")
    monitor = NetworkMonitor(network, state_vars=("s", "v"), time=time)
    network.add_monitor(monitor, "all")
    network.run({"X": torch.tensor([[1.0], [0.0], [1.0]])}, time=3)
    return network, monitor


@pytest.mark.parametrize(("time", "expected"), [(None, [1, 0, 1]), (5, [1, 0, 1]), (2, [0, 1])])
def test_a_network_monitor_keeps_what_was_read_and_saved(time, expected, tmp_path):
    _, monitor = watched(time)
    for name in ("first.npz", "second.npz"):
        monitor.save(tmp_path / name)
        assert np.load(tmp_path / name)["X_s"].ravel().tolist() == expected
        assert monitor.get()["X"]["s"].flatten().tolist() == expected


def test_a_network_monitor_goes_on_after_it_was_read_and_forgets_when_it_is_reset():
    network, monitor = watched(None)
    monitor.get()
    network.run({"X": torch.tensor([[1.0]])}, time=1)
    assert monitor.get()["X"]["s"].flatten().tolist() == [1, 0, 1, 1]
    monitor.reset_state_variables()
    assert monitor.get()["Y"]["v"].shape == (0,)


def test_a_monitor_without_time_forgets_what_was_read_but_not_what_was_peeked_at():
    network, _ = watched(None)
    monitor = Monitor(network.layers["X"], ["s"])
    network.add_monitor(monitor, "spikes")
    network.run({"X": torch.tensor([[1.0]])}, time=1)
    assert monitor.peek("s").tolist() == monitor.get("s").tolist() == [[[True]]]
    assert monitor.get("s").shape == (0,)


@pytest.mark.parametrize("time", [None, 5])
def test_a_recording_begins_anew_when_the_batch_size_changes(time):
    layer = LIFNodes(1)
    layer.compute_decays(1.0)
    monitor = Monitor(layer, ["thresh", "v"], time=time)  # one that no network resets
    for batch_size, n_steps in ((2, 3), (3, 2)):
        layer.set_batch_size(batch_size)
        for step in range(n_steps):
            layer.v.fill_(step)
            monitor.record()
    assert monitor.peek("v").tolist() == [[[0.0]] * 3, [[1.0]] * 3]
    assert monitor.get("thresh").tolist() == [-52.0] * 2


@pytest.mark.parametrize("time", [2.0, np.float32(2), np.int64(2), torch.tensor(2.0)])
def test_the_number_of_steps_to_keep_is_any_whole_number(time):
    _, monitor = watched(time)
    assert monitor.get()["X"]["s"].flatten().tolist() == [0, 1]


@pytest.mark.parametrize("time", [0, 2.5, "10", True, float("nan"), float("inf"), torch.ones(2)])
@pytest.mark.parametrize("kind", [Monitor, NetworkMonitor])
def test_a_number_of_steps_that_cannot_be_kept_is_refused(kind, time):
    network, _ = watched(None)
    given = (network.layers["X"], ["s"]) if kind is Monitor else (network,)
    with pytest.raises(NetworkError, match=r"a monitor keeps \(time\) is a whole number from 1 on, got"):
        kind(*given, time=time)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"state_vars": ["s", "tetha", "u"]}, "nothing that is monitored has a state variable 'tetha', 'u' to record"),
        ({"state_vars": ["v"], "layers": ["X"], "connections": []}, "state variable 'v'"),
        ({"layers": ["Z"]}, "there is no layer 'Z' to monitor; there are X, Y"),
        ({"connections": [("Y", "X")]}, r"there is no connection \('Y', 'X'\) to monitor; there are \('X', 'Y'\)"),
    ],
)
def test_a_network_monitor_of_what_there_is_not_is_refused(arguments, message):
    network, _ = watched(None)
    with pytest.raises(NetworkError, match=message):
        NetworkMonitor(network, **arguments)


def test_a_network_monitor_without_names_takes_what_there_is():
    network = Network()
    network.add_layer(Input(1), "X")
    assert list(NetworkMonitor(network).get()["X"]) == ["s"]


def test_what_cannot_record_is_no_monitor():
    network, _ = watched(None)
    with pytest.raises(NetworkError, match=r"monitor 'm': expected one with the methods record .* got str"):
        network.add_monitor("foo", "m")
    assert list(network.monitors) == ["all"]
