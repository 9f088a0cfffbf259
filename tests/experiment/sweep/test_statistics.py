"""What runs of a sweep say together, against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sweeps import listed, row, sweep, swept

from experiment.sweep.statistics import (
    best_first,
    by_replicate,
    cells,
    effect_of,
    is_continuous,
    is_log,
    levels_of,
    pairs_by_interest,
    pareto_front,
    points_of,
    sampling_error,
    summary,
)

T_2, T_4 = 4.302653, 2.776445  # 97.5 % quantiles of Student's t with 2 and 4 degrees of freedom, from a printed table


def test_mean_deviation_standard_error_and_interval():
    found = summary([50.0, 53.0, 59.0])
    assert found == pytest.approx((54.0, math.sqrt(21), 3))
    assert found.standard_error == pytest.approx(math.sqrt(7))
    assert found.margin == pytest.approx(T_2 * math.sqrt(7), rel=1e-6)
    assert summary([]) is None
    assert (summary([7.0]), summary([7.0]).standard_error, summary([7.0]).margin) == ((7.0, None, 1), None, None)


def test_sampling_error_is_that_of_a_proportion():
    assert sampling_error(90.0, 100) == pytest.approx(3.0)  # √(0.9 · 0.1 / 100) = 0.03
    assert sampling_error(100.0, 5) == 0


def test_a_point_tells_held_out_and_test_samples_apart_and_leaves_out_what_failed():
    nu = {"nu": 0.1}
    rows = [row(1, nu, 0, 50.0), row(1, nu, 1, None), row(1, nu, 2, 60.0, validation="2/5"), row(1, nu, 9, 70.0, validation="")]
    (point,) = points_of(sweep(rows, "nu"))
    assert point.accuracy == pytest.approx((55.0, math.sqrt(50), 2))
    assert point.test_accuracy == (70.0, None, 1)
    assert (point.n_held_out, point.n_test, point.n_planned, point.is_complete) == (200, 100, 3, False)
    assert point.mean("seconds") == 1.5


def test_values_that_are_typed_as_texts_are_numbers_where_all_are():
    points = points_of(listed([{"nu": "0.1", "som": "on"}, {"nu": "5e-2", "som": "off"}], lambda **_: 50.0))
    assert levels_of(points, "nu") == [0.05, 0.1]
    assert levels_of(points, "som") == ["off", "on"]


def test_points_of_which_runs_lack_come_after_all_others():
    accuracies = {1: [50.0, 60.0], 2: [90.0, None], 3: [70.0, 70.0], 4: [None, None], 5: [70.0, 70.0]}
    rows = [row(n, {"nu": n}, seed, each) for n, of_point in accuracies.items() for seed, each in enumerate(of_point)]
    assert [point.number for point in best_first(points_of(sweep(rows, "nu")))] == [3, 5, 1, 2]


def effect(point: float, seed: float) -> float:
    return 50 + point + seed


def test_in_a_grid_the_interval_of_a_main_effect_is_that_of_the_seeds_means():
    """The other parameter makes a difference of 20 %, of which the interval is free."""
    table = swept({"nu": [0.1, 0.2], "inh": [1, 2]}, lambda nu, inh, seed: effect(10 * nu + 20 * inh, (0, 3, 9)[seed]), 3)
    for level, expected in zip(effect_of(points_of(table), "nu", "grid"), (85.0, 86.0), strict=True):
        assert level.accuracy == pytest.approx(expected)
        assert level.margin == pytest.approx(T_2 * math.sqrt(7), rel=1e-6)
        assert level.n_points == 2


def test_where_runs_lack_replicates_are_compared_by_their_differences_within_points():
    nu = {"nu": 0.1}
    rows = [row(1, nu, seed, 50.0 + seed) for seed in range(4)] + [row(2, nu, seed, 80.0 + seed) for seed in (0, 1)]
    found = by_replicate(points_of(sweep([*rows, row(3, nu, 0, 99.0)], "nu")))
    scale = math.sqrt((3 / 4) / (1 / 2))
    assert found == pytest.approx([(-1.5 - 0.5 * scale) / 2, (-0.5 + 0.5 * scale) / 2, 0.5, 1.5])


def test_there_is_no_interval_of_one_seed_in_a_grid_nor_of_points_that_a_search_chose():
    one_seed = points_of(swept({"nu": [0.1, 0.2], "som": ["off", "on"]}, lambda **_: 50.0))
    assert [level.margin for level in effect_of(one_seed, "nu", "grid")] == [None, None]
    several = points_of(swept({"nu": [0.1, 0.2], "som": ["off", "on"]}, lambda nu, seed, **_: 50.0 + seed, 3))
    assert [level.margin for level in effect_of(several, "som", "optimise")] == [None, None]


def test_points_that_were_drawn_are_the_replicates_of_a_main_effect():
    points = [{"som": "on"}] * 5
    accuracies = iter([50.0, 52.0, 54.0, 56.0, 58.0])
    (level,) = effect_of(points_of(listed(points, lambda **_: next(accuracies))), "som", "random")
    assert (level.accuracy, level.margin) == (54.0, pytest.approx(T_4 * math.sqrt(10 / 5), rel=1e-6))


def test_a_value_at_which_no_run_finished_has_no_mean():
    points = points_of(swept({"nu": [0.1, 0.2]}, lambda nu, seed: None if nu == 0.1 else 50.0, 2))
    none, some = effect_of(points, "nu", "grid")
    assert (none.accuracy, none.margin, none.n_points) == (None, None, 0)
    assert (some.accuracy, some.margin, some.n_points) == (50.0, 0.0, 1)


def test_numbers_that_were_drawn_are_averaged_in_bins_of_as_many_points_each():
    points = points_of(listed([{"nu": k / 10} for k in range(10)], lambda nu, seed: 50.0 + 10 * nu, mode="random"))
    assert is_continuous(points, "nu", "random")
    assert not is_continuous(points, "nu", "grid")
    low, high = effect_of(points, "nu", "random")
    assert (low.low, low.value, low.high, low.accuracy, low.n_points) == pytest.approx((0.0, 0.2, 0.4, 52.0, 5))
    assert high.margin == pytest.approx(T_4 * math.sqrt(2.5 / 5), rel=1e-6)
    assert effect_of(points[:9], "nu", "random") == []  # too few


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([0.05, 0.1057, 0.2236, 0.4729, 1.0], True),
        ([100, 400, 1600], True),
        ([0.1, 0.2, 0.3, 0.4, 0.5], False),
        ([0.01, *np.linspace(0.1, 0.9, 20)], False),  # reaches far, but is even as it is
        ([0.0, 1.0, 100.0], False),
        ([-52.0, -40.0], False),
        ([1, 100], True),
        ([5], False),
    ],
)
def test_numbers_that_were_spaced_by_a_factor_stand_by_their_logarithm(numbers, expected):
    assert is_log(numbers) is expected


def test_cells_are_means_over_points_with_the_number_of_runs():
    axes = {"nu": [0.1, 0.2], "som": ["off", "on"], "inh": [1, 3]}
    table = swept(axes, lambda nu, som, inh, seed: None if (nu, som) == (0.2, "on") else 50.0 + inh + seed, 2)
    found = cells(points_of(table), "nu", "som")
    assert found == {(0.1, "off"): (52.5, None, 4), (0.1, "on"): (52.5, None, 4), (0.2, "off"): (52.5, None, 4)}


@pytest.mark.parametrize("mode", ["grid", "random"])
def test_the_pair_that_tells_most_comes_first_even_where_neither_does_alone(mode):
    axes = {"nu": [-1, 1], "inh": [-1, 1], "exc": [-1, 1], "one": [5]}
    points = points_of(swept(axes, lambda nu, inh, exc, **_: 50.0 + 5 * inh * exc + nu))
    assert pairs_by_interest(points, tuple(axes), mode)[0] == ("inh", "exc")
    assert len(pairs_by_interest(points, tuple(axes), mode)) == 3
    assert pairs_by_interest(points_of(swept(axes, lambda **_: None)), tuple(axes), mode)  # without any accuracy too


@pytest.mark.parametrize("n_many", [5, 8])
def test_a_pair_with_as_many_cells_as_points_does_not_come_first(n_many):
    """Its cells tell the points apart, not what makes them accurate."""
    values = [{"many": k % n_many, "others": k // 5, "nu": k % 2, "inh": k // 2 % 2} for k in range(40)]
    noise = iter(np.random.default_rng(0).normal(0, 2, 40))
    points = points_of(listed(values, lambda nu, inh, **_: 50.0 + 3 * nu * inh + next(noise)))
    assert pairs_by_interest(points, ("many", "others", "nu", "inh"), "grid")[0] == ("nu", "inh")


def test_the_pareto_front_holds_what_none_beats_in_both():
    seconds, accuracies = [3.0, 1.0, 2.0, 2.0, 1.0, 4.0, 5.0], [80.0, 60.0, 70.0, 75.0, 60.0, 79.0, 80.0]
    assert pareto_front(seconds, accuracies) == [1, 3, 0]
    assert pareto_front([], []) == []
