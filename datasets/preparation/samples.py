"""A split from its recordings to its samples: listed, downloaded where they are not there, binned, stored, checked.

The key of the stored file has two halves: one covers all options that shape the file, one the raw recordings. So other options or
other recordings make another file, and a file can still be found by its options when the raw recordings are gone.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock, Timeout

from common.download import download_file
from common.room import cannot_write
from common.spike_trains import SpikeTrains
from datasets.errors import DatasetError, MissingDataError
from datasets.preparation import processed
from datasets.preparation.binning import Batch, Grid, smallest_index_type
from datasets.preparation.doubts import doubts, n_in_first_part
from datasets.preparation.estimate import evenly_spread, refuse_without_room
from datasets.preparation.processed import HALF_KEY, Prepared, SpoiltFileError
from datasets.preparation.refusals import refuse_damage, refuse_empty_classes
from datasets.preparation.report import PreparationReport
from datasets.preparation.shortage import memory_for
from datasets.preparation.workers import bin_recordings, refuse_while_a_worker_starts
from datasets.recordings import Listing, Split

logger = logging.getLogger(__name__)


def prepare_split(
    dataset: Split, download: bool, n_workers: int, progress: bool, strict: bool
) -> tuple[Prepared, Path, list[str]]:
    """The samples of a split, the file that they are in, made if they were not yet, and what is doubtful about them.

    Args:
        dataset: whose split it is.
        download, n_workers, progress, strict: as `EventDataset`, with the number of workers itself.

    Raises:
        DatasetError: they cannot be had; says what to do.
    """
    with memory_for(f"{dataset.title} {dataset.split}"):
        dataset.refuse_at_once(n_workers)
        prepared, path = _prepared(dataset, download, n_workers, progress)
    refuse_damage(dataset, prepared.report, strict)
    n_early = n_in_first_part(prepared.spike_trains.steps.numpy(), dataset.grid)
    return prepared, path, doubts(prepared.report, n_early, dataset.grid)


def prepared_files(dataset: Split) -> Iterator[Path]:
    """The split as it was prepared before with these options, of whatever recordings."""
    return dataset.processed_folder.glob(f"{dataset.split}-{_half_key(dataset.parameters())}{'?' * HALF_KEY}.pt")


def joined(batches: list[Batch], grid: Grid) -> SpikeTrains:
    """The spikes of some batches, one after the other."""

    def column(name: str, dtype: type[np.generic]) -> np.ndarray:
        return np.concatenate([np.empty(0, dtype), *(getattr(batch, name) for batch in batches)])

    pointers = np.concatenate([[0], np.cumsum(column("counts", np.int64))])
    steps = column("steps", smallest_index_type(grid.n_steps))
    units = column("units", smallest_index_type(grid.n_units))
    return SpikeTrains(*map(torch.from_numpy, (pointers, steps, units)), grid.n_steps, grid.n_units)


def _prepared(dataset: Split, download: bool, n_workers: int, progress: bool) -> tuple[Prepared, Path]:
    try:
        listing = dataset.list_recordings()
    except MissingDataError as missing:
        if (found := _prepared_without_raw(dataset)) is not None:
            return found
        if not download or dataset.split not in dataset.remote_files:
            raise
        listing = _download(dataset, missing, progress)
    refuse_empty_classes(dataset, (recording.label for recording in listing.recordings), listing)

    key = _half_key(dataset.parameters()) + _half_key(listing.fingerprint)
    path = dataset.processed_folder / f"{dataset.split}-{key}.pt"
    with suppress(FileNotFoundError, SpoiltFileError):
        return _load(dataset, path), path
    with _lock(dataset):
        try:
            return _load(dataset, path), path
        except FileNotFoundError:
            pass
        except SpoiltFileError as error:
            logger.warning("%s is prepared again: %s", path, error)
        prepared = _bin(dataset, listing, n_workers, progress)
        processed.save(path, prepared, dataset.parameters())
    return prepared, path


def _load(dataset: Split, path: Path) -> Prepared:
    """A prepared file, of which the sizes and labels are this split's; errors as `processed.load`."""
    prepared = processed.load(path, dataset.parameters())
    (_, _, _, n_steps, n_units), targets, _ = prepared
    grid, n_classes = dataset.grid, len(dataset.class_names)
    is_within = not len(targets) or 0 <= targets.min() <= targets.max() < n_classes
    if (n_steps, n_units) != (grid.n_steps, grid.n_units) or not is_within:
        raise SpoiltFileError("its numbers are not those of this data set")
    return prepared


def _prepared_without_raw(dataset: Split) -> tuple[Prepared, Path] | None:
    newest_first = sorted(prepared_files(dataset), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for n_newer, path in enumerate(newest_first):
        try:
            prepared = _load(dataset, path)
        except SpoiltFileError as error:
            logger.warning("%s cannot be used: %s", path, error)
            continue
        n_left = len(newest_first) - n_newer
        of = f", the newest of {n_left} files for these options" if n_left > 1 else ""
        logger.warning("no raw recordings in %s; using %s%s", dataset.raw_path, path, of)
        return prepared, path
    return None


def _download(dataset: Split, missing: MissingDataError, progress: bool) -> Listing:
    with _lock(dataset):
        with suppress(MissingDataError):  # another run was faster
            return dataset.list_recordings()
        remote = dataset.remote_files[dataset.split]
        if (dataset.raw_path / remote.name).exists():
            message = f"{missing}\n{dataset.raw_path / remote.name} is there but holds none"
            raise MissingDataError(f"{message}: move it away to have it downloaded") from missing
        try:
            download_file(remote, dataset.raw_path, progress)
        except DatasetError as error:
            raise MissingDataError(f"{missing}\nDownloading failed: {error}") from error
        return dataset.list_recordings()


@contextmanager
def _lock(dataset: Split) -> Iterator[None]:
    refuse_while_a_worker_starts()
    folder = dataset.processed_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("another run is preparing %s; waiting for it", dataset.title)
            lock.acquire()
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def _bin(dataset: Split, listing: Listing, n_workers: int, progress: bool) -> Prepared:
    recordings, grid = listing.recordings, dataset.grid
    refuse_without_room(dataset, evenly_spread(recordings), len(recordings), n_workers)
    batches = bin_recordings(recordings, dataset.reader, grid, n_workers, progress, f"{dataset.title} {dataset.split}")
    spike_trains = joined(batches, grid)
    labels = [label for batch in batches for label in batch.labels]
    report = PreparationReport(
        n_recordings=len(recordings),
        n_samples=len(labels),
        n_silent=int((spike_trains.pointers.diff() == 0).sum()),
        n_events=sum(batch.n_events for batch in batches),
        n_past_window=sum(batch.n_outside for batch in batches),
        n_spikes=len(spike_trains.steps),
        n_damaged_events=sum(batch.n_damaged_events for batch in batches),
        left_out=[named for batch in batches for named in batch.left_out],
        sources=listing.origins,
        notes=[*listing.notes],
    )
    refuse_damage(dataset, report, strict=False)
    refuse_empty_classes(dataset, labels, listing, report.left_out)
    return Prepared(spike_trains, torch.tensor(labels, dtype=torch.int64), report)


def _half_key(of: Any) -> str:
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:HALF_KEY]
