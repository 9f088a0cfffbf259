"""Which runs are of one setting, and what is made of those that are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from runs import page_of, put_run

from experiment.report.compared import pool, read_runs


@pytest.mark.parametrize("change", [{"nu": 0.02}, {"n_train": 20}, {"source": "emulated"}, {"gpu": True}, {"n_epochs": 3}])
def test_runs_that_differ_in_more_than_the_seed_are_not_pooled(tmp_path, change):
    runs, _ = read_runs([put_run(tmp_path / "a"), put_run(tmp_path / "b", 1, **change)])
    assert len(pool(runs)) == 2


def put_shown(folder: Path, seed: int, train: str, test: str = "l", **options) -> Path:
    """A run on images that the emulated camera was shown, some of them, whose key says which."""
    folder = put_run(folder, seed, source="emulated", **{"stimuli": Path("images"), "n_train": 20} | options)
    saved = json.loads((folder / "options.json").read_text())
    (folder / "options.json").write_text(json.dumps(saved | {"data": {"train": train, "test": test}}))
    return folder


OPTIONS_KEY, OTHER_KEY = (
    "0123456789ab",
    "ba9876543210",
)  # the first half of the data's key stands for options, the second for stimuli


def test_seeds_that_chose_other_stimuli_for_training_are_pooled(tmp_path):
    runs, _ = read_runs([put_shown(tmp_path / str(seed), seed, f"{OPTIONS_KEY}{seed:012d}") for seed in range(3)])
    assert [len(setting.runs) for setting in pool(runs)] == [3]


@pytest.mark.parametrize(
    ("train", "change"),
    [
        (OTHER_KEY + "0" * 12, {}),
        (OPTIONS_KEY + "1" * 12, {"stimuli": Path("others")}),
        (OPTIONS_KEY + "1" * 12, {"test": "m"}),
        (OPTIONS_KEY + "1" * 12, {"n_train": None}),
    ],
)
def test_runs_on_really_other_stimuli_are_not_pooled(tmp_path, train, change):
    one, other = put_shown(tmp_path / "a", 0, OPTIONS_KEY + "0" * 12), put_shown(tmp_path / "b", 1, train, **change)
    runs, _ = read_runs([one, other])
    assert len(pool(runs)) == 2


def test_stimuli_that_changed_between_two_runs_of_a_seed_are_never_pooled(tmp_path):
    keys = ((0, "0"), (1, "1"), (0, "2"))
    runs, _ = read_runs([put_shown(tmp_path / digit, seed, OPTIONS_KEY + digit * 12) for seed, digit in keys])
    assert [[run.folder.name for run in setting.runs] for setting in pool(runs)] == [["0"], ["1"], ["2"]]


def test_a_run_made_before_an_option_existed_is_pooled_with_those_that_have_its_default(tmp_path):
    folders = [put_run(tmp_path / "a"), put_run(tmp_path / "b", 1)]
    saved = json.loads((folders[0] / "options.json").read_text())
    for name in ("label_fraction", "readout", "plot_hold"):
        del saved["options"][name]
    (folders[0] / "options.json").write_text(json.dumps(saved))
    runs, _ = read_runs(folders)
    assert len(pool(runs)) == 1


def test_other_data_are_another_setting_and_other_workers_are_not(tmp_path):
    folders = [put_run(tmp_path / "a"), put_run(tmp_path / "b", 1, n_workers=3), put_run(tmp_path / "c", 2)]
    saved = json.loads((folders[2] / "options.json").read_text())
    (folders[2] / "options.json").write_text(json.dumps(saved | {"data": {"train": "other", "test": "l"}}))
    runs, _ = read_runs(folders)
    assert [[run.folder.name for run in setting.runs] for setting in pool(runs)] == [["a", "b"], ["c"]]
    assert ["data: train", "k", "other"] in page_of(*folders).rows


def test_a_seed_that_was_run_twice_counts_once_and_the_page_says_so(tmp_path):
    page = page_of(put_run(tmp_path / "a", 0, 50.0), put_run(tmp_path / "b", 1, 60.0), put_run(tmp_path / "c", 0, 50.0))
    assert page.row("1 ")[-1] == "55.0 ± 7.1"
    assert "c: repeats seed 0 of setting 1; it counts in no mean" in page.text


def test_a_folder_named_twice_is_one_run(tmp_path):
    folder = put_run(tmp_path / "a")
    runs, left_out = read_runs([folder, folder.parent / ".." / tmp_path.name / "a"])
    assert ([run.folder for run in runs], left_out) == ([folder], [])


def test_curves_are_means_over_an_epoch_with_a_deviation_over_seeds(tmp_path):
    runs, _ = read_runs([put_run(tmp_path / "a"), put_run(tmp_path / "b", 1, offset=10.0)])
    n_seen, mean, deviation = pool(runs)[0].curve("all_activity")
    assert n_seen.tolist() == list(range(5, 45, 5))
    assert np.isnan(mean[0])
    assert mean[-1] == pytest.approx(np.mean([25, 30, 35, 40]) + 5)
    assert deviation[1:] == pytest.approx(np.full(7, np.std([0, 10], ddof=1)))
