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


@pytest.mark.parametrize("network_learns", [True, False])
def test_a_layer_that_was_frozen_or_adapted_alone_still_does_after_loading(network_learns, tmp_path):
    network = learning_network()
    network.train(network_learns)
    network.layers["Excitatory"].train(not network_learns)
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    assert loaded.learning == loaded.layers["Input"].learning == network_learns
    for each in (network, loaded):
        each.present(random_trains(), "Excitatory", seed=1)
    assert torch.equal(loaded.layers["Excitatory"].theta, network.layers["Excitatory"].theta)
    assert loaded.layers["Excitatory"].theta.any() == (not network_learns)
    assert load(tmp_path / "network.pt", learning=True).layers["Excitatory"].learning


def test_a_file_without_the_learning_of_each_layer_is_read(tmp_path):
    network = learning_network()
    network.train(False)
    network.save(tmp_path / "network.pt")
    content = torch.load(tmp_path / "network.pt", weights_only=True)
    del content["learning"], content["reward_fn"]
    torch.save(content, tmp_path / "old.pt")
    assert not load(tmp_path / "old.pt").layers["Excitatory"].learning


class Surprise:
    """A reward function."""

    def compute(self, **kwargs):
        return 1.0


def test_saving_and_loading_warn_that_a_reward_function_is_no_part_of_the_file(tmp_path):
    with pytest.warns(UserWarning, match="does not hold reward_fn \\(Surprise\\)"):
        Network(reward_fn=Surprise).save(tmp_path / "network.pt")
    with pytest.warns(UserWarning, match="reward_fn \\(Surprise\\): set"):
        assert load(tmp_path / "network.pt").reward_fn is None


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
