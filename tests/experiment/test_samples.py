"""Which samples a run takes."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from Auditory_network import AUDITORY
from datasets import DatasetError, EmulatedNMNIST
from experiment.command_line.parse import parse_options
from experiment.errors import OptionError
from experiment.main import main
from experiment.samples import load_samples, report_lines
from Visual_network import VISUAL

N_OF_EACH = 12


@pytest.fixture
def stimuli(tmp_path, monkeypatch) -> Path:
    """Images of one class after the other: an upright bar, at another place in each image."""
    monkeypatch.chdir(tmp_path)
    labels = np.repeat(np.arange(10, dtype=np.uint8), N_OF_EACH)
    images = np.zeros((len(labels), 28, 28), np.uint8)
    for number, image in enumerate(images):
        image[5:23, number % 24 : number % 24 + 3] = 255
    for split in ("train", "t10k"):
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            (tmp_path / f"{split}-{name}-ubyte").write_bytes(head + array.tobytes())
    return tmp_path / "train-images-idx3-ubyte"


def options(stimuli: Path, n_train: int, n_test: int, seed: int = 0):
    words = ["--source", "emulated", "--stimuli", stimuli, "--n_train", n_train, "--n_test", n_test, "--seed", seed]
    return parse_options(VISUAL, [*map(str, words), "--n_workers", "1", "--pattern_time", "20"])


def test_some_stimuli_of_a_file_in_the_order_of_classes_are_of_all_classes(stimuli):
    train, test = load_samples(VISUAL, options(stimuli, 30, 20))
    assert torch.bincount(train.labels).tolist() == [3] * 10
    assert torch.bincount(test.labels).tolist() == [2] * 10
    assert train.spike_trains.n_samples == 30


def test_the_seed_draws_other_stimuli_for_training_and_the_same_for_testing(stimuli):
    one, two = (load_samples(VISUAL, options(stimuli, 30, 20, seed)) for seed in (0, 1))
    assert one[0].key != two[0].key
    assert one[1].key == two[1].key
    assert load_samples(VISUAL, options(stimuli, 30, 20))[0].key == one[0].key


def test_too_many_stimuli_are_refused_by_the_names_of_both_options(stimuli):
    with pytest.raises(OptionError) as error:
        load_samples(VISUAL, options(stimuli, 121, 500))
    assert list(error.value.complaints) == [
        "--n_train 121: must be at most 120, the training samples that are there",
        "--n_test 500: must be at most 120, the test samples that are there",
    ]


def test_the_log_says_what_holds_for_both_splits_once():
    train, test = (SimpleNamespace(title="pets", report=["2 pipes passed over", f"{n} samples"]) for n in (8, 2))
    assert report_lines(train, test) == [
        "pets train and test: 2 pipes passed over",
        "pets train: 8 samples",
        "pets test: 2 samples",
    ]


def test_all_stimuli_are_taken_by_default(stimuli):
    everything = replace(options(stimuli, 1, 1), n_train=None, n_test=None)
    train, test = load_samples(VISUAL, everything)
    assert (len(train.labels), len(test.labels)) == (10 * N_OF_EACH, 10 * N_OF_EACH)


UNUSABLE = {
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("hello"),
    "labels are a folder": lambda path: (path.write_bytes(b"\0\0\x08\3" + bytes(12)), Path("labels-idx1").mkdir()),
}


@pytest.mark.parametrize("modality", [VISUAL, AUDITORY], ids=lambda modality: modality.name)
@pytest.mark.parametrize("what", [".", "..", "./.", *UNUSABLE])
def test_stimuli_that_are_of_another_kind_get_one_line_and_leave_nothing(modality, what, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if what in UNUSABLE:
        UNUSABLE[what](Path("images-idx3"))
    assert main(modality, ["--source", "emulated", "--stimuli", "images-idx3" if what in UNUSABLE else what]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert re.search("is needed|no regular file|labels must lie|holds results/test, where this run's results go", told)
    assert "Errno" not in told
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("folder", ["/", ".", ".."])
def test_a_folder_without_a_name_of_its_own_is_no_file_of_images(folder):
    with pytest.raises(DatasetError, match="is no file; an IDX file of images is needed"):
        EmulatedNMNIST(stimuli=folder, prepare=False).stimuli_labels()
