"""Saved networks go on as if nothing had happened, and foreign files are refused."""

from __future__ import annotations

import pickle
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import torch
from builders import random_trains, small_network

from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, LearningRule, PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import Connection
from bindsnet.numbers.ops import f32


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
        each.present(random_trains(), "Excitatory", seed=1, engine="plain")
    assert torch.equal(loaded.layers["Excitatory"].theta, network.layers["Excitatory"].theta)
    assert loaded.layers["Excitatory"].theta.any() == (not network_learns)
    assert load(tmp_path / "network.pt", learning=True).layers["Excitatory"].learning


@pytest.mark.parametrize("learning", [None, True, False])
def test_a_layer_that_was_made_frozen_is_loaded_so_unless_the_network_shall_learn(learning, tmp_path):
    network = Network()
    network.add_layer(DiehlAndCookNodes(2, learning=False), "Frozen")
    network.add_layer(DiehlAndCookNodes(2), "Adapting")
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt", learning=learning)
    frozen, adapting = loaded.layers.values()
    assert (frozen.learning, adapting.learning) == {None: (False, True), True: (True, True), False: (False, False)}[learning]


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


def test_a_network_described_by_numpys_numbers_is_saved_as_python_ones_and_goes_on(tmp_path):
    network = Network(dt=np.float64(0.5), batch_size=np.int64(2))
    network.add_layer(Input(20, traces=np.bool_(True)), np.str_("Input"))
    network.add_layer(DiehlAndCookNodes(np.int32(6), thresh=np.float32(-53), one_spike=np.bool_(False)), "Excitatory")
    arguments = {"w": np.full((20, 6), 3.0), "update_rule": DiehlAndCook, "nu": np.array([0, 0.1]), "wmin": np.float32(0)}
    arguments |= {"wmax": np.int64(9), "norm": np.float32(60), "weight_decay": np.float64(1e-3), "x_tar": np.float64(0.3)}
    network.add_connection(Connection(*network.layers.values(), **arguments), "Input", "Excitatory")
    network.connections["Input", "Excitatory"].weight_factor = np.float32(1.2)
    network.present(random_trains(), "Excitatory", seed=np.int64(3))
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    assert (type(network.dt), type(network.batch_size)) == (float, int)
    answers = [each.present(random_trains(seed=1), "Excitatory", seed=3).spike_counts for each in (network, loaded)]
    assert torch.equal(*answers)
    assert answers[0].sum() > 0
    assert all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), loaded.state_dict().values(), strict=True))


def test_sums_of_weights_given_as_an_array_survive(tmp_path):
    network = learning_network()
    network.connections["Input", "Excitatory"].norm = np.arange(6.0) + 1
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    loaded.normalize()
    assert loaded.connections["Input", "Excitatory"].w.sum(0).tolist() == pytest.approx([1, 2, 3, 4, 5, 6])


class Tuned(Input):
    """Keeps an argument of any kind."""

    def __init__(self, n, tuning=None):
        super().__init__(n)
        self.tuning = tuning


@pytest.mark.parametrize("tuning", [print, [range(3)], {"a": (Fraction(1, 2),)}, np.array([None])])
def test_what_no_file_can_hold_is_refused_by_name_and_the_file_is_left_alone(tuning, tmp_path):
    network = Network()
    network.add_layer(Tuned(2, tuning={"gains": [np.float32(0.5), torch.ones(2)]}), "Input")
    network.save(tmp_path / "network.pt")
    before = (tmp_path / "network.pt").read_bytes()
    gains = load(tmp_path / "network.pt").layers["Input"].tuning["gains"]
    assert gains[0] == 0.5
    assert gains[1].tolist() == [1, 1]
    network.layers["Input"].tuning = tuning
    kind = {list: "range", dict: "Fraction"}.get(type(tuning), type(tuning).__name__)
    with pytest.raises(NetworkError, match=f"Tuned's tuning cannot be saved: .* not a {kind}"):
        network.save(tmp_path / "network.pt")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]


@pytest.mark.parametrize("batch_size", [2.5, 0, -1, "2", True])
def test_a_batch_size_that_is_no_whole_number_from_1_on_is_refused(batch_size):
    with pytest.raises(NetworkError, match="batch_size is a whole number"):
        Network(batch_size=batch_size)
    with pytest.raises(NetworkError, match="batch_size is a whole number"):
        Network().set_batch_size(batch_size)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_foreign_file_is_refused(tmp_path):
    (tmp_path / "evil.pt").write_bytes(pickle.dumps(print))
    with pytest.raises(NetworkError, match="no network"):
        load(tmp_path / "evil.pt")


class Leaning(LearningRule):
    """A rule with a parameter that is called like the bias of a connection."""

    def __init__(self, connection, b=0.5, **kwargs):
        super().__init__(connection, **kwargs)
        self.declare(b=b)

    @staticmethod
    def on_post(x_pre: f32, nu_post: f32, b: f32) -> f32:
        return nu_post * (x_pre - b)


class Relaying(LIFNodes):
    """A model whose constructor hands everything on."""

    def __init__(self, n, **kwargs):
        super().__init__(n, **kwargs)


@pytest.mark.parametrize("bias", [None, 2.0])
def test_a_parameter_called_like_the_bias_and_traces_that_were_handed_on_are_saved(tmp_path, bias):
    network = Network()
    network.add_layer(Input(3, traces=True), "X")
    network.add_layer(Relaying(2, traces=True, tc_trace=7.0, traces_additive=True), "Y")
    arguments = {"nu": 0.1, "wmin": 0.0, "wmax": 1.0} | ({} if bias is None else {"b": bias})
    rule = partial(Leaning, b=0.25)
    network.add_connection(Connection(*network.layers.values(), update_rule=rule, **arguments), "X", "Y")
    network.save(tmp_path / "network.pt")
    again = load(tmp_path / "network.pt")
    assert again.connections["X", "Y"].update_rule.parameters["b"] == 0.25
    assert (again.connections["X", "Y"].b is None) == (bias is None)
    assert (again.layers["Y"].traces, again.layers["Y"].traces_additive, again.layers["Y"].tc_trace) == (True, True, 7.0)
    states = network.state_dict(), again.state_dict()
    assert all(torch.equal(tensor, states[1][name]) for name, tensor in states[0].items())
