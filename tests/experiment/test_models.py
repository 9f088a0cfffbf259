"""Runs of features and prototypes: what holds of runs of the standard network holds of them."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from experiment import load, run_training
from experiment.command_line.parse import parse_options
from experiment.errors import OptionError
from experiment.main import main
from experiment.results.folder import written_by
from Tactile_network import TACTILE
from Visual_network import VISUAL

SMALL = ["--source", "emulated", "--n_train", "30", "--n_test", "20", "--pattern_time", "50", "--n_neurons", "6"]
SMALL += ["--readout", "votes", "--n_workers", "1"]
FEATURES = ["--model", "features", "--n_maps", "4", *SMALL]
TOGETHER = ["--train_layers", "together"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a run, and data that are prepared once."""
    made = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        assert main(VISUAL, [*FEATURES, "--filename", "alone"]) == 0
    return made


@pytest.fixture(autouse=True)
def here(folder, monkeypatch) -> Path:
    monkeypatch.chdir(folder)
    return folder


def arrays_of(name: str) -> dict[str, bytes]:
    with np.load(Path("results") / name / f"network_{name}.npz") as arrays:
        return {key: arrays[key].tobytes() for key in arrays}


def accuracies_of(name: str) -> dict[str, float]:
    return json.loads((Path("results") / name / "results.json").read_text())["test_accuracy"]


