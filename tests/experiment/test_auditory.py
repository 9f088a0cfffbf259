"""The auditory command from end to end, on emulated digits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from scripts import run_in

from Auditory_network import AUDITORY

SCRIPT = Path(__file__).resolve().parents[2] / "Auditory_network.py"
FAST = ("--source", "emulated", "--n_train", "12", "--n_test", "5", "--n_neurons", "9", "--pattern_time", "200")


def test_run_on_spoken_digits_leaves_results_and_a_map_of_the_channels(tmp_path):
    finished = subprocess.run([sys.executable, SCRIPT, *FAST], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    folder = tmp_path / "results" / "test"
    results = json.loads((folder / "results.json").read_text())
    assert (results["modality"], results["source"], results["n_train"]) == ("Auditory", "emulated", 12)
    with np.load(folder / "network_test.npz", allow_pickle=False) as arrays:
        assert arrays["w"].shape == (64, 9)
    assert (folder / "weights_test.png").exists()


def test_missing_recordings_say_what_to_put_where_and_what_needs_nothing(tmp_path):
    raw = tmp_path / "data" / "NTIDIGITS" / "raw"
    raw.mkdir(parents=True)
    (raw / "n-tidigits.hdf5").write_bytes(b"")  # so that nothing is downloaded
    answer = run_in(tmp_path, AUDITORY)
    assert answer.returncode == 2
    assert str(raw / "n-tidigits.hdf5") in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_folder_without_wav_files_gets_one_line(tmp_path):
    (tmp_path / "empty").mkdir()
    answer = run_in(tmp_path, AUDITORY, *FAST, "--stimuli", "empty")
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1
    assert not (tmp_path / "results").exists()
