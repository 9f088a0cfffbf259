"""The scripts on recordings of one's own, from end to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scripts import run_in

from Auditory_network import AUDITORY
from eventvision import Events, write_nmnist
from experiment.modality import Modality
from Tactile_network import TACTILE
from Visual_network import VISUAL

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--n_neurons", "9", "--pattern_time", "50")


def train(sense: Modality, folder: Path, *options: object) -> subprocess.CompletedProcess:
    return run_in(folder, sense, *SMALL, *options)


def predict(sense: Modality, folder: Path, *files: object) -> subprocess.CompletedProcess:
    return run_in(folder, sense, "--predict", "results/test", *files)


def visual_network(folder: Path, *options: object) -> subprocess.CompletedProcess:
    """The script in a process of its own."""
    command = [sys.executable, ROOT / "Visual_network.py", *SMALL, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def results(folder: Path, name: str = "results.json") -> dict:
    return json.loads((folder / "results" / "test" / name).read_text())


@pytest.fixture
def pets(tmp_path) -> Path:
    """Cats upon the left half of the sensor, dogs upon the right."""
    generator = np.random.default_rng(0)
    for name, first in (("cat", 0), ("dog", 17)):
        for number in range(6):
            x, y = generator.integers(first, first + 17, 300), generator.integers(0, 34, 300)
            ts = np.sort(generator.integers(0, 50_000, 300))
            path = tmp_path / "my pets" / name / f"{number}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_nmnist(path, Events.from_columns(x, y, np.ones(300), ts, 34, 34))
    return tmp_path / "my pets"


def test_a_folder_of_recordings_is_learned_and_everything_says_where_they_are(pets, tmp_path):
    answer = visual_network(tmp_path, "--source", "my pets")
    assert answer.returncode == 0, answer.stderr
    assert results(tmp_path)["source"] == results(tmp_path, "options.json")["options"]["source"] == str(pets)
    assert results(tmp_path)["class_names"] == ["cat", "dog"]
    assert (results(tmp_path)["n_train"], results(tmp_path)["n_test"]) == (10, 2)
    assert f"of {pets}" in (tmp_path / "results" / "test" / "log_test.txt").read_text()
    assert len([*(tmp_path / "results" / "test").glob("*.png")]) == 6


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode here")
def test_a_folder_whose_name_is_no_utf_8_is_one_like_any_other(pets, tmp_path):
    place = pets.rename(tmp_path / os.fsdecode(b"h\xf6hle"))
    answer = visual_network(tmp_path, "--source", place)
    assert answer.returncode == 0, answer.stderr
    assert results(tmp_path)["source"] == results(tmp_path, "options.json")["options"]["source"] == str(place)
    assert r"h\udcf6hle" in (tmp_path / "results" / "test" / "log_test.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("sense", [VISUAL, AUDITORY, TACTILE], ids=lambda sense: sense.name)
def test_a_file_of_spike_trains_of_any_sensor_is_learned_by_each_script(sense, tmp_path):
    units = np.random.default_rng(0).integers(0, 7, 400)
    pointers, times = np.arange(0, 401, 20), np.tile(np.arange(20.0), 20)
    np.savez(tmp_path / "own.npz", shape=[7], pointers=pointers, times=times, units=units, labels=np.arange(20) % 4)
    answer = train(sense, tmp_path, "--source", "own.npz", "--polarities", "on")
    assert answer.returncode == 0, answer.stderr
    with np.load(tmp_path / "results" / "test" / "network_test.npz", allow_pickle=False) as arrays:
        assert (arrays["w"].shape, arrays["rates"].shape) == ((7, 9), (9, 4))
    assert (tmp_path / "results" / "test" / "weights_test.png").exists()


def test_each_script_takes_both_polarities_where_the_data_have_them_and_predicts_with_them(tmp_path):
    arrays = {"shape": [7], "pointers": np.arange(0, 401, 20), "units": np.arange(400) % 7, "labels": np.arange(20) % 4}
    arrays["times"] = np.tile(np.arange(20.0), 20)
    np.savez(tmp_path / "own.npz", **arrays)
    answer = train(AUDITORY, tmp_path, "--source", "own.npz", "--polarities", "both")
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "without an array polarities all spikes are ON, so --polarities must be on, not both" in answer.stderr
    np.savez(tmp_path / "own.npz", polarities=np.arange(400) % 3 == 0, **arrays)
    answer = train(AUDITORY, tmp_path, "--source", "own.npz", "--polarities", "both")
    assert answer.returncode == 0, answer.stderr
    with np.load(tmp_path / "results" / "test" / "network_test.npz", allow_pickle=False) as file:
        assert file["w"].shape == (14, 9)
    for files in (["own.npz"], []):
        answer = predict(AUDITORY, tmp_path, *files)
        assert answer.returncode == 0, answer.stderr


def test_a_run_on_recordings_of_another_clock_says_so_on_the_screen_and_in_its_log(tmp_path):
    times = 1e9 + np.tile(np.arange(20.0), 20)
    arrays = {"shape": [7], "pointers": np.arange(0, 401, 20), "units": np.arange(400) % 7, "labels": np.arange(20) % 4}
    np.savez(tmp_path / "own.npz", times=times, **arrays)
    answer = train(VISUAL, tmp_path, "--source", "own.npz")
    assert answer.returncode == 0, answer.stderr
    for said in (answer.stdout, (tmp_path / "results" / "test" / "log_test.txt").read_text()):
        for split in ("train", "test"):
            assert f"own.npz {split}: warning: 100.0 % of the events lie outside the 50 ms that are shown" in said


def test_recordings_of_the_same_kind_are_predicted_where_those_trained_on_are_gone(pets, tmp_path):
    assert train(VISUAL, tmp_path, "--source", "my pets").returncode == 0
    pets.rename(tmp_path / "away")
    answer = predict(VISUAL, tmp_path, "away/cat/0.bin", "away/dog/0.bin")
    assert answer.returncode == 0, answer.stderr
    assert [line.split(":")[0] for line in answer.stdout.splitlines()] == ["away/cat/0.bin", "away/dog/0.bin"]
    without_files = predict(VISUAL, tmp_path)
    assert without_files.returncode == 2
    assert without_files.stderr.count("\n") == 1
    assert str(pets) in without_files.stderr


def test_a_file_of_spike_trains_is_predicted_and_another_sensor_refused(pets, tmp_path):
    units = np.random.default_rng(0).integers(0, 7, 400)
    pointers, times = np.arange(0, 401, 20), np.tile(np.arange(20.0), 20)
    np.savez(tmp_path / "own.npz", shape=[7], pointers=pointers, times=times, units=units, labels=np.arange(20) % 4)
    assert train(VISUAL, tmp_path, "--source", "own.npz").returncode == 0
    answer = predict(VISUAL, tmp_path, "own.npz")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("own.npz, sample ") == 20
    for file, complaint in (
        (pets / "cat" / "0.bin", "has 1,156 inputs, the network 7"),
        (pets / "cat", "is a folder; name the recordings in it"),
        (ROOT / "LICENSE", "must end in .bin, .mat, .npz"),
    ):
        answer = predict(VISUAL, tmp_path, file)
        assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
        assert f"{file}: {complaint}" in answer.stderr


@pytest.mark.parametrize("made", ["nothing", "folder"])
def test_what_holds_no_recordings_is_told_and_leaves_no_results(made, tmp_path):
    if made == "folder":
        (tmp_path / "own").mkdir()
    answer = train(VISUAL, tmp_path, "--source", "own")
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert ("existing file or folder" if made == "nothing" else "found no recordings") in answer.stderr
    assert not (tmp_path / "results").exists()


def test_hundreds_of_classes_are_read_out_without_a_warning_on_the_screen(tmp_path):
    """scikit-learn takes as many classes as samples for a regression."""
    generator = np.random.default_rng(0)
    labels, n_spikes = np.arange(120) % 60, 30
    arrays = {
        "shape": np.array([50]),
        "pointers": np.arange(121) * n_spikes,
        "times": np.sort(generator.random((120, n_spikes)) * 50).reshape(-1),
        "units": generator.integers(0, 50, 120 * n_spikes),
        "labels": labels,
    }
    np.savez_compressed(tmp_path / "many.npz", **arrays)
    answer = visual_network(tmp_path, "--source", "many.npz", "--readout", "logreg")
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    assert "Warning" not in answer.stdout
    assert "logreg" in results(tmp_path)["test_accuracy"]
