"""Runs from Python: the scripts' results and complaints, and nothing changed around them."""

from __future__ import annotations

import copy
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock
from matplotlib.figure import Figure

from bindsnet.errors import NetworkError
from datasets import DatasetError
from experiment import load, train
from experiment.errors import OptionError
from experiment.main import main
from experiment.model.diehl_cook import DiehlCookNetwork
from experiment.run import Run
from Visual_network import VISUAL

ROOT = Path(__file__).resolve().parents[2]
FAST = {"source": "emulated", "n_train": 24, "n_test": 6, "n_neurons": 9, "pattern_time": 50}
TIMES = ("train_seconds", "test_seconds", "ms_per_train_sample", "ms_per_test_sample", "peak_memory_mb")


def typed(options: dict) -> list[str]:
    return [word for name, value in options.items() for word in (f"--{name}", str(value))]


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> Path:
    """The folder that the script leaves, of a run with a further read-out."""
    place, before = tmp_path_factory.mktemp("script"), Path.cwd()
    os.chdir(place)
    try:
        assert main(VISUAL, [*typed(FAST), "--root", "data", "--readout", "ngram", "--filename", "one"]) == 0
    finally:
        os.chdir(before)
    return place / "results" / "one"


def trained(script: Path, **further) -> Run:
    how = {"root": script.parents[1] / "data", "readout": ["ngram"], "progress": False} | further
    return train("Visual", **FAST, **how)


@pytest.fixture(scope="module")
def run(script) -> Run:
    """A run that tests only look at."""
    return trained(script)


def assert_as_the_script_s(run: Run, script: Path) -> None:
    with np.load(script / "network_one.npz") as arrays:
        assert np.array_equal(run.network.w.numpy(), arrays["w"])
        assert np.array_equal(run.network.theta.numpy(), arrays["theta"])
        assert np.array_equal(run.training.label_counts.rates.numpy(), arrays["rates"])
    found, expected = json.loads(json.dumps(run.results)), json.loads((script / "results.json").read_text())
    for name in TIMES:
        del found[name], expected[name]
    assert found == expected
    assert run.accuracies == expected["test_accuracy"]


def state_of_the_process() -> list[object]:
    """What a run could change of what is everybody's."""
    mask = os.umask(0)
    os.umask(mask)
    loggers = [logging.getLogger(name) for name in ("experiment", "datasets", "bindsnet", "common", "")]
    return [
        torch.get_num_threads(),
        torch.random.get_rng_state().tolist(),
        np.random.get_state()[1].tolist(),  # noqa: NPY002 - the one that programs share
        [(logger.level, logger.propagate, list(logger.handlers)) for logger in loggers],
        [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        [warnings.showwarning, list(warnings.filters), logging.lastResort],
        dict(os.environ),
        os.getcwd(),
        mask,
    ]


def test_a_run_twice_in_one_process_ends_as_the_script_s_and_changes_nothing_around_it(script, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    before = state_of_the_process()
    for _ in range(2):
        assert_as_the_script_s(trained(script), script)
    assert state_of_the_process() == before
    assert list(tmp_path.iterdir()) == []


def test_four_side_by_side_in_threads_end_as_the_script_s_each_with_its_own_log(script, tmp_path):
    before, runs, errors = state_of_the_process(), {}, []

    def one(number: int) -> None:
        try:
            runs[number] = trained(script, folder=tmp_path / f"run{number}", n_workers=number + 1)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert state_of_the_process() == before
    for number, run in runs.items():
        assert_as_the_script_s(run, script)
        folder = tmp_path / f"run{number}"
        assert {path.name.replace(f"run{number}", "one") for path in folder.iterdir()} == {path.name for path in script.iterdir()}
        logged = (folder / f"log_run{number}.txt").read_text()
        assert logged.count("Labels used:") == 1
        assert logged.splitlines()[-1].endswith(f"Results: {folder}")


def test_lines_go_to_the_program_s_own_log_as_its_levels_say(script, tmp_path, caplog):
    caplog.set_level(logging.INFO, "experiment")
    trained(script, folder=tmp_path / "a")
    levels = {record.levelno for record in caplog.records}
    assert any(record.getMessage().startswith("Test accuracy, n") for record in caplog.records)
    assert min(levels) == logging.INFO
    assert " 1 samples: all activity none yet" in (tmp_path / "a" / "log_a.txt").read_text()  # a line of level DEBUG


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"nu": 7}, ["--nu", "7"]),
        ({"nuu": 0.1}, ["--nuu", "0.1"]),
        ({"n_neurons": 3.5, "dt": "x"}, ["--n_neurons", "3.5", "--dt", "x"]),
        ({"som": 3}, ["--som=3"]),
        ({"thresh": float("nan")}, ["--thresh", "nan"]),
        ({"readout": ["ngram", "knn"]}, ["--readout", "ngram", "knn"]),
        ({"source": "no/such/place"}, ["--source", "no/such/place"]),
        ({"pattern_time": 1, "dt": 2}, ["--pattern_time", "1", "--dt", "2"]),
        ({"taxel_limit": 5}, ["--taxel_limit", "5"]),
    ],
    ids=str,
)
def test_wrong_options_are_told_in_the_script_s_lines(wrong, words, capsys):
    with pytest.raises(OptionError) as told:
        train("Visual", **wrong)
    assert main(VISUAL, words) == 2
    assert str(told.value) == capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"predict": "a.bin"}, "--predict: is the script's"),
        ({"plot": True}, "--plot: must come with a folder"),
        ({"resume": True, "overwrite": True}, "--resume: must come with a folder\n--overwrite: must come with a folder"),
        ({"folder": "a", "filename": "b"}, "--filename b: must not come with a folder"),
        ({"nu": None}, "--nu None: must be a number"),
        ({"root": b"data"}, "--root b'data': must be a folder"),
        ({"root": None}, "--root None: must be a folder"),
        ({"n_train": [20, 30]}, r"--n_train \[20, 30\]: must be a whole number"),
        ({"n_train": 10**5000}, "--n_train of 16,610 bits: must be a whole number"),
        ({"som": []}, r"--som \[\]: must be given without a value"),
        ({"filename": None}, "--filename None: must be a plain file name"),
        ({"nu": True, "x_tar": 2}, "--nu True: must be a number from 0 to 1\n--x_tar 2: must be"),
    ],
)
def test_what_does_not_go_together_in_python_is_refused(asked, complaint, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError, match=f"^{complaint}"):
        train("Visual", **asked)
    assert list(tmp_path.iterdir()) == []


