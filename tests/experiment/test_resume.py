"""Interrupting a run and going on with it, in this process: the end is that of a run left alone."""

from __future__ import annotations

import csv
import errno
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock

from experiment.main import main
from experiment.pause import Pause
from experiment.results import checkpoint, saved
from Visual_network import VISUAL

FAST = ["--source", "emulated", "--n_train", "70", "--n_test", "70", "--n_neurons", "9", "--pattern_time", "50", "--som"]
PIECES = 70 + 2  # at least: each a call that may be interrupted
DIFFERENT = ("seconds", "memory", "ms_per", "engine")  # what may differ between two runs


def script(*options: str) -> int:
    return main(VISUAL, [*FAST, *options])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Makes a folder for results, where data are that are prepared once."""
    data = tmp_path_factory.mktemp("data")

    def make() -> Path:
        made = tmp_path_factory.mktemp("here")
        (made / "data").symlink_to(data)
        return made

    return make


@pytest.fixture(autouse=True)
def here(folder, monkeypatch) -> Path:
    """Results are each test's own."""
    made = folder()
    monkeypatch.chdir(made)
    return made


@pytest.fixture(scope="module")
def alone(folder) -> dict[str, object]:
    """The outcome of a run that nobody interrupts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder())
        assert script("--filename", "alone", "--engine", "fused") == 0
        return outcome("alone")


@pytest.fixture
def stop_after(monkeypatch):
    """Sends a signal to this process when so many samples, each a piece from then on, have been presented."""

    def arrange(n: int, number: int = signal.SIGINT) -> None:
        pause, seen = Pause.__call__, [0]

        def counted(*parts) -> None:
            seen[0] += 1
            if seen[0] == n:
                os.kill(os.getpid(), number)
            pause(*parts)

        monkeypatch.setattr(Pause, "__call__", counted)
        monkeypatch.setattr("experiment.protocol.pace.PIECE_SECONDS", 0.0)

    return arrange


def outcome(name: str) -> dict[str, object]:
    """Everything but times that a run left."""
    folder = Path("results") / name
    with np.load(folder / f"network_{name}.npz") as arrays:
        found = {key: arrays[key].tobytes() for key in arrays}
    with open(folder / "metrics.csv", newline="") as file:
        found["metrics"] = [row | {"seconds": ""} for row in csv.DictReader(file)]
    results = json.loads((folder / "results.json").read_text())
    found["results"] = {key: value for key, value in results.items() if not any(part in key for part in DIFFERENT)}
    return found


@pytest.mark.parametrize("engine", ["fused", "plain"])
@pytest.mark.parametrize("n", [1, "anywhere", PIECES])
def test_a_run_interrupted_anywhere_and_resumed_ends_as_one_left_alone(engine, n, alone, stop_after, capsys):
    n = random.Random().randrange(2, PIECES - 2) if n == "anywhere" else n
    stop_after(n)
    assert script("--filename", "stopped", "--engine", engine, "--n_workers", "1") == 130, f"{n=}"
    assert capsys.readouterr().err.splitlines()[-1].endswith("--n_workers 1 --resume")
    assert script("--filename", "stopped", "--engine", engine, "--resume") == 0
    assert outcome("stopped") == alone, f"{n=}"
    assert not (Path("results") / "stopped" / saved.CHECKPOINT).exists()


def test_a_run_interrupted_within_an_interval_of_several_samples_ends_as_one_left_alone(stop_after):
    several = "--n_train", "130"  # two samples an interval
    assert script("--filename", "alone", *several) == 0
    stop_after(81)
    assert script("--filename", "stopped", *several) == 130
    training = torch.load(Path("results") / "stopped" / saved.CHECKPOINT, weights_only=True)["state"]["training"]
    assert training["n_seen"] % 2 == len(training["counts"]) == 1
    assert training["interval_repetitions"] > 0
    assert script("--filename", "stopped", "--resume", *several) == 0
    assert outcome("stopped") == outcome("alone")


@pytest.mark.parametrize("n", [20, 70 + 30, 2 * 70 + 40], ids=["training", "fitting", "testing"])
def test_further_read_outs_of_a_resumed_run_are_those_of_one_left_alone(n, stop_after):
    asked = "--readout", "ngram", "logreg", "--label_fraction", "0.5"
    assert script("--filename", "alone", *asked) == 0
    stop_after(n)
    assert script("--filename", "stopped", "--n_workers", "1", *asked) == 130
    assert script("--filename", "stopped", "--resume", *asked) == 0
    assert outcome("stopped") == outcome("alone")


def test_rows_written_after_the_last_checkpoint_are_not_doubled(alone, stop_after):
    stop_after(30)
    script("--filename", "killed")
    folder = Path("results") / "killed"
    with open(folder / "metrics.csv", "a") as file:
        file.write("1,69,100.0,100.0,1,7.0,0,0,9.9\n1,70,")
    left = folder / f".{saved.CHECKPOINT}.halfhalf.part"
    left.write_bytes(b"half")
    (folder / ".notes").mkdir()
    (folder / ".mine").write_text("kept")
    assert script("--filename", "killed", "--resume") == 0
    assert outcome("killed") == alone
    assert not left.exists()
    assert {path.name for path in folder.glob(".*")} == {".notes", ".mine"}


def test_sigterm_ends_with_its_own_status(stop_after):
    stop_after(3, signal.SIGTERM)
    assert script() == 143


def test_resume_says_what_has_changed_and_takes_what_shapes_nothing(stop_after, capsys):
    stop_after(9)
    script()
    capsys.readouterr()
    changed = "--nu", "0.1", "--seed", "3", "--readout", "ngram", "logreg"
    assert script("--resume", *changed, "--n_workers", "1", "--progress_interval", "2") == 2
    named = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert named == ["--nu 0.1", "--seed 3", "--readout ngram logreg"]
    assert script("--resume", "--progress_interval", "2") == 0


def test_resume_refuses_other_data(stop_after, capsys):
    stop_after(9)
    script()
    path = Path("results") / "test" / saved.OPTIONS_FILE
    content = json.loads(path.read_text())
    content["data"]["train"] = "0" * 24
    path.write_text(json.dumps(content))
    capsys.readouterr()
    assert script("--resume") == 2
    assert capsys.readouterr().err == f"--resume: the train data have changed since {path.parent} began\n"


def test_resume_of_a_finished_run_says_so(capsys):
    script()
    before = outcome("test")
    capsys.readouterr()
    assert script("--resume") == 0
    assert capsys.readouterr().out == f"The run in {Path('results') / 'test'} is finished; there is nothing to resume.\n"
    assert outcome("test") == before


def test_resume_without_a_checkpoint_starts_from_the_beginning_and_says_so(alone, capsys):
    assert script("--resume") == 0
    assert "no checkpoint in" in capsys.readouterr().out
    assert outcome("test")["metrics"] == alone["metrics"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign", "pickle"])
def test_a_damaged_checkpoint_is_refused_with_a_line(damage, stop_after, capsys):
    stop_after(40)
    script()
    path = Path("results") / "test" / saved.CHECKPOINT
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    torch.save({"format": 1, "state": {}}, "foreign.pt")
    torch.save({"format": Path("x")}, "pickle.pt")
    damaged = {"cut": content[:-100], "flipped": content, "empty": b""}
    path.write_bytes(damaged[damage] if damage in damaged else Path(f"{damage}.pt").read_bytes())
    capsys.readouterr()
    assert script("--resume") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}: cannot be resumed from")


def test_a_full_disk_is_told_and_the_last_checkpoint_still_loads(alone, monkeypatch, stop_after, capsys):
    stop_after(20)
    script()
    sync, kept = os.fsync, (Path("results") / "test" / saved.CHECKPOINT).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(checkpoint, "LEAST_WAIT", 0.0)
    capsys.readouterr()
    monkeypatch.setattr(saved, "has_begun", lambda folder: False)
    assert script("--resume") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "No space left on device" in line
    assert "--resume goes on from the last checkpoint" in line
    assert (Path("results") / "test" / saved.CHECKPOINT).read_bytes() == kept
    monkeypatch.setattr(os, "fsync", sync)
    assert script("--resume") == 0
    assert outcome("test")["metrics"] == alone["metrics"]


def test_unfinished_results_are_kept_or_overwritten_like_finished_ones(stop_after, capsys):
    stop_after(9)
    script()
    assert script() == 0
    assert "results of an unfinished run that were in" in capsys.readouterr().out
    assert (Path("results") / "test-1" / saved.CHECKPOINT).exists()
    shutil.copy(Path("results") / "test-1" / saved.CHECKPOINT, Path("results") / "test")
    assert script("--overwrite") == 0
    assert not (Path("results") / "test" / saved.CHECKPOINT).exists()
    assert not (Path("results") / "test-2").exists()


@pytest.mark.parametrize("stage", ["experiment.protocol.training.Training", "experiment.protocol.testing.Testing"])
def test_a_signal_while_the_network_is_compiled_stops_at_once(stage, monkeypatch, capsys):
    def interrupted(_) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("the signal waits")

    monkeypatch.setattr(f"{stage}.prepare", interrupted)
    assert script() == 130
    assert "Interrupted" in capsys.readouterr().err


def test_a_signal_while_modules_are_imported_waits_for_them(monkeypatch, capsys):
    class Interrupting:
        passed = False

        def find_spec(self, name: str, *_: object) -> None:
            if name == "experiment.run_prediction":
                os.kill(os.getpid(), signal.SIGTERM)
                self.passed = True

    finder = Interrupting()
    monkeypatch.delitem(sys.modules, "experiment.run_prediction", raising=False)
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    assert script() == 143
    assert finder.passed
    assert "Interrupted" in capsys.readouterr().err
    assert not Path("results").exists()


def test_a_second_run_in_the_same_folder_is_refused(capsys):
    Path("results").mkdir()
    with FileLock(Path("results") / ".test.lock"):
        assert script("--resume") == 2
    assert "another run of this name is under way" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told_at_once(capsys):
    Path("results").mkdir(mode=0o555)
    started = time.perf_counter()
    assert script() == 2
    assert time.perf_counter() - started < 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_results_that_are_a_file_are_told(capsys):
    Path("results").write_text("")
    assert script() == 2
    assert "is no folder" in capsys.readouterr().err


def test_a_checkpoint_written_on_a_gpu_loads_without_one(stop_after, monkeypatch):
    stop_after(20)
    monkeypatch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:0")
    script()
    monkeypatch.chdir(Path.cwd())
    assert script("--resume") == 0


def test_saving_takes_at_most_its_share_of_the_time(tmp_path, monkeypatch):
    kept = checkpoint.Checkpoint(tmp_path / "c.pt", {})
    clock = iter([100.0, 101.0])
    monkeypatch.setattr(checkpoint.time, "perf_counter", lambda: next(clock))
    kept.save()
    assert kept.wait == pytest.approx(1 / checkpoint.LARGEST_SHARE)
