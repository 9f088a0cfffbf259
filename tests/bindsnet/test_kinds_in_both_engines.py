"""One network of kinds on a line and in space, mean fields, a recurrent layer and a loop: the same bits in both engines."""

from __future__ import annotations

import torch
from populations import generator

from bindsnet.engine import SpikeTrains
from bindsnet.learning import DiehlAndCook, PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import (
    Connection,
    Conv1dConnection,
    Conv3dConnection,
    LocalConnection1D,
    LocalConnection3D,
    MeanFieldConnection,
)

LEARNING = {"nu": (0.05, 0.1), "wmin": 0.0, "wmax": 4.0}


def network(batch_size: int = 1) -> Network:
    torch.manual_seed(0)
    made = Network(batch_size=batch_size)
    shapes = {"line": [2, 12], "space": [2, 3, 2, 4], "A": [3, 5], "B": [2, 2, 1, 2], "C": [6]}
    for name, shape in shapes.items():
        is_input = name in ("line", "space")
        made.add_layer(Input(shape=shape, traces=True) if is_input else LIFNodes(shape=shape, traces=True, thresh=-62.0), name)
    layers = made.layers

    def connect(source, target, kind, *arguments, **kwargs):
        made.add_connection(kind(layers[source], layers[target], *arguments, **kwargs), source, target)

    connect("line", "A", Conv1dConnection, 3, 2, update_rule=DiehlAndCook, delay=2, b=0.5, norm=4.0, **LEARNING)
    connect("space", "B", Conv3dConnection, 2, (1, 1, 2), 0, update_rule=PostPre, norm=5.0, **LEARNING)
    connect("A", "B", MeanFieldConnection, w=-9.0)
    sums = torch.arange(3.0, 21.0) / 4  # of each target neuron from each channel
    connect("A", "C", LocalConnection1D, 3, 1, 2, update_rule=PostPre, delay=1 + torch.arange(3) % 2, norm=sums, **LEARNING)
    connect("B", "C", MeanFieldConnection, w=torch.linspace(1.0, 30.0, 6), delay=3)
    connect("C", "C", Connection, w=torch.rand(6, 6) - 1.0)
    connect("C", "A", Connection, w=-torch.rand(6, 15), delay=1 + torch.arange(6)[:, None])
    connect("B", "B", LocalConnection3D, (1, 1, 1), 1, 2, w=-torch.ones(2, 8, 1))
    return made


def trains(n_samples: int = 3, n_steps: int = 40) -> dict[str, SpikeTrains]:
    spikes = {"line": torch.rand(n_samples, n_steps, 24, generator=generator(1)) < 0.3}
    spikes["space"] = torch.rand(n_samples, n_steps, 48, generator=generator(2)) < 0.2
    return {name: SpikeTrains.from_dense(dense) for name, dense in spikes.items()}


def test_both_engines_learn_the_same_bit_for_bit_also_after_a_file(tmp_path):
    first = network()
    first.save(tmp_path / "network.pt")
    before = {name: value.clone() for name, value in first.state_dict().items() if name.endswith(".w")}
    runs = []
    for made, engine in ((first, "plain"), (load(tmp_path / "network.pt"), "fused")):
        presented = made.present(trains(), "C", engine=engine, seed=0, record={name: ["v", "s"] for name in "ABC"})
        runs.append({**presented.records, **made.state_dict()})
    assert all(torch.equal(value, runs[1][name]) for name, value in runs[0].items())
    assert all(0.02 < runs[0][name, "s"].float().mean() < 0.5 for name in "ABC")
    learned = {name for name, value in before.items() if not torch.equal(value, runs[0][name])}
    assert learned == {f"{pair}.w" for pair in ("line_to_A", "space_to_B", "A_to_C")}


def test_a_batch_runs_and_masks_hold_weights_at_0():
    made = network(batch_size=3)
    masks = {pair: torch.ones_like(connection.w, dtype=torch.bool) for pair, connection in made.connections.items()}
    masks["space", "B"][0] = False
    inputs = {"line": torch.ones(3, 3, 2, 12), "space": torch.ones(3, 3, 2, 3, 2, 4)}
    inputs["space"][:, 1] = 0
    made.run(inputs, time=3, masks=masks)
    assert [pair for pair, connection in made.connections.items() if connection.w.any()] == [("space", "B")]
    assert not made.connections["space", "B"].w[1].any()
    has_fired = (made.layers["B"].refrac_count > 0).flatten(1).any(1)
    assert has_fired.tolist() == [True, False, True]