def refusal(capsys, *options: str) -> str:
    capsys.readouterr()
    assert main(VISUAL, [*options]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    return told


def stopped_after(monkeypatch, n: int, *options: str) -> int:
    """What a script returns that is told to stop when it has paused so many times, after a sample or so each."""
    pause, seen = run_training._pause, [0]

    def counted(*parts) -> None:
        seen[0] += 1
        if seen[0] == n:
            os.kill(os.getpid(), signal.SIGINT)
        pause(*parts)

    with monkeypatch.context() as patch:
        patch.setattr(run_training, "_pause", counted)
        patch.setattr("experiment.protocol.pace.PIECE_SECONDS", 0.0)
        return main(VISUAL, [*options])


def test_both_engines_have_the_same_run():
    assert main(VISUAL, [*FEATURES, "--engine", "plain", "--filename", "plain"]) == 0
    assert arrays_of("plain") == arrays_of("alone")
    assert accuracies_of("plain") == accuracies_of("alone")


def test_pictures_show_what_fields_have_learned_and_a_recording_in_all_layers():
    written = {path.name for path in Path("results/alone").iterdir()}
    assert {"weights_alone.png", "fields_alone.png", "raster_alone.png"} <= written <= written_by("alone")


@pytest.mark.parametrize("n", [7, 31, 45, 66], ids=["features", "seen", "neurons", "look back"])
def test_a_run_interrupted_in_any_of_its_parts_and_resumed_ends_as_one_left_alone(n, monkeypatch):
    name = f"stopped{n}"
    assert stopped_after(monkeypatch, n, *FEATURES, "--filename", name) == 130
    assert main(VISUAL, [*FEATURES, "--filename", name, "--resume"]) == 0
    assert arrays_of(name) == arrays_of("alone")
    assert accuracies_of(name) == accuracies_of("alone")


def test_layers_that_learn_together_go_on_as_they_were(monkeypatch):
    assert main(VISUAL, [*FEATURES, *TOGETHER, "--filename", "both"]) == 0
    assert stopped_after(monkeypatch, 12, *FEATURES, *TOGETHER, "--filename", "both_stopped") == 130
    assert main(VISUAL, [*FEATURES, *TOGETHER, "--filename", "both_stopped", "--resume"]) == 0
    assert arrays_of("both_stopped") == arrays_of("both")
    assert arrays_of("both")["features_Maps"] == arrays_of("alone")["features_Maps"]  # nothing leads back to them
    assert arrays_of("both")["w"] != arrays_of("alone")["w"]


def test_a_trained_network_predicts_as_its_test_did(capsys):
    capsys.readouterr()
    assert main(VISUAL, ["--predict", "results/alone"]) == 0
    row = capsys.readouterr().out.splitlines()[-1].split()
    assert row[0] == "all"
    accuracies = accuracies_of("alone")
    assert row[2::2] == [f"{accuracies[name]:.1f}" for name in ("all_activity", "proportion_weighting", "votes")]
    trained = load("results/alone")
    assert trained.features is not None
    assert trained.n_inputs == 1156
    assert len(trained.network.w) == trained.features.n_features


def test_frozen_features_stay_and_what_sees_them_begins_anew():
    start = ["--start_from", "results/alone"]
    assert main(VISUAL, [*FEATURES, *start, "--freeze", "--seed", "1", "--filename", "frozen"]) == 0
    assert main(VISUAL, [*FEATURES, *start, "--filename", "further"]) == 0
    first, frozen, further = (arrays_of(name) for name in ("alone", "frozen", "further"))
    assert frozen["features_Maps"] == first["features_Maps"] != further["features_Maps"]
    assert frozen["w"] != first["w"] != further["w"]


def test_what_cannot_be_started_from_is_told_in_a_line(capsys):
    start = ["--start_from", "results/alone", "--filename", "x"]
    assert "--n_maps" not in (told := refusal(capsys, *FEATURES, *start, "--n_maps", "5"))
    assert "its network has" in told or "its features are" in told
    assert "--model features takes it" in refusal(capsys, *SMALL, "--model", "prototypes", *start)
    assert refusal(capsys, *FEATURES, "--freeze").startswith("--freeze: must come with --start_from")


def test_labels_are_for_the_read_out_alone(monkeypatch):
    load_samples = run_training.load_samples

    def shuffled(*given):
        train, test = load_samples(*given)
        order = torch.randperm(len(train.labels), generator=torch.Generator().manual_seed(0))
        return replace(train, labels=train.labels[order]), test

    monkeypatch.setattr(run_training, "load_samples", shuffled)
    assert main(VISUAL, [*FEATURES, "--filename", "shuffled"]) == 0
    found, alone = arrays_of("shuffled"), arrays_of("alone")
    assert all(found[name] == alone[name] for name in ("w", "theta", "features_Maps", "ceiling"))
    assert found["assignments"] != alone["assignments"]


def test_features_too_large_for_the_sensor_are_told_in_a_line(capsys):
    assert refusal(capsys, *FEATURES, "--field", "40").startswith("--model features: a field of (40, 40) inputs")
    assert refusal(capsys, *FEATURES, "--region", "20").startswith("--model features: a field of (20, 20) inputs")


def test_damaged_arrays_of_features_are_named(capsys, tmp_path):
    source, damaged = Path("results/alone"), tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "options.json").write_bytes((source / "options.json").read_bytes())
    with np.load(source / "network_alone.npz") as file:
        arrays = dict(file)
    for name, value in (("features_Maps", arrays["features_Maps"][:-1]), ("ceiling", np.float32(-1.0))):
        np.savez(damaged / "network_alone.npz", **arrays | {name: value})
        capsys.readouterr()
        assert main(VISUAL, ["--predict", str(damaged)]) == 2
        assert f"its array {name} " in capsys.readouterr().err


def test_what_is_given_wins_over_the_preset_in_any_order():
    before = parse_options(VISUAL, ["--n_neurons", "7", "--preset", "best"])
    after = parse_options(VISUAL, ["--preset", "best", "--n_neurons", "7"])
    assert before == after
    assert (before.model, before.n_neurons, before.polarities) == ("features", 7, "both")
    assert parse_options(TACTILE, ["--preset", "best"]).dt == 20.0
    assert parse_options(VISUAL, ["--preset", "faithful"]) == parse_options(VISUAL, [])


@pytest.mark.parametrize(
    ("typed", "models"), [("--nu 0.1", "diehl_cook"), ("--som", "diehl_cook"), ("--thresh -50", "diehl_cook")]
)
def test_options_of_another_model_are_refused(typed, models):
    with pytest.raises(OptionError, match=f"must come with --model {models}, not features"):
        parse_options(VISUAL, ["--preset", "best", *typed.split()])
    with pytest.raises(OptionError, match="must come with --model features, not diehl_cook"):
        parse_options(VISUAL, ["--n_maps", "3"])
