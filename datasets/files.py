"""Recordings that belong to no data set: single files in a sensor's raw format."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from datasets.binning import Grid
from datasets.dataset import joined
from datasets.errors import DatasetError
from datasets.prepare import Batch, bin_batch
from datasets.raw import FilePart
from datasets.readers import read_nmnist_parts, read_ntidigits_keys, read_stmnist_parts
from datasets.recordings import Reader, Recording
from datasets.spike_trains import SpikeTrains
from eventvision import EventFileError, NTIDIGITSFile

SENSORS = {"NMNIST": (34, 34), "NTIDIGITS": (64, 1), "STMNIST": (10, 10)}  # width and height
SPLITS = ("train", "test")
NO_LABEL = -1


def read_files(
    dataset: str,
    paths: Sequence[str | Path],
    dt: float,
    pattern_time: float,
    polarities: str,
    taxel_limit: int | None = None,
) -> tuple[list[str], SpikeTrains]:
    """The recordings in some files: `.bin` of N-MNIST, `.mat` of ST-MNIST, or all that an N-TIDIGITS18 file holds.

    Args:
        dataset: name of the data set whose format they have, such as "NMNIST".
        paths: the files.
        dt, pattern_time, polarities, taxel_limit: as for the data set.

    Returns:
        Names of the recordings and their spikes.

    Raises:
        DatasetError: a file is not there or damaged, or there is no such data set.
    """
    if dataset not in SENSORS:
        raise DatasetError(f"there is no data set {dataset!r}; there are {', '.join(SENSORS)}")
    grid = Grid(dt, pattern_time, polarities, *SENSORS[dataset])
    names, batches = [], []
    for path in paths:
        try:
            parts = _ntidigits(path) if dataset == "NTIDIGITS" else _loose(dataset, path, taxel_limit)
            for recordings, reader in parts:
                batches.append(_sound(bin_batch(recordings, reader, grid)))
                names += [recording.name for recording in recordings]
        except EventFileError as error:
            raise DatasetError(str(error)) from error
        except OSError as error:
            raise DatasetError(f"{path}: {error.strerror or error}") from error
    return names, joined(batches, grid)


def _loose(dataset: str, path: str | Path, taxel_limit: int | None) -> list[tuple[list[Recording], Reader]]:
    reader = read_nmnist_parts if dataset == "NMNIST" else partial(read_stmnist_parts, taxel_limit)
    return [([_recording(str(path), FilePart(str(path), 0, Path(path).stat().st_size))], reader)]


def _ntidigits(path: str | Path) -> list[tuple[list[Recording], Reader]]:
    with NTIDIGITSFile(path) as file:
        return [
            (
                [_recording(file.place(split, key), (key, damage)) for key, damage in file.keys(split).items()],
                partial(read_ntidigits_keys, str(path), split),
            )
            for split in SPLITS
        ]


def _recording(name: str, locator: Any) -> Recording:
    return Recording(name, NO_LABEL, locator)


def _sound(batch: Batch) -> Batch:
    for name, damage in batch.left_out:
        raise DatasetError(f"{name}: {damage}")
    return batch
