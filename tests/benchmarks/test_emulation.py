"""The comparison of emulated with recorded ones, on an archive of emulated ones."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scripts import answer_of

from benchmarks import emulation
from datasets import EmulatedSTMNIST
from datasets.emulation.camera import look_at
from datasets.emulation.pen import render, write_digit
from eventvision import encode_nmnist


def benchmark(*arguments: str | Path) -> subprocess.CompletedProcess:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["emulation.py", *map(str, arguments)])
        return answer_of(emulation.main)


def test_table_shows_both_sides_and_what_one_teaches_about_the_other(tmp_path):
    EmulatedSTMNIST(tmp_path, n_samples=60, seed=1, progress=False).write_raw(tmp_path)
    with zipfile.ZipFile(tmp_path / "recorded.zip", "w") as archive:
        for path in sorted(tmp_path.glob("data_submission/*/*.mat")):
            archive.write(path, path.relative_to(tmp_path))
    command = [sys.executable, emulation.__file__, "tactile", str(tmp_path / "recorded.zip"), "--n", "60"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    ratios = {line[:38].strip(): float(line.split()[-1]) for line in lines[1:] if not line.startswith("logistic")}
    assert ratios["events"] == pytest.approx(1, abs=0.5)
    assert ratios["ON events (%)"] == pytest.approx(1, abs=0.1)
    assert sum("% of 60 recorded ones taught by 60 emulated" in line for line in lines) == 2


def written_images(folder: Path, n: int) -> tuple[Path, np.ndarray, np.ndarray]:
    """An IDX file of images, and what it holds."""
    labels = np.arange(n, dtype=np.uint8) % 10
    generator = np.random.default_rng(0)
    images = np.stack([np.round(255 * render(write_digit(d, generator), generator)).astype(np.uint8) for d in labels])
    for name, array in (("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", labels)):
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        (folder / name).write_bytes(header + array.tobytes())
    return folder / "train-images-idx3-ubyte", images, labels


def test_recordings_of_the_camera_are_compared_with_emulations_of_the_images_that_they_show(tmp_path):
    stimuli, images, labels = written_images(tmp_path, 110)
    with zipfile.ZipFile(tmp_path / "Train.zip", "w") as archive:
        for number in range(50):
            events = look_at(images[number] / 255, np.random.default_rng(number))
            archive.writestr(f"Train/{labels[number]}/{number + 1:05d}.bin", encode_nmnist(events))
    finished = benchmark("visual", tmp_path / "Train.zip", "--stimuli", stimuli, "--n", "60")
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    ratios = [float(line.split()[-1]) for line in lines[1:] if not line.startswith(("logistic", "one by one"))]
    assert len(ratios) == 28
    assert ratios == pytest.approx(np.ones(28), abs=0.2)
    agreement = [float(line.split()[-1]) for line in lines if line.startswith("one by one")]
    assert min(agreement) > 0.8
    assert sum("% of 50 recorded ones taught by 60 emulated" in line for line in lines) == 2


def test_other_images_than_the_recordings_show_are_noticed(tmp_path):
    stimuli, images, _ = written_images(tmp_path, 20)
    with zipfile.ZipFile(tmp_path / "Train.zip", "w") as archive:
        archive.writestr("Train/7/00003.bin", encode_nmnist(look_at(images[2] / 255, np.random.default_rng(0))))
    for arguments, complaint in ((("--stimuli", stimuli), "number 2 differs"), ((), "--stimuli: give the IDX file")):
        finished = benchmark("visual", tmp_path / "Train.zip", *arguments)
        assert finished.returncode == 2
        assert complaint in finished.stderr
        assert len(finished.stderr.splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), None], ids=["no archive", "an empty one", "none"])
def test_an_archive_that_holds_nothing_is_named(content, tmp_path):
    if content is not None:
        (tmp_path / "a.zip").write_bytes(content)
    finished = benchmark("tactile", tmp_path / "a.zip")
    assert finished.returncode == 2
    assert "a.zip" in finished.stderr
    assert len(finished.stderr.splitlines()) == 1
