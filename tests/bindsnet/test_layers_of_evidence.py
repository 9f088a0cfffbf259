"""One network of all that learns what it wins by: fields, regions, phases from an onset on, and prototypes that decide."""

from __future__ import annotations

import math

import pytest
import torch

from bindsnet.engine import SpikeTrains
from bindsnet.learning import Competitive, SaturatingCompetitive
from bindsnet.network import Network, load
from bindsnet.network.nodes import DecisionNodes, Input, LIFNodes, PhaseNodes
from bindsnet.network.nodes.phases import START
from bindsnet.network.topology import Connection, Conv2dConnection, RegionConnection, UniformLateralConnection

N_STEPS, N_CLOSING, N_PROTOTYPES, MARGIN = 25, 60, 6, 4
RELAY = {"rest": 0.0, "reset": 0.0, "refrac": 0, "tc_decay": math.inf}


def drawn(seed: int, *shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def untrained() -> Network:
    """Input → fields → regions → prototypes, and input → the same input in two phases from its onset on → prototypes."""
    network = Network()
    fields = LIFNodes(shape=[3, 4, 4], thresh=2.0, lbound=0.0, one_spike_per="position", winner="highest", **RELAY)
    fields.one_spike = True
    phases = torch.tensor([[0.0, 12.0], [8.0, 25.0]]).view(2, 2, 1, 1, 1)
    layers = {
        "Input": Input(shape=[1, 6, 6]),
        "Fields": fields,
        "Regions": LIFNodes(shape=[3, 2, 2], thresh=0.5, **RELAY),
        "Onset": LIFNodes(1, thresh=0.5, **RELAY | {"refrac": 10**6}),
        "Phases": PhaseNodes(shape=[2, 1, 3, 3], begins=phases[:, 0], ends=phases[:, 1], awaits_onset=1.0),
        "Top": DecisionNodes(N_PROTOTYPES, decides_at=N_STEPS, ceiling=60.0, ramp=0.1, theta_plus=0.05, one_spike=True),
    }
    for name, layer in layers.items():
        network.add_layer(layer, name)
    learned = {"update_rule": SaturatingCompetitive, "nu": 1.0, "release": 0.5, "depression": 0.5, "wmin": 0.0, "wmax": 1.0}
    field = {"update_rule": Competitive, "nu": 0.05, "tc_trace": 10.0, "own_rate": 0.0, "wmin": 0.0, "w": drawn(0, 3, 1, 3, 3)}

    def connect(kind, source, target, *given, **options):
        network.add_connection(kind(layers[source], layers[target], *given, **options), source, target)

    connect(Conv2dConnection, "Input", "Fields", 3, **field)
    connect(UniformLateralConnection, "Fields", "Fields", -1e6, within="position")
    connect(RegionConnection, "Fields", "Regions", 2, 2)
    connect(Connection, "Input", "Onset", w=torch.ones(36, 1))
    connect(Connection, "Onset", "Phases", w=torch.full((1, 18), START))
    connect(RegionConnection, "Input", "Phases", 2, 2, delay=3)
    connect(Connection, "Regions", "Top", w=drawn(1, 12, N_PROTOTYPES) / 4, **learned)
    connect(Connection, "Phases", "Top", w=drawn(2, 18, N_PROTOTYPES) / 4, **learned)
    connect(UniformLateralConnection, "Top", "Top", -1e9, itself=True, delay=MARGIN)
    network.connections["Top", "Top"].delay = 1
    return network


@pytest.fixture(scope="module")
def spikes() -> SpikeTrains:
    """Samples of several kinds: a part of the plane is active, at first or later."""
    dense = torch.zeros(12, N_STEPS, 6, 6, dtype=torch.bool)
    for k, sample in enumerate(dense):
        begins, corner = 10 * (k % 2), 3 * (k // 2 % 2)
        part = sample[begins : begins + 15, corner : corner + 3]
        part[:] = drawn(k, *part.shape) < 0.3
    return SpikeTrains.from_dense(dense.view(12, N_STEPS, 36))._replace(n_steps=N_STEPS + N_CLOSING)


@pytest.fixture(scope="module")
def both(untrained, spikes) -> dict:
    """By engine, a copy that has learned and what it answered: at first one vote a sample, then those of all who are near.

    (One program of the fused engine for both.)
    """
    answers = {}
    for engine in ("plain", "fused"):
        network = untrained.clone()
        recorded = {"Top": ["v", "bound", "age"], "Regions": ["s"], "Phases": ["s", "age"], "Fields": ["s"]}
        learning = network.present(spikes, "Top", seed=0, engine=engine)
        network.connections["Top", "Top"].delay = MARGIN
        after = network.present(spikes, "Top", seed=1, spike_times=True, engine=engine, record=recorded)
        answers[engine] = network, learning, after
    return answers


@pytest.fixture(scope="module")
def frozen(both) -> Network:
    """As it is asked what it has learned: all who are near may vote, in one step, too."""
    network = both["plain"][0].clone().train(False)
    network.layers["Top"].one_spike = False
    return network


def test_both_engines_learn_and_answer_bit_for_bit_alike(both):
    (plain, *answers), (fused, *others) = both.values()
    for answer, other in zip(answers, others, strict=True):
        assert torch.equal(answer.spike_counts, other.spike_counts)
    for name, tensor in answers[1].records.items():
        assert torch.equal(tensor, others[1].records[name]), name
    states = plain.state_dict(), fused.state_dict()
    assert [name for name in states[0] if not torch.equal(states[0][name], states[1][name])] == []


def test_every_part_has_taken_part(both, untrained):
    network, learning, after = both["fused"]
    assert (learning.spike_counts.sum(1) == 1).all()
    assert (learning.spike_counts[:N_PROTOTYPES].sum(0) == 1).all()  # all are used before one is used twice
    assert (after.spike_counts.sum(1) == MARGIN).all()
    assert ((after.spike_counts > 0).sum(1) > 1).any()
    for name in ("Fields", "Regions", "Phases"):
        assert after.records[name, "s"].any(), name
    early, late = after.records["Phases", "s"].view(12, N_STEPS + N_CLOSING, 2, 9).any(3).unbind(2)
    assert (early & late).any()
    assert (early & ~late).any()
    for pair, connection in network.connections.items():
        assert connection.learns != torch.equal(connection.w, untrained.connections[pair].w), pair


@pytest.mark.parametrize("way", ["file", "clone"])
def test_a_copy_answers_alike_and_a_reset_forgets_the_sample_before(frozen, spikes, way, tmp_path):
    frozen.save(tmp_path / "network.pt")
    other = load(tmp_path / "network.pt") if way == "file" else frozen.clone()
    assert other.connections["Top", "Top"].delay == MARGIN
    expected = frozen.present(spikes, "Top", seed=1, engine="plain").spike_counts
    answer = other.present(spikes.select([3, 7]), "Top", seed=1, samples=[3, 7], engine="plain")
    assert torch.equal(answer.spike_counts, expected[[3, 7]])
    other.reset_state_variables()
    top, phases = other.layers["Top"], other.layers["Phases"]
    assert (top.bound == 60.0).all()
    assert (phases.waits == 1.0).all()
    assert [each.any().item() for each in (top.v, top.age, top.past, phases.age)] == [False] * 4
    assert (other.connections["Phases", "Top"].resources.left == 1.0).all()
    assert torch.equal(top.theta, frozen.layers["Top"].theta)


def test_the_samples_of_a_batch_are_answered_as_each_alone(frozen, spikes):
    batch, chosen = frozen.clone(), [0, 5, 10]
    batch.set_batch_size(3)
    counts, inputs = torch.zeros(3, N_PROTOTYPES), spikes.select(chosen).to_dense().transpose(0, 1)
    for step in inputs:
        batch.run({"Input": step.view(1, 3, 1, 6, 6)}, time=1)
        counts += batch.layers["Top"].s
    assert torch.equal(counts.int(), frozen.present(spikes.select(chosen), "Top", engine="plain").spike_counts)


def test_a_batch_learns_from_all_of_its_samples(untrained, spikes):
    network = untrained.clone()
    inputs = spikes.select([0, 5, 10]).to_dense().transpose(0, 1)
    network.run({"Input": inputs.reshape(-1, 3, 1, 6, 6)}, time=len(inputs), seed=0)
    memory = network.state_dict()
    used = memory["Top.theta"] >= 0
    assert memory["Phases_to_Top.plasticity.n"].sum() == 3
    assert torch.equal(memory["Phases_to_Top.plasticity.n"] > 0, used)
