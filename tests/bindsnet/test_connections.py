"""Drives and plasticity against numbers worked out by hand, and sparse forms against dense ones."""

from __future__ import annotations

import copy
import io
import math
import pickle

import numpy as np
import pytest
import torch

from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, LearningRule, NoOp, PostPre
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import (
    Connection,
    DistanceLateralConnection,
    OneToOneConnection,
    UniformLateralConnection,
)
from bindsnet.numbers.ops import f32


def layers(n_source=3, n_target=2, batch_size=1, **tc):
    source = Input(n_source, traces=True, tc_trace=tc.get("source", 20.0))
    target = LIFNodes(n_target, traces=True, tc_trace=tc.get("target", 20.0))
    for layer in (source, target):
        layer.compute_decays(1.0)
        layer.set_batch_size(batch_size)
    return source, target


def test_drive_is_summed_source_by_source_in_ascending_order():
    source, target = layers(3, 1)
    w = torch.tensor([[1e8], [1.0], [-1e8]])
    connection = Connection(source, target, w=w)
    # (1e8 + 1) − 1e8 is 0 in float32; any other order gives 1.
    assert connection.compute(torch.ones(1, 3, dtype=torch.bool)).item() == 0.0


@pytest.mark.parametrize("factor", [1.2, 0.5])
def test_weight_factor_multiplies_the_sum(factor):
    source, target = layers(2, 1)
    connection = Connection(source, target, w=torch.tensor([[0.1], [0.2]]))
    connection.weight_factor = factor
    expected = np.float32(np.float32(0.1) + np.float32(0.2)) * np.float32(factor)
    assert connection.compute(torch.ones(1, 2, dtype=torch.bool)).item() == expected


def test_a_bias_is_added_to_the_scaled_sum_and_drives_without_spikes():
    connection = Connection(*layers(2, 2), w=torch.tensor([[1.0, 2.0], [3.0, 4.0]]), b=torch.tensor([0.5, -0.5]))
    connection.weight_factor = 2.0
    assert connection.compute(torch.tensor([[True, True]])).tolist() == [[8.5, 11.5]]
    assert connection.compute(torch.tensor([[False, False]])).tolist() == [[0.5, -0.5]]
    assert connection.drives_without_spikes
    assert not Connection(*layers(2, 2)).drives_without_spikes


@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_drive_of_many_steps_is_that_of_each(batch_size):
    connection = Connection(*layers(4, 2))
    spikes = torch.rand(5, batch_size, 4, generator=torch.Generator().manual_seed(0)) < 0.5
    drives = connection.compute_window(spikes)
    assert drives.shape == (5, batch_size, 2)
    assert torch.equal(drives, torch.stack([connection.compute(step) for step in spikes]))


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("n", [1, 5, 10])
def test_special_connections_equal_the_dense_one(n, batch_size):
    source, target = LIFNodes(n), LIFNodes(n)
    generator = torch.Generator().manual_seed(n)
    for connection in (
        OneToOneConnection(source, target, 22.3),
        UniformLateralConnection(source, target, -17.3),
        DistanceLateralConnection(source, target),
    ):
        dense = Connection(source, target, w=connection.dense())
        for _ in range(10):
            s = torch.rand(batch_size, n, generator=generator) < 0.5
            rows = torch.cat([dense.compute(sample[None]) for sample in s])
            assert torch.equal(connection.compute(s), rows)


def test_distance_weights_follow_the_formula_on_a_lattice_that_is_no_square():
    connection = DistanceLateralConnection(LIFNodes(7), LIFNodes(7), w_near=-5.0, w_far=-17.5)
    w = connection.dense()
    # Side 3: neuron 0 at (0, 0), neuron 5 at (1, 2).
    assert w[0, 5].item() == pytest.approx(-5 * 0.75 * math.sqrt(math.sqrt(5)))
    assert w.diag().eq(0).all()
    assert (w <= 0).all()
    assert w.min() >= -17.5
    connection.make_uniform(-17.5)
    assert torch.equal(connection.dense(), UniformLateralConnection(LIFNodes(7), LIFNodes(7), -17.5).dense())


def test_the_lattice_is_as_small_as_holds_the_neurons_and_the_farthest_are_inhibited_by_no_more_than_w_far():
    connection = DistanceLateralConnection(LIFNodes(9), LIFNodes(9), w_near=-5.0, w_far=-5.0)
    assert (connection.side, DistanceLateralConnection(LIFNodes(10), LIFNodes(10)).side) == (3, 4)
    w = connection.dense()
    assert w[3, 4].item() == -3.75  # beside each other
    assert w[2, 3].item() == w[0, 8].item() == -5.0  # from the end of a row to the start of the next, and across


