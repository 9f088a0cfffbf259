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
from runs import page_of

from Auditory_network import AUDITORY
from eventvision import EVENT_DTYPE, Events, write_nmnist
from experiment import load, run_training, train
from experiment.command_line.parse import parse_options
from experiment.errors import OptionError
from experiment.main import main
from experiment.pause import Pause
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
    pause, seen = Pause.__call__, [0]

    def counted(*parts) -> None:
        seen[0] += 1
        if seen[0] == n:
            os.kill(os.getpid(), signal.SIGINT)
        pause(*parts)

    with monkeypatch.context() as patch:
        patch.setattr(Pause, "__call__", counted)
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
    told = refusal(capsys, *FEATURES, *start, "--n_maps", "5")
    assert told == "--start_from results/alone: its features have n_maps 4, this run's 5\n"
    told = refusal(capsys, *FEATURES, *start, "--freeze", "--field_thresh", "5")  # of which no size tells
    assert told == "--start_from results/alone: its features have field_thresh 4.0, this run's 5.0\n"
    for model in ("prototypes", "diehl_cook"):
        assert "of another model; --model features takes it" in refusal(capsys, *SMALL, "--model", model, *start)
    assert refusal(capsys, *FEATURES, "--freeze").startswith("--freeze: must come with --start_from")
    frozen = "--start_from", "results/alone", "--freeze"
    assert refusal(capsys, *FEATURES, *TOGETHER, *frozen).startswith("--freeze: must come with --start_from")
    assert refusal(capsys, *SMALL, "--model", "prototypes", *frozen).startswith(
        "--freeze: must come with --start_from and --model"
    )
    sensor = refusal(capsys, *FEATURES, *frozen, "--polarities", "both")
    assert "its features are Input 1×34×34" in sensor
    assert "this run's Input 2×34×34" in sensor


def test_a_run_from_frozen_features_is_resumed_with_them(monkeypatch):
    frozen = [*FEATURES, "--start_from", "results/alone", "--freeze", "--n_neurons", "5"]
    assert main(VISUAL, [*frozen, "--filename", "cold"]) == 0
    assert stopped_after(monkeypatch, 16, *frozen, "--filename", "cold_stopped") == 130
    assert main(VISUAL, [*frozen, "--filename", "cold_stopped", "--resume"]) == 0
    assert arrays_of("cold_stopped") == arrays_of("cold")
    assert arrays_of("cold")["features_Maps"] == arrays_of("alone")["features_Maps"]


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
    # Ten classes, 20 samples: two standard errors above 10 % are 23 %.
    assert max(accuracies_of("shuffled")[name] for name in ("all_activity", "proportion_weighting")) <= 25


def test_fewer_labels_leave_what_is_learned_as_it_is():
    assert main(VISUAL, [*FEATURES, "--label_fraction", "0.4", "--filename", "fewer"]) == 0
    found, alone = arrays_of("fewer"), arrays_of("alone")
    assert all(found[name] == alone[name] for name in ("w", "theta", "features_Maps", "ceiling"))
    assert found["rates"] != alone["rates"]
    assert json.loads(Path("results/fewer/results.json").read_text())["n_labels"] == 12


@pytest.mark.parametrize("model", [["prototypes"], ["features", "--n_maps", "4"]], ids=["prototypes", "features"])
def test_a_read_out_of_what_the_neurons_see_is_kept_and_predicts_as_in_the_run(model, capsys):
    asked = [*SMALL, "--model", *model, "--readout", "logreg", "--readout_layer", "seen", "--filename", f"seen_{model[0]}"]
    assert main(VISUAL, asked) == 0
    capsys.readouterr()
    assert main(VISUAL, ["--predict", f"results/seen_{model[0]}"]) == 0
    row = capsys.readouterr().out.splitlines()[-1].split()
    assert row[2::2] == [f"{accuracy:.1f}" for accuracy in accuracies_of(f"seen_{model[0]}").values()]
    trained = load(f"results/seen_{model[0]}")
    assert trained.readouts["logreg"].arrays["logreg_coefficients"].shape[1] == len(trained.network.w)


