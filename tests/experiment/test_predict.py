"""What a trained network says of recordings, and how it is trained further."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from Auditory_network import AUDITORY
from bindsnet.engine import Presentation
from datasets.errors import DatasetError
from eventvision import EVENT_DTYPE, Events, write_nmnist, write_ntidigits, write_stmnist
from experiment.errors import OptionError
from experiment.main import main
from experiment.model.diehl_cook import DiehlCookNetwork
from experiment.results.trained import TrainedNetwork
from Tactile_network import TACTILE
from Visual_network import VISUAL

ROOT = Path(__file__).resolve().parents[2]
FAST = ["--source", "emulated", "--n_train", "70", "--n_test", "70", "--n_neurons", "9", "--pattern_time", "50"]
RUN = Path("results") / "test"


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(VISUAL, FAST) == 0
    return folder


@pytest.fixture(scope="module")
def further(finished) -> Path:
    """Results with further read-outs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(finished)
        assert main(VISUAL, [*FAST, "--readout", "ngram", "logreg", "--filename", "further"]) == 0
    return finished / "results" / "further"


@pytest.fixture
def here(finished, tmp_path, monkeypatch) -> Path:
    """A folder that holds a copy of the results and no data."""
    shutil.copytree(finished / "results", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def events(width: int, height: int, n: int = 400) -> Events:
    generator = np.random.default_rng(0)
    data = np.zeros(n, EVENT_DTYPE)
    data["x"], data["y"] = generator.integers(width, size=n), generator.integers(height, size=n)
    data["p"], data["ts"] = True, np.sort(generator.integers(50_000, size=n))
    return Events(data, width, height)


def recording(path: str) -> str:
    write_nmnist(path, events(34, 34))
    return path


def test_a_new_process_gives_the_test_accuracy_that_the_run_reported(finished):
    results = json.loads((finished / RUN / "results.json").read_text())
    command = [sys.executable, str(ROOT / "Visual_network.py"), "--predict", str(RUN), "--n_workers", "2"]
    answer = subprocess.run(command, cwd=finished, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    *classes, whole = answer.stdout.splitlines()[1:]
    assert [line.split()[0] for line in classes] == list(VISUAL.recorded.class_names)
    accuracy = results["test_accuracy"]
    assert whole.split() == ["all", "70", f"{accuracy['all_activity']:.1f}", "%", f"{accuracy['proportion_weighting']:.1f}", "%"]


def test_read_outs_that_the_run_fitted_are_reported_and_others_are_said_to_be_missing(finished, further, monkeypatch, capsys):
    monkeypatch.chdir(finished)
    accuracies = json.loads((further / "results.json").read_text())["test_accuracy"]
    assert main(VISUAL, ["--predict", "results/further", "--readout", "ngram"]) == 0
    heading, *_, whole = capsys.readouterr().out.splitlines()
    assert heading.split()[-2:] == ["ngram", "logreg"]
    assert whole.split()[2::2] == [f"{accuracy:.1f}" for accuracy in accuracies.values()]
    assert main(VISUAL, ["--predict", str(RUN), "--readout", "logreg"]) == 2
    assert capsys.readouterr().err == f"--readout logreg: is not stored in {RUN}; it is fitted in a run with --readout\n"


def test_damaged_read_outs_are_refused_with_a_line(further, tmp_path):
    shutil.copy(further / "options.json", tmp_path)
    path = tmp_path / "network_further.npz"
    with np.load(further / path.name) as file:
        np.savez(path, **dict(file) | {"ngrams": np.zeros((1, 3), np.int32)})
    with pytest.raises(OptionError, match=r"network_further\.npz: its array ngrams is not what a run writes"):
        TrainedNetwork(tmp_path)


def test_files_get_a_line_each_with_class_confidence_and_neurons_without_any_data(here, capsys):
    for name in (RUN / "results.json", RUN / "model_test.pt"):
        name.unlink()
    assert main(VISUAL, ["--predict", str(RUN), recording("a.bin"), recording("b.bin")]) == 0
    lines = capsys.readouterr().out.splitlines()
    pattern = r"[ab]\.bin: all activity \d \(\d+ %\), proportion weighting \d \(\d+ %\); neurons \d+ \(\d, \d+×\).*"
    assert all(re.fullmatch(pattern, line) for line in lines)
    assert lines[0].replace("a.bin", "b.bin") == lines[1]
    assert not (here / "data").exists()


def test_a_recording_in_python_says_class_confidences_and_winners(here):
    (found,) = TrainedNetwork(RUN).predict([recording("a.bin")])
    assert set(found.classes) == set(found.confidences) == {"all_activity", "proportion_weighting"}
    assert 0.1 <= found.confidences["all_activity"] <= 1
    spikes = [winner.n_spikes for winner in found.winners]
    assert spikes == sorted(spikes, reverse=True)
    assert min(spikes) > 0


def test_confidences_are_the_share_of_all_votes_as_worked_out_without_the_read_outs(here, monkeypatch):
    rates = np.zeros((9, 10))
    rates[range(8), [4, 4, 4, 7, 7, 0, 0, 9]] = [6, 3, 5, 4, 2, 1, 8, 7]
    rates[:8, 5] = [1, 2, 3, 1, 1, 0.5, 2, 6]  # no neuron's label, but part of all their rates; neuron 8 was silent
    proportions = rates / np.maximum(rates.sum(1, keepdims=True), 1)
    labels = np.where(rates.any(1), rates.argmax(1), -1)
    path = RUN / "network_test.npz"
    with np.load(path) as file:
        np.savez(path, **dict(file) | {"rates": rates, "proportions": proportions, "assignments": labels})
    counts = np.array([3, 0, 4, 5, 2, 1, 2, 3, 9])
    answer = Presentation(torch.from_numpy(counts)[None].int(), torch.ones(1, dtype=torch.int64))
    monkeypatch.setattr(DiehlCookNetwork, "answer", lambda *_: answer)
    (found,) = TrainedNetwork(RUN).predict([recording("a.bin")])
    assert found.winners == [(8, None, 9), (3, "7", 5), (2, "4", 4), (0, "4", 3), (7, "9", 3)]
    for readout, weights in (("all_activity", np.ones(9)), ("proportion_weighting", proportions.max(1))):
        votes = {str(label): np.mean((counts * weights)[labels == label]) for label in (0, 4, 7, 9)}
        best = max(votes, key=votes.get)
        assert found.classes[readout] == best == "7"
        assert found.confidences[readout] == pytest.approx(votes[best] / sum(votes.values()))
    assert found.confidences["all_activity"] == pytest.approx(3.5 / (1.5 + 7 / 3 + 3.5 + 3))
    said = "a.bin: all activity 7 (34 %), proportion weighting 7 (38 %); neurons 8 (no label, 9×), 3 (7, 5×), 2 (4, 4×), "
    assert str(found).startswith(said)


def test_no_files_are_no_predictions_and_a_silent_recording_has_no_answer(here):
    network = TrainedNetwork(RUN)
    assert network.predict([]) == []
    Path("silent.bin").write_bytes(b"")
    (found,) = network.predict(["silent.bin"])
    assert set(found.classes.values()) == {None}
    assert "no answer" in str(found)


def test_what_is_left_out_of_a_recording_is_told(here, caplog):
    Path("cut.bin").write_bytes(bytes(5) + b"\1")
    Path("empty.bin").write_bytes(b"")
    TrainedNetwork(RUN).predict(["cut.bin", "empty.bin"])
    assert "cut.bin: 1 partial or corrupted events left out" in caplog.text
    assert "empty.bin: holds no events" in caplog.text


@pytest.mark.parametrize(
    ("content", "said"), [(None, "No such file"), (bytes([200, 0, 128, 0, 0]), "outside"), (bytes(5) + b"\1", None)]
)
def test_a_recording_that_cannot_be_read_is_named(here, content, said):
    if content is not None:
        Path("x.bin").write_bytes(content)
    if said is None:
        assert len(TrainedNetwork(RUN).predict(["x.bin"])) == 1  # a partial event at the end is left out
        return
    with pytest.raises(DatasetError, match=rf"x\.bin: .*{said}"):
        TrainedNetwork(RUN).predict(["x.bin"])


@pytest.mark.parametrize("sense", [AUDITORY, TACTILE])
def test_other_senses_read_their_own_files(sense, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = ["--source", "emulated", "--n_train", "12", "--n_test", "5", "--n_neurons", "9", "--pattern_time", "200", "--dt", "10"]
    assert main(sense, few) == 0
    if sense is TACTILE:
        write_stmnist("a.mat", events(10, 10))
        found = TrainedNetwork(RUN).predict(["a.mat"])
    else:
        write_ntidigits("a.hdf5", {"test": [("man-aa-a-3", events(64, 1)), ("man-aa-b-4", events(64, 1))]})
        found = TrainedNetwork(RUN).predict(["a.hdf5"])
    assert len(found) == (1 if sense is TACTILE else 2)
    assert all(f.winners for f in found)


def test_options_that_the_network_knows_and_another_sense_are_refused(here, capsys):
    assert main(VISUAL, ["--predict", str(RUN), "--nu", "0.1", "--n_neurons", "5"]) == 2
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["--nu 0.1", "--n_neurons 5"]
    assert main(TACTILE, ["--predict", str(RUN)]) == 2
    assert capsys.readouterr().err == f"--predict {RUN}: was trained by Visual_network.py, not Tactile_network.py\n"


def spoil_json(content: dict) -> None:
    content["options"]["n_neurons"] = "many"


def drop_sense(content: dict) -> None:
    content["modality"] = {}


def other_size(content: dict) -> None:
    content["options"]["n_neurons"] = 8


@pytest.mark.parametrize("spoil", [spoil_json, drop_sense, other_size])
def test_options_that_no_run_wrote_are_refused(here, spoil):
    path = RUN / "options.json"
    content = json.loads(path.read_text())
    spoil(content)
    path.write_text(json.dumps(content))
    with pytest.raises(OptionError) as caught:
        TrainedNetwork(RUN)
    assert len(caught.value.complaints) == 1


@pytest.mark.parametrize("content", [b"", b"no archive", "cut", "objects", "shapes", "nan", "missing"])
def test_a_damaged_network_is_refused_with_a_line(here, content):
    path = RUN / "network_test.npz"
    with np.load(path) as file:
        arrays = dict(file)
    if content == "missing":
        path.unlink()
    elif content == "cut":
        path.write_bytes(path.read_bytes()[:-300])
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        other = {"objects": np.array([{}], object), "shapes": arrays["theta"][1:], "nan": arrays["theta"] * np.nan}
        np.savez(path, **arrays | {"theta": other[content]})
    with pytest.raises(OptionError) as caught:
        TrainedNetwork(RUN)
    assert len(str(caught.value).splitlines()) == 1


def test_a_network_saved_on_a_gpu_loads_without_one(here, monkeypatch):
    path = RUN / "options.json"
    content = json.loads(path.read_text())
    content["options"]["gpu"] = True
    path.write_text(json.dumps(content))
    assert TrainedNetwork(RUN).network.device.type == "cpu"
    state = torch.load(RUN / "model_test.pt", weights_only=True)
    assert {tensor.device.type for tensor in state.values()} == {"cpu"}


def test_training_starts_from_a_saved_network(here, finished):
    first = TrainedNetwork(RUN).network.arrays
    frozen = ["--nu", "0", "--theta_plus", "0", "--root", str(finished / "data")]
    assert main(VISUAL, [*FAST, *frozen, "--start_from", str(RUN), "--filename", "more"]) == 0
    arrays = TrainedNetwork(Path("results") / "more").network.arrays
    assert np.array_equal(arrays["w"], first["w"])
    assert np.allclose(arrays["theta"], first["theta"], rtol=1e-3)


def test_a_network_of_another_size_cannot_be_trained_further(here, capsys):
    assert main(VISUAL, [*FAST, "--n_neurons", "8", "--start_from", str(RUN), "--filename", "more"]) == 2
    expected = f"--start_from {RUN}: its network has 1156 inputs and 9 neurons, this run's 1156 inputs and 8 neurons\n"
    assert capsys.readouterr().err == expected
    assert not (here / "results" / "more").exists()


def test_a_run_cannot_start_from_its_own_folder(here, capsys):
    assert main(VISUAL, [*FAST, "--start_from", str(RUN)]) == 2
    assert "another --filename" in capsys.readouterr().err
