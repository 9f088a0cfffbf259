"""Raw recordings made for the tests: few, tiny, and laid out as the real ones are."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from datasets import NMNIST
from eventvision import Events, encode_nmnist

Files = dict[str, bytes]


def recording(seed: int, n_events: int = 40) -> bytes:
    generator = np.random.default_rng(seed)
    x, y = generator.integers(0, 34, (2, n_events))
    ts = np.sort(generator.integers(0, 315_000, n_events))
    return encode_nmnist(Events.from_columns(x, y, generator.integers(0, 2, n_events), ts, 34, 34))


@pytest.fixture(scope="session")
def files() -> Files:
    """Two training recordings and a test recording of each digit, in no order, by their paths."""
    files, number = {}, 0
    for split, n_recordings in (("Train", 2), ("Test", 1)):
        for _ in range(n_recordings):
            for digit in (7, 0, 3, 9, 1, 2, 4, 5, 8, 6):
                number += 1
                files[f"{split}/{digit}/{number:05d}.bin"] = recording(number)
    return files


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The folder in which N-MNIST's raw recordings are looked for."""
    folder = tmp_path / "data" / "NMNIST" / "raw"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def nmnist(raw: Path) -> Callable[..., NMNIST]:
    """Makes the data set whose raw recordings lie in `raw`."""

    def make(**options) -> NMNIST:
        return NMNIST(raw.parents[1], **options)

    return make


def write_zip(path: Path, files: Files) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def write_tar(path: Path, files: Files, mode: str) -> None:
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def write_folder(path: Path, files: Files) -> None:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)


@pytest.fixture
def put() -> Callable[[Path, Files], None]:
    """Writes files into a zip, a tar or a folder, whichever the path's ending says."""

    def put(path: Path, files: Files) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name.endswith(".zip"):
            write_zip(path, files)
        elif ".tar" in path.name or path.name.endswith(".tgz"):
            compression = {".gz": "gz", ".tgz": "gz", ".xz": "xz", ".bz2": "bz2"}
            write_tar(path, files, f"w:{compression.get(path.suffix, '')}")
        else:
            write_folder(path, files)

    return put
