"""Neurons that relay spikes in a phase only: its borders, phases that overlap, and the onset from which time counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from bindsnet.errors import NetworkError
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes, PhaseNodes
from bindsnet.network.nodes.phases import START
from bindsnet.network.topology import Connection


def relayed(drive: np.ndarray, dt: float = 1.0, **options) -> np.ndarray:
    """Spikes, bool ``[n_steps, n_samples, *shape]``, for this drive of each step, mV."""
    network, spikes = Network(dt=dt), []
    network.add_layer(Input(1), "X")
    network.add_layer(PhaseNodes(shape=drive.shape[2:], **options), "Y")
    for step in drive:
        network.run({"Y": torch.from_numpy(step)[None].float()}, time=dt)
        spikes.append(network.layers["Y"].s.numpy().copy())
    return np.stack(spikes)


def relayed_by_hand(drive: np.ndarray, begins: np.ndarray, ends: np.ndarray, thresh: float) -> np.ndarray:
    """The same of neurons that await an onset, neuron by neuron, at a time step of 1 ms."""
    spikes = np.zeros(drive.shape, bool)
    for sample, neuron in np.ndindex(drive.shape[1:]):
        onset = None
        for t, given in enumerate(drive[:, sample, neuron]):
            if onset is not None and given < START:
                spikes[t, sample, neuron] = given >= thresh and begins[neuron] <= t - onset - 1 < ends[neuron]
            if onset is None and given >= START:
                onset = t
    return spikes


def test_each_step_is_that_of_a_loop_over_neurons_and_samples():
    random = np.random.default_rng(0)
    begins, ends = random.integers(0, 15, 12), random.integers(16, 40, 12)
    drive = random.uniform(0.0, 4.0, (50, 3, 12))
    drive[random.random(drive.shape) < 0.1] += START
    found = relayed(drive, begins=torch.from_numpy(begins), ends=torch.from_numpy(ends), thresh=2.0, awaits_onset=1)
    np.testing.assert_array_equal(found, relayed_by_hand(drive, begins, ends, 2.0))
    assert found.any()


@pytest.mark.parametrize(("dt", "begins", "ends"), [(1.0, 3, 7), (0.1, 0.3, 0.7), (0.5, 1.2, 3.4), (0.1, 0.0, 0.1)])
def test_a_phase_lasts_from_its_begin_to_before_its_end_whatever_the_time_step(dt, begins, ends):
    spikes = relayed(np.ones((10, 1, 1)), dt, begins=begins, ends=ends)[:, 0, 0]
    expected = [t for t in range(10) if begins - 1e-9 <= t * dt < ends - 1e-9]
    assert spikes.nonzero()[0].tolist() == expected


def test_borders_hold_late_in_a_recording_of_small_steps():
    layer = PhaseNodes(1, begins=999.9, ends=1000.0)
    layer.compute_decays(0.1)
    layer.set_batch_size(1)
    spikes = []
    for age in (9998, 9999, 10_000):
        layer.age.fill_(age)
        layer(torch.ones(1, 1))
        spikes.append(layer.s.item())
    assert spikes == [False, True, False]


def test_phases_of_one_layer_may_overlap():
    begins, ends = torch.tensor([[0.0], [2.0]]), torch.tensor([[4.0], [8.0]])
    spikes = relayed(np.ones((10, 1, 2, 3)), begins=begins, ends=ends)[:, 0]
    assert spikes[:, 0].all(1).nonzero()[0].tolist() == [0, 1, 2, 3]
    assert spikes[:, 1].all(1).nonzero()[0].tolist() == [2, 3, 4, 5, 6, 7]


def test_time_counts_from_the_step_after_the_onset_which_the_first_spikes_make():
    network = Network()
    network.add_layer(Input(2), "X")
    network.add_layer(LIFNodes(1, rest=0.0, reset=0.0, thresh=0.5, refrac=10**6), "Onset")
    network.add_layer(PhaseNodes(2, ends=4.0, awaits_onset=1.0), "Y")
    x, onset, y = network.layers.values()
    network.add_connection(Connection(x, onset, w=torch.ones(2, 1)), "X", "Onset")
    network.add_connection(Connection(onset, y, w=torch.full((1, 2), START)), "Onset", "Y")
    network.add_connection(Connection(x, y, w=torch.eye(2), delay=3), "X", "Y")
    for first in (0, 5):
        network.reset_state_variables()
        spikes, seen = torch.zeros(20, 1, 2, dtype=torch.bool), []
        spikes[first : first + 8, 0, 0] = True
        for step in spikes:
            network.run({"X": step[None]}, time=1)
            seen.append(y.s[0].tolist())
        expected = [first + 3 + k for k in range(4)]  # with a delay of 3 steps the first spikes find the phase begun
        assert np.array(seen)[:, 0].nonzero()[0].tolist() == expected
        assert not np.array(seen)[:, 1].any()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"begins": 5.0, "ends": 5.0}, "PhaseNodes: a phase begins before it ends"),
        ({"begins": torch.tensor([0.0, 9.0]), "ends": 8.0}, "PhaseNodes: a phase begins before it ends"),
        ({"ends": math.nan}, "PhaseNodes: ends is a number, or one for each neuron, got nan"),
        ({"awaits_onset": 0.5}, "PhaseNodes: awaits_onset is 1 or 0"),
        ({"begins": torch.zeros(3)}, r"PhaseNodes: begins is a number, or one for each neuron in the layer's shape \[2\]"),
    ],
)
def test_what_is_no_phase_is_refused_in_a_line(options, complaint):
    with pytest.raises(NetworkError, match=complaint) as raised:
        PhaseNodes(2, **options)
    assert "\n" not in str(raised.value)
