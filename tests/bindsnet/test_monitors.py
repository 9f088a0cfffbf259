"""What monitors keep, and until when."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bindsnet.network import Network
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection


def watched(time: int | None) -> tuple[Network, NetworkMonitor]:
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
        assert np.load(tmp_path / name)["X.s"].ravel().tolist() == expected
        assert monitor.get()["X"]["s"].flatten().tolist() == expected


def test_a_network_monitor_goes_on_after_it_was_read_and_forgets_when_it_is_reset():
    network, monitor = watched(None)
    monitor.get()
    network.run({"X": torch.tensor([[1.0]])}, time=1)
    assert monitor.get()["X"]["s"].flatten().tolist() == [1, 0, 1, 1]
    monitor.reset_state_variables()
    assert monitor.get()["Y"]["v"].shape == (0, 1, 1)


def test_a_monitor_without_time_forgets_what_was_read_but_not_what_was_peeked_at():
    network, _ = watched(None)
    monitor = Monitor(network.layers["X"], ["s"])
    network.add_monitor(monitor, "spikes")
    network.run({"X": torch.tensor([[1.0]])}, time=1)
    assert monitor.peek("s").tolist() == monitor.get("s").tolist() == [[[True]]]
    assert monitor.get("s").shape == (0, 1, 1)
