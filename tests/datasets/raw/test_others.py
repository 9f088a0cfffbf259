"""Files of other formats where recordings are looked for: a line says what they look like and what becomes of them."""

from __future__ import annotations

import numpy as np
import pytest

from datasets import NMNIST, NTIDIGITS, STMNIST, DatasetError, EmulatedNMNIST, open_own
from datasets.own.single_files import read_files
from eventvision import Events, encode_nmnist, encode_stmnist

AEDAT = b"#!AER-DAT4.0\r\n" + bytes(range(256))
WAY = "are taken as .npz files of spike trains, see docs/own-recordings.md"


def events(side: int) -> Events:
    generator = np.random.default_rng(side)
    x, y = generator.integers(0, side, (2, 100))
    return Events.from_columns(x, y, np.ones(100), np.arange(100) * 1000, side, side)


def complaint_of(action) -> str:
    with pytest.raises(DatasetError) as caught:
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "looks"),
    [
        ("1.aedat4", AEDAT, "there are 4 other files, such as {}cat/0-1.aedat4, which looks like an AEDAT recording"),
        ("1.xyz", b"\0\1", "there are 4 other files, such as {}cat/0-1.xyz; "),
        ("1.bin", AEDAT, "0-1.bin: is no N-MNIST file: it looks like an AEDAT recording"),
        ("1.bin", encode_nmnist(events(128)), "0-1.bin: event 0 has x = "),
        ("1.mat", AEDAT, "0-1.mat: is no MATLAB 5 file, or cut short: it looks like an AEDAT recording"),
    ],
)
@pytest.mark.parametrize("where", ["pets", "pets/all.zip"])
def test_a_folder_or_archive_of_other_recordings_says_what_they_look_like(put, tmp_path, name, content, looks, where):
    classes = {f"{animal}/{number}-{name}": content for animal in ("cat", "dog") for number in range(2)}
    put(tmp_path / where, classes)
    told = complaint_of(lambda: open_own(tmp_path / "pets", root=tmp_path / "data"))
    assert looks.format(f"{tmp_path / where}/") in told.replace("1-1.", "0-1.")
    assert WAY in told


def test_an_npz_file_of_another_format_is_told(tmp_path):
    (tmp_path / "own.npz").write_bytes(AEDAT)
    assert "writes such files; it looks like an AEDAT" in complaint_of(
        lambda: open_own(tmp_path / "own.npz", root=tmp_path / "data")
    )


@pytest.mark.parametrize("dataset", [NMNIST, STMNIST, NTIDIGITS])
def test_a_raw_folder_of_other_recordings_says_what_they_look_like(dataset, put, tmp_path):
    put(tmp_path / dataset.name / "raw", {"Train/0/1.aedat": AEDAT})
    told = complaint_of(lambda: dataset(tmp_path))
    assert "raw; there is only " in told
    assert "Train/0/1.aedat, which looks like an AEDAT recording" in told
    assert WAY in told


@pytest.mark.parametrize(("dataset", "n_inputs"), [("NMNIST", 1156), ("STMNIST", 100), ("NTIDIGITS", 64), (None, 1156)])
def test_a_file_to_be_told_of_another_format_says_what_it_looks_like(dataset, n_inputs, tmp_path):
    (tmp_path / "x.aedat").write_bytes(AEDAT)
    told = complaint_of(lambda: read_files(dataset, [tmp_path / "x.aedat"], n_inputs, 1.0, 100.0, "on"))
    assert str(tmp_path / "x.aedat") in told
    assert "it looks like an AEDAT recording" in told
    assert WAY in told


def test_formats_of_the_project_given_to_one_another_are_told(tmp_path):
    (tmp_path / "x.mat").write_bytes(encode_stmnist(events(10)))
    (tmp_path / "y.bin").write_bytes(encode_nmnist(events(128)))
    for name, looks in (("x.mat", "it looks like a MATLAB 5 file"), ("y.bin", "it seems to be of a sensor of another size")):
        assert looks in complaint_of(lambda name=name: read_files("NMNIST", [tmp_path / name], 1156, 1.0, 100.0, "on"))


def test_stimuli_of_another_format_are_told(tmp_path):
    (tmp_path / "images-idx3").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "labels-idx1").write_bytes(b"")
    told = complaint_of(lambda: EmulatedNMNIST(tmp_path, stimuli=tmp_path / "images-idx3"))
    assert "images-idx3 is no IDX file of unsigned bytes, such as MNIST's images; it looks like a PNG picture" in told
