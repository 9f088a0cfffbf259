"""Recordings that belong to no data set: single files in a sensor's raw format."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from common import NO_LABEL
from common.spike_trains import SpikeTrains
from datasets.binning import Grid
from datasets.dataset import joined
from datasets.doubts import doubts, n_in_first_part
from datasets.errors import DatasetError
from datasets.others import WAY_OF_OTHERS, seems
from datasets.own import FORMATS
from datasets.own_file import OwnSpikeTrains
from datasets.prepare import Batch, bin_batch
from datasets.raw import FilePart
from datasets.readers import read_nmnist_parts, read_ntidigits_keys, read_stmnist_parts
from datasets.recordings import Reader, Recording
from datasets.report import PreparationReport
from datasets.shortage import memory_for
from eventvision import EventFileError, NTIDIGITSFile, kind_of_file
from eventvision.errors import reason_of
from eventvision.files import regular_size

logger = logging.getLogger(__name__)

SENSORS = {"NMNIST": (34, 34), "NTIDIGITS": (64, 1), "STMNIST": (10, 10)}  # width and height
SPLITS = ("train", "test")
SPIKE_TRAINS = ".npz"
LONGEST_NAME = 60  # letters that a complaint repeats


class Part(NamedTuple):
    """Recordings of a file that one reader reads, and the sensor that they are of."""

    recordings: list[Recording]
    reader: Reader
    width: int
    height: int


def read_files(
    dataset: str | None,
    paths: Sequence[str | Path],
    n_inputs: int,
    dt: float,
    pattern_time: float,
    polarities: str,
    taxel_limit: int | None = None,
) -> tuple[list[str], SpikeTrains]:
    """The recordings in some files: `.bin` of N-MNIST, `.mat` of ST-MNIST, or all that an N-TIDIGITS18 or `.npz` file holds.

    Events that are left out and files without any are told as warnings.

    Args:
        dataset: name of the data set whose format they have, such as "NMNIST"; None for recordings of one's own, whose format
            their ending says.
        paths: the files.
        n_inputs: number of input units that their spikes are for.
        dt, pattern_time, polarities, taxel_limit: as for the data set.

    Returns:
        Names of the recordings and their spikes.

    Raises:
        DatasetError: a file is not there, damaged, of another sensor or too large for the memory, or there is no such data set.
    """
    if dataset is not None and dataset not in SENSORS:
        raise DatasetError(f"there is no data set {dataset[:LONGEST_NAME]!a}; there are {', '.join(SENSORS)}")
    names, batches = [], []
    binning = {"dt": dt, "pattern_time": pattern_time, "polarities": polarities}
    for path in paths:
        try:
            with memory_for(str(path)):
                for recordings, reader, width, height in _parts(dataset, path, taxel_limit, binning):
                    grid = Grid(**binning, width=width, height=height)
                    if grid.n_units != n_inputs:
                        raise DatasetError(f"{path}: has {grid.n_units:,} inputs, the network {n_inputs:,}: another sensor's")
                    batches.append(_sound(bin_batch(recordings, reader, grid), path, grid))
                    names += [recording.name for recording in recordings]
        except EventFileError as error:
            raise DatasetError(f"{error}; {WAY_OF_OTHERS}") from error
        except OSError as error:
            raise DatasetError(f"{path}: {error.strerror or reason_of(error)}") from error
    with memory_for(f"{len(names):,} recordings"):
        return names, joined(batches, Grid(dt, pattern_time, "on", n_inputs, 1))


def _parts(dataset: str | None, path: str | Path, taxel_limit: int | None, binning: dict[str, Any]) -> Iterator[Part]:
    if Path(path).is_dir():
        raise DatasetError(f"{path}: is a folder; name the recordings in it, such as {path}/*")
    ending = Path(path).suffix.lower()
    if dataset == "NTIDIGITS":
        yield from _ntidigits(path)
    elif dataset == "NMNIST":
        yield _loose(path, read_nmnist_parts, *SENSORS[dataset])
    elif dataset == "STMNIST":
        yield _loose(path, partial(read_stmnist_parts, taxel_limit), *SENSORS[dataset])
    elif ending == SPIKE_TRAINS:
        for train in (True, False):
            own = OwnSpikeTrains(path, train=train, **binning, prepare=False)
            recordings = own.list_recordings().recordings
            yield Part(recordings, own.reader, own.width, own.height)
    elif ending in FORMATS:
        known = FORMATS[ending]
        yield _loose(path, known.reader, known.width, known.height)
    else:
        endings = ", ".join((*FORMATS, SPIKE_TRAINS))
        known = f"must end in {endings}, as what the network was trained on"
        raise DatasetError(f"{path}: {known}{seems(kind_of_file(path))}; {WAY_OF_OTHERS}")


def _loose(path: str | Path, reader: Reader, width: int, height: int) -> Part:
    try:
        size = regular_size(path)
    except EventFileError as error:
        raise DatasetError(f"{path}: {error}") from None
    return Part([_recording(str(path), FilePart(str(path), 0, size))], reader, width, height)


def _ntidigits(path: str | Path) -> Iterator[Part]:
    with NTIDIGITSFile(path) as file:
        for split in SPLITS:
            recordings = [_recording(file.place(split, key), (key, damage)) for key, damage in file.keys(split).items()]
            yield Part(recordings, partial(read_ntidigits_keys, str(path), split), *SENSORS["NTIDIGITS"])


def _recording(name: str, locator: Any) -> Recording:
    return Recording(name, NO_LABEL, locator)


def _sound(batch: Batch, path: str | Path, grid: Grid) -> Batch:
    for name, damage in batch.left_out:
        raise DatasetError(f"{name}: {damage}; {WAY_OF_OTHERS}")
    if batch.n_damaged_events:
        logger.warning("%s: %d partial or corrupted events left out", path, batch.n_damaged_events)
    if batch.labels and not batch.binned.n_events:
        logger.warning("%s: holds no events of the polarities that the network takes", path)
        return batch
    binned, n_silent = batch.binned, int((batch.binned.counts == 0).sum())
    held = PreparationReport(
        n_samples=len(batch.labels),
        n_silent=n_silent,
        n_events=binned.n_events,
        n_past_window=binned.n_outside,
        n_spikes=len(binned.steps),
    )
    for line in doubts(held, n_in_first_part(binned.steps, grid), grid):
        logger.warning("%s: %s", path, line)
    return batch
