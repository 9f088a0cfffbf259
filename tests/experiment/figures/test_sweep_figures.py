"""Figures of a sweep: marks stand where the numbers are, and axes say of which samples."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from sweeps import listed, row, sweep, swept

from experiment.figures.sweep import effects_figure, pairs_figure, parallel_figure, seeds_figure, time_figure
from experiment.figures.sweep.scale import scale_of
from experiment.sweep.statistics import Point, effect_of, points_of

LOG = [0.05, 0.1, 0.2, 0.4, 0.8]


def small(n_seeds: int = 3) -> list[Point]:
    return points_of(swept({"nu": LOG, "som": ["off", "on"]}, lambda nu, som, seed: 80 + nu + seed - 2 * (som == "on"), n_seeds))


def ticks(figure: Figure, place: int = 0) -> dict[str, float]:
    axes = figure.axes[place]
    return {label.get_text(): float(at) for label, at in zip(axes.get_xticklabels(), axes.get_xticks(), strict=True)}


def test_a_panel_a_parameter_shows_means_and_their_intervals():
    points = small()
    figure = effects_figure(points, ("nu", "som"), "grid")
    for axes, name in zip(figure.axes, ("nu", "som"), strict=True):
        means = axes.get_lines()[0]
        levels = effect_of(points, name, "grid")
        assert means.get_ydata() == pytest.approx([level.accuracy for level in levels])
        bars = axes.collections[-1].get_segments()
        assert [bar[1, 1] - bar[0, 1] for bar in bars] == pytest.approx([2 * level.margin for level in levels])
        assert (axes.get_xlabel(), means.get_linestyle()) == (name, {"nu": "-", "som": "None"}[name])
    assert [axes.get_ylabel() for axes in figure.axes] == ["held-out accuracy (%)", ""]
    assert len({axes.get_ylim() for axes in figure.axes}) == 1


def test_numbers_spaced_by_a_factor_stand_evenly_and_others_as_they_are():
    assert list(ticks(effects_figure(small(), ("nu",), "grid")).values()) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    linear = points_of(swept({"nu": [0.1, 0.3, 0.4, 0.5]}, lambda **_: 50.0))
    assert ticks(effects_figure(linear, ("nu",), "grid")) == pytest.approx({"0.1": 0, "0.3": 0.5, "0.4": 0.75, "0.5": 1})


def test_words_and_numbers_too_close_to_each_other_stand_evenly():
    axes = {"nu": [0.0, 0.001, 1.0], "start_from": ["$a$", "results/where_to_begin", "results/where/another", None]}
    points = points_of(swept(axes, lambda **_: 50.0))
    scale = scale_of(points, "nu", "grid")
    assert [scale.place(level) for level in scale.levels] == [0, 0.5, 1]
    assert scale_of(points, "start_from", "grid").ticks() == (
        [r"\$a\$", "results…/another", "results…to_begin", "–"],
        [0, 1 / 3, 2 / 3, 1],
    )


@pytest.mark.parametrize("figure_of", [effects_figure, parallel_figure])
def test_three_hundred_values_have_few_ticks_that_are_told_apart(figure_of):
    points = points_of(listed([{"nu": 1e-4 * 1.03**k} for k in range(300)], lambda nu, seed: 50 + nu, mode="random"))
    figure_of(points, ("nu",), "random").canvas.draw()
    assert 3 <= len(scale_of(points, "nu", "random").ticks()[0]) <= 12


def test_cells_have_the_mean_of_their_points_and_none_where_no_run_finished():
    table = swept({"nu": [1, 2], "inh": [1, 2]}, lambda nu, inh, seed: None if (nu, inh) == (2, 2) else 50 + 10 * nu + inh, 2)
    figure = pairs_figure(points_of(table), [("nu", "inh")], "grid")
    means = figure.axes[0].collections[0].get_array()
    assert means.tolist() == [[61, 71], [62, None]]
    assert figure.axes[0].patch.get_hatch()
    assert figure.axes[-1].get_ylabel() == "held-out accuracy (%)"
    assert figure.axes[0].patches[-1].get_xy() == (1, 0)  # the best one's frame


def test_points_that_were_drawn_are_larger_the_more_accurate():
    values = [{"nu": k / 10, "inh": (k * 7) % 10 + 0.5} for k in range(10)]
    points = points_of(listed(values, lambda nu, inh, seed: 50 + 10 * nu, mode="random"))
    axes = pairs_figure(points, [("nu", "inh")], "random").axes[0]
    *dots, ring = axes.collections
    assert sum(len(some.get_offsets()) for some in dots) == 10
    sizes = [(x, some.get_sizes()[0]) for some in dots for x, _ in some.get_offsets()]
    assert [size for _, size in sorted(sizes)] == sorted(size for _, size in sizes)
    assert ring.get_offsets()[0][0] == 1


def test_parallel_coordinates_end_at_the_accuracy_and_mark_the_best():
    figure = parallel_figure(small(1), ("nu", "som"), "grid")
    lines = np.array(figure.axes[0].collections[0].get_segments())
    assert lines.shape == (10, 3, 2)
    assert lines[:, -1, 1].tolist() == sorted(lines[:, -1, 1])
    assert (lines[-1, :, 1] == figure.axes[0].get_lines()[2].get_ydata()).all()


def test_the_front_is_drawn_with_the_numbers_of_its_points():
    told = {1: (3.0, 80.0), 2: (0.1, 60.0), 3: (0.5, 55.0)}
    rows = [row(n, {"nu": n}, accuracy=accuracy, seconds=seconds) for n, (seconds, accuracy) in told.items()]
    axes = time_figure(points_of(sweep(rows, "nu"))).axes[0]
    assert axes.collections[-1].get_offsets().tolist() == [[0.1, 60], [3, 80]]
    assert {text.get_text() for text in axes.texts} == {"1", "2"}
    assert axes.get_xscale() == "log"


def test_single_runs_have_their_mean_with_its_interval():
    (point,) = points_of(swept({}, lambda seed: 50.0 + seed, 3))
    mean, low, high = (line.get_ydata()[0] for line in seeds_figure(point).axes[0].get_lines())
    assert (mean, high - mean, mean - low) == pytest.approx((51, point.accuracy.margin, point.accuracy.margin))