def test_keywords_make_the_run_that_the_script_makes_and_its_answers_are_those_of_the_network_in_its_folder():
    given = {"source": "emulated", "n_train": 30, "n_test": 20, "pattern_time": 50, "n_neurons": 6, "readout": ["votes"]}
    run = train("Visual", model="features", n_maps=4, **given, progress=False)
    with np.load("results/alone/network_alone.npz") as arrays:
        kept = run.network.arrays | run.layers.arrays
        assert all(np.array_equal(tensor.numpy(), arrays[name]) for name, tensor in kept.items())
    assert run.accuracies == accuracies_of("alone")
    write_nmnist("a.bin", Events(moving_dot(), 34, 34))
    for recordings in (run.test_trains, ["a.bin"]):
        assert run.predict(recordings) == load("results/alone").predict(recordings)
    answers = [answer.classes["all_activity"] for answer in run.predict(run.test_trains)]
    labels = [run.sense.class_names[label] for label in run.testing.labels]
    right = [answer == label for answer, label in zip(answers, labels, strict=True)]
    assert 100 * sum(right) / len(right) == pytest.approx(run.accuracies["all_activity"])


def moving_dot() -> np.ndarray:
    data = np.zeros(400, EVENT_DTYPE)
    data["x"], data["y"], data["p"] = np.arange(400) % 34, np.arange(400) // 20, True
    data["ts"] = np.arange(400) * 120
    return data


def test_a_preset_is_a_keyword():
    small = {"source": "emulated", "n_train": 12, "n_test": 10, "pattern_time": 200, "n_neurons": 5, "n_epochs": 1}
    run = train("Tactile", preset="best", readout_layer="neurons", **small, progress=False)
    assert (run.options.model, run.options.dt, run.options.polarities) == ("features", 20.0, "both")
    assert list(run.accuracies) == ["all_activity", "proportion_weighting", "logreg", "votes"]
    assert run.layers.output == "Phases"


def test_a_report_tells_runs_of_different_models_apart(folder):
    for model in ("prototypes", "diehl_cook"):
        assert main(VISUAL, [*SMALL, "--model", model, "--filename", f"of_{model}"]) == 0
    page = page_of(*(Path("results") / name for name in ("alone", "of_prototypes", "of_diehl_cook")))
    for setting in ("model prototypes", "model features"):
        assert setting in page.text


def test_features_too_large_for_the_sensor_are_told_in_a_line(capsys):
    assert refusal(capsys, *FEATURES, "--field", "40").startswith("--model features: a field of (40, 40) inputs")
    assert refusal(capsys, *FEATURES, "--region", "20").startswith("--model features: a field of (20, 20) inputs")


def test_damaged_arrays_of_features_are_named(capsys, tmp_path):
    source, damaged = Path("results/alone"), tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "options.json").write_bytes((source / "options.json").read_bytes())
    with np.load(source / "network_alone.npz") as file:
        arrays = dict(file)
    maps, ceiling = arrays["features_Maps"], arrays["ceiling"]
    changed = [("features_Maps", value) for value in (maps[:-1], maps * np.nan, maps + 9)]
    changed += [("ceiling", value) for value in (ceiling * 0, ceiling - 1e6, ceiling.reshape(1))]
    for name, value in [*changed, ("theta", arrays["theta"] - 1)]:
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


def test_a_preset_gives_another_model_what_that_has_a_use_for():
    options = parse_options(AUDITORY, ["--preset", "best", "--model", "diehl_cook"])
    default = parse_options(AUDITORY, [])
    assert (options.n_neurons, options.n_epochs) == (400, 5)
    assert (options.depression, options.conscience, options.margin) == (default.depression, default.conscience, default.margin)
    assert parse_options(AUDITORY, ["--model", "prototypes", "--preset", "best"]).depression == 0.0


def test_a_preset_of_a_network_that_only_predicts_is_refused_by_its_own_name(capsys):
    told = refusal(capsys, "--preset", "best", "--predict", "results/alone")
    assert told.startswith("--preset best: must not come with --predict")


@pytest.mark.parametrize(
    ("typed", "taken", "asked"),
    [
        ("--preset best --nu 0.1", "diehl_cook", "features"),
        ("--preset best --som", "diehl_cook", "features"),
        ("--preset best --thresh -50", "diehl_cook", "features"),
        ("--n_maps 3", "features", "diehl_cook"),
    ],
)
def test_options_of_another_model_are_refused(typed, taken, asked):
    with pytest.raises(OptionError, match=f"must come with --model {taken}, not {asked}"):
        parse_options(VISUAL, typed.split())


def test_prototypes_that_are_trained_further_go_on_learning_as_slowly_as_they_had_come_to():
    assert main(VISUAL, [*FEATURES, "--start_from", "results/alone", "--freeze", "--filename", "anew"]) == 0
    assert main(VISUAL, [*FEATURES, "--start_from", "results/alone", "--filename", "slow"]) == 0
    wins = {name: load(f"results/{name}").network.arrays["wins"].sum() for name in ("alone", "anew", "slow")}
    assert 20 < wins["alone"] == wins["anew"]
    assert wins["slow"] > wins["alone"] + 20
