import subprocess
import sys
from pathlib import Path

import pytest

import datasets

ROOT = Path(__file__).resolve().parents[2]


def loaded_by(program):
    command = [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in answer.stdout.split()}


def test_every_exported_name_is_there():
    for name in datasets.__all__:
        assert getattr(datasets, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'FSDD'"):
        _ = datasets.FSDD


def test_worker_processes_load_neither_torch_nor_anything_slow():
    loaded = loaded_by("import datasets.preparation.workers, datasets.raw.readers")
    assert "numpy" in loaded
    assert not loaded & {"torch", "matplotlib", "pooch", "requests", "scipy", "h5py", "sklearn"}


def test_the_data_sets_load_nothing_that_they_do_not_always_need():
    loaded = loaded_by("from datasets import NMNIST, SpikeTrains, DatasetError")
    assert "torch" in loaded
    assert not loaded & {"matplotlib", "pooch", "requests", "scipy", "h5py", "sklearn"}
