"""Runs that a program looks on at, and that draw nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from experiment import train
from experiment.command_line.signals import Interrupted

ROOT = Path(__file__).resolve().parents[2]
# Features, a pass over the training samples for the read-out, and the test: all parts that a run has.
FAST = {"source": "emulated", "n_train": 24, "n_test": 6, "n_neurons": 9, "pattern_time": 50, "progress": False}
ALL_PARTS = FAST | {"model": "features", "n_maps": 4, "readout": ["logreg"]}
TIMES = re.compile(rb'("[a-z_]*(?:seconds|ms_per_[a-z]+_sample|memory_mb)": )[\d.]+')


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def single_samples(monkeypatch):
    monkeypatch.setattr("experiment.protocol.pace.PIECE_SECONDS", 0.0)  # so each is a piece


def content(folder: Path) -> dict[str, bytes]:
    """What a run left, by name, without times."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith("log_")}
    found["results.json"] = TIMES.sub(rb"\1", found["results.json"])
    found["metrics.csv"] = re.sub(rb",[\d.]+\r?\n", b"\n", found["metrics.csv"])
    return found


def without_times(rows: list[dict]) -> list[dict]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def test_without_figures_all_else_in_the_folder_is_the_same(root, tmp_path):
    for place, figures in (("with", True), ("without", False)):
        train("Visual", folder=tmp_path / place / "one", figures=figures, root=root, **FAST)
    drawn, plain = content(tmp_path / "with" / "one"), content(tmp_path / "without" / "one")
    assert {name: each for name, each in drawn.items() if not name.endswith(".png")} == plain
    assert "weights_one.png" in drawn


def test_matplotlib_is_not_imported_where_nothing_is_drawn(root, tmp_path):
    program = (
        "import sys; from experiment import train\n"
        f"train('Visual', folder={str(tmp_path / 'one')!r}, figures=False, root={str(root)!r}, n_workers=1, **{FAST})\n"
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_who_watches_is_given_each_row_once_in_every_part_of_the_run_and_changes_nothing(root):
    calls = []
    run = train("Visual", watch=calls.append, root=root, **ALL_PARTS)
    assert [row for rows in calls for row in rows] == run.metrics
    first, last = (next(i for i in order if calls[i]) for order in (range(len(calls)), reversed(range(len(calls)))))
    assert first >= 24  # features learn from the samples, one a piece, before anything is classified
    assert len(calls) - 1 - last >= 24 + 6  # the look back and the test come after
    calls[first][0]["n_seen"] = -1  # a copy
    assert run.metrics[0]["n_seen"] == 1


@pytest.mark.parametrize("n_rows", [0, 5, 24])
def test_a_run_stopped_by_who_watches_goes_on_and_ends_alike(root, tmp_path, n_rows):
    seen = []

    def watch(rows: list[dict]) -> bool:
        seen.extend(rows)
        return len(seen) >= n_rows

    how = FAST | {"root": root, "figures": False}
    whole = train("Visual", folder=tmp_path / "whole" / "one", **how)
    with pytest.raises(Interrupted) as stop:
        train("Visual", folder=tmp_path / "one", watch=watch, **how)
    assert (stop.value.saved, stop.value.status, len(seen)) == (True, 130, max(n_rows, 1))
    assert not (tmp_path / "one" / "results.json").exists()
    anew = []
    train("Visual", folder=tmp_path / "one", resume=True, watch=anew.extend, **how)
    assert anew[: len(seen)] == seen
    assert without_times(anew) == without_times(whole.metrics)
    assert content(tmp_path / "one").keys() == content(tmp_path / "whole" / "one").keys()
    for name in ("network_one.npz", "metrics.csv", "results.json"):
        assert content(tmp_path / "one")[name] == content(tmp_path / "whole" / "one")[name]


def test_without_a_folder_a_run_is_stopped_all_the_same_and_nothing_is_saved(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Interrupted) as stop:
        train("Visual", watch=lambda rows: True, root=root, **FAST)
    assert not stop.value.saved
    assert list(tmp_path.iterdir()) == []


def test_what_who_watches_raises_ends_the_run(root):
    with pytest.raises(ZeroDivisionError):
        train("Visual", watch=lambda rows: 1 / 0, root=root, **FAST)
