"""Baselines: what they see, and what they tell of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from builders import random_trains

from common import NO_LABEL
from common.spike_trains import SpikeTrains
from experiment.baselines import baselines, inputs
from experiment.baselines.inputs import vectors_of
from experiment.baselines.kmeans import KMeans
from experiment.baselines.measure import Result
from experiment.baselines.names import BASELINES
from experiment.baselines.nearest import NearestNeighbour
from experiment.baselines.patches import Patches
from experiment.errors import OptionError
from experiment.protocol.sampling import labelled_samples

SIDE = 8
PLANE = (1, SIDE, SIDE)


def bars(n: int, seed: int, noise: float = 0.03) -> SimpleNamespace:
    """Samples of a split: class 0 is an upright bar at any place, class 1 a lying one; counts up to 3, and some noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 2
    spikes = torch.rand(n, 4, SIDE, SIDE, generator=generator) < noise
    for sample, place in enumerate(torch.randint(SIDE, (n,), generator=generator).tolist()):
        bar = spikes[sample, :3, :, place] if labels[sample] == 0 else spikes[sample, :3, place]
        bar[...] = True
    trains = SpikeTrains.from_dense(spikes.flatten(2))
    return SimpleNamespace(spike_trains=trains, labels=labels, class_names=("upright", "lying"), input_shape=(SIDE, SIDE))


@pytest.mark.parametrize(("counts", "of_count"), [("counts", np.abs), ("root", np.sqrt), ("active", np.sign)])
def test_vectors_are_spike_counts_of_one_length(counts, of_count, monkeypatch):
    monkeypatch.setattr(inputs, "BLOCK", 2)
    dense = random_trains(5, 30, 7).to_dense()
    dense[3] = False
    found = vectors_of(SpikeTrains.from_dense(dense), counts).numpy()
    expected = of_count(dense.sum(1).numpy().astype(float))
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    assert found == pytest.approx(np.sqrt(7) * expected / np.where(lengths > 0, lengths, 1), rel=1e-6)
    assert (found[3] == 0).all()


def test_each_tells_bars_apart_and_says_how_well():
    train, test = bars(120, 0), bars(40, 1)
    found = baselines(train, test, n_neurons=30)
    assert [result.name for result in found] == list(BASELINES)
    for result in found[:3]:
        assert result.accuracy > 90  # chance is 50, and all that a line through the counts tells
        assert result.accuracy == pytest.approx(100 * (result.predictions == test.labels).double().mean().item())
        assert result.seconds > 0


def test_they_are_the_same_each_time_and_others_with_another_seed():
    train, test = bars(60, 0, noise=0.2), bars(40, 1, noise=0.2)
    one, again, other = ([result.predictions for result in baselines(train, test, n_neurons=9, seed=s)] for s in (0, 0, 1))
    assert all(map(torch.equal, one, again))
    assert not torch.equal(one[0], other[0])


def test_labels_that_may_not_be_used_are_not(monkeypatch):
    train, test = bars(60, 0), bars(30, 1)
    labelled = labelled_samples(train.labels, 0.3, seed=0)
    monkeypatch.setattr("experiment.baselines.measure.labelled_samples", lambda *asked: labelled)
    expected = [result.predictions for result in baselines(train, test, n_neurons=9, label_fraction=0.3)]
    train.labels = torch.where(labelled, train.labels, 1 - train.labels)
    for result, predictions in zip(baselines(train, test, n_neurons=9, label_fraction=0.3), expected, strict=True):
        assert torch.equal(result.predictions, predictions), result.name


def test_a_centroid_stands_for_the_class_whose_samples_come_to_it_most_and_without_any_for_none():
    vectors = torch.tensor([[1.0, 0, 0]] * 4 + [[0, 1.0, 0]] * 3 + [[0, 0, 1.0]] * 2)
    labels = torch.tensor([0, 0, 0, 1, 1, 1, 0, 1, 1])
    labelled = torch.tensor([True] * 7 + [False] * 2)
    baseline = KMeans(3, 2, (1, 1, 3), seed=0)
    baseline.fit(vectors, labels, labelled)
    assert baseline.predict(torch.eye(3)).tolist() == [0, 1, NO_LABEL]