def test_diehl_and_cook_needs_a_largest_weight():
    with pytest.raises(NetworkError, match="give the connection a wmax"):
        Connection(*layers(), update_rule=DiehlAndCook, nu=0.1, wmin=0.0)


def test_diehl_and_cook_changes_the_column_of_the_neuron_that_fired():
    source, target = layers()
    w = torch.tensor([[0.5, 0.5], [0.9, 0.9], [0.0, 0.0]])
    connection = Connection(source, target, w=w, update_rule=DiehlAndCook, nu=0.05, wmin=0.0, wmax=1.0, x_tar=0.4)
    source.x[:] = torch.tensor([1.0, 0.2, 0.0])
    target.s[:] = torch.tensor([False, True])
    connection.update(learning=True)
    expected = [0.5 + 0.05 * 0.6 * 0.5**0.2, 0.9 + 0.05 * -0.2 * 0.1**0.2, 0.0]  # the last one clipped
    assert connection.w[:, 1].tolist() == pytest.approx(expected)
    assert torch.equal(connection.w[:, 0], w[:, 0])


@pytest.mark.parametrize(("first", "second", "sign"), [("source", "target", 1), ("target", "source", -1)])
def test_post_pre_strengthens_before_and_weakens_after(first, second, sign):
    source, target = layers(1, 1, source=20.0, target=40.0)
    connection = Connection(source, target, w=torch.tensor([[0.5]]), update_rule=PostPre, nu=(0.01, 0.02))
    both = {"source": source, "target": target}
    for step in range(6):
        for name, layer in both.items():
            layer.s[:] = (name == first and step == 0) or (name == second and step == 5)
            layer.x[:] = torch.where(layer.s, 1.0, layer.x * layer.trace_decay)
        connection.update(learning=True)
    size = 0.02 * math.exp(-5 / 20) if sign > 0 else 0.01 * math.exp(-5 / 40)
    assert connection.w.item() - 0.5 == pytest.approx(sign * size, rel=1e-4)


@pytest.mark.parametrize(("reduction", "times"), [(None, 3), (torch.mean, 1)])
def test_changes_of_a_batch_are_reduced(reduction, times):
    source, target = layers(1, 1, batch_size=3)
    connection = Connection(source, target, w=torch.tensor([[0.5]]), update_rule=PostPre, nu=(0.0, 0.01), reduction=reduction)
    source.x[:] = 1.0
    target.s[:] = True
    connection.update(learning=True)
    assert connection.w.item() == pytest.approx(0.5 + 0.01 * times)


def test_samples_of_a_batch_change_what_their_own_spikes_reach():
    source, target = layers(2, 2, batch_size=3)
    connection = Connection(source, target, w=torch.full((2, 2), 0.5), update_rule=PostPre, nu=(0.25, 0.125))
    source.x[:], target.x[:] = 1.0, 1.0
    source.s[2, 0] = True  # no sample but the last
    target.s[1, 1] = target.s[2, 1] = True
    connection.update(learning=True)
    assert connection.w.tolist() == [[0.25, 0.5], [0.5, 0.75]]


def test_weights_are_clipped_after_the_update():
    source, target = layers(1, 1)
    connection = Connection(source, target, w=torch.tensor([[0.99]]), update_rule=PostPre, nu=(0, 1), wmin=0.0, wmax=1.0)
    source.x[:], target.s[:] = 1.0, True
    connection.update(learning=True)
    assert connection.w.item() == 1.0


def test_weights_are_clipped_after_a_spike_of_their_source():
    source, target = layers(2, 2)
    w = torch.tensor([[0.1, 0.9], [0.1, 0.9]])
    connection = Connection(source, target, w=w, update_rule=PostPre, nu=(0.5, 0.0), wmin=0.0, wmax=1.0)
    target.x[:], source.s[:] = 1.0, torch.tensor([True, False])
    connection.update(learning=True)
    assert connection.w.flatten().tolist() == pytest.approx([0.0, 0.4, 0.1, 0.9])


class HalfThenRest(LearningRule):
    """At a spike of the source half of the weight is lost, at one of the target it becomes 1."""

    @staticmethod
    def on_pre(w: f32) -> f32:
        return -0.5 * w

    @staticmethod
    def on_post(w: f32) -> f32:
        return 1.0 - w


