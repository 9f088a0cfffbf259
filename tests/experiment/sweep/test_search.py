"""Points that Optuna proposes; skipped where it is absent."""

from __future__ import annotations

import pytest

pytest.importorskip("optuna", reason="needs pip install -r requirements-sweep.txt")

from experiment.sweep.options import parse_sweep
from experiment.sweep.points import Space
from experiment.sweep.search import FIRST_BY_CHANCE, NOT_BEFORE, Rival, Rivals, Search, course_of, running
from Visual_network import VISUAL

SPANS = ("--theta_plus", "0.01:5:log", "--n_neurons", "50:1000:log", "--x_tar", "0.1:0.9:5", "--som", "off,on")


def space_of(*argv: str) -> Space:
    return Space(parse_sweep(VISUAL, argv))


def searched(space: Space, seed: int, n: int = 24, generation: int = 4) -> list[str]:
    search, titles = Search(space, seed), []
    for _ in range(n // generation):
        points = search.propose(generation)
        titles += [point.title for point in points]
        search.tell({point.title: 90 - 50 * abs(point.values["x_tar"] - 0.3) for point in points}, {})
    return titles


def test_the_same_seed_proposes_the_same_points_within_their_ranges():
    space = space_of(*SPANS)
    titles = searched(space, 0)
    assert titles == searched(space, 0)
    assert titles != searched(space, 1)
    search = Search(space, 3)
    for point in search.propose(30):
        assert 0.01 <= point.values["theta_plus"] <= 5
        assert 50 <= point.values["n_neurons"] <= 1000
        assert point.texts["x_tar"] in ("0.1", "0.3", "0.5", "0.7", "0.9")


def test_what_is_told_draws_later_points_to_it():
    titles = searched(space_of(*SPANS), 0, n=60)
    late = [title for title in titles[30:] if "x_tar=0.3" in title]
    assert len(late) > 30 / 5 * 2  # by chance a fifth


def test_points_are_proposed_once_until_none_is_left():
    search = Search(space_of("--n_neurons", "20:26"), 0)
    points = search.propose(4)
    search.tell({point.title: None if point.number == 1 else 50.0 for point in points}, {points[0].title: {5: 10.0}})
    points += search.propose(4)
    assert sorted(point.values["n_neurons"] for point in points) == list(range(20, 26))
    assert search.propose(1) == []


def rows(accuracy: float, n: int) -> list[dict]:
    return [{"proportion_weighting": None, "n_samples": 10}, *[{"proportion_weighting": accuracy, "n_samples": 10}] * (n - 1)]


def test_a_run_is_behind_once_it_is_among_the_weakest_quarter_and_not_at_first():
    known = [Rival(80.0, course_of(rows(50.0 + each, 60))) for each in range(FIRST_BY_CHANCE + 2)]
    weak, middling = Rivals(known).judge(), Rivals(known).judge()
    said = [weak.is_behind([row]) for row in rows(20.0, 30)]
    assert said.index(True) == NOT_BEFORE - 1
    assert weak.has_said_so
    assert not any(middling.is_behind([row]) for row in rows(55.0, 60))
    assert not any(Rivals(known[:3]).judge().is_behind([row]) for row in rows(20.0, 60))  # too little is known


def test_the_running_accuracy_is_a_mean_of_samples():
    assert running(rows(10.0, 1)) is None
    assert running([{"proportion_weighting": 50.0, "n_samples": 30}, {"proportion_weighting": 90.0, "n_samples": 10}]) == 60
