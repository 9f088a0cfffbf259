"""Formats are told from content, and readers say what a file of another one looks like."""

from __future__ import annotations

import io
from pathlib import Path

import h5py
import numpy as np
import pytest

from eventvision import (
    EventFileError,
    Events,
    NTIDIGITSFile,
    decode_nmnist,
    decode_stmnist,
    encode_nmnist,
    encode_stmnist,
    kind_of,
    kind_of_file,
)

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "events"
# As the formats' descriptions say that files begin.
BEGINNINGS = {
    "AEDAT": b"#!AER-DAT4.0\r\n\x0c\x09",
    "Prophesee's": b"% Date 2020-09-25\n\x80\x90",
    "MATLAB 7.3": b"MATLAB 7.3 MAT-file, Platform: GLNXA64",
    "gzip": b"\x1f\x8b\x08\0" + bytes(8),
    "7z": b"7z\xbc\xaf\x27\x1c\0\4",
    "ROS": b"#ROSBAG V2.0\n",
    "text": b"x,y,p,t\r\n1,2,1,10\r\n",
    "WAV": b"RIFF\x24\0\0\0WAVE",
}


def written(write, *content, **arrays) -> bytes:
    file = io.BytesIO()
    write(file, *content, **arrays)
    return file.getvalue()


def made_by_libraries() -> dict[str, bytes]:
    file = io.BytesIO()
    with h5py.File(file, "w") as hdf5:
        hdf5["train_labels"] = [1]
    events = Events.from_columns([1], [1], [1], [1], 10, 10)
    packed, array = written(np.savez, a=[1]), written(np.save, np.zeros(3))
    return {"HDF5": file.getvalue(), "zip": packed, "NumPy": array, "MATLAB 5": encode_stmnist(events)}


@pytest.mark.parametrize(("kind", "content"), (BEGINNINGS | made_by_libraries()).items())
def test_a_file_of_another_format_is_told_by_its_name_in_every_reader(kind, content, tmp_path):
    path = tmp_path / "recording"
    path.write_bytes(content)
    assert kind in kind_of(content)
    assert kind_of_file(path) == kind_of(content)
    with pytest.raises(EventFileError, match=f"is no N-MNIST file: it looks like an? .*{kind}"):
        decode_nmnist(content)
    if kind not in ("MATLAB 5", "MATLAB 7.3"):
        with pytest.raises(EventFileError, match=f"is no MATLAB 5 file, or cut short: it looks like .*{kind}"):
            decode_stmnist(content)
    if kind not in ("HDF5", "MATLAB 7.3"):
        with pytest.raises(EventFileError, match=f"is no HDF5 file: it looks like .*{kind}"):
            NTIDIGITSFile(path)


def test_recordings_that_can_be_read_and_bytes_that_could_be_anything_are_of_no_kind():
    events = Events.from_columns([0, 1], [0, 33], [1, 0], [0, 200], 34, 34)
    for content in (b"", b"\0", encode_nmnist(events), bytes(600), b"caf\xc3\xa9"):
        assert kind_of(content) is None


def test_a_recording_of_a_larger_sensor_is_told_from_a_damaged_one():
    generator = np.random.default_rng(0)
    x, y, ts = generator.integers(0, 128, 500), generator.integers(0, 128, 500), np.arange(500)
    x[0], x[-1], y[-1] = 77, 127, 127
    with pytest.raises(EventFileError, match=r"event 0 has x = 77, outside 0 … 33; with 127 as largest x and 127 as largest y"):
        decode_nmnist(encode_nmnist(Events.from_columns(x, y, np.ones(500), ts, 128, 128)))
    x, y = x % 34, y % 34
    y[7] = 100
    with pytest.raises(EventFileError, match=r"event 7 has y = 100, outside 0 … 33$"):
        decode_nmnist(encode_nmnist(Events.from_columns(x, y, np.ones(500), ts, 128, 128)))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings beside the project")
def test_real_recordings_are_told():
    for ending, kind in (
        (".dat", "Prophesee"),
        (".raw", "Prophesee"),
        (".aedat", "AEDAT"),
        (".aedat4", "AEDAT"),
        (".mat", "MATLAB 5"),
    ):
        (path,) = RECORDINGS.glob(f"*{ending}")
        assert kind in kind_of_file(path)
        with pytest.raises(EventFileError, match=kind):
            decode_nmnist(path.read_bytes())
