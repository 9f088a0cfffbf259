"""Sweeps from the command to what they leave behind; runs are carried out in this process."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from experiment.__main__ import main
from experiment.sweep import command
from experiment.sweep.folder import SweepFolder
from experiment.sweep.jobs import INTERRUPTED, Outcome
from experiment.sweep.table import read_table
from experiment.sweep.worker import carry_out

FAST = ["--source", "emulated", "--n_train", "30", "--n_test", "10", "--n_neurons", "9", "--pattern_time", "50", "--root", "data"]
GRID = [*FAST, "--nu", "0.02,0.05", "--seed", "0:2", "--filename", "study"]
TIMES = {"seconds"}


class Here:
    """Carries runs out in this process; `n_before_stop` of them, then it is told to stop."""

    n_side_by_side = 1

    def __init__(self) -> None:
        self.carried: list[str] = []
        self.n_before_stop: int | None = None
        self.closed = False

    def carry_out(self, jobs, begun, done):
        for job in jobs:
            begun(job)
            is_over = self.n_before_stop is not None and len(self.carried) >= self.n_before_stop
            outcome = carry_out(job, lambda is_over=is_over: is_over)
            assert not is_over or outcome == Outcome(INTERRUPTED)
            done(job, outcome)
            if is_over:
                raise command.Interrupted(2, saved=True)
            self.carried.append(job.name)

    def close(self):
        self.closed = True


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("sweeps")


@pytest.fixture
def here(monkeypatch, place) -> Here:
    executor = Here()
    monkeypatch.chdir(place)
    monkeypatch.setattr(command, "_executor", lambda asked: executor)
    return executor


def swept(*argv: str) -> int:
    return main(["sweep", "Visual", *argv])


def rows(name: str) -> list[dict]:
    return read_table(Path("results") / name).rows


def without_times(name: str) -> list[dict]:
    return [{column: cell for column, cell in row.items() if column not in TIMES} for row in rows(name)]


@pytest.fixture(scope="module")
def study(place) -> Path:
    """A sweep that is done, with its last point tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr(command, "_executor", lambda asked: Here())
        assert swept(*GRID, "--final_seeds", "1") == 0
    return place / "results" / "study"


def test_a_sweep_leaves_a_table_a_page_and_a_folder_for_each_run(study, here):
    found = rows("study")
    assert [row["run"] for row in found[:4]] == [f"nu={nu},seed={seed}" for nu in ("0.02", "0.05") for seed in (0, 1)]
    assert {row["state"] for row in found} == {"finished"}
    assert [(row["split"], row["n_tested"]) for row in found] == [("held out", 6)] * 4 + [("test", 10)]
    assert found[4]["seed"] == 2
    assert (study / "report.html").exists()
    results = json.loads((study / found[0]["run"] / "results.json").read_text())
    assert found[0]["accuracy"] == pytest.approx(results["test_accuracy"]["proportion_weighting"])
    assert not list(study.glob("*/*.png"))


def test_a_run_of_a_sweep_is_what_its_command_leaves(study, here):
    row = rows("study")[0]
    script, *words = row["command"].split()[1:]
    assert script == "Visual_network.py"
    from experiment.main import main as run_script
    from Visual_network import VISUAL

    assert run_script(VISUAL, words) == 0
    alone, swept_run = Path("results", row["run"]), study / row["run"]
    for name in ("options.json", f"network_{row['run']}.npz", f"model_{row['run']}.pt"):
        assert (alone / name).read_bytes() == (swept_run / name).read_bytes(), name
    assert {path.name for path in swept_run.iterdir()} == {path.name for path in alone.iterdir() if path.suffix != ".png"}


def test_figures_are_drawn_where_they_are_asked_for(here):
    assert swept(*FAST, "--figures", "--filename", "drawn") == 0
    assert Path("results/drawn/seed=0/weights_seed=0.png").exists()


def test_an_interrupted_sweep_goes_on_and_ends_as_if_nothing_had_happened(study, here, capsys):
    words = [word if word != "study" else "broken" for word in GRID]
    here.n_before_stop = 2
    assert swept(*words) == 130
    assert "--resume" in capsys.readouterr().err
    assert [row["state"] for row in rows("broken")] == ["finished", "finished", "interrupted", "waiting"]
    assert here.closed
    here.n_before_stop = None
    kept = {path: path.stat().st_mtime_ns for path in Path("results/broken").glob("*/results.json")}
    assert swept(*words, "--resume") == 0
    assert here.carried == [row["run"] for row in rows("study")[:4]]  # two of them before
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    assert without_times("broken") == without_times("study")[:4]
    for row in rows("broken"):
        network = f"{row['run']}/network_{row['run']}.npz"
        assert (study / network).read_bytes() == (Path("results/broken") / network).read_bytes()


def test_a_point_that_fails_is_kept_with_its_reason_and_tried_again_only_if_asked(here, capsys, monkeypatch):
    words = [*FAST, "--nu", "0.02,0.05", "--filename", "failing"]
    real = SweepFolder.begin

    def begin(self):  # a file where a run's folder shall be
        real(self)
        (self.folder / "nu=0.02,seed=0").write_text("in the way")

    monkeypatch.setattr(SweepFolder, "begin", begin)
    assert swept(*words) == 1
    first, second = rows("failing")
    assert (first["state"], second["state"], first["accuracy"]) == ("failed", "finished", None)
    assert "is no folder" in first["reason"]
    assert first["reason"] in capsys.readouterr().err
    (Path("results/failing") / "nu=0.02,seed=0").unlink()
    here.carried.clear()
    assert swept(*words, "--resume") == 1
    assert here.carried == []
    assert swept(*words, "--resume", "--retry") == 0
    assert here.carried == ["nu=0.02,seed=0"]