def test_sources_that_fired_change_weights_before_targets_that_fired_do():
    source, target = layers(1, 1)
    connection = Connection(source, target, w=torch.tensor([[0.75]]), update_rule=HalfThenRest)
    source.s[:], target.s[:] = True, True
    connection.update(learning=True)
    assert connection.w.item() == 1.0


def test_weights_beyond_bounds_that_are_changed_become_them_and_both_may_be_the_same():
    connection = Connection(*layers(2, 2), w=torch.tensor([[-1.0, 0.2], [0.7, 3.0]]))
    connection.wmax = 0.5
    assert torch.equal(connection.w, torch.tensor([[-1.0, 0.2], [0.5, 0.5]]))
    connection.wmin = 0.25
    assert torch.equal(connection.w, torch.tensor([[0.25, 0.25], [0.5, 0.5]]))
    connection.set_bounds(0.3, 0.3)
    assert (connection.w == np.float32(0.3)).all()
    with pytest.raises(NetworkError, match=r"wmin 0\.3 is not below wmax 0\.2"):
        connection.wmax = 0.2


@pytest.mark.parametrize("misspelt", ["nu_pre", "decay"])
def test_misspelt_keyword_is_an_error(misspelt):
    source, target = layers()
    with pytest.raises(NetworkError, match=misspelt):
        Connection(source, target, update_rule=PostPre, nu=0.1, **{misspelt: 0.2})


class Pulse(LearningRule):
    """A rule without a learning rate."""

    @staticmethod
    def on_post(w: f32) -> f32:
        return w + 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"update_rule": PostPre}, "it takes nu_pre and nu_post"),
        ({"update_rule": DiehlAndCook, "nu": (1e-2, 0), "wmax": 1.0}, r"\(0.01, 0\) learns nothing.*it takes nu_post"),
        ({"nu": (1e-4, 1e-2)}, "without a rule"),
    ],
)
def test_learning_that_was_asked_for_and_cannot_happen_warns_at_the_users_line(arguments, reason):
    with pytest.warns(UserWarning, match=reason) as caught:
        Connection(*layers(), **arguments)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize(
    "arguments",
    [
        {"update_rule": PostPre, "nu": (0, 0.1)},
        {"update_rule": Pulse},
        {"update_rule": NoOp, "nu": 0.1},
        {"nu": 0.0},
        {"weight_decay": 0.1},
    ],
)
def test_what_learns_or_was_not_asked_to_does_not_warn(arguments, recwarn):
    Connection(*layers(), **arguments)
    assert not recwarn


def test_weights_decay_without_a_rule_while_learning_and_stay_within_their_bounds():
    connection = Connection(*layers(1, 2), w=torch.tensor([[0.5, 0.2]]), weight_decay=0.1, wmin=0.19)
    for learning in (True, False):
        connection.update(learning=learning)
        assert connection.w.flatten().tolist() == pytest.approx([0.45, 0.19])


def test_all_may_be_lost_in_a_step():
    connection = Connection(*layers(1, 2), w=torch.tensor([[0.5, 0.2]]), weight_decay=1.0)
    connection.update(learning=True)
    assert connection.w.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("weight_decay", [-1.0, 1.1, math.nan, "0.1", torch.ones(2)])
@pytest.mark.parametrize("rule", [None, PostPre])
def test_a_decay_that_is_no_share_is_refused(weight_decay, rule):
    with pytest.raises(NetworkError, match="weight_decay is a share from 0 to 1, got"):
        Connection(*layers(), update_rule=rule, weight_decay=weight_decay)


@pytest.mark.parametrize("first", [0.0, 0.1, (0.2, 0.0)])
def test_a_learning_rate_may_be_changed_in_place(first):
    source, target = layers(1, 1)
    connection = Connection(source, target, w=torch.tensor([[0.5]]), update_rule=PostPre, nu=(0.1, 0.1))
    connection.update_rule.nu = first
    connection.update_rule.nu[1] = 0.25
    source.x[:], target.s[:] = 1.0, True
    copied = copy.deepcopy(connection)
    connection.update(learning=True)
    assert connection.w.item() == 0.75
    copied.update_rule.nu[1] = 0.0
    copied.update(learning=True)
    assert copied.w.item() == 0.5
    assert connection.update_rule.nu[1] == 0.25


