"""Maximum pooling against numbers of BindsNET 0.3.4 and against loops, in batches, networks and files."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from populations import generator

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import (
    MaxPoo3dConnection,
    MaxPool1dConnection,
    MaxPool2dConnection,
    MaxPool3dConnection,
    OneToOneConnection,
)


def measured(step: int, *shape: int) -> torch.Tensor:
    """The spikes with which the numbers below were measured on BindsNET 0.3.4."""
    return ((torch.arange(12) * (5 * step + 3) + step * step) % 13 < 4).view(1, *shape)


RATES = [0.14844, 0.44531, 0.25, 0.0, 0.0625, 0.14844, 0.5625, 1.25, 1.76562, 1.19531, 1.51562, 0.0]


@pytest.mark.parametrize(
    ("kind", "source", "target", "arguments", "drives"),
    [
        (MaxPool1dConnection, [2, 6], [2, 3], (2, 2), "101010 101011 000000 101110 101010 110110 000111 000111"),
        (MaxPool2dConnection, [1, 3, 4], [1, 2, 2], (2, 1, 0, (1, 2)), "1101 1111 0000 1111 1101 1111 1010 0111"),
        (MaxPoo3dConnection, [1, 2, 2, 3], [1, 1, 1, 2], (2,), "11 11 00 11 11 11 11 11"),
    ],
)
def test_it_passes_on_what_bindsnet_does_step_by_step(kind, source, target, arguments, drives):
    connection = kind(Input(shape=source), LIFNodes(shape=target), *arguments, decay=0.5)
    for step, expected in enumerate(drives.split()):
        drive = connection.compute(measured(step, *source))
        assert (drive.shape, drive.dtype) == (torch.Size([1, *target]), torch.float32)
        assert "".join(map(str, drive.int().flatten().tolist())) == expected
    assert connection.firing_rates.flatten().tolist() == pytest.approx(RATES, abs=1e-5)


def by_loops(spikes: np.ndarray, positions: tuple[int, int], size: int, stride: int, padding: int, decay: float) -> np.ndarray:
    """What one channel ``[n_steps, rows, columns]`` passes on, neuron by neuron."""
    rates, passed = np.zeros(spikes.shape[1:], np.float32), np.zeros((len(spikes), *positions))
    for t, s in enumerate(spikes):
        rates = rates - np.float32(decay) * rates + s.astype(np.float32)
        for y, x in itertools.product(*map(range, positions)):
            rows, columns = (range(max(0, p * stride - padding), p * stride - padding + size) for p in (y, x))
            seen = [(i, j) for i in rows for j in columns if i < s.shape[0] and j < s.shape[1]]
            passed[t, y, x] = s[max(seen, key=lambda place: rates[place])]
    return passed


@pytest.mark.parametrize("batch_size", [1, 3])
def test_each_sample_and_each_channel_goes_by_its_own_rates(batch_size):
    connection = MaxPool2dConnection(Input(shape=[2, 5, 6]), LIFNodes(shape=[2, 3, 3]), 3, 2, 1, decay=0.1)
    spikes = torch.rand(12, batch_size, 2, 5, 6, generator=generator(1)) < 0.3
    drives = torch.stack([connection.compute(s) for s in spikes]).numpy()
    for sample, channel in itertools.product(range(batch_size), range(2)):
        expected = by_loops(spikes[:, sample, channel].numpy(), (3, 3), 3, 2, 1, 0.1)
        assert np.array_equal(drives[:, sample, channel], expected)
    assert 0.1 < drives.mean() < 0.9


def pooling(kind=MaxPool2dConnection, **kwargs) -> Network:
    network = Network()
    for name, layer in (("X", Input(shape=[1, 4, 4])), ("Y", LIFNodes(shape=[1, 2, 2], thresh=-64.5)), ("Z", LIFNodes(4))):
        network.add_layer(layer, name)
    x, y, z = network.layers.values()
    network.add_connection(kind(x, y, 2, 2, **({"decay": 0.25, "delay": 2} | kwargs)), "X", "Y")
    network.add_connection(OneToOneConnection(y, z, 20.0), "Y", "Z")
    return network


def test_a_network_runs_it_with_its_delay_resets_it_and_the_fused_engine_says_why_it_does_not(caplog):
    network = pooling()
    spikes = torch.zeros(6, 3, 1, 4, 4, dtype=torch.bool)
    spikes[0, 1, 0, 0, 0] = spikes[1, 1, 0, 0, 1] = spikes[2, 1, 0, 0, 1] = True
    network.run({"X": spikes}, time=6)
    rates = network.connections["X", "Y"].firing_rates
    assert rates.shape == (3, 1, 4, 4)
    assert rates[1, 0, 0, :2].tolist() == pytest.approx([0.75**3, 0.75**2 + 0.75])  # spikes that arrive two steps later
    network.reset_state_variables()
    assert not rates.any()
    with pytest.raises(NetworkError, match="connection X_to_Y: MaxPool2dConnection has a"):
        network.engine("fused")
    with pytest.raises(NetworkError, match=r"masks of \('X', 'Y'\): MaxPool2dConnection has no weights"):
        network.run({"X": spikes}, time=6, masks={("X", "Y"): torch.ones(2, 2, dtype=torch.bool)})
    trains = SpikeTrains.from_dense(torch.rand(2, 20, 16, generator=generator(2)) < 0.2)
    with caplog.at_level("INFO"):
        assert network.present(trains, "Z").spike_counts.sum() > 0
    assert "MaxPool2dConnection" in caplog.text


def test_a_file_holds_it_with_its_rates(tmp_path):
    network = pooling()
    spikes = torch.rand(30, 1, 4, 4, generator=generator(3)) < 0.3
    network.run({"X": spikes[:10]}, time=10)
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    one, other = (each.connections["X", "Y"] for each in (network, loaded))
    assert (other.decay, other.delay, other.kernel_size, other.stride) == (0.25, 2, (2, 2), (2, 2))
    assert torch.equal(one.firing_rates, other.firing_rates)
    assert one.firing_rates.any()
    for each in (network, loaded):
        each.run({"X": spikes[10:]}, time=20)
    assert torch.equal(network.layers["Y"].v, loaded.layers["Y"].v)


def test_it_has_neither_weights_nor_a_norm_to_restore_and_learns_nothing():
    connection = MaxPool1dConnection(Input(shape=[1, 4]), LIFNodes(shape=[1, 2]), 2, 2)
    connection.normalize()
    connection.update(learning=True)
    assert not list(connection.parameters())
    assert connection.decay == 0.0
    assert MaxPoo3dConnection is MaxPool3dConnection


def pool(source, target, *arguments, kind=MaxPool2dConnection, **kwargs):
    return kind(Input(shape=source, traces=True), LIFNodes(shape=target, traces=True), *arguments, **kwargs)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: pool([2, 4, 4], [1, 2, 2], 2, 2), r"the target has the shape \[2, 2, 2\], got \[1, 2, 2\]"),
        (lambda: pool([2, 4], [2, 2], 2, 2), r"the source has the shape \[n_channels, rows, columns\], got \[2, 4\]"),
        (lambda: pool([4], [2], 2, 2, kind=MaxPool1dConnection), r"the source has the shape \[n_channels, columns\], got \[4\]"),
        (
            lambda: pool([1, 4, 4], [1, 2, 2], 2, 2, decay=1.5),
            "decay is the share of a rate that a step loses, from 0 to 1, got 1.5",
        ),
        (lambda: pool([1, 4, 4], [1, 4, 4], 2, 2, 2), r"padding is at most half of kernel_size \(2, 2\), got \(2, 2\)"),
        (lambda: pool([1, 4, 4], [1, 2, 2], 2, 2, update_rule=PostPre, nu=0.1), "PostPre changes a weight of every synapse"),
        (lambda: pool([1, 4, 4], [1, 2, 2], 2, 2, weight_decay=0.1), "no weights that could decay"),
        (lambda: pool([1, 4, 4], [1, 2, 2], 2, 2, depression=0.5), "cannot depress"),
        (lambda: pool([1, 4, 4], [1, 2, 2], 2, 2, decays=0.5), "takes no argument 'decays'"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(make, complaint):
    with pytest.raises(NetworkError, match=complaint) as refused:
        make()
    assert "\n" not in str(refused.value)
