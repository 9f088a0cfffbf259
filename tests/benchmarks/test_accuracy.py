"""The study: what is kept, what is skipped, what tables say."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks import accuracy
from benchmarks.study import data, measure, rows, tables
from benchmarks.study.rows import BEST, EVENTS, Row, all_rows, is_quick

PEN = data.DataSet("digits of the pen model", "Visual", lambda *_: {}, {"source": "emulated", "n_train": 20, "n_test": 10})


def answer(row: Row, right: list[bool], readout: str = "votes") -> dict:
    packed = np.packbits(right).tobytes().hex()
    sizes = {"n_train": 9, "n_labels": 9, "n_test": len(right), "train_seconds": 1.0, "test_seconds": 0.1}
    percent = {readout: 100 * float(np.mean(right))}
    return {"name": row.name, "options": row.shaping, "accuracy": percent, "right": {readout: packed}, **sizes}


def command(*arguments: object) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["accuracy.py", *map(str, arguments)])
        return accuracy.main()


def test_rows_have_names_of_their_own_and_options_that_the_scripts_take():
    from experiment.command_line.keywords import keyword_options
    from experiment.senses import declared

    found = all_rows()
    assert len({row.name for row in found}) == len(found)
    for row in {(row.data, row.model): row for row in found}.values():
        keyword_options(declared(data.DATA_SETS[row.data].sense), row.asked, None)
    assert 0 < sum(map(is_quick, found)) < 40


def test_what_is_kept_is_skipped_unless_its_options_have_changed(tmp_path):
    row = Row("models", data.NMNIST, BEST, 100, 0, {"preset": "best"})
    path = tmp_path / "rows.jsonl"
    accuracy.keep(answer(row, [True]), path)
    kept = accuracy.read_rows(path)
    assert accuracy.is_done(row, kept)
    assert not accuracy.is_done(Row(*row.name.split("/")[:3], 100, 0, {"preset": "best", "margin": 2}), kept)


def test_a_line_that_was_cut_off_costs_that_row_alone(tmp_path):
    first, second = (Row("models", data.NMNIST, BEST, 100, seed) for seed in (0, 1))
    path = tmp_path / "rows.jsonl"
    accuracy.keep(answer(first, [True]), path)
    path.write_bytes(path.read_bytes() + b'{"name": "cut')
    accuracy.keep(answer(second, [False]), path)
    kept = accuracy.read_rows(path)
    assert list(kept) == [first.name, second.name]
    assert kept[second.name]["accuracy"] == {"votes": 0}


def test_data_that_are_not_there_are_told_and_their_rows_skipped(tmp_path, capsys):
    assert command("--only", "models/nmnist/features/100/0", "--data", tmp_path, "--output", tmp_path / "study") == 0
    told = capsys.readouterr().out
    assert "nmnist: skipped, nmnist/Train.zip, nmnist/Test.zip not in" in told
    assert "1 rows: 0 done before, 1 without data, 0 to do" in told


def test_tables_compare_with_k_means_sample_by_sample(tmp_path, capsys):
    path = tmp_path / "rows.jsonl"
    for seed in (0, 1):
        network = Row("models", data.NMNIST, BEST, 400, seed, {"preset": "best"})
        beside = Row("models", data.NMNIST, EVENTS, 400, seed, {"preset": "best"}, EVENTS)
        accuracy.keep(answer(network, [True] * 99 + [False]), path)
        accuracy.keep(answer(beside, [True] * 80 + [False] * 20, "kmeans"), path)
    assert command("--tables", "--output", tmp_path) == 0
    told = capsys.readouterr().out
    assert "| features, prototypes | – | 99.0 ± 1.0 (0.0) of 2 | – |" in told
    assert "| k-means on events | – | 80.0 ± 4.0 (0.0) of 2 | – |" in told
    assert "| N-MNIST, archives | 400 | 99.0 ± 1.0 (0.0) of 2 | 80.0 ± 4.0 (0.0) of 2 | **+19.0 ± 0.0 ± 3.9** | – | – |" in told


def test_the_command_of_each_row_is_told(capsys, tmp_path):
    assert command("--commands", "--only", "models/nmnist/features/400/0", "--output", tmp_path) == 0
    assert capsys.readouterr().out.endswith(": python Visual_network.py --preset best --n_neurons 400 --seed 0\n")


def test_a_difference_counts_where_it_is_more_than_two_errors_of_both_kinds():
    assert tables.difference((2.0, 0.9, 0.9, 5)).startswith("**")
    assert not tables.difference((2.0, 0.9, 1.1, 5)).startswith("**")
    assert not tables.difference((2.0, 1.1, 0.9, 5)).startswith("**")


def test_a_row_tells_of_each_test_sample_whether_it_was_told_rightly(tmp_path, monkeypatch):
    monkeypatch.setitem(data.DATA_SETS, "pen", PEN)
    row = Row("models", "pen", rows.FAITHFUL, 10, 0, {"pattern_time": 40.0, "engine": "plain"})
    found = measure.measure(row, {"root": tmp_path})
    assert (found["n_train"], found["n_test"]) == (20, 10)
    for readout, percent in found["accuracy"].items():
        assert measure.right_of(found, readout).mean() * 100 == pytest.approx(percent)
    beside = measure.measure(
        Row("models", "pen", EVENTS, 10, 0, {"pattern_time": 40.0, "engine": "plain"}, EVENTS), {"root": tmp_path}
    )
    assert measure.right_of(beside, "kmeans").shape == (10,)


def test_samples_become_own_recordings_again(tmp_path, monkeypatch):
    monkeypatch.setitem(data.DATA_SETS, "pen", PEN)
    monkeypatch.setitem(data.DATA_SETS, "again", PEN)
    train, test = data.samples_of("pen", tmp_path, tmp_path / "again")
    np.savez(tmp_path / "own.npz", **data.as_arrays(train, test))
    again = data.DataSet("again", "Visual", lambda *_: {"source": tmp_path / "own.npz"})
    monkeypatch.setitem(data.DATA_SETS, "again", again)
    for before, after in zip((train, test), data.samples_of("again", tmp_path, tmp_path / "pen"), strict=True):
        assert before.labels.tolist() == after.labels.tolist()
        for one, other in zip(before.spike_trains, after.spike_trains, strict=True):
            assert np.array_equal(np.asarray(one), np.asarray(other))
