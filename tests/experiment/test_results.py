"""What a run keeps of its intervals, and how it goes on from a state."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from experiment.command_line.parse import parse_options
from experiment.command_line.options import READOUTS
from experiment.protocol.training import Interval
from experiment.results.run_folder import Results
from experiment.results.run_log import RunLog
from Visual_network import VISUAL


@pytest.fixture
def begin(tmp_path, monkeypatch) -> Iterator[Callable[..., Results]]:
    """Makes the results of a run of four neurons, as if the one before had ended."""
    monkeypatch.chdir(tmp_path)
    begun: list[tuple[Results, RunLog]] = []

    def end() -> None:
        for results, run_log in begun:
            results.close()
            run_log.close()
        begun.clear()

    def begin(*options: str) -> Results:
        end()
        run_log = RunLog()
        results = Results(VISUAL, parse_options(VISUAL, ["--source", "emulated", "--n_neurons", "4", *options]), n_train=9)
        begun.append((results, run_log))
        results.begin({}, run_log)
        results.checkpoint.touch()
        return results

    yield begin
    end()


def interval(number: int) -> Interval:
    labels = torch.tensor([number, 3, 3])
    answers = {READOUTS[0]: torch.tensor([number, 3, 5]), READOUTS[1]: torch.tensor([number, -1, 3])}
    counts = torch.tensor([[number, 0, 0, 1], [2, 0, 0, 0], [1, 1, 0, 0]], dtype=torch.int32)
    return Interval(0, 3 * (number + 1), labels, answers if number else None, counts, number, 4 - number, 0.5 * number)


def shown(results: Results) -> dict[str, object]:
    """All that figures and lines show."""
    courses = {name: repr(course) for name, course in results.courses.items()}
    lines = [results.accuracy_line(name) for name in READOUTS]
    sums = {"confusion": results.confusion.tolist(), "spikes": results.spikes_per_neuron.tolist()}
    return {"rows": repr(results.rows), "courses": courses, "lines": lines, "drawing": results.seconds_drawing, **sums}


def test_intervals_are_counted_into_what_the_figures_show(begin):
    results = begin()
    for number in range(3):
        results.add(interval(number))
    assert results.spikes_per_neuron.tolist() == [3 * 3 + 0 + 1 + 2, 3, 0, 3]
    expected = torch.zeros(10, 11, dtype=torch.int64)
    expected[1, 1] = expected[2, 2] = 1
    expected[3, 3] = expected[3, -1] = 2  # the last column: no answer
    assert torch.equal(results.confusion, expected)
    assert [row[READOUTS[0]] is None for row in results.rows] == [True, False, False]


def test_results_that_go_on_from_a_state_are_those_of_then_and_rows_written_later_are_cut_off(begin):
    results = begin()
    results.seconds_drawing = 1.25
    for number in range(3):
        results.add(interval(number))
    state, before, kept = copy.deepcopy(results.state_dict()), shown(results), results.metrics.read_bytes()
    results.add(interval(3))
    after, longer = shown(results), results.metrics.read_bytes()
    results = begin("--resume")
    results.load_state_dict(state)
    assert shown(results) == before
    assert results.metrics.read_bytes() == kept
    results.add(interval(3))
    assert shown(results) == after
    assert results.metrics.read_bytes() == longer


def test_a_state_before_the_first_interval_needs_no_rows(begin):
    state = begin().state_dict()
    results = begin("--resume")
    results.load_state_dict(state)
    assert results.rows == []


def test_a_state_that_does_not_fit_is_refused(begin):
    results = begin()
    results.add(interval(0))
    state = copy.deepcopy(results.state_dict())
    results = begin("--resume")
    wrong = {"confusion": state["confusion"][1:]}, {"spikes_per_neuron": state["spikes_per_neuron"][1:]}
    for damage in wrong:
        with pytest.raises(ValueError, match="other classes or neurons"):
            results.load_state_dict(state | damage)
    os.truncate(results.metrics, state["metrics_size"] - 1)
    with pytest.raises(ValueError, match="has lost rows"):
        results.load_state_dict(state)


def test_rows_are_on_the_disk_before_a_state_counts_on_them(begin, monkeypatch):
    results, synced = begin(), []
    results.add(interval(0))
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    assert results.state_dict()["metrics_size"] == results.metrics.stat().st_size
    assert synced == [Path(results.metrics).stat().st_ino]
