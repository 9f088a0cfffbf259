"""Saved networks go on as if nothing had happened, and foreign files are refused."""

from __future__ import annotations

import pickle

import pytest
import torch
from builders import random_trains, small_network

from bindsnet.errors import NetworkError
from bindsnet.learning import PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import DiehlAndCookNodes, Input
from bindsnet.network.topology import Connection


def learning_network() -> Network:
    network = Network()
    source, target = Input(20, traces=True), DiehlAndCookNodes(6, traces=True, lbound=-70.0)
    network.add_layer(source, "Input")
    network.add_layer(target, "Excitatory")
    connection = Connection(source, target, w=torch.full((20, 6), 3.0), update_rule=PostPre, nu=(0.01, 0.02), wmin=0.0, norm=60.0)
    network.add_connection(connection, "Input", "Excitatory")
    return network


def test_loaded_network_goes_on_bit_for_bit(tmp_path):
    network = learning_network()
    network.present(random_trains(), "Excitatory")
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    answers = [each.present(random_trains(seed=1), "Excitatory").spike_counts for each in (network, loaded)]
    assert torch.equal(*answers)
    assert answers[0].sum() > 0
    assert all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), loaded.state_dict().values(), strict=True))


def test_learning_can_be_switched_while_loading(tmp_path):
    learning_network().save(tmp_path / "network.pt")
    assert load(tmp_path / "network.pt").learning
    assert not load(tmp_path / "network.pt", learning=False).learning


def test_standard_networks_connections_survive(tmp_path):
    network = small_network(som=True)
    standard = Network()
    for name, layer in network.layers.items():
        standard.add_layer(layer, name)
    for pair, connection in network.connections.items():
        standard.add_connection(connection, *pair)
    standard.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    for pair, connection in standard.connections.items():
        assert torch.equal(loaded.connections[pair].w, connection.w)
        assert loaded.connections[pair].update_rule.parameters.keys() == connection.update_rule.parameters.keys()


def test_decay_without_a_rule_survives(tmp_path):
    network = Network()
    network.add_layer(Input(2), "Input")
    network.add_layer(DiehlAndCookNodes(2), "Excitatory")
    connection = Connection(*network.layers.values(), w=torch.ones(2, 2), weight_decay=0.25)
    network.add_connection(connection, "Input", "Excitatory")
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    loaded.run({}, time=1)
    assert loaded.connections["Input", "Excitatory"].w.eq(0.75).all()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_foreign_file_is_refused(tmp_path):
    (tmp_path / "evil.pt").write_bytes(pickle.dumps(print))
    with pytest.raises(NetworkError, match="no network"):
        load(tmp_path / "evil.pt")