def test_a_sense_without_a_script_is_refused_by_naming_those_that_there_are():
    with pytest.raises(OptionError, match="'Smell': there is no such sense; there are Auditory, Tactile, Visual"):
        train("Smell")


def test_options_may_be_numpy_s_numbers_paths_tuples_and_flags(script):
    numbers = {"nu": np.float64(0.05), "n_train": np.int64(24), "label_fraction": np.float32(1), "som": np.bool_(False)}
    run = train("Visual", **FAST | numbers, root=script.parents[1] / "data", stimuli=None, readout=("ngram",), progress=False)
    assert_as_the_script_s(run, script)


def test_a_run_saved_is_what_the_script_leaves_and_loads_as_a_network_that_predicts_alike(run, script, tmp_path):
    run.save(tmp_path / "deep" / "one")
    saved = {path.name: path for path in (tmp_path / "deep" / "one").iterdir()}
    assert saved.keys() == {path.name for path in script.iterdir()} - {"log_one.txt"}
    for name in ("weights_one.png", "test_confusion_matrix_ngram_one.png"):
        assert saved[name].read_bytes() == (script / name).read_bytes()
    assert [line.rpartition(",")[0] for line in saved["metrics.csv"].read_text().splitlines()] == [
        line.rpartition(",")[0] for line in (script / "metrics.csv").read_text().splitlines()
    ]
    network = load(tmp_path / "deep" / "one")
    assert network.accuracies == run.accuracies
    samples = run.testing.spike_trains
    assert network.predict(samples) == run.predict(samples)
    assert len(run.predict(samples)) == samples.n_samples
    assert repr(network).startswith("TrainedNetwork(Visual, Input 1,156 → Excitatory 9")
    with pytest.raises(DatasetError, match=r"no/such\.bin: No such file"):  # a path by itself is one recording
        network.predict("no/such.bin")


