"""Recordings whose class is to be told: single files as a sensor sent them, without labels."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from common.errors import reason_of
from common.kinds import seems
from common.spike_trains import SpikeTrains
from datasets.errors import DatasetError
from datasets.own.spike_trains import OwnSpikeTrains
from datasets.preparation.binning import Batch, Grid
from datasets.preparation.doubts import doubts, n_in_first_part
from datasets.preparation.report import PreparationReport
from datasets.preparation.samples import joined
from datasets.preparation.shortage import memory_for
from datasets.preparation.workers import bin_batch
from datasets.raw.others import WAY_OF_OTHERS
from datasets.recordings import Reader, Recording
from datasets.registry import data_set, formats
from eventvision import EventFileError, kind_of_file
from eventvision.sensors import Sensor

logger = logging.getLogger(__name__)

SPIKE_TRAINS = ".npz"


def read_files(
    dataset: str | None,
    paths: Sequence[str | Path],
    n_inputs: int,
    dt: float,
    pattern_time: float,
    polarities: str,
    *,
    like: str | None = None,
    **own: Any,
) -> tuple[list[str], SpikeTrains]:
    """The recordings in some files: in each as many as a file of the data set, or an `.npz` file, holds.

    Events that are left out and files without any are told as warnings.

    Args:
        dataset: name of the data set whose format they have, such as "NMNIST"; None for recordings of one's own, whose format
            their ending says.
        paths: the files.
        n_inputs: number of input units that their spikes are for.
        dt, pattern_time, polarities: as for the data set.
        like: name of the data set whose format one's own recordings have where several have the same ending.
        own: the data set's own options.

    Returns:
        Names of the recordings and their spikes.

    Raises:
        DatasetError: a file is not there, damaged, of another sensor or too large for the memory, or there is no such data set.
    """
    if dataset is not None:
        data_set(dataset)
    names, batches = [], []
    binning = {"dt": dt, "pattern_time": pattern_time, "polarities": polarities}
    for path in map(str, paths):
        try:
            with memory_for(path):
                for recordings, reader, sensor in _parts(dataset, path, like, own, binning):
                    grid = Grid(**binning, width=sensor.width, height=sensor.height)
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


def _parts(
    dataset: str | None, path: str, like: str | None, own: dict[str, Any], binning: dict[str, Any]
) -> Iterator[tuple[Sequence[Recording], Reader, Sensor]]:
    """Recordings of a file that one reader reads, that reader, and the sensor that they are of."""
    if Path(path).is_dir():
        raise DatasetError(f"{path}: is a folder; name the recordings in it, such as {path}/*")
    ending = Path(path).suffix.lower()
    if dataset is None and ending == SPIKE_TRAINS:
        for train in (True, False):
            trains = OwnSpikeTrains(path, train=train, **binning, prepare=False)
            recordings = trains.list_recordings().recordings
            yield recordings, trains.reader, trains.sensor
        return
    known = data_set(dataset) if dataset is not None else formats(like).get(ending)
    if known is None:
        endings = ", ".join((*formats(), SPIKE_TRAINS))
        expected = f"must end in {endings}, as what the network was trained on"
        raise DatasetError(f"{path}: {expected}{seems(kind_of_file(path))}; {WAY_OF_OTHERS}")
    for reader, recordings in known.recordings_in(path, **own):
        yield recordings, reader, known.sensor


def _sound(batch: Batch, path: str, grid: Grid) -> Batch:
    for name, damage in batch.left_out:
        raise DatasetError(f"{name}: {damage}; {WAY_OF_OTHERS}")
    if batch.n_damaged_events:
        logger.warning("%s: %d partial or corrupted events left out", path, batch.n_damaged_events)
    if batch.labels and not batch.n_events:
        logger.warning("%s: holds no events of the polarities that the network takes", path)
        return batch
    held = PreparationReport(
        n_samples=len(batch.labels),
        n_silent=int((batch.counts == 0).sum()),
        n_events=batch.n_events,
        n_past_window=batch.n_outside,
        n_spikes=len(batch.steps),
    )
    for line in doubts(held, n_in_first_part(batch.steps, grid), grid):
        logger.warning("%s: %s", path, line)
    return batch
