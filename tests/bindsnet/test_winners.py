"""Winners: at most one neuron of a layer, or of each position in all of its maps, sends a spike; inhibition among those."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from builders import random_trains

from bindsnet.errors import NetworkError
from bindsnet.network import Network, load
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import Connection, Conv2dConnection, UniformLateralConnection
from bindsnet.network.topology.lateral import add_uniform
from bindsnet.numbers.random import ELSEWHERE, draw_below, presentation_key, stream_key

MAPS, ROWS, COLUMNS = 4, 2, 3
SHAPE = (MAPS, ROWS, COLUMNS)
ENOUGH, TOO_LITTLE = 20.0, 5.0  # mV; from rest to threshold it is 13 mV
MANY = 4_000


def network_of(n_before: int = 3, **options) -> Network:
    """Neurons Y that are driven from outside, and as many others before them."""
    network = Network()
    network.add_layer(Input(n_before), "X")
    network.add_layer(DiehlAndCookNodes(**{"shape": SHAPE, "one_spike_per": "position"} | options), "Y")
    return network


def spikes_after(network: Network, drive: np.ndarray | torch.Tensor, **kwargs) -> np.ndarray:
    """Spikes of Y, bool ``[n_samples, *shape]``, after a step with this drive, mV, ``[n_samples, *shape]``."""
    network.run({"Y": torch.as_tensor(drive)[None].float()}, time=1, **kwargs)
    return network.layers["Y"].s.numpy().copy()


def driven(*maps_at_positions: tuple[int, ...]) -> np.ndarray:
    """A drive that is enough in these maps at each position, one position after the other, for one sample."""
    drive = np.full((1, MAPS, ROWS * COLUMNS), TOO_LITTLE)
    for position, maps in enumerate(maps_at_positions):
        drive[0, list(maps), position] = ENOUGH
    return drive.reshape(1, *SHAPE)


CANDIDATES = ((), (2,), (0, 1, 2, 3), (1, 3), (0, 2, 3), (0,))


# One of each position, drawn evenly.


def test_at_most_one_neuron_of_each_position_fires_and_only_where_one_is_over_threshold():
    network, seen = network_of(), set()
    for seed in range(100):
        network.reset_state_variables()
        (fired,) = spikes_after(network, driven(*CANDIDATES), seed=seed).reshape(1, MAPS, -1)
        winners = [tuple(fired[:, position].nonzero()[0].tolist()) for position in range(ROWS * COLUMNS)]
        for winner, candidates in zip(winners, CANDIDATES, strict=True):
            assert len(winner) == (len(candidates) > 0)
            assert set(winner) <= set(candidates)
        seen.add((winners[2], winners[3], winners[4]))
    assert len(seen) > 20  # of 4 × 2 × 3


def test_winners_of_a_position_are_drawn_evenly_and_whatever_other_positions_draw():
    network = network_of()
    drive = np.repeat(driven(*CANDIDATES), MANY, axis=0)
    fired = spikes_after(network, drive, seed=0).reshape(MANY, MAPS, -1)
    n_fired = fired.sum(0)
    for position, candidates in enumerate(CANDIDATES):
        for each in range(MAPS):
            expected = MANY / len(candidates) if each in candidates else 0
            assert abs(n_fired[each, position] - expected) <= 4.5 * np.sqrt(expected)  # 0 of those that are not driven
    pairs = np.einsum("sa,sb->ab", fired[:, :, 2].astype(int), fired[:, [1, 3], 3].astype(int))
    assert (abs(pairs - MANY / 8) < 4.5 * np.sqrt(MANY / 8)).all()


def test_winners_do_not_depend_on_who_competes_elsewhere():
    network = network_of()
    alone, together = (), ()
    for seed in range(50):
        network.reset_state_variables()
        alone += (spikes_after(network, driven((), (), (0, 1, 2, 3)), seed=seed, samples=[0])[0, :, 0, 2].argmax(),)
        network.reset_state_variables()
        drive = driven((1, 2), (0, 3), (0, 1, 2, 3), (0,), (1, 2, 3), (2, 3))
        together += (spikes_after(network, drive, seed=seed, samples=[0])[0, :, 0, 2].argmax(),)
    assert alone == together
    assert len(set(alone)) == MAPS


def test_the_draw_of_a_position_is_that_of_its_first_neuron_in_the_network():
    network, key = network_of(n_before=7), presentation_key(*stream_key(3, ELSEWHERE), 11, 0)
    fired = spikes_after(network, driven(*[(0, 1, 2, 3)] * 6), seed=3, samples=[11]).reshape(MAPS, -1)
    assert fired.argmax(0).tolist() == [draw_below(MAPS, *key, 0, 7 + position) for position in range(6)]


def test_all_over_threshold_are_reset_and_raise_their_thresholds_though_one_alone_sends_a_spike():
    network = network_of(theta_plus=0.5, reset=-61.0)
    spikes_after(network, driven(*CANDIDATES))
    layer, over = network.layers["Y"], driven(*CANDIDATES)[0] == ENOUGH
    np.testing.assert_array_equal(layer.theta, np.where(over, 0.5, 0.0))
    np.testing.assert_array_equal(layer.v[0] == -61.0, over)


def test_only_the_spike_of_a_winner_drives_what_comes_after():
    network = network_of()
    network.add_layer(LIFNodes(1), "Z")
    network.add_connection(Connection(network.layers["Y"], network.layers["Z"], w=torch.ones(24, 1)), "Y", "Z")
    spikes_after(network, driven(*CANDIDATES))
    network.run({"X": torch.zeros(1, 3)}, time=1)
    assert network.layers["Z"].v.item() == pytest.approx(-65.0 + 5)  # of five positions one neuron each


# The one that is furthest above its threshold.


@pytest.mark.parametrize("per", ["position", "layer"])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_the_most_depolarised_neuron_wins(per, n_samples):
    random = np.random.default_rng(0)
    network = network_of(winner="highest", one_spike_per=per)
    theta = random.uniform(0.0, 6.0, SHAPE)
    network.layers["Y"].theta.copy_(torch.from_numpy(theta))
    for _ in range(10):
        network.reset_state_variables()
        network.layers["Y"].theta.copy_(torch.from_numpy(theta))
        drive = random.uniform(5.0, 25.0, (n_samples, *SHAPE)).astype(np.float32)
        above = drive - 13.0 - theta
        fired = spikes_after(network, drive)
        expected = np.zeros_like(fired)
        for sample in range(n_samples):
            for place in np.ndindex(ROWS, COLUMNS):
                at_place = above[sample, :, place[0], place[1]]
                if at_place.max() >= 0:
                    expected[(sample, at_place.argmax(), *place)] = True
            if per == "layer":
                expected[sample] = above[sample] == above[sample].max()
        assert expected.any()
        np.testing.assert_array_equal(fired, expected)


def test_a_refractory_neuron_takes_no_drive_and_cannot_be_the_highest():
    network, drive = network_of(winner="highest"), np.zeros((1, *SHAPE))
    drive[0, :, 0, 0] = [50.0, 20.0, 0.0, 0.0]
    assert spikes_after(network, drive)[0, :, 0, 0].tolist() == [True, False, False, False]
    assert spikes_after(network, drive)[0, :, 0, 0].tolist() == [False] * 4  # both were reset and are refractory
    network.layers["Y"].refrac_count.view(MAPS, -1)[1, 0] = 0.0
    assert spikes_after(network, drive)[0, :, 0, 0].tolist() == [False, True, False, False]


def test_of_those_that_are_equally_far_above_one_is_drawn_evenly():
    network = network_of(winner="highest")
    drive = np.repeat(driven((0, 1, 2, 3)), MANY, axis=0)
    drive[:, [1, 3], 0, 0] += 1.0
    n_fired = spikes_after(network, drive, seed=0)[:, :, 0, 0].sum(0)
    assert n_fired[[0, 2]].tolist() == [0, 0]
    assert (abs(n_fired[[1, 3]] - MANY / 2) < 4.5 * np.sqrt(MANY / 4)).all()


# One of the layer, as ever.

# By seed, after 1 to 8 steps: what the code drew at commit e33095c, before there were groups.
WON = [
    [4, 7, 4, 2, 7, 2, 9, 7],
    [1, 2, 9, 9, 9, 7, 9, 7],
    [9, 1, 9, 4, 9, 7, 7, 9],
    [1, 7, 1, 2, 2, 7, 1, 1],
]


@pytest.mark.parametrize("seed", range(4))
def test_the_winner_of_a_layer_is_the_one_that_it_was_before_there_were_positions(seed):
    network = network_of(shape=None, n=10, one_spike_per="layer", refrac=0)
    drive, won = torch.zeros(8, 1, 10), []
    drive[..., [1, 2, 4, 7, 9]] = ENOUGH
    for n_steps in range(1, 9):
        network.reset_state_variables()
        network.run({"Y": drive[:n_steps]}, time=n_steps, seed=seed, samples=[5])
        won += network.layers["Y"].s[0].nonzero()[0].tolist()
    assert won == WON[seed]


def test_a_layer_with_positions_has_one_winner_of_all_unless_it_says_otherwise():
    network = network_of(one_spike_per="layer")
    assert spikes_after(network, driven(*CANDIDATES)).sum() == 1


def test_without_one_spike_all_send_theirs_whoever_would_win():
    for options in ({}, {"winner": "highest"}):
        network = network_of(one_spike=False, **options)
        np.testing.assert_array_equal(spikes_after(network, driven(*CANDIDATES)), driven(*CANDIDATES) == ENOUGH)


@pytest.mark.parametrize("winner", ["drawn", "highest"])
def test_who_wins_is_saved_with_the_layer(winner, tmp_path):
    network = network_of(winner=winner)
    network.save(tmp_path / "network.pt")
    other = load(tmp_path / "network.pt")
    assert (other.layers["Y"].one_spike_per, other.layers["Y"].winner) == ("position", winner)
    drive = driven(*CANDIDATES) * np.random.default_rng(1).uniform(1.0, 1.1, SHAPE)
    before, after = (spikes_after(each, drive, seed=2, samples=[0]) for each in (network, other))
    np.testing.assert_array_equal(after, before)


# Inhibition within positions.


@pytest.mark.parametrize("shape", [(4, 6), (4, 2, 3), (1, 5), (5, 1)])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_inhibition_within_positions_is_the_matrix_of_those_that_share_one(shape, n_samples):
    n, n_positions = int(np.prod(shape)), int(np.prod(shape[1:]))
    w = np.zeros((n, n), np.float32)
    for i, j in np.ndindex(n, n):
        if i != j and i % n_positions == j % n_positions:
            w[i, j] = np.float32(-0.3)
    source, target = Input(shape=shape), LIFNodes(shape=shape)
    connection = UniformLateralConnection(source, target, w=-0.3, within="position")
    np.testing.assert_array_equal(connection.dense(), w)
    spikes = np.random.default_rng(0).random((n_samples, *shape)) < 0.5
    expected = np.zeros((n_samples, n), np.float32)
    for sample in range(n_samples):
        for i in spikes[sample].reshape(-1).nonzero()[0]:
            expected[sample] += w[i]
    drive = connection.compute(torch.from_numpy(spikes))
    assert drive.shape == (n_samples, *shape)
    np.testing.assert_array_equal(drive.view(n_samples, n), expected)
    connection.weight_factor = 1.2
    np.testing.assert_array_equal(connection.compute(torch.from_numpy(spikes)).view(n_samples, n), expected * np.float32(1.2))


def test_a_position_that_one_neuron_has_won_is_inhibited_and_no_other():
    network = network_of(winner="highest")
    layer = network.layers["Y"]
    network.add_connection(UniformLateralConnection(layer, layer, w=-10.0, within="position"), "Y", "Y")
    spikes_after(network, driven((1, 2)) + 1e-3 * np.arange(24).reshape(1, *SHAPE))
    before = layer.v.clone()
    spikes_after(network, np.zeros((1, *SHAPE)))
    fallen = (before - layer.v).view(MAPS, -1)
    assert (fallen[[0, 3], 0] > 9.0).all()  # 1 is refractory, and 2 has fired
    assert (fallen[:, 1:].abs() < 1.0).all()


# What is refused.


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: DiehlAndCookNodes(shape=SHAPE, one_spike_per="map"), "neurons compete per layer or position, not per 'map'"),
        (
            lambda: DiehlAndCookNodes(24, one_spike_per="position"),
            r"a layer with positions has the shape \[n_maps, ",
        ),
        (lambda: DiehlAndCookNodes(24, winner="first"), "a winner is drawn or highest, not 'first'"),
        (lambda: Input(24, winner="highest"), 'Input gives no function depolarisation, which winner="highest" needs'),
        (lambda: UniformLateralConnection(Input(4), LIFNodes(4), w=-1.0, within="map"), "per layer or position, not per 'map'"),
        (lambda: UniformLateralConnection(Input(4), LIFNodes(4), w=-1.0, within="position"), "a layer with positions has"),
    ],
)
def test_groups_and_winners_that_there_are_not_are_refused_in_a_line(make, complaint):
    with pytest.raises(NetworkError, match=complaint) as raised:
        make()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("part", "value"), [("one_spike_per", "map"), ("winner", "first")])
def test_a_word_that_was_set_later_is_refused_before_anyone_wins(part, value):
    network = network_of(winner="highest")
    setattr(network.layers["Y"], part, value)
    with pytest.raises(NetworkError, match=f"not .*'{value}'"):
        spikes_after(network, driven(*CANDIDATES))


# Who adapts.


class ModestNodes(DiehlAndCookNodes):
    """Neurons of which those that are not let through leave their threshold as it is."""

    only_winners_adapt = True


def test_only_the_winners_raise_their_thresholds_where_a_model_says_so():
    network = Network()
    network.add_layer(Input(3), "X")
    layer = ModestNodes(shape=SHAPE, one_spike_per="position", theta_plus=0.5, tc_theta_decay=np.inf, reset=-61.0)
    network.add_layer(layer, "Y")
    drive = np.repeat(driven(*CANDIDATES), 2, axis=0)
    fired = spikes_after(network, drive)
    np.testing.assert_array_equal(layer.theta, 0.5 * fired.sum(0))
    np.testing.assert_array_equal(layer.v == -61.0, drive == ENOUGH)  # all are reset, as ever
    layer.one_spike = False
    network.reset_state_variables()
    fired = spikes_after(network, drive) + fired.astype(int)
    np.testing.assert_array_equal(layer.theta, 0.5 * fired.sum(0))


def test_only_winners_adapt_in_both_engines_in_an_order_of_their_connection_too():
    network = Network()
    network.add_layer(Input(shape=[1, 5, 4]), "X")
    options = {"one_spike_per": "position", "winner": "highest", "theta_plus": 0.25, "tc_theta_decay": np.inf, "refrac": 0}
    network.add_layer(ModestNodes(shape=SHAPE, **options), "Y")
    w = torch.rand(MAPS, 1, 3, 2, generator=torch.Generator().manual_seed(0))
    network.add_connection(Conv2dConnection(*network.layers.values(), kernel_size=(3, 2), stride=(2, 1), w=4.0 * w), "X", "Y")
    trains = random_trains(n_samples=3, n_steps=40, n_units=20, rate=0.3)
    copies = {engine: network.clone() for engine in ("plain", "fused")}
    plain, fused = (copy.present(trains, "Y", seed=0, engine=engine).spike_counts for engine, copy in copies.items())
    assert torch.equal(plain, fused)
    assert plain.sum() > 50
    for copy in copies.values():
        np.testing.assert_array_equal(copy.layers["Y"].theta.view(-1), 0.25 * plain.sum(0))


# Inhibition of those who win, too.


@pytest.mark.parametrize("itself", [False, True])
@pytest.mark.parametrize("within", ["layer", "position"])
def test_uniform_inhibition_is_that_of_a_matrix_with_or_without_its_diagonal_in_both_forms(within, itself):
    source, target = LIFNodes(shape=SHAPE), LIFNodes(shape=SHAPE)
    connection = UniformLateralConnection(source, target, -0.1, within=within, itself=itself)
    group = np.arange(24) % connection.n_groups
    matrix = np.where((group[:, None] == group) & (itself | ~np.eye(24, dtype=bool)), np.float32(-0.1), np.float32(0.0))
    np.testing.assert_array_equal(connection.dense(), matrix)
    s = np.random.default_rng(0).random((5, 24)) < 0.3
    s[0] = False
    expected = np.stack([np.add.reduce(matrix[spikes], axis=0, initial=np.float32(0.0)) for spikes in s])
    np.testing.assert_array_equal(connection.compute(torch.from_numpy(s).view(5, *SHAPE)).reshape(5, 24), expected)
    for spikes, drive in zip(s, expected, strict=True):
        found, fired = np.zeros(24, np.float32), spikes.nonzero()[0].astype(np.int32)
        given = connection.drive_arguments(None, np.arange(24, dtype=np.int32)).values()
        add_uniform(found, np.float32(-0.1), *given, fired, 0, len(fired), np.float32(1.0))
        np.testing.assert_array_equal(found, drive)
