"""The documentation: its links lead somewhere, and its examples run."""

from __future__ import annotations

import ast
import importlib.util
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pages import PAGES, ROOT, rows_of, text_of
from rules_by_hand import let_fire, network_of, random_spikes
from scripts import run_in

from Auditory_network import AUDITORY
from bindsnet.engine import ops as former_ops
from bindsnet.numbers import ops
from Visual_network import VISUAL

# Links.


def names_in(source: str) -> set[str]:
    """Functions, classes and constants of a module, `Class.method` too."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            names |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{method.name}" for method in node.body if isinstance(method, ast.FunctionDef)}
    return names


def headings_of(text: str) -> set[str]:
    """What a link to a heading of a page may say after the #."""
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.M)}


def broken_links(text: str, folder: Path) -> list[str]:
    """What is wrong with the links of a page that lies in this folder; those to the web are not looked at."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    places = dict(re.findall(r"^\[([^]]+)\]: (\S+)$", text, re.M))
    labelled = re.findall(r"\[([^]]+)\]\[(\w+)\]", text)
    links = re.findall(r"\[([^]]*)\]\(([^)\s]+)\)", text) + [(said, places.get(label, label)) for said, label in labelled]
    wrong = [f"no link goes to {place}" for place in places.keys() - {label for _, label in labelled}]
    for said, (place, _, heading) in ((said, target.partition("#")) for said, target in links if "://" not in target):
        path = folder / place
        if place and not path.exists():
            wrong.append(f"{place} is not there")
        elif heading and heading not in headings_of(path.read_text(encoding="utf-8") if place else text):
            wrong.append(f"{place} has no heading {heading}")
        elif path.suffix == ".py":
            named = set(re.findall(r"`([^`]+)`", said)) or {said}
            wrong += [f"{place} has no {name}" for name in sorted(named - names_in(path.read_text(encoding="utf-8")))]
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there_and_to_functions_and_classes_that_stand_in_them(page):
    assert broken_links(page.read_text(encoding="utf-8"), page.parent) == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("[`integrate`, `leak`](nodes.py)", "nodes.py has no leak"),
        ("[`Nodes.leak`][nodes]\n\n[nodes]: nodes.py", "nodes.py has no Nodes.leak"),
        ("[neurons](nodes.py)", "nodes.py has no neurons"),
        ("[`integrate`](neurons.py)", "neurons.py is not there"),
        ("[`integrate`][neurons]", "neurons is not there"),
        ("[above](#the-neurons)", " has no heading the-neurons"),
        ("[nodes]: nodes.py", "no link goes to nodes"),
    ],
)
def test_a_link_to_what_is_not_there_is_found(tmp_path, wrong, complaint):
    (tmp_path / "nodes.py").write_text("SAME = 1\ndef integrate(): ...\nclass Nodes:\n    def bind(self): ...\n")
    right = "# The network\n\n[`integrate`, `SAME`](nodes.py) [`Nodes.bind`][kept] [above](#the-network)\n\n[kept]: nodes.py\n"
    assert broken_links(right, tmp_path) == []
    assert broken_links(f"{right}\n{wrong}\n", tmp_path) == [complaint]


# Your own neurons, plasticity and connections.


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
        learns = network.learning and connection.learns
        assert learns != torch.equal(connection.w, copies["fused"].connections[pair].w), network
        seen.update(map(type, (*connection.modules(), *connection.rules)))
    seen.update(map(type, network.layers.values()))
    return present(network, spikes, engine=engine, **given)


Network.present = by_both
"""
AFTER = """
own = {kind for kind in globals().values() if isinstance(kind, type) and kind.__module__ == "__main__"}
assert len(own) >= 5 and own <= seen, own - seen
"""


