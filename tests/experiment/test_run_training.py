"""The command from end to end, on emulated digits."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import torch
from scripts import run_in

from common import room
from experiment.main import main
from experiment.readouts.labels import chance_level
from Visual_network import VISUAL

SCRIPT = Path(__file__).resolve().parents[2] / "Visual_network.py"
FAST = ("--source", "emulated", "--n_train", "12", "--n_test", "5", "--n_neurons", "9", "--pattern_time", "50")


def visual(folder: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, SCRIPT, *options], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    finished = visual(folder, *FAST)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""  # no bar where there is no terminal
    return folder


def test_memory_is_the_runs_own_not_that_of_what_started_it():
    imported = "import sys; sys.path.insert(0, sys.argv[1]); import experiment.run_training as run; print(run.peak_memory_mb())"
    large = "import subprocess, sys; kept = b'x' * (500 << 20); subprocess.run([sys.executable, '-c', *sys.argv[1:]], check=True)"
    command = [sys.executable, "-c", large, imported, str(SCRIPT.parent)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 50 < float(answer.stdout) < 450


def test_run_leaves_every_file(folder):
    names = {path.name for path in (folder / "results" / "test").iterdir()}
    figures = ("weights", "assignments", "performance", "confusion_matrix", "test_confusion_matrix", "cumulative_spikes")
    expected = {f"{name}_test.png" for name in figures}
    expected |= {"options.json", "results.json", "metrics.csv", "log_test.txt", "network_test.npz", "model_test.pt"}
    assert names == expected


def test_console_shows_an_accuracy_line_an_epoch_and_the_log_file_one_an_interval(tmp_path):
    answer = run_in(tmp_path, VISUAL, *FAST, "--n_epochs", "2")
    logged = (tmp_path / "results" / "test" / "log_test.txt").read_text().splitlines()
    assert answer.stdout.count(" samples: all activity ") == 2
    assert [int(line.split()[2]) for line in logged if " samples: all activity " in line] == list(range(1, 25))


def test_console_shows_further_accuracy_lines_within_an_epoch_that_takes_long(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("experiment.run_training.SAY_AFTER", 0.0)
    assert main(VISUAL, list(FAST)) == 0
    assert capsys.readouterr().out.count(" samples: all activity ") == 12


def test_read_outs_that_are_asked_for_are_fitted_reported_and_drawn(tmp_path):
    answer = run_in(tmp_path, VISUAL, *FAST, "--readout", "logreg", "ngram", "--label_fraction", "0.5")
    assert answer.returncode == 0, answer.stderr
    results = json.loads((tmp_path / "results" / "test" / "results.json").read_text())
    assert list(results["test_accuracy"]) == ["all_activity", "proportion_weighting", "ngram", "logreg"]
    assert results["n_labels"] == 6
    assert "Labels used: those of 6 training samples" in answer.stdout
    for name, accuracy in results["test_accuracy"].items():
        assert f"Test accuracy, {name.replace('_', ' ')}: {accuracy:.1f} % of 5 samples" in answer.stdout
    for name in ("labels", "test_confusion_matrix_ngram", "test_confusion_matrix_logreg"):
        assert (tmp_path / "results" / "test" / f"{name}_test.png").exists()


@pytest.mark.parametrize(("chance", "is_said"), [(90.0, True), (0.0, False), (99.0, False)])
def test_a_run_that_ends_at_chance_says_so_and_what_to_try(tmp_path, monkeypatch, capsys, chance, is_said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("experiment.run_training.chance_level", lambda labels: (chance, 1.0))
    monkeypatch.setattr(
        "experiment.protocol.testing.Testing.accuracies", lambda testing: {"all_activity": 20.0, "proportion_weighting": 60.0}
    )
    assert main(VISUAL, list(FAST)) == 0
    *_, last, where = capsys.readouterr().out.splitlines()
    assert where.startswith("Results: ")
    assert last.startswith("Test accuracy is not above chance (90.0 %, ± 1.0 by") == is_said
    assert last.endswith("try --preset best") == is_said


def test_chance_is_the_share_of_the_largest_class_within_two_standard_errors():
    assert chance_level(torch.tensor([0] * 30 + [2] * 70)) == pytest.approx((70, 200 * (0.7 * 0.3 / 100) ** 0.5))
    assert chance_level(torch.tensor([1])) == (100, 0)


def test_accuracy_line_says_of_how_many_samples_each_number_is(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(VISUAL, [*FAST, "--n_train", "130"]) == 0  # 65 intervals of 2: 128 are judged
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("130 samples: "))
    part = r"[\d.]+ % \(last, n = 2\), [\d.]+ % \(average, n = 128\), [\d.]+ % \(best, n = 2\)"
    assert re.fullmatch(f"130 samples: all activity {part}; proportion weighting {part}", line)


def test_every_figure_says_of_which_run_it_is_and_what_is_not_the_default(tmp_path, monkeypatch):
    notes = {}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "experiment.results.drawing.save_figure",
        lambda figure, path: notes.update({path.name: " ".join(text.get_text() for text in figure.texts).replace("\n", " ")}),
    )
    assert main(VISUAL, [*FAST, "--readout", "logreg", "--seed", "3", "--nu", "0.02", "--filename", "a_$run$"]) == 0
    assert len(notes) == 8
    options = "nu 0.02, n_neurons 9, n_train 12, n_test 5, pattern_time 50.0, readout logreg"
    for name, note in notes.items():
        assert f"run a_\\$run\\$, seed 3; emulated events; {options}" in note, name


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_bar_shows_pace_accuracy_spikes_repetitions_and_time_left(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    assert main(VISUAL, [*FAST, "--label_fraction", "0.5"]) == 0
    shown = sys.stderr.getvalue()
    counted = r"\d+\.\d spikes a sample, \d+ repetitions"
    for name, right in (("train", r"\d+ and \d+ % right, "), ("look back", ""), ("test", "")):
        pattern = rf"{name}: +\d+%.*\[\d\d:\d\d<[\d:?]+, [ \d.?]+(sample/s|s/sample), {right}{counted}\]"
        assert re.search(pattern, shown), (name, shown)


@pytest.mark.parametrize(
    ("variables", "redirection"),
    [
        ({"PYTHONIOENCODING": "ascii", "MPLBACKEND": "nosuch"}, ""),
        ({"MPLBACKEND": "module://of_a_notebook"}, ">&-"),
        ({}, "2>&-"),
        ({}, "| head -1"),
        pytest.param({}, "> /dev/full", marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")),
    ],
)
def test_neither_what_surrounds_a_run_nor_where_its_output_goes_ends_it(tmp_path, variables, redirection):
    command = shlex.join([sys.executable, str(SCRIPT), *FAST])
    answer = subprocess.run(
        f"{command} {redirection}", cwd=tmp_path, shell=True, env=os.environ | variables, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    assert "Traceback" not in answer.stderr
    assert (tmp_path / "results" / "test" / "results.json").exists()
    assert ("the run goes on" in answer.stderr) == (redirection in ("| head -1", "> /dev/full"))


def test_results_say_what_was_run(folder):
    results = json.loads((folder / "results" / "test" / "results.json").read_text())
    assert (results["source"], results["n_train"], results["n_test"]) == ("emulated", 12, 5)
    assert set(results["test_accuracy"]) == {"all_activity", "proportion_weighting"}
    assert results["n_labels"] == 12
    assert results["repetitions"] >= 0
    assert results["test_repetitions"] >= 0
    assert 0 <= results["test_accuracy"]["proportion_weighting"] <= 100


def test_same_seed_gives_identical_arrays_whatever_the_workers_and_keeps_the_former_results(folder):
    again = run_in(folder, VISUAL, *FAST, "--n_workers", "2")
    assert "are now in" in again.stdout
    one, two = (np.load(folder / "results" / name / "network_test.npz") for name in ("test", "test-1"))
    assert set(one) == {"w", "theta", "assignments", "proportions", "rates"}
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)


def test_network_archive_and_state_can_be_read_safely(folder):
    with np.load(folder / "results" / "test" / "network_test.npz", allow_pickle=False) as arrays:
        assert arrays["w"].shape == (1156, 9)


def test_missing_recordings_say_what_to_put_where_and_what_needs_nothing(tmp_path):
    (tmp_path / "data" / "NMNIST" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "NMNIST" / "raw" / "Train.zip").write_bytes(b"")  # so that nothing is downloaded
    answer = run_in(tmp_path, VISUAL)
    assert answer.returncode == 2
    assert str(tmp_path / "data" / "NMNIST" / "raw") in answer.stderr
    assert not (tmp_path / "results").exists()


def test_gpu_without_one_is_an_error(tmp_path):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    answer = run_in(tmp_path, VISUAL, "--gpu")
    assert answer.returncode == 2
    assert "--gpu" in answer.stderr


def test_plot_without_a_display_says_so_and_draws_the_files(tmp_path, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    answer = visual(tmp_path, *FAST, "--plot")
    assert answer.returncode == 0, answer.stderr
    if sys.platform.startswith("linux"):
        assert "there is no display" in answer.stdout
    assert (tmp_path / "results" / "test" / "weights_test.png").exists()


@pytest.mark.parametrize("what", ["memory", "disk"])
def test_a_network_that_finds_no_room_is_refused_and_results_of_before_stay(what, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(VISUAL, [*FAST]) == 0
    before = sorted(path.name for path in Path("results").iterdir())
    if what == "memory":
        monkeypatch.setattr(room, "available_memory", lambda: 10**9)
    else:
        monkeypatch.setattr(room.shutil, "disk_usage", lambda folder: namedtuple("Usage", "free")(10**9))
    capsys.readouterr()
    assert main(VISUAL, [*FAST, "--n_neurons", "100000"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "--n_neurons 100000: the weights from 1,156 inputs to so many neurons need some 1.4 GB of" in told
    assert "1.0 GB are free" in told
    assert sorted(path.name for path in Path("results").iterdir()) == before
