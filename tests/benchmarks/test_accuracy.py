"""The study: what is kept, what is skipped, what tables say."""

from __future__ import annotations

import gzip
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import accuracy
from benchmarks.study import data, measure, rows, tables
from benchmarks.study.rows import BEST, EVENTS, Row, all_rows, is_quick
from common.idx import read_idx

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
    for seed in (0, 1, 2):
        network = Row("models", data.NMNIST, BEST, 400, seed, {"preset": "best"})
        beside = Row("models", data.NMNIST, EVENTS, 400, seed, {"preset": "best"}, EVENTS)
        accuracy.keep(answer(network, [True] * 99 + [False]), path)
        accuracy.keep(answer(beside, [True] * 80 + [False] * 20, "kmeans"), path)
    assert command("--tables", "--output", tmp_path) == 0
    told = capsys.readouterr().out
    assert "| features, prototypes | – | 99.0 ± 1.0 (0.0) of 3 | – |" in told
    assert "| k-means on events | – | 80.0 ± 4.0 (0.0) of 3 | – |" in told
    assert "| N-MNIST, archives | 400 | 99.0 ± 1.0 (0.0) of 3 | 80.0 ± 4.0 (0.0) of 3 | **+19.0 ± 0.0 ± 3.9** | – | – |" in told


def test_the_command_of_each_row_is_told(capsys, tmp_path):
    assert command("--commands", "--only", "models/nmnist/features/400/0", "--output", tmp_path) == 0
    assert capsys.readouterr().out.endswith(": python Visual_network.py --preset best --n_neurons 400 --seed 0\n")


def test_a_difference_counts_where_it_is_more_than_two_errors_of_both_kinds():
    assert tables.difference((2.0, 0.9, 0.9, 5)).startswith("**")
    assert not tables.difference((2.0, 0.9, 1.1, 5)).startswith("**")
    assert not tables.difference((2.0, 1.1, 0.9, 5)).startswith("**")
    assert not tables.difference((2.0, 0.1, 0.9, 2)).startswith("**")


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


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def written_mnist(folder: Path) -> None:
    (folder / "mnist").mkdir()
    for split, n in (("train", 6), ("t10k", 4)):
        images = np.repeat(np.arange(n, dtype=np.uint8) * 40, 784).reshape(n, 28, 28)
        for kind, array in (("images-idx3", images), ("labels-idx1", np.arange(n, dtype=np.uint8))):
            (folder / "mnist" / f"{split}-{kind}-ubyte.gz").write_bytes(gzip.compress(idx(array)))


def test_images_that_the_archives_show_are_left_out_of_training_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "SHOWN", 2)
    written_mnist(tmp_path)
    stimuli = data.other_images(tmp_path, tmp_path / "set")["stimuli"]
    assert read_idx(stimuli)[:, 0, 0].tolist() == [80, 120, 160, 200]
    assert read_idx(stimuli.with_name("t10k-labels-idx1-ubyte")).tolist() == [0, 1, 2, 3]


def test_pixels_spike_as_often_as_their_grey_level_says(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "N_POISSON", {"train": 6, "t10k": 4})
    written_mnist(tmp_path)
    found = data.poisson(tmp_path, tmp_path)
    numbers = np.diff(found["pointers"]) / (784 * 0.35)  # Hz
    assert numbers == pytest.approx(np.array([*range(6), *range(4)]) * 10, rel=0.05)
    assert found["is_test"].tolist() == [False] * 6 + [True] * 4


def test_other_rows_than_models_are_compared_with_the_best_preset(tmp_path, capsys):
    path = tmp_path / "rows.jsonl"
    found = [row for row in all_rows() if row.seed == 0 and row.n_neurons == 400 and row.what == rows.NETWORK]
    for row in found:
        accuracy.keep(answer(row, [row.table != "changes", True]), path)
    assert command("--tables", "--output", tmp_path) == 0
    told = capsys.readouterr().out
    assert "| N-MNIST, archives | no depression | 50.0 ± 35.4 of 1 | -50.0 ± – ± 35.4 | 1.0 s |" in told
    assert "| N-MNIST, archives | three saccades | 100.0 ± 0.0 of 1 | +0.0 ± – ± 0.0 | 1.0 s |" in told
    assert "| N-MNIST, archives | 0.1 | 9 | – | 100.0 ± 0.0 of 1 | – |" in told
    assert "| theo | 2 | 100.0 ± 0.0 of 1 | – | – | – |" in told
