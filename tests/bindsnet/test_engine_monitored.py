"""Monitored networks run fused, and their monitors hold what the plain engine would have left in them."""

from __future__ import annotations

import pytest
import torch
from builders import random_trains

from bindsnet.engine import Repetition
from bindsnet.engine.fused import CannotFuseError
from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input
from bindsnet.network.topology import Connection

LAYER = "Excitatory"
ALL = ["s", "v", "x", "theta", "refrac_count"]


def network() -> Network:
    """One of the kind for which other tests compile a program, too."""
    made = Network()
    x, y = Input(shape=(4, 5), traces=True), DiehlAndCookNodes(shape=(2, 3), traces=True, lbound=-70.0, thresh=-62.0, refrac=1)
    made.add_layer(x, "Input")
    made.add_layer(y, LAYER)
    w = torch.rand(20, 6, generator=torch.Generator().manual_seed(0))
    connection = Connection(x, y, w=w, update_rule=PostPre, nu=(1e-3, 1e-2), wmin=0.0, norm=10.0)
    made.add_connection(connection, "Input", LAYER)
    return made


def monitored() -> Network:
    made = network()
    y = made.layers[LAYER]
    made.add_monitor(Monitor(y, ALL), "whole")
    made.add_monitor(Monitor(y, ["theta", "s"], time=7, every=3, neurons=[5, 1], packed=True), "bounded")
    made.add_monitor(Monitor(y, ["v"], sparse=True), "sparse")
    made.add_monitor(NetworkMonitor(made, connections=[], state_vars=["s", "x"]), "network")
    return made


def held(made: Network) -> dict[tuple, torch.Tensor]:
    monitors = [monitor for name, monitor in made.monitors.items() if name != "network"]
    monitors += made.monitors["network"].monitors.values()
    return {(i, var): monitor.peek(var).to_dense() for i, monitor in enumerate(monitors) for var in monitor.state_vars}


@pytest.mark.parametrize(
    ("record", "which"),
    [
        ({}, None),
        ({LAYER: ["v", "s"]}, None),
        ({LAYER: ["s"], "Input": ["x"]}, [2, 0]),
        ({LAYER: ["v"]}, [4, 1]),
        ({LAYER: ["v"]}, []),
    ],
)
def test_monitors_of_layers_hold_the_same_after_either_engine_and_records_are_what_was_asked_for(record, which):
    answers, left, goes_on = {}, {}, {}
    for engine in ("plain", "fused"):
        made = monitored()
        asked = {"record": record, "samples_to_record": which, "engine": engine, "seed": 1}
        made.present(random_trains(5), LAYER, **asked)  # a second block, so that what the first has left is seen to go
        answers[engine] = made.present(random_trains(5, seed=1), LAYER, **asked)
        left[engine] = held(made)
        made.run({"Input": torch.ones(2, 4, 5)}, time=2, seed=3, samples=[0])
        goes_on[engine] = held(made)
    assert left["plain"][0, "s"].any()
    for recorded in (left, goes_on, {engine: answer.records for engine, answer in answers.items()}):
        assert recorded["plain"].keys() == recorded["fused"].keys()
        for key, rows in recorded["plain"].items():
            assert rows.dtype == recorded["fused"][key].dtype
            assert torch.equal(rows, recorded["fused"][key]), key


class Own(Monitor):
    """A monitor of a user's own."""


def test_monitors_that_a_record_does_not_fill_keep_the_plain_engine(tmp_path):
    made = monitored()
    made.add_monitor(Monitor(made.connections["Input", LAYER], ["w"], time=2), "weights")
    made.add_monitor(Monitor(made.layers[LAYER], ["thresh"]), "parameter")
    made.add_monitor(Own(made.layers[LAYER], ["s"]), "own")
    made.add_monitor(Monitor(made.layers[LAYER], ["s"], file=tmp_path / "s.npy"), "file")
    with pytest.raises(CannotFuseError, match=r"monitors record every step: weights, parameter, own, file$"):
        made.present(random_trains(3), LAYER, engine="fused")
    made.present(random_trains(3), LAYER)
    n_steps = random_trains(3).n_steps
    assert [len(made.monitors[name].peek(made.monitors[name].state_vars[0])) for name in ("weights", "file")] == [2, 3 * n_steps]


def test_monitors_hold_all_presentations_of_a_sample_so_that_repetitions_keep_the_plain_engine():
    made = network()
    made.add_monitor(Monitor(made.layers[LAYER], ["s"]), "spikes")
    repetition = Repetition(("Input", LAYER), min_spikes=10_000, max_presentations=2)
    with pytest.raises(CannotFuseError, match="monitors record every step: spikes"):
        made.present(random_trains(2), LAYER, repetition, engine="fused")
    made.present(random_trains(2), LAYER, repetition)
    assert len(made.monitors["spikes"].peek("s")) == 2 * random_trains(2).n_steps


def test_no_samples_leave_monitors_as_they_were():
    made = network()
    made.add_monitor(Monitor(made.layers[LAYER], ["s"]), "spikes")
    made.run({"Input": torch.ones(2, 4, 5)}, time=2)
    assert made.present(random_trains(0), LAYER, engine="fused").spike_counts.shape == (0, 6)
    assert len(made.monitors["spikes"].peek("s")) == 2
