"""Delay learning: delays move towards those with which spikes arrive as their target fires."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import DelayLearning, PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection, Conv2dConnection, LocalConnection

N_STEPS, LONGEST = 60, 7
RATE = 0.3
FIELDS = {"kernel_size": 3, "stride": 1, "n_filters": 1, "nu": (1e-2, 1e-2)}
TRAINS = SpikeTrains.from_dense(torch.rand(4, N_STEPS, 25, generator=torch.Generator().manual_seed(1)) < 0.1)


class Both(DelayLearning, PostPre):
    """Weights and delays."""


def network_of(kind=Connection, rule=DelayLearning, n_targets: int = 9, **options) -> Network:
    torch.manual_seed(0)
    network = Network()
    network.add_layer(Input(shape=[5, 5], traces=True), "X")
    network.add_layer(LIFNodes(n_targets, refrac=0, tc_decay=5.0, traces=True), "Y")
    options = {"delay": 3, "longest_delay": LONGEST, "delay_rate": RATE} | options
    connection = kind(network.layers["X"], network.layers["Y"], update_rule=rule, **options)
    connection.w.mul_(4.0)
    network.add_connection(connection, "X", "Y")
    return network


def exact(network: Network) -> torch.Tensor:
    return network.connections["X", "Y"].moving_delays.exact


def by_hand(spikes_x: np.ndarray, spikes_y: np.ndarray, delays: np.ndarray) -> np.ndarray:
    """The equation of the rule's page in float64, synapse by synapse: spikes ``[n_steps, n]``."""
    delays = delays.astype(float).copy()
    for t, j in zip(*spikes_y.nonzero(), strict=True):
        for i in range(spikes_x.shape[1]):
            before = spikes_x[max(0, t - LONGEST) : t, i].nonzero()[0]
            if len(before):
                a = min(t, LONGEST) - before[-1]
                delays[i, j] = np.clip(delays[i, j] + RATE * (a - delays[i, j]), 1, LONGEST)
    return delays


def test_delays_follow_the_equation():
    network = network_of()
    before = exact(network).numpy().copy()
    found = network.present(TRAINS, "Y", spike_times=True, samples=range(4), engine="plain")
    for sample in range(4):
        before = by_hand(*(trains.dense(sample).numpy() for trains in (TRAINS, found.spike_trains)), before)
    assert found.spike_counts.sum() > 50
    assert len(np.unique(before.round(3))) > 100
    np.testing.assert_allclose(exact(network).numpy(), before, rtol=1e-5)


def test_both_engines_learn_the_same_weights_and_delays():
    networks = [network_of(LocalConnection, Both, w=torch.rand(25, 9), **FIELDS) for _ in range(2)]
    for network in networks:
        x, y = network.layers.values()
        network.connections["X", "Y"].w.copy_(networks[0].connections["X", "Y"].w)
        network.add_layer(LIFNodes(6, refrac=0, traces=True), "Z")
        z, rule = network.layers["Z"], {"update_rule": Both, "nu": (1e-2, 1e-2), "longest_delay": 5}
        network.add_connection(Connection(x, z, w=2.0 + torch.arange(150.0).view(25, 6) / 50, **rule), "X", "Z")
        network.add_connection(Connection(y, y, w=-torch.ones(9, 9), delay=2, **rule), "Y", "Y")
    counts = [
        n.present(TRAINS, "Y", samples=range(4), engine=engine).spike_counts
        for n, engine in zip(networks, ("plain", "fused"), strict=True)
    ]
    assert torch.equal(*counts)
    assert counts[0].sum() > 20
    for pair in networks[0].connections:
        first, second = (network.connections[pair] for network in networks)
        assert torch.equal(first.w, second.w)
        assert torch.equal(first.moving_delays.exact, second.moving_delays.exact)
        assert len(first.moving_delays.exact.unique()) > 10


