"""The programs on MNIST run on a small data set like it, and leave their pictures; what they reach on MNIST is on the page."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pages import ROOT

from bindsnet.engine import whole_run
from bindsnet.engine.fused import CannotFuseError

SMALL = {"n_train": 30, "n_test": 10}
SMALLER = {"TIME": 40, "INTERVAL": 10, "N_TO_TAKE_SHAPE": 10, "N_TO_ADAPT": 10, "N_TO_LEARN": 10, "N_MAPS": 6, "N_FILTERS": 6}
#: what else each is called with, its pictures, and the least percentage right (bars are told with ease where a teacher helps)
PROGRAMS = {
    "diehl_cook": ({"n_neurons": 10}, {"weights", "assignments", "performance", "spikes"}, 0),
    "clamping": ({"n_neurons": 20, "batch_size": 8}, {"weights", "assignments", "spikes"}, 40),
    "convolution": ({}, {"kernels", "spikes"}, 70),
    "locally_connected": ({}, {"weights", "assignments", "spikes"}, 70),
    "som": ({"n_neurons": 9}, {"weights", "assignments", "spikes"}, 0),
    "reservoir": ({"n_neurons": 60}, {"weights", "spikes"}, 70),
}


def write_idx(path: Path, values: np.ndarray) -> None:
    path.write_bytes(struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes())


@pytest.fixture
def bars(tmp_path) -> Path:
    """A folder laid out as MNIST: digits are bars, one for each digit, of varying brightness."""
    random = np.random.default_rng(0)
    for stem, n in (("train", 60), ("t10k", 30)):
        labels = (np.arange(n) % 10).astype(np.uint8)
        images = np.zeros((n, 28, 28), np.uint8)
        for image, label in zip(images, labels, strict=True):
            place = slice(5 * (label % 5) + 2, 5 * (label % 5) + 5)
            image[place if label < 5 else slice(4, 24), slice(4, 24) if label < 5 else place] = random.integers(150, 256)
        write_idx(tmp_path / f"{stem}-images-idx3-ubyte", images)
        write_idx(tmp_path / f"{stem}-labels-idx1-ubyte", labels)
    return tmp_path


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_on_mnist_runs_where_the_fused_engine_would_take_its_runs_and_draws(name, program, bars, monkeypatch):
    taken = []

    def take(network, *_):
        taken.append(network)
        raise CannotFuseError("compiling takes long")  # so the plain engine goes on

    monkeypatch.setattr(whole_run, "N_STEPS_BEFORE", 1)
    monkeypatch.setattr(whole_run, "run", take)
    given, pictures, least = PROGRAMS[name]
    module = program(f"mnist_{name}")
    for constant in SMALLER.keys() & vars(module).keys() - ({"TIME"} if name == "reservoir" else set()):
        monkeypatch.setattr(module, constant, SMALLER[constant])
    found = module.main(**SMALL, **given, root=bars, pictures=bars / "pictures")
    right = list(found.values()) if isinstance(found, dict) else [found]
    assert all(0 <= each <= 100 for each in right)
    assert max(right) >= least
    assert taken
    assert {picture.stem for picture in (bars / "pictures").iterdir()} == pictures


def test_a_program_is_one_command_with_options(bars):
    command = [sys.executable, str(ROOT / "docs" / "programs" / "mnist_reservoir.py"), "--n-train", "20", "--n-test", "10"]
    command += ["--n-neurons", "30", "--root", str(bars), "--seed", "1", "--pictures", str(bars / "new" / "pictures")]
    done = subprocess.run(command, cwd=bars, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "% of 10 test images right" in done.stdout
    assert (bars / "new" / "pictures" / "spikes.png").exists()
