"""The examples of the documentation run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


def test_the_examples_of_extending_run_in_both_engines_and_agree(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(), re.S)
    program = tmp_path / "example.py"  # a file: the fused engine reads the functions' source
    program.write_text(
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        + "\n".join(blocks)
        + '\nagain = network.clone().present(spikes, layer="Y", seed=0, engine="plain")\n'
        + 'copy = network.clone(); other = copy.present(spikes, layer="Y", seed=0, engine="fused")\n'
        + "assert torch.equal(again.spike_counts, other.spike_counts) and again.spike_counts.sum() > 0\n"
    )
    done = subprocess.run([sys.executable, str(program), str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("tensor(")


def test_the_examples_of_own_recordings_run_and_the_networks_learn(tmp_path):
    text = (ROOT / "docs" / "own-recordings.md").read_text(encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for language, block in re.findall(r"```(python|bash)\n(.*?)```", text, re.S):
        if language == "python":
            command = [sys.executable, "-c", block]
        else:
            _, name, *options = block.split()
            command = [sys.executable, str(ROOT / name), *options]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for name, classes in (("folder", ["down", "right"]), ("trains", ["low", "high"]), ("camera", ["0", "1"])):
        results = json.loads((tmp_path / "results" / name / "results.json").read_text())
        assert results["class_names"] == classes
        assert results["test_accuracy"]["proportion_weighting"] > 60
    with np.load(tmp_path / "my_camera.npz") as camera:
        seen = np.repeat(camera["labels"], np.diff(camera["pointers"]))
        rows = [np.unique(camera["units"][seen == label] // 346).tolist() for label in (0, 1)]
        assert rows == [[*range(40)], [*range(200, 240)]]
        assert 0 == camera["times"].min() < camera["times"].max() < 100
