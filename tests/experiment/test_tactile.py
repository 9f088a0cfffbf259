"""The tactile command from end to end, on emulated digits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from scripts import run_in

from Tactile_network import TACTILE

SCRIPT = Path(__file__).resolve().parents[2] / "Tactile_network.py"
FAST = ("--source", "emulated", "--n_train", "12", "--n_test", "5", "--n_neurons", "9", "--dt", "20", "--polarities", "both")


def test_run_on_felt_digits_leaves_results_and_all_figures(tmp_path):
    finished = subprocess.run([sys.executable, SCRIPT, *FAST], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    folder = tmp_path / "results" / "test"
    results = json.loads((folder / "results.json").read_text())
    assert (results["modality"], results["source"], results["n_train"]) == ("Tactile", "emulated", 12)
    with np.load(folder / "network_test.npz", allow_pickle=False) as arrays:
        assert arrays["w"].shape == (200, 9)
    assert (folder / "weights_test.png").exists()


def test_missing_recordings_lead_to_the_form_and_say_what_needs_nothing(tmp_path):
    answer = run_in(tmp_path, TACTILE)
    assert answer.returncode == 2
    for part in (str(tmp_path / "data" / "STMNIST" / "raw"), "10635/168106", "form", "--source emulated"):
        assert part in answer.stderr
    assert not (tmp_path / "results").exists()


def test_limit_of_a_taxel_reaches_the_data(tmp_path):
    assert run_in(tmp_path, TACTILE, *FAST, "--taxel_limit", "40").returncode == 0
    text = (tmp_path / "results" / "test" / "log_test.txt").read_text()
    assert "partial or corrupted events left out" in text
