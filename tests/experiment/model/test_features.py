"""The layers that suit a sensor: what they are, and what they pass on."""

from __future__ import annotations

import pytest
import torch
from builders import random_trains

from bindsnet.errors import NetworkError
from experiment.command_line.parse import parse_options
from experiment.model.features.channels import centre_and_surround
from experiment.model.features.suited import feature_network, kind_of
from Visual_network import VISUAL

SMALL = {"n_maps": 4, "n_phases": 3, "surround": 2, "onset": 4, "pattern_time": 30.0, "field_thresh": 1.5}


def network(features: str, shape: tuple[int, int], n_channels: int = 2, **options):
    given = vars(parse_options(VISUAL, [])) | SMALL | options
    return feature_network(features, shape, n_channels, given, 1.0, seed=0)


@pytest.mark.parametrize(
    ("declared", "shape", "kind"),
    [
        ("fields", (34, 34), "fields"),
        ("phases", (10, 10), "phases"),
        ("channels", (1, 64), "channels"),
        ("fields", (64, 1), "channels"),
        ("phases", (1, 64), "channels"),
        ("channels", (20, 20), "fields"),
    ],
)
def test_channels_suit_a_row_and_what_its_sense_has_suits_a_plane(declared, shape, kind):
    assert kind_of(declared, shape) == kind


@pytest.mark.parametrize(
    ("features", "shape", "n_features"),
    [("fields", (11, 11), 4 * 1 * 1), ("channels", (1, 9), 3 * 4 * 9), ("phases", (4, 5), 3 * 2 * 3 * 4)],
)
def test_features_of_both_engines_are_alike(features, shape, n_features):
    trains = random_trains(4, n_steps=30, n_units=2 * shape[0] * shape[1], rate=0.1)
    answers, weights = [], []
    for engine in ("plain", "fused"):
        layers = network(features, shape)
        learned = [layers.learn(trains, range(4), 0, engine)] if layers.learned else []  # a program less to compile
        answers.append([*learned, layers.see(trains, 0, engine)])
        weights += [layers.arrays]
    for plain, fused in zip(*answers, strict=True):
        assert len(plain.steps) > 0
        assert plain.n_units == n_features
        assert all(torch.equal(getattr(plain, name), getattr(fused, name)) for name in ("pointers", "steps", "units"))
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert bool(weights[0]) == (features == "fields")


@pytest.mark.parametrize(
    ("features", "shape", "sizes", "begins", "lasts"),
    [
        ("fields", (34, 34), [64, 7, 7], None, None),
        ("phases", (10, 10), [6, 2, 9, 9], [0.0, 0.14, 0.28, 0.42, 0.56, 0.7], 0.3),
        ("channels", (1, 64), [8, 4, 1, 64], [k * 0.55 / 7 for k in range(8)], 0.15),
    ],
)
def test_a_sensor_gets_what_suits_it_where_options_say_nothing(features, shape, sizes, begins, lasts):
    given = vars(parse_options(VISUAL, [])) | {"pattern_time": 1000.0}
    layers = feature_network(features, shape, 2, given, 1.0, seed=0)
    last = layers.layers[layers.output]
    assert list(last.shape) == sizes
    assert ("Onset" in layers.layers) == (features == "channels")
    if begins is not None:
        assert last.begins.unique().tolist() == pytest.approx([1000 * part for part in begins], abs=1e-3)
        assert torch.allclose(last.ends - last.begins, torch.tensor(1000 * lasts), atol=1e-3)


@pytest.mark.parametrize(
    ("features", "shape", "options"), [("fields", (4, 9), {}), ("fields", (8, 8), {}), ("phases", (5, 3), {"region": 4})]
)
def test_what_does_not_fit_into_a_plane_is_refused(features, shape, options):
    with pytest.raises(NetworkError, match="fits not once into"):
        network(features, shape, **options)


def test_what_features_see_of_a_recording_does_not_depend_on_the_others():
    trains, layers = random_trains(3, n_steps=30, n_units=242, rate=0.1), network("fields", (11, 11))
    together, alone = layers.see(trains, 0, "plain"), layers.see(trains.select([2]), 0, "plain")
    assert torch.equal(together.sample(2).units, alone.units)


def test_a_cell_compares_its_channel_with_the_mean_around():
    w = centre_and_surround(1, 5, 1)
    assert w.shape == (5, 10)
    assert torch.allclose(w[:, 2], torch.tensor([0.0, -1 / 3, 2 / 3, -1 / 3, 0.0]))
    assert torch.equal(w[:, 5:], -w[:, :5])


@pytest.mark.parametrize(("features", "shape"), [("fields", (12, 13)), ("channels", (1, 9)), ("phases", (4, 5))])
def test_weights_are_drawn_back_into_as_many_places_as_are_told(features, shape):
    layers = network(features, shape)
    w = torch.rand(layers.n_features, 7)
    drawn, (rows, columns) = layers.drawn_back(w)
    assert drawn.shape == (2 * rows * columns, 7)
    if features == "fields":
        assert (rows, columns) == shape
    else:
        assert torch.allclose(drawn.sum(0), w.sum(0))