def test_there_are_no_more_centroids_than_samples():
    baseline = KMeans(20, 2, (1, 1, 3), seed=0)
    baseline.fit(torch.eye(3), torch.tensor([0, 1, 1]), torch.ones(3, dtype=torch.bool))
    assert baseline.predict(torch.eye(3)).tolist() == [0, 1, 1]


def test_the_nearest_neighbour_is_that_of_the_smallest_angle_and_silence_has_none():
    generator = torch.Generator().manual_seed(0)
    vectors, asked = (torch.rand(n, 6, generator=generator) for n in (50, 30))
    baseline = NearestNeighbour(0, 50, (1, 1, 6), seed=0)
    lengths = torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    baseline.fit(vectors / lengths, torch.arange(50), torch.arange(50) % 2 == 0)
    cosines = (asked @ (vectors / lengths).T)[:, ::2]
    assert baseline.predict(asked).tolist() == (2 * cosines.argmax(1)).tolist()
    assert baseline.predict(torch.zeros(1, 6)).tolist() == [NO_LABEL]


def test_patches_are_whitened_and_their_activations_summed_over_quarters():
    train = bars(60, 0)
    vectors = vectors_of(train.spike_trains)
    baseline = Patches(5, 2, PLANE, seed=0)
    baseline.fit(vectors, train.labels, torch.ones(60, dtype=torch.bool))
    features = baseline._features(vectors)
    plane, side = vectors[0].view(SIDE, SIDE), SIDE // 2
    sums = np.zeros((2, 2, 5))
    places = SIDE - side + 1
    for row, column in np.ndindex(places, places):
        patch = plane[row : row + side, column : column + side].flatten().double()
        patch = (patch - patch.mean()) / (patch.var(correction=0) + 1).sqrt()
        distances = torch.linalg.vector_norm((patch.float() - baseline.centre) @ baseline.whitening - baseline.centroids, dim=1)
        half = places // 2 + places % 2
        sums[row // half, column // half] += (distances.mean() - distances).clamp(min=0).numpy()
    assert features[0].numpy() == pytest.approx(sums.reshape(-1), rel=1e-3, abs=1e-3)
    whitened = baseline._whitened(baseline._drawn(vectors))
    assert whitened.mean(0).numpy() == pytest.approx(np.zeros(side**2), abs=1e-3)
    assert (whitened.T @ whitened / len(whitened)).diag().max() < 1.01


def test_a_sensor_without_a_plane_has_no_patches():
    train, test = bars(20, 0), bars(10, 1)
    for samples in (train, test):
        samples.input_shape = (1, SIDE**2)
    assert [result.name for result in baselines(train, test, n_neurons=4)] == ["kmeans", "nearest", "logreg"]


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_silent_and_tiny_data_are_told_like_any_other():
    silent = SpikeTrains.from_dense(torch.zeros(6, 4, 4, dtype=torch.bool))
    samples = SimpleNamespace(spike_trains=silent, labels=torch.arange(6) % 2, class_names=("a", "b"), input_shape=(2, 2))
    found = {result.name: result for result in baselines(samples, samples, n_neurons=3)}
    assert found["nearest"].predictions.tolist() == [NO_LABEL] * 6
    assert found["nearest"].n_without_answer == 6
    assert {result.accuracy for result in found.values()} <= {0.0, 50.0}


def test_what_memory_cannot_hold_is_refused_before(monkeypatch):
    monkeypatch.setattr("common.room.available_memory", lambda: 10_000)
    with pytest.raises(OptionError, match=r"--n_train 20: counts of 64 inputs need some .* of memory"):
        baselines(bars(20, 0), bars(10, 1))


def test_the_error_is_that_of_a_share_of_samples_drawn():
    assert Result("kmeans", 80.0, 1.0, torch.zeros(100)).error == pytest.approx(4.0)
