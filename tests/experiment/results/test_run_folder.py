"""What a run keeps of its intervals, and how it goes on from a state."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch

from experiment.command_line.parse import parse_options
from experiment.protocol.record import Record
from experiment.protocol.training import Interval
from experiment.readouts import READOUTS
from experiment.results.run_folder import RunFolder
from experiment.results.run_log import RunLog
from experiment.sense import Sense
from Visual_network import VISUAL

SENSE = Sense("Visual", "NMNIST", (34, 34), tuple("0123456789"))


@dataclass
class Parts:
    """As much of a run as its folder asks of it while it goes on."""

    record: Record
    sense: Sense = SENSE
    data_keys: dict[str, str] = field(default_factory=dict)
    features: None = None
    training: None = None
    testing: None = None


@pytest.fixture
def begin(tmp_path, monkeypatch) -> Iterator[Callable[..., RunFolder]]:
    """Makes the folder of a run of four neurons, as if the one before had ended."""
    monkeypatch.chdir(tmp_path)
    begun: list[tuple[RunFolder, RunLog]] = []

    def end() -> None:
        for place, run_log in begun:
            place.close()
            run_log.close()
        begun.clear()

    def begin(*options: str) -> RunFolder:
        end()
        run_log = RunLog(console=True)
        asked = parse_options(VISUAL, ["--source", "emulated", "--n_neurons", "4", *options])
        place = RunFolder(Path("results") / "test", asked)
        begun.append((place, run_log))
        place.begin(Parts(Record(n_train=9, n_neurons=4, n_classes=10)), run_log)
        place.checkpoint.path.touch()
        return place

    yield begin
    end()


def interval(number: int) -> Interval:
    labels = torch.tensor([number, 3, 3])
    answers = {READOUTS[0]: torch.tensor([number, 3, 5]), READOUTS[1]: torch.tensor([number, -1, 3])}
    counts = torch.tensor([[number, 0, 0, 1], [2, 0, 0, 0], [1, 1, 0, 0]], dtype=torch.int32)
    return Interval(0, 3 * (number + 1), labels, answers if number else None, counts, number, 4 - number, 0.5 * number)


def add(place: RunFolder, number: int) -> None:
    place.add(place.run.record.add(interval(number)))


def shown(place: RunFolder) -> dict[str, object]:
    """All that figures and lines show."""
    record = place.run.record
    courses = {name: repr(course) for name, course in record.courses.items()}
    lines = [str(record.courses[name]) for name in READOUTS]
    sums = {"confusion": record.confusion.tolist(), "spikes": record.spikes_per_neuron.tolist()}
    return {"rows": repr(record.rows), "courses": courses, "lines": lines, "drawing": place.seconds_drawing, **sums}


def test_intervals_are_counted_into_what_the_figures_show(begin):
    place = begin()
    for number in range(3):
        add(place, number)
    assert place.run.record.spikes_per_neuron.tolist() == [3 * 3 + 0 + 1 + 2, 3, 0, 3]
    expected = torch.zeros(10, 11, dtype=torch.int64)
    expected[1, 1] = expected[2, 2] = 1
    expected[3, 3] = expected[3, -1] = 2  # the last column: no answer
    assert torch.equal(place.run.record.confusion, expected)
    assert [row[READOUTS[0]] is None for row in place.run.record.rows] == [True, False, False]


def test_results_that_go_on_from_a_state_are_those_of_then_and_rows_written_later_are_cut_off(begin):
    place = begin()
    place.drawing.seconds = 1.25
    for number in range(3):
        add(place, number)
    state, before, kept = copy.deepcopy(place.state_dict()), shown(place), place.metrics.path.read_bytes()
    add(place, 3)
    after, longer = shown(place), place.metrics.path.read_bytes()
    place = begin("--resume")
    place.load_state_dict(state)
    assert shown(place) == before
    assert place.metrics.path.read_bytes() == kept
    add(place, 3)
    assert shown(place) == after
    assert place.metrics.path.read_bytes() == longer


def test_a_state_before_the_first_interval_needs_no_rows(begin):
    state = begin().state_dict()
    place = begin("--resume")
    place.load_state_dict(state)
    assert place.run.record.rows == []


def test_a_state_that_does_not_fit_is_refused(begin):
    place = begin()
    add(place, 0)
    state = copy.deepcopy(place.state_dict())
    place = begin("--resume")
    wrong = {"confusion": state["confusion"][1:]}, {"spikes_per_neuron": state["spikes_per_neuron"][1:]}
    for damage in wrong:
        with pytest.raises(ValueError, match="other classes or neurons"):
            place.load_state_dict(state | damage)
    os.truncate(place.metrics.path, state["metrics_size"] - 1)
    with pytest.raises(ValueError, match="has lost rows"):
        place.load_state_dict(state)


def test_rows_are_on_the_disk_before_a_state_counts_on_them(begin, monkeypatch):
    place, synced = begin(), []
    add(place, 0)
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    assert place.state_dict()["metrics_size"] == place.metrics.path.stat().st_size
    assert synced == [place.metrics.path.stat().st_ino]