def unpickled_by_torch(part):
    file = io.BytesIO()
    torch.save(part, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("copied", [lambda part: pickle.loads(pickle.dumps(part)), copy.deepcopy, unpickled_by_torch])
def test_a_learning_rate_may_be_changed_in_place_in_a_copy_however_it_was_made(copied):
    source, target = layers(1, 1)
    source.x[:], target.s[:] = 1.0, True
    connection = Connection(source, target, w=torch.tensor([[0.5]]), update_rule=PostPre, nu=(0.1, 0.1))
    copy_of_it = copied(connection)
    copy_of_it.update_rule.nu[1] = 0.25
    copy_of_it.update(learning=True)
    assert copy_of_it.w.item() == 0.75
    assert connection.update_rule.nu[1] == pytest.approx(0.1)


def test_learning_rates_that_a_rule_declared_apart_stay_apart_in_a_pickled_copy():
    connection = Connection(*layers(1, 2), update_rule=PostPre, nu=(0.1, 0.2))
    rule = connection.update_rule
    rule.declare(nu_post=torch.tensor([0.3, 0.4]))
    rule.connection.source.x[:], rule.connection.target.s[:] = 1.0, True
    before = rule.connection.w.clone()
    rule.update()
    assert (rule.connection.w - before).flatten().tolist() == pytest.approx([0.3, 0.4])
    rates = pickle.loads(pickle.dumps(rule)).parameters
    assert rates["nu_post"].tolist() == pytest.approx([0.3, 0.4])
    assert rates["nu_pre"].item() == pytest.approx(0.1)


def test_seeded_weights_are_one_even_draw_between_the_bounds_if_there_are_both():
    source, target = layers()
    torch.manual_seed(3)
    drawn = torch.rand(3, 2)
    bounds = {(): drawn, (("wmin", -0.5), ("wmax", 1.5)): 2.0 * drawn - 0.5, (("wmin", 0.25),): drawn.clamp(min=0.25)}
    for given, expected in bounds.items():
        torch.manual_seed(3)
        assert torch.equal(Connection(source, target, **dict(given)).w, expected)


def test_weights_that_are_given_are_brought_within_the_bounds():
    connection = Connection(*layers(1, 3), w=torch.tensor([[-1.0, 0.5, 2.0]]), wmin=0.0, wmax=1.0)
    assert connection.w.tolist() == [[0.0, 0.5, 1.0]]


def test_weights_of_another_type_or_shape_are_refused():
    connection = Connection(*layers())
    for wrong in (torch.zeros(3, 2, dtype=torch.float64), torch.zeros(2, 3)):
        connection.w = torch.nn.Parameter(wrong, requires_grad=False)
        with pytest.raises(NetworkError, match=r"weights have the shape \[3, 2\] and are float32, got"):
            connection.check_weights()


def test_masked_weights_are_0_though_they_would_have_learned_and_nothing_learns_that_may_not():
    source, target = layers(2, 1)
    connection = Connection(source, target, w=torch.tensor([[0.5], [0.5]]), update_rule=PostPre, nu=(0.0, 0.25))
    source.x[:], target.s[:] = 1.0, True
    connection.update(learning=False)
    assert connection.w.tolist() == [[0.5], [0.5]]
    connection.update(mask=torch.tensor([[True], [False]]))
    assert connection.w.tolist() == [[0.0], [0.75]]


def test_a_rule_goes_by_the_largest_weight_of_now():
    source, target = layers(1, 1)
    connection = Connection(source, target, w=torch.tensor([[0.5]]), update_rule=DiehlAndCook, nu=0.1, wmax=1.0, mu=1.0)
    connection.wmax = 2.5
    source.x[:], target.s[:] = 1.4, True
    connection.update(learning=True)
    assert connection.w.item() == pytest.approx(0.5 + 0.1 * (1.4 - 0.4) * (2.5 - 0.5))


def test_normalised_weights_sum_to_their_norm():
    source, target = layers()
    connection = Connection(source, target, norm=7.0)
    connection.normalize()
    assert connection.w.sum(0).tolist() == pytest.approx([7.0, 7.0])


def test_absolute_values_are_what_is_normalised_and_nothing_stays_nothing():
    connection = Connection(*layers(2, 2), w=torch.tensor([[1.0, 0.0], [-3.0, 0.0]]), norm=2.0)
    connection.normalize()
    assert connection.w.tolist() == [[0.5, 0.0], [-1.5, 0.0]]


def test_several_sources_that_fire_at_once_all_learn():
    source, target = layers(3, 2)
    connection = Connection(source, target, w=torch.full((3, 2), 0.5), update_rule=PostPre, nu=(0.1, 0.0))
    source.s[:] = torch.tensor([True, False, True])
    target.x[:] = torch.tensor([1.0, 0.5])
    connection.update(learning=True)
    assert connection.w.flatten().tolist() == pytest.approx([0.4, 0.45, 0.5, 0.5, 0.4, 0.45])
