"""Files of images and labels in the IDX form: where people have them, whether they fit together, and how they are downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock

from bindsnet.errors import DataError
from common.download import RemoteFile, download_file
from common.errors import DatasetError
from common.idx import read_idx
from common.room import cannot_write

REMEDY = "Move it away and pass download=True, or put the right file there"


def folders(root: Path, name: str) -> list[Path]:
    """Where the files of a data set may lie: as torchvision lays them out, or in a folder that is named itself."""
    return [root / name / "raw", root / "raw", root / name, root]


def find_file(folder: Path, stem: str) -> Path | None:
    """The file of this name in a folder: packed by gzip or not, with ``.idx`` for ``-idx``, or in a folder of its own name."""
    forms = (stem, stem.replace("-idx", ".idx"))
    places = (place for form in forms for place in (folder / form, folder / f"{form}.gz", folder / form / form))
    return next((place for place in places if place.exists() and not place.is_dir()), None)


def find_files(root: Path, name: str, stems: Sequence[str]) -> list[Path]:
    """All files of these names, which lie in one folder; none if no folder holds them all.

    Raises:
        DataError: a folder cannot be looked into.
    """
    for folder in folders(root, name):
        try:
            found = [find_file(folder, stem) for stem in stems]
        except OSError as error:
            raise DataError(f"{name}: cannot look into {folder}: {error.strerror}") from error
        if all(found):
            return found
    return []


def missing(root: Path, name: str, stems: Sequence[str]) -> DataError:
    """The error that says which files were looked for, and where."""
    places = ", ".join(map(str, folders(root, name)))
    return DataError(
        f"{name}: no folder holds both {' and '.join(stems)} (plain or .gz); looked in {places}. "
        f"Pass download=True, or as root the folder that holds them"
    )


def download(root: Path, name: str, remote_files: Sequence[RemoteFile]) -> Path:
    """Files that are not there yet, downloaded and checked, in the folder of torchvision; safe beside other processes.

    Raises:
        DataError: they could not be had; says why.
    """
    raw = root / name / "raw"
    try:
        raw.mkdir(parents=True, exist_ok=True)
        with FileLock(raw / ".download.lock"):
            for remote in remote_files:
                if find_file(raw, remote.name.removesuffix(".gz")) is None:
                    download_file(remote, raw, option="root")
    except DatasetError as error:
        raise DataError(f"{name}: {error}") from error
    except (OSError, ValueError) as error:  # of a name that is none
        raise DataError(f"{name}: {cannot_write(raw, error, 'root')}") from error
    return raw


def read_images(images: Path, labels: Path, n_classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images uint8 ``[n, rows, columns]`` and labels int64 ``[n]``.

    Raises:
        DataError: a file is damaged, holds something else, or the two do not fit together; names the file and what to do.
    """
    pixels, classes = _read(images, "images", 3), _read(labels, "labels", 1)
    if len(pixels) != len(classes):
        raise _unfit(labels, f"holds {len(classes):,} labels, but {images} holds {len(pixels):,} images")
    if len(classes) and classes.max() >= n_classes:
        raise _unfit(labels, f"holds the label {classes.max()}; expected 0 to {n_classes - 1}")
    return torch.from_numpy(pixels.copy()), torch.from_numpy(classes.astype(np.int64))


def _read(path: Path, what: str, n_dimensions: int) -> np.ndarray:
    try:
        values = read_idx(path)
    except DatasetError as error:
        raise DataError(f"{error}. {REMEDY}") from error
    if values.ndim != n_dimensions:
        raise _unfit(path, f"has {values.ndim} dimensions; {what} have {n_dimensions}")
    return values


def _unfit(path: Path, why: str) -> DataError:
    return DataError(f"{path} {why}. {REMEDY}")