def test_the_examples_of_extending_run_in_both_engines_and_agree(tmp_path):
    *blocks, _ = re.findall(r"```python\n(.*?)```", text_of("extending.md"), re.S)
    assert all(len(block.splitlines()) < 50 for block in blocks)  # as the page promises
    program = tmp_path / "example.py"  # a file: the fused engine reads the functions' source
    program.write_text("\n".join([BEFORE, *blocks, AFTER]), encoding="utf-8")
    command = [sys.executable, str(program), str(ROOT), str(tmp_path / "network.pt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("tensor(")


def test_the_read_out_of_extending_is_fitted_reported_and_told_by_predict(tmp_path):
    for package in ("common", "eventvision", "datasets", "bindsnet", "experiment"):
        shutil.copytree(ROOT / package, tmp_path / package)
    shutil.copy(ROOT / "Visual_network.py", tmp_path)
    *_, block = re.findall(r"```python\n(.*?)```", text_of("extending.md"), re.S)
    assert len(block.splitlines()) < 50
    folder = tmp_path / "experiment" / "readouts"
    (folder / "knn.py").write_text(block, encoding="utf-8")
    names = (folder / "__init__.py").read_text(encoding="utf-8")
    (folder / "__init__.py").write_text(names.replace('"votes")', '"votes", "knn")'), encoding="utf-8")
    labels, units = np.arange(40) % 2, np.arange(200).reshape(40, 5) % 4  # the one class excites inputs 0 to 3, the other 4 to 7
    units, times = units + 4 * labels[:, None], np.linspace(0, 40, 200)
    spikes = {"pointers": np.arange(0, 201, 5), "times": np.sort(times.reshape(40, 5), 1).ravel() % 50, "units": units.ravel()}
    np.savez(tmp_path / "mine.npz", shape=[8], labels=labels, **spikes)
    options = {"source": "mine.npz", "n_neurons": 9, "pattern_time": 50, "thresh": -59, "readout": "knn"}
    asked = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    told = [
        subprocess.run([sys.executable, "Visual_network.py", *words], cwd=tmp_path, capture_output=True, text=True, check=True)
        for words in (asked, ["--predict", "results/test"])
    ]
    accuracy = json.loads((tmp_path / "results" / "test" / "results.json").read_text())["test_accuracy"]["knn"]
    assert accuracy > 60  # chance is 50
    assert f"Test accuracy, knn: {accuracy:.1f} % of 8 samples" in told[0].stdout
    assert (tmp_path / "results" / "test" / "test_confusion_matrix_knn_test.png").exists()
    assert told[1].stdout.splitlines()[-1].endswith(f"{accuracy:.1f} %")


@pytest.fixture
def triplet(tmp_path):
    """The rule of the page, without the network that it is tried in there."""
    rule = next(block for block in re.findall(r"```python\n(.*?)```", text_of("extending.md"), re.S) if "class Triplet" in block)
    module = tmp_path / "triplet.py"
    module.write_text("from bindsnet.numbers.ops import f32\n" + rule.partition("\nnetwork =")[0], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("triplet", module)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded.Triplet


UNBOUNDED = {"nu": 1.0, "wmin": -np.inf, "wmax": np.inf}


def test_the_triplet_rule_of_extending_is_the_published_sum_over_pairs_and_triplets(triplet):
    source, target = random_spikes(0, 80, 5), random_spikes(1, 80, 4)
    found = let_fire(network_of(triplet, w=np.zeros((5, 4), np.float32), **UNBOUNDED), source, target)
    for (i, j), change in np.ndenumerate(found):
        pre, post = source[:, i].nonzero()[0], target[:, j].nonzero()[0]
        falls = [math.exp((earlier - t) / 33.7) for t in pre for earlier in post if earlier <= t]
        rises = [
            math.exp((earlier - t) / 16.8) * math.exp((own - t) / 114)
            for t in post
            for earlier in pre
            for own in post
            if earlier <= t and own < t
        ]
        assert change == pytest.approx(6.5e-3 * sum(rises) - 7.1e-3 * sum(falls), rel=1e-4)


def test_the_triplet_rule_of_extending_changes_weights_as_its_table_says(triplet):
    rows = {row[0]: row[1:] for row in rows_of("extending.md")}
    for place, rate in enumerate(map(float, rows["pairs a second"])):
        # Steps of 5 ms. After a second nothing is left of a trace: there is no need to wait for 10.
        first = round(min(1000 / rate, 1000) / 5) * np.arange(60)
        source, target = np.zeros((first[-1] + 5, 2), bool), np.zeros((first[-1] + 5, 1), bool)
        source[first, 0] = target[first + 2, 0] = source[first + 4, 1] = True
        network = network_of(triplet, 2, 1, dt=5.0, w=np.zeros((2, 1), np.float32), **UNBOUNDED)
        changes = let_fire(network, source, target).flatten()
        cells = rows["source first: rule"][place], rows["target first: rule"][place]
        assert [float(cell.replace("−", "-")) for cell in cells] == pytest.approx(changes.tolist(), abs=0.005)


def test_functions_of_numbers_are_still_found_where_earlier_versions_documented_them():
    documented = ("f32", "f64", "flag", "where", "exp", "log", "pow", "clip", "at_least", "to_f32", "to_f64")
    assert [name for name in documented if getattr(former_ops, name) is not getattr(ops, name)] == []


SENSES = {"Visual_network.py": VISUAL, "Auditory_network.py": AUDITORY}


def test_the_examples_of_own_recordings_run_and_the_networks_learn(tmp_path):
    text = text_of("own-recordings.md")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for language, block in re.findall(r"```(python|bash)\n(.*?)```", text, re.S):
        if language == "python":
            command = [sys.executable, "-c", block]
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        else:
            python, name, *options = block.split()
            assert (python, (ROOT / name).exists()) == ("python", True)
            done = run_in(tmp_path, SENSES[name], *options)
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
