"""`--validation`: a part of the training samples is tested on, and the test split is not touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from runs import page_of, put_run

from experiment import samples as samples_module
from experiment.baselines.beside import are_beside
from experiment.baselines.saved import Measured
from experiment.command_line.parse import parse_options
from experiment.errors import OptionError
from experiment.main import main
from experiment.protocol.sampling import parts
from experiment.report.compared import runs_in
from experiment.results.saved import trained_options
from experiment.samples import Samples, load_samples, report_lines
from Visual_network import VISUAL

N_TRAIN, N_TEST = 79, 21  # of the 100 samples of `source`
HELD_OUT = "held-out training samples (part 2 of 4)"
SMALL = ["--pattern_time", "20", "--n_neurons", "5", "--n_workers", "1"]


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """Spike trains of a plane of 4 x 4 inputs, sample i of class i mod 3."""
    place, n = tmp_path_factory.mktemp("own"), 100
    generator = np.random.default_rng(0)
    labels = np.arange(n) % 3
    units = generator.permuted(np.tile(np.arange(5), (n, 1)), axis=1) + 5 * labels[:, None]
    times = np.sort(generator.uniform(0, 20, (n, 5)), axis=1)
    spikes = {"pointers": np.arange(0, 5 * n + 1, 5), "times": times.ravel(), "units": units.ravel()}
    np.savez(place / "mine.npz", shape=[4, 4], labels=labels, **spikes)
    return place / "mine.npz"


def options(*words: object, source: object = "emulated"):
    return parse_options(VISUAL, [*SMALL, "--source", str(source), *map(str, words)])


def shown(samples: Samples, number: int) -> list[list[int]]:
    trains = samples.spike_trains.sample(number)
    return [trains.steps.tolist(), trains.units.tolist()]


@pytest.mark.parametrize("sizes", [[50, 50], [7, 1, 3, 92], [2, 3]])
@pytest.mark.parametrize("n_parts", [2, 5])
def test_parts_hold_each_sample_once_and_of_each_class_as_many_as_the_others(sizes, n_parts):
    labels = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))[torch.randperm(sum(sizes))]
    part = parts(labels, n_parts)
    assert torch.equal(part, parts(labels, n_parts))
    for of_class in [part, *(part[labels == label] for label in range(len(sizes)))]:
        counts = torch.bincount(of_class, minlength=n_parts)
        assert len(counts) == n_parts
        assert counts.max() - counts.min() <= 1


def test_all_parts_together_are_the_training_samples_and_each_is_kept_from_training(source, tmp_path):
    where = "--root", tmp_path, "--n_train", 41, "--seed", 3
    whole, _ = load_samples(VISUAL, options(*where, source=source))
    held_out = []
    for part in range(1, 5):
        train, test = load_samples(VISUAL, options(*where, "--validation", f"{part}/4", source=source))
        assert train.key == test.key == whole.key
        assert sorted([*train.numbers.tolist(), *test.numbers.tolist()]) == whole.numbers.tolist()
        held_out += test.numbers.tolist()
        for samples in (train, test):
            for place, number in enumerate(samples.numbers.tolist()):
                of_all = whole.numbers.tolist().index(number)
                assert samples.labels[place] == whole.labels[of_all]
                assert shown(samples, place) == shown(whole, of_all)
    assert sorted(held_out) == whole.numbers.tolist()


@pytest.mark.parametrize("what", ["emulated", "stimuli", "own"])
def test_the_test_split_is_neither_opened_nor_prepared(what, source, tmp_path, monkeypatch):
    words = ["--root", tmp_path / "data", "--n_train", 12, "--n_test", 10**8, "--validation", "1/3"]
    if what == "stimuli":
        head = bytes([0, 0, 8])
        (tmp_path / "images-idx3-ubyte").write_bytes(head + bytes([3, 0, 0, 0, 20, 0, 0, 0, 28, 0, 0, 0, 28]) + bytes(20 * 784))
        (tmp_path / "labels-idx1-ubyte").write_bytes(head + bytes([1, 0, 0, 0, 20]) + bytes(range(10)) * 2)
        words += ["--stimuli", tmp_path / "images-idx3-ubyte"]  # there are no images for testing
    opened, open_split = [], samples_module.open_split
    monkeypatch.setattr(
        samples_module, "open_split", lambda *a, train, **b: opened.append(train) or open_split(*a, train=train, **b)
    )
    train, test = load_samples(VISUAL, options(*words, source=source if what == "own" else "emulated"))
    assert (len(train.labels), len(test.labels)) == (8, 4)
    assert all(opened)
    assert [path.name for path in tmp_path.rglob("test-*")] == []
    lines = report_lines(train, test)
    assert lines
    assert all(line.startswith(f"{train.title} train: ") for line in lines)


@pytest.mark.parametrize("words", [["--validation", "1/11", "--n_train", "10"], ["--validation", "80/80"]])
def test_more_parts_than_training_samples_are_refused_in_a_line(source, tmp_path, words):
    with pytest.raises(OptionError) as error:
        load_samples(VISUAL, options("--root", tmp_path, *words, source=source))
    n = {"1/11": 10, "80/80": N_TRAIN}[words[1]]
    assert list(error.value.complaints) == [f"--validation {words[1]}: must be of at most {n} parts, as many as training samples"]


def test_a_part_is_one_value_however_it_is_typed():
    assert options("--validation", " 01/05").as_dict()["validation"] == "1/5"
    assert options().as_dict()["validation"] is None


@pytest.fixture(scope="module")
def held_out(source, tmp_path_factory) -> Path:
    """Where a run with further read-outs was tested on a part of its training samples, and what it printed."""
    place = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        further = ["--validation", "2/4", "--readout", "logreg", "--label_fraction", "0.5", "--n_train", "60"]
        assert main(VISUAL, [*SMALL, "--source", str(source), *further]) == 0
    return place


def test_a_run_says_everywhere_what_it_was_tested_on(held_out, monkeypatch):
    folder = held_out / "results" / "test"
    results = json.loads((folder / "results.json").read_text())
    assert [results[name] for name in ("n_train", "n_test", "tested_on", "n_labels")] == [45, 15, HELD_OUT, 22]
    assert list(results["test_accuracy"]) == ["all_activity", "proportion_weighting", "logreg"]
    logged = (folder / "log_test.txt").read_text()
    assert f"Training on 45 samples, testing on 15 {HELD_OUT}, of " in logged
    for name, accuracy in results["test_accuracy"].items():
        assert f"Validation accuracy, {name.replace('_', ' ')}: {accuracy:.1f} % of 15 {HELD_OUT} (" in logged
    assert "Test accuracy" not in logged
    assert " ms a validation sample" in logged
    saved = json.loads((folder / "options.json").read_text())
    assert saved["data"]["train"] == saved["data"]["test"]
    assert list(held_out.rglob("test-*.pt")) == []


def test_a_run_s_figures_say_what_they_show(source, tmp_path):
    from experiment import train

    how = {"source": source, "pattern_time": 20, "n_neurons": 5, "n_workers": 1, "root": tmp_path, "readout": ["logreg"]}
    run = train("Visual", **how, validation="2/4", progress=False)
    assert repr(run).endswith(f" of 20 {HELD_OUT})")
    for name in ("test_confusion_matrix", "test_confusion_matrix_logreg", "labels"):
        words = [text.get_text() for text in run.figures[name].findobj(lambda artist: hasattr(artist, "get_text"))]
        assert any(word.startswith("Validation") for word in words)
        assert not any(word.startswith("Test") for word in words)
        assert any("validation 2/4" in word for word in words)
    assert {*run.testing.numbers.tolist()}.isdisjoint(run.fitting.numbers.tolist())


def test_prediction_on_the_test_samples_says_that_the_folder_tells_of_others(held_out, tmp_path, monkeypatch, capsys):
    shutil.copytree(held_out / "results", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    assert main(VISUAL, ["--predict", "results/test"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"On the test samples; results/test tells of {HELD_OUT}"
    assert told[-1].split()[:2] == ["all", str(N_TEST)]
    assert main(VISUAL, ["--predict", "results/test", "--validation", "2/4"]) == 2


def test_a_run_goes_on_with_the_same_part_only(held_out, source, monkeypatch, capsys):
    monkeypatch.chdir(held_out)
    further = ["--readout", "logreg", "--label_fraction", "0.5", "--n_train", "60", "--resume"]
    assert main(VISUAL, [*SMALL, "--source", str(source), *further, "--validation", "1/4"]) == 2
    assert "--validation 1/4: was 2/4 when results/test began" in capsys.readouterr().err


def test_a_run_of_before_there_were_parts_was_tested_on_test_samples(tmp_path):
    folder = put_run(tmp_path / "old")
    saved = json.loads((folder / "options.json").read_text())
    del saved["options"]["validation"]
    (folder / "options.json").write_text(json.dumps(saved))
    assert trained_options(folder)["validation"] is None
    (run,), _ = runs_in([folder])
    assert not run.is_held_out


def test_a_report_tells_held_out_samples_from_test_samples(tmp_path):
    tested, one, two = put_run(tmp_path / "a"), *(put_run(tmp_path / f"{k}", validation=f"{k}/5") for k in (1, 2))
    page = page_of(tested, one, two)
    assert [page.row(f"{k} ")[3] for k in (1, 2, 3)] == [
        "150",
        "150 held out of training, part 1/5",
        "150 held out of training, part 2/5",
    ]
    assert "in percent of the test samples or training samples held out right" in page.text
    assert "held out" not in page_of(tested).text
    held_out = page_of(one, two)
    alternatives = [value for _, name, value in held_out.attributes if name == "alt"]
    assert "validation confusion matrix" in "".join(alternatives)
    for words in ("Test accuracy", "test samples", "test confusion"):
        assert words not in held_out.text + "".join(alternatives)


def test_baselines_stand_beside_runs_on_test_samples_only(tmp_path):
    (tested, held_out), _ = runs_in([put_run(tmp_path / "a"), put_run(tmp_path / "b", validation="1/5")])
    measured = Measured("Visual", {"source": "recorded", "stimuli": None}, {}, 40, 40, 150, {}, {})
    assert are_beside(tested, measured)
    assert not are_beside(held_out, measured)