def test_a_run_is_saved_beside_the_one_that_is_there_or_in_its_place(run, tmp_path):
    for further in ({}, {}, {"overwrite": True}):
        run.save(tmp_path / "one", **further)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["one", "one-1"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(OptionError, match=r"holds letter\.txt and no run"):
        run.save(tmp_path / "mine")


def test_figures_are_those_of_the_folder_drawn_when_asked_for(run, script):
    pictures = {path.name.removesuffix("_one.png") for path in script.glob("*.png")}
    assert set(run.figures) == pictures
    assert len(run.figures) == len(pictures)
    assert isinstance(run.figures["performance"], Figure)
    assert "weights" in repr(run.figures)
    assert "n_seen" in run.metrics[0]
    assert f"{run.accuracies['all_activity']:.1f} %" in repr(run)


def test_a_run_that_is_broken_off_is_gone_on_with_and_ends_alike(script, tmp_path, monkeypatch):
    monkeypatch.setattr("experiment.protocol.pace.PIECE_SECONDS", 0.0)
    monkeypatch.setattr("experiment.results.checkpoint.LEAST_WAIT", 0.0)
    seen = iter(range(9))
    with monkeypatch.context() as broken:
        broken.setattr("experiment.results.run_folder.RunFolder.show", lambda *_, **__: next(seen))
        with pytest.raises(StopIteration):
            trained(script, folder=tmp_path / "one")
    assert (tmp_path / "one" / "checkpoint.pt").exists()
    assert_as_the_script_s(trained(script, folder=tmp_path / "one", resume=True), script)
    with pytest.raises(OptionError, match="is finished; load it"):
        trained(script, folder=tmp_path / "one", resume=True)


def test_the_live_view_is_kept_in_the_folder_and_opens_no_window(script, tmp_path, monkeypatch):
    monkeypatch.setattr("experiment.results.run_folder.open_window", None)
    trained(script, folder=tmp_path / "a", plot=True)
    assert (tmp_path / "a" / "live.png").exists()


def test_a_program_that_is_a_bare_file_starts_no_processes_that_would_run_it_again(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from datasets.preparation import workers\n"
        "from experiment import train\n"
        "workers.START_OF_WORKERS = 0.0\n"  # else only many samples are worth them
        f"print(train('Visual', progress=False, **{FAST | {'n_train': 100}}).accuracies)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    answer = subprocess.run([sys.executable, program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("{'all_activity': ")


def test_several_threads_may_ask_one_network_at_once_since_each_asks_a_copy(run, monkeypatch):
    samples = run.testing.spike_trains
    asked, answer = [], DiehlCookNetwork.answer
    monkeypatch.setattr(
        DiehlCookNetwork, "answer", lambda self, *which, **how: (asked.append(self), answer(self, *which, **how))[1]
    )
    expected, found = run.predict(samples), []
    threads = [threading.Thread(target=lambda: found.append(run.predict(samples))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(each == expected for each in found)
    assert len({id(network) for network in [run.network, *asked]}) == 6


def test_spike_trains_of_another_length_and_tensors_are_refused(run):
    shorter = run.testing.spike_trains._replace(n_steps=40)
    with pytest.raises(NetworkError, match="have 40 steps, those of the network's samples 50"):
        run.predict(shorter)
    with pytest.raises(NetworkError, match="got a tensor"):
        run.predict(run.testing.spike_trains.to_dense())


def test_a_program_without_an_error_stream_trains_without_bars(script, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert_as_the_script_s(trained(script, progress=True), script)


@pytest.mark.parametrize("name", [".hidden", "-dash", "con", "x" * 101, ""])
def test_a_run_is_saved_only_under_a_name_that_a_run_may_have(run, tmp_path, name):
    with pytest.raises(OptionError, match=r"^--filename .*: must be a plain file name"):
        run.save(tmp_path / "new" / name if name else "")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_held_whatever_link_leads_to_it(script, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to("disk/one")
    (tmp_path / "disk" / "one").mkdir()
    with FileLock(tmp_path / "disk" / ".one.lock"), pytest.raises(OptionError, match="another run of this name is under way"):
        trained(script, folder=tmp_path / "link")


def test_a_damaged_array_is_told_in_a_line_wherever_the_damage_lies(script, tmp_path):
    shutil.copytree(script, tmp_path / "one")
    path = tmp_path / "one" / "network_one.npz"
    content = bytearray(path.read_bytes())
    content[content.index(b"'shape': (1156") + 10] ^= 0x02  # a bracket becomes another sign
    path.write_bytes(content)
    with pytest.raises(OptionError, match="is damaged, or not the network of a run"):
        load(tmp_path / "one")


def test_a_run_can_be_copied_and_compared(run):
    assert run == run
    assert run in {run}
    assert copy.deepcopy(run).accuracies == run.accuracies