def test_what_is_a_pattern_in_time_at_the_sources_becomes_a_coincidence():
    """Five sources fire at 0, 2, 4, 6 and 8 ms, and a teacher lets the target fire at 10 ms; then it does so by itself."""

    def spikes_alone(rate: float) -> int:
        network = Network()
        network.add_layer(Input(5), "X")
        network.add_layer(LIFNodes(1, tc_decay=2.0), "Y")
        rule = {"update_rule": DelayLearning, "delay": 5, "longest_delay": 12, "delay_rate": rate}
        network.add_connection(Connection(*network.layers.values(), w=torch.full((5, 1), 4.0), **rule), "X", "Y")
        pattern = torch.zeros(20, 1, 5, dtype=torch.bool)
        pattern[[0, 2, 4, 6, 8], 0, range(5)] = True
        teacher = torch.zeros(20, 1, dtype=torch.bool)
        teacher[10] = True
        for _ in range(20):
            network.run({"X": pattern}, 20, clamp={"Y": teacher})
            network.reset_state_variables()
        network.train(False)
        return int(network.present(SpikeTrains.from_dense(pattern[None, :, 0]), "Y", engine="plain").spike_counts.sum())

    assert spikes_alone(rate=0.2) == 1
    assert spikes_alone(rate=0.0) == 0


def test_samples_of_a_batch_move_delays_by_the_sum_or_the_mean_of_their_changes():
    dense = torch.stack([TRAINS.dense(sample)[:12] for sample in range(3)], 1).view(12, 3, 5, 5)
    teacher = torch.zeros(12, 9, dtype=torch.bool)
    teacher[10] = True
    changes = []
    for reduction in (torch.sum, torch.mean):
        network = network_of(reduction=reduction, delay_rate=0.1)
        network.connections["X", "Y"].w.zero_()
        network.run({"X": dense}, 12, clamp={"Y": teacher})
        changes.append(exact(network) - 3.0)
    alone = torch.zeros(25, 9)
    for sample in range(3):
        network = network_of(delay_rate=0.1)
        network.connections["X", "Y"].w.zero_()
        network.run({"X": dense[:, sample : sample + 1]}, 12, clamp={"Y": teacher})
        alone += exact(network) - 3.0
    assert alone.abs().max() > 0.1
    torch.testing.assert_close(changes[0], alone)
    torch.testing.assert_close(changes[1], alone / 3)


def test_learned_delays_are_saved_and_drive_without_learning(tmp_path):
    network = network_of()
    network.present(TRAINS, "Y", samples=range(4), engine="plain")
    network.save(tmp_path / "network.pt")
    again = load(tmp_path / "network.pt", learning=False)
    network.train(False)
    assert torch.equal(exact(network), exact(again))
    assert len(again.connections["X", "Y"].delay.unique()) > 3
    frozen = {"spike_trains": TRAINS, "layer": "Y", "samples": range(4)}
    counts = [n.present(**frozen, engine=engine).spike_counts for n, engine in ((network, "plain"), (again, "fused"))]
    assert torch.equal(*counts)
    again.connections["X", "Y"].delay = 1
    assert not torch.equal(counts[0], again.present(**frozen).spike_counts)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"delay_rate": 1.5}, "delay_rate is a share from 0 to 1, got 1.5"),
        ({"longest_delay": 0}, "longest_delay is a whole number from 1 on, got 0"),
        ({"depression": 0.5}, "their delays cannot move apart"),
        ({"kind": Conv2dConnection, "kernel_size": 3}, "Conv2dConnection has not a weight for each synapse"),
    ],
)
def test_what_delays_cannot_be_learned_of_is_refused_in_a_line(options, complaint):
    kind = options.pop("kind", Connection)
    network = Network()
    network.add_layer(Input(shape=[1, 5, 5]), "X")
    network.add_layer(LIFNodes(shape=[2, 3, 3]), "Y")
    with pytest.raises(NetworkError, match=complaint):
        network.add_connection(kind(*network.layers.values(), update_rule=DelayLearning, **options), "X", "Y")


def test_delays_beyond_what_the_rule_may_learn_are_refused():
    connection = network_of().connections["X", "Y"]
    with pytest.raises(NetworkError, match="the rule moves delays of up to 7 steps, got 9"):
        connection.delay = 9
    connection.moving_delays.exact[0, 0] = 8.0
    with pytest.raises(NetworkError, match="delays are from 1 to 7 steps, got 3 to 8"):
        connection.check()
