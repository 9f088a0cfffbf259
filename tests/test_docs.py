"""The examples of the documentation run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from bindsnet.engine import ops as former_ops
from bindsnet.numbers import ops

ROOT = Path(__file__).resolve().parents[1]


# Before the examples: what they present is presented by both engines, too, and by what a file brings back.
BEFORE = """
import sys
sys.path.insert(0, sys.argv[1])
import torch
from bindsnet.network import Network, load

present, seen = Network.present, set()


def by_both(network, spikes, engine="auto", **given):
    network.save(sys.argv[2])
    copies = {"plain": network.clone(), "fused": network.clone(), "auto": load(sys.argv[2])}
    answers = [present(copy, spikes, engine=name, **given) for name, copy in copies.items()]
    kept = [[answer.spike_counts, *copy.state_dict().values()] for answer, copy in zip(answers, copies.values())]
    assert all(len(others) == len(kept[0]) and all(map(torch.equal, kept[0], others)) for others in kept[1:]), network
    assert answers[0].spike_counts.sum() > 0, network
    for pair, connection in network.connections.items():
        assert connection.learns != torch.equal(connection.w, copies["fused"].connections[pair].w), network
        seen.update(map(type, (connection, connection.update_rule)))
    seen.update(map(type, network.layers.values()))
    return present(network, spikes, engine=engine, **given)


Network.present = by_both
"""
AFTER = """
own = {kind for kind in globals().values() if isinstance(kind, type) and kind.__module__ == "__main__"}
assert len(own) >= 5 and own <= seen, own - seen
"""


def test_the_examples_of_extending_run_in_both_engines_and_agree(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(encoding="utf-8"), re.S)
    assert all(len(block.splitlines()) < 50 for block in blocks)  # as the page promises
    program = tmp_path / "example.py"  # a file: the fused engine reads the functions' source
    program.write_text("\n".join([BEFORE, *blocks, AFTER]), encoding="utf-8")
    command = [sys.executable, str(program), str(ROOT), str(tmp_path / "network.pt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("tensor(")


def test_functions_of_numbers_are_still_found_where_earlier_versions_documented_them():
    documented = ("f32", "f64", "flag", "where", "exp", "log", "pow", "clip", "at_least", "to_f32", "to_f64")
    assert [name for name in documented if getattr(former_ops, name) is not getattr(ops, name)] == []


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
