"""A network that nobody needs any more is freed at once, without the garbage collector: nothing in it holds what holds it."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import weakref
from contextlib import suppress

import pytest
import torch
from builders import random_trains, small_network

from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, PostPre
from bindsnet.network import Network, load
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import Connection, OneToOneConnection, UniformLateralConnection
from bindsnet.numbers.random import TESTING, TRAINING


def monitored() -> Network:
    """A network of all that a network can hold."""
    network = Network()
    for name, layer in (("X", Input(20, traces=True)), ("Y", DiehlAndCookNodes(4, traces=True)), ("I", LIFNodes(4))):
        network.add_layer(layer, name)
    x, y, inhibitory = network.layers.values()
    network.add_connection(Connection(x, y, update_rule=PostPre, nu=0.1, wmin=0.0, wmax=1.0), "X", "Y")
    network.add_connection(OneToOneConnection(y, inhibitory, 20.0), "Y", "I")
    network.add_connection(UniformLateralConnection(inhibitory, y, -20.0), "I", "Y")
    network.add_monitor(Monitor(y, ["v"], time=5), "voltage")
    network.add_monitor(NetworkMonitor(network), "all")
    return network


def runs() -> list[Network]:
    network = monitored()
    network.run({"X": torch.ones(5, 2, 20)}, time=5)
    network.present(random_trains(), "Y", engine="plain")
    return [network]


def is_refused() -> list[Network]:
    network = monitored()
    with suppress(NetworkError):
        network.run({"X": torch.ones(5, 7)}, time=5)
    with suppress(NetworkError):
        network.present(random_trains(), "Y", engine="fused")
    network.present(random_trains(), "Y")
    return [network]


def presents() -> list[Network]:
    network = small_network()
    network.answer(random_trains(), range(5), 0, TRAINING, engine="fused")
    network.train(False).answer(random_trains(), range(5), 0, TESTING, engine="fused", n_workers=2)
    return [network]


def is_saved(tmp_path) -> list[Network]:
    network = monitored()
    network.save(tmp_path / "network.pt")
    return [network, load(tmp_path / "network.pt")]


def pickled_by_torch() -> list[Network]:
    file = io.BytesIO()
    torch.save(monitored(), file)
    file.seek(0)
    return [torch.load(file, weights_only=False)]


def has_its_rule_replaced() -> list[Network]:
    network = monitored()
    connection = network.connections["X", "Y"]
    connection.update_rule = DiehlAndCook(connection, nu=0.1)
    connection.wmax = 0.5
    return [network]


def is_asked_for_everything() -> list[Network]:
    network = monitored().to("cpu")
    network.layers["Y"].forward(torch.ones(1, 4))
    network.reset_state_variables()
    network.normalize()
    network.state_dict()
    network.set_batch_size(3)
    return [network]


LIVES = {
    "built": lambda: [monitored()],
    "run": runs,
    "presented": presents,
    "refused": is_refused,
    "cloned": lambda: [network := monitored(), network.clone(), copy.deepcopy(network.clone())],
    "pickled": lambda: [pickle.loads(pickle.dumps(monitored()))],
    "pickled by torch": pickled_by_torch,
    "its rule replaced": has_its_rule_replaced,
    "asked for everything": is_asked_for_everything,
    "the standard one, a map": lambda: [network := small_network(som=True), network.end_map_formation()][:1],
}


def assert_freed_at_once(live) -> None:
    gc.collect()
    gc.disable()
    try:
        networks = live()
        parts = [part for network in networks for part in (network, *network.layers.values(), *network.monitors.values())]
        parts += [part for network in networks for c in network.connections.values() for part in (c, c.update_rule)]
        references = [weakref.ref(part) for part in parts]
        del networks, parts
        assert not [type(part).__name__ for reference in references if (part := reference()) is not None]
    finally:
        gc.enable()


@pytest.mark.parametrize("life", LIVES)
def test_a_network_that_is_dropped_is_freed_at_once_whatever_it_did(life):
    assert_freed_at_once(LIVES[life])


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_network_that_was_saved_or_loaded_is_freed_at_once(tmp_path):
    assert_freed_at_once(lambda: is_saved(tmp_path))


def test_monitors_of_a_copy_know_the_copy_and_those_of_no_network_none():
    network = monitored()
    for copied in (network.clone(), pickle.loads(pickle.dumps(network))):
        assert all(monitor.network is copied for monitor in copied.monitors.values())
    monitor = network.monitors["all"]
    del network, copied
    assert monitor.network is None
    assert monitor.get()["Y"]["v"].shape == (0,)
    assert Monitor(LIFNodes(2), ["v"]).network is None
