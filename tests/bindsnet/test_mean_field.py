"""Mean fields against numbers of BindsNET 0.3.4, in both engines and in files."""

from __future__ import annotations

import pytest
import torch
from populations import generator

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection, MeanFieldConnection


def test_the_weight_is_drawn_as_bindsnet_draws_it():
    for bounds, expected in (({}, 0.05132192373275757), ({"wmin": -1.0, "wmax": 2.0}, -0.8460342288017273), ({"wmin": 0.5}, 0.5)):
        torch.manual_seed(5)
        assert MeanFieldConnection(Input(7), LIFNodes(2), **bounds).w.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("w", [2.0, torch.tensor([1.0, -2.0, 4.0])])
def test_each_sample_drives_by_the_share_of_its_neurons_that_fired(w):
    connection = MeanFieldConnection(Input(shape=[2, 4]), LIFNodes(3), w=w)
    connection.weight_factor = 0.5
    s = torch.tensor([[1, 0, 1, 1, 0, 0, 0, 0], [0] * 8, [1] * 8]).bool().view(3, 2, 4)
    expected = torch.tensor([[0.375], [0.0], [1.0]]) * torch.as_tensor(w) * 0.5
    assert torch.equal(connection.compute(s), expected.expand(3, 3))
    assert not connection.drives_without_spikes
    assert torch.equal(torch.ones(1, 8) @ connection.dense(), torch.as_tensor(w).expand(1, 3))


def network() -> Network:
    made = Network()
    for name, layer in (("X", Input(9)), ("Y", LIFNodes(shape=[2, 3], thresh=-62.0)), ("Z", LIFNodes(4, thresh=-60.0))):
        made.add_layer(layer, name)
    x, y, z = made.layers.values()
    made.add_connection(MeanFieldConnection(x, y, w=torch.linspace(3.0, 40.0, 6).view(2, 3), delay=2), "X", "Y")
    made.add_connection(MeanFieldConnection(y, z, w=70.0), "Y", "Z")
    made.add_connection(MeanFieldConnection(z, y, w=-5.0), "Z", "Y")
    made.add_connection(Connection(x, z, w=torch.rand(9, 4, generator=generator())), "X", "Z")
    return made


def test_both_engines_agree_bit_for_bit_and_a_file_holds_it(tmp_path):
    trains = SpikeTrains.from_dense(torch.rand(3, 40, 9, generator=generator(1)) < 0.3)
    recorded = {"Y": ["v", "s"], "Z": ["v", "s"]}
    first = network()
    first.save(tmp_path / "network.pt")
    engines = ((first, "plain"), (network(), "fused"), (load(tmp_path / "network.pt"), "fused"))
    runs = [made.present(trains, "Z", engine=engine, record=recorded, seed=0).records for made, engine in engines]
    for pair in runs[0]:
        assert all(torch.equal(runs[0][pair], run[pair]) for run in runs[1:])
        assert runs[0][pair].float().std() > 0


def test_weights_decay_while_learning_in_the_plain_engine_only():
    made = network()
    connection = made.connections["Y", "Z"]
    connection.update_rule.weight_decay = 0.25
    connection.update(learning=True)
    assert connection.w.item() == 52.5
    with pytest.raises(NetworkError, match="connection Y_to_Z: weights of MeanFieldConnection change"):
        made.engine("fused")
    made.train(False)
    assert made.engine("auto") == "fused"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"w": torch.ones(3)}, r"weights have the shape \[2\] and are float32, got \[3\]"),
        ({"w": torch.ones(7, 2)}, r"weights have the shape \[2\] and are float32, got \[7, 2\]"),
        ({"norm": 1.0}, "no sum of weights that norm could restore"),
        ({"update_rule": PostPre, "nu": 0.1}, "PostPre changes a weight of every synapse, which MeanFieldConnection has not"),
        ({"depression": 0.5}, "cannot depress"),
        ({"delay": torch.ones(7, 2).long() + torch.eye(7, 2).long()}, "give one delay for all"),
        ({"b": 1.0}, "takes no argument 'b'"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, complaint):
    layers = Input(7, traces=True), LIFNodes(2, traces=True)
    with pytest.raises(NetworkError, match=complaint):
        MeanFieldConnection(*layers, **arguments).prepare(1.0, 1)