def test_a_damaged_checkpoint_fails_its_run_alone_and_a_retry_begins_anew(here):
    words = [*FAST, "--nu", "0.02,0.05", "--filename", "damaged"]
    here.n_before_stop = 0
    assert swept(*words) == 130
    here.n_before_stop = None
    (checkpoint,) = Path("results/damaged").glob("*/checkpoint.pt")
    checkpoint.write_bytes(b"x" * 100)
    assert swept(*words, "--resume") == 1
    assert [row["state"] for row in rows("damaged")] == ["failed", "finished"]
    assert swept(*words, "--resume", "--retry") == 0
    assert [row["state"] for row in rows("damaged")] == ["finished", "finished"]


def test_another_plan_is_no_resumption_and_a_second_sweep_keeps_the_first(study, here, capsys):
    assert swept(*FAST, "--nu", "0.02,0.04", "--seed", "0:2", "--filename", "study", "--resume") == 2
    assert "--nu 0.02,0.04: was 0.02,0.05 when results/study began" in capsys.readouterr().err
    shutil.copytree(study, "results/again")
    assert swept(*FAST, "--nu", "0.03", "--filename", "again") == 0
    assert "is now in results/again-1" in capsys.readouterr().out
    assert rows("again-1") == rows("study")


def test_test_samples_are_looked_at_for_one_point_only(study, here, capsys):
    shutil.copytree(study, "results/once")
    words = [word if word != "study" else "once" for word in GRID]
    assert swept(*words, "--final_seeds", "2", "--resume") == 2
    assert "test samples are looked at once, and were with 1" in capsys.readouterr().err
    assert swept(*words, "--resume") == 0
    assert rows("once") == rows("study")  # what was tested stays
    about = Path("results/once/sweep.json")
    about.write_text(about.read_text().replace('"chosen": "', '"chosen": "x'))
    assert swept(*words, "--resume") == 0
    assert swept(*words, "--final_seeds", "1", "--resume") == 2
    assert "was tested on the test samples" in capsys.readouterr().err


def test_a_folder_that_holds_another_run_is_not_taken_for_the_run(study, here, capsys):
    shutil.copytree(study, "results/swapped")
    first, second = (Path("results/swapped") / row["run"] for row in rows("study")[1:3])
    shutil.rmtree(first)
    first.symlink_to(second.absolute())
    words = [word if word != "study" else "swapped" for word in GRID]
    assert swept(*words, "--resume") == 1
    assert "holds another run, with nu 0.05" in capsys.readouterr().err
    assert [row["state"] for row in rows("swapped")] == ["finished", "failed", "finished", "finished", "finished"]
    assert swept(*words, "--resume", "--retry") == 0
    assert without_times("swapped") == without_times("study")
    assert (second / "results.json").exists()  # where the link led


@pytest.mark.parametrize("content", ["", "{}", '{"about": 1, "parameters": [], "plan": {}}'])
def test_a_damaged_sweep_is_told_and_left_alone(here, content, tmp_path, capsys):
    folder = Path("results/odd")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sweep.json").write_text(content)
    assert swept(*FAST, "--filename", "odd", "--resume") == 2
    assert "sweep.json" in capsys.readouterr().err
    assert (folder / "sweep.json").read_text() == content


def test_places_that_are_no_sweeps_are_refused(here, capsys, study):
    Path("results/notes").mkdir(parents=True, exist_ok=True)
    Path("results/notes/todo.txt").write_text("mine")
    assert swept(*FAST, "--filename", "notes") == 2
    assert "holds todo.txt and no sweep" in capsys.readouterr().err
    place = SweepFolder(Path("results/held"), resume=False)
    assert swept(*FAST, "--filename", "held") == 2
    place.close()
    assert "another sweep of this name is under way" in capsys.readouterr().err


def test_data_that_cannot_be_had_are_told_before_anything_is_made(here, capsys):
    assert swept("--root", "nowhere", "--source", "recorded", "--n_train", "5", "--filename", "none", "--nu", "0.1,0.2") == 2
    assert capsys.readouterr().err.strip()
    assert not list(Path("results/none").glob("*/"))


def test_a_dry_run_tells_and_makes_nothing(here, capsys):
    assert swept(*FAST, "--nu", "0.02,0.05", "--seed", "0:3", "--final_seeds", "2", "--filename", "dry", "--dry_run") == 0
    told = capsys.readouterr().out
    assert "6 runs: 2 points × 3 seeds × 1 held-out part; and 2 on test samples" in told
    assert "nu=0.05,seed=2" in told
    assert "s a run on average" in told
    assert not Path("results/dry").exists()


def test_what_needs_optuna_says_how_to_install_it(here, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert swept(*FAST, "--nu", "0.02:0.05", "--optimise", "3", "--filename", "searched") == 2
    told = "--optimise needs Optuna, which is not installed: pip install -r requirements-sweep.txt"
    assert capsys.readouterr().err.strip() == told
    assert not Path("results/searched").exists()


def test_a_search_that_is_interrupted_ends_as_one_in_one_go(here):
    pytest.importorskip("optuna", reason="needs pip install -r requirements-sweep.txt")
    words = [*FAST, "--nu", "0.01:0.2:log", "--som", "off,on", "--seed", "0:2", "--optimise", "6", "--final_seeds", "1"]
    assert swept(*words, "--filename", "whole") == 0
    for n in (1, 4, 3):
        here.n_before_stop = len(here.carried) + n
        swept(*words, "--filename", "parts", *(["--resume"] if n != 1 else []))
    here.n_before_stop = None
    assert swept(*words, "--filename", "parts", "--resume") == 0
    assert without_times("parts") == without_times("whole")
    assert rows("whole")[-1]["split"] == "test"
