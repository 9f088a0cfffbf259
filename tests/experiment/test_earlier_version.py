"""Results of an earlier version: they are predicted with, reported, gone on with, and trained further.

`earlier_version/` was made by commit 4cb7cb9: 150 samples of spikes in `spikes.npz`, a finished run, one that was stopped
within an update interval of its second epoch, and what `--predict` printed. PLACE stands for the folder that all that lay in.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from experiment.__main__ import main as experiment
from experiment.main import main
from experiment.results import saved
from Visual_network import VISUAL

EARLIER = Path(__file__).parent / "earlier_version"
OPTIONS = ["--source", "spikes.npz", "--pattern_time", "40", "--n_neurons", "6", "--theta_plus", "1", "--thresh", "-58"]
OPTIONS += ["--n_epochs", "2", "--readout", "ngram", "logreg", "--label_fraction", "0.5", "--n_workers", "1"]

REFITTED = ("logreg_coefficients", "logreg_intercepts")  # then without a choice of its regularisation


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    shutil.copytree(EARLIER, tmp_path, dirs_exist_ok=True)
    for path in (*tmp_path.glob("results/*/options.json"), *tmp_path.glob("*.txt")):
        path.write_text(path.read_text().replace("PLACE", str(tmp_path)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(folder: Path) -> list[dict[str, str]]:
    with open(folder / "metrics.csv", newline="") as file:
        return [row | {"seconds": ""} for row in csv.DictReader(file)]


@pytest.mark.parametrize(("files", "printed"), [((), "predicted.txt"), (("spikes.npz",), "predicted_files.txt")])
def test_predictions_are_those_of_then(here, capsys, files, printed):
    assert main(VISUAL, ["--predict", "results/finished", *files]) == 0
    assert capsys.readouterr().out == (here / printed).read_text()


def test_an_unfinished_run_is_gone_on_with_to_the_same_end(here):
    options = here / "results" / "unfinished" / saved.OPTIONS_FILE
    assert main(VISUAL, [*OPTIONS, "--filename", "keys"]) == 0
    content = json.loads(options.read_text())
    content["data"] = json.loads((here / "results" / "keys" / saved.OPTIONS_FILE).read_text())["data"]  # the place has changed
    options.write_text(json.dumps(content))
    assert main(VISUAL, [*OPTIONS, "--filename", "unfinished", "--resume"]) == 0
    then, now = here / "results" / "finished", here / "results" / "unfinished"
    with np.load(then / "network_finished.npz") as one, np.load(now / "network_unfinished.npz") as other:
        assert set(one) == set(other)
        assert all(one[name].tobytes() == other[name].tobytes() for name in one if name not in REFITTED)
    assert rows(now) == rows(then)
    accuracies = [json.loads((folder / saved.FINISHED).read_text())["test_accuracy"] for folder in (then, now)]
    assert [found.pop("logreg") > 33 for found in accuracies] == [True, True]
    assert accuracies[0] == accuracies[1]


def test_a_finished_run_is_trained_further_and_reported(here, capsys):
    assert main(VISUAL, [*OPTIONS, "--start_from", "results/finished", "--filename", "further"]) == 0
    assert experiment(["report", "results/finished", "results/unfinished", "results/further"]) == 0
    assert "3 runs in" in capsys.readouterr().out


def test_a_finished_run_of_then_is_kept_aside_and_overwritten(here):
    assert main(VISUAL, [*OPTIONS, "--filename", "finished"]) == 0
    assert (here / "results" / "finished-1" / "network_finished.npz").exists()
    assert main(VISUAL, [*OPTIONS, "--filename", "finished", "--overwrite"]) == 0
    assert not (here / "results" / "finished-2").exists()
