"""The machinery that all data sets share; a data set itself is a sheet of facts on top of it.

    recordings --reader--> events --grid--> spikes --> data/<name>/processed/<split>-<key>.pt

The key has two halves: one covers all options that shape the file, one the raw recordings. So other
options or other recordings make another file, and a file can still be found by its options when the
raw recordings are gone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from operator import index as as_index
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from filelock import FileLock, Timeout
from torch.utils.data import Dataset

from common.machine import n_workers_of
from common.spike_trains import SpikeTrains
from common.time_steps import n_time_steps
from datasets import processed
from datasets.binning import POLARITIES, Grid, smallest_index_type
from datasets.doubts import doubts, n_in_first_part
from datasets.download import RemoteFile, download_file
from datasets.errors import DatasetError, MissingDataError
from datasets.estimate import evenly_spread, refuse_without_room
from datasets.others import WAY_OF_OTHERS, others_there
from datasets.prepare import Batch, bin_recordings, refuse_while_a_worker_starts
from datasets.processed import Prepared, SpoiltFileError
from datasets.raw import ANY_FILE, find_raw_files
from datasets.recordings import Listing, Reader
from datasets.report import NAMED, PreparationReport
from datasets.shortage import cannot_write, memory_for

logger = logging.getLogger(__name__)

MAX_DAMAGED_SHARE = 0.01
DAMAGED_ANYWAY = 1  # recordings of a split that may be damaged, however few there are: of eight, one is more than 1 %
HALF_KEY = 12  # hexadecimal digits
MAX_STEPS = np.iinfo(np.int32).max


class EventDataset(Dataset):
    """What a sensor recorded, as spikes: `dataset[i]` is (uint8 `[n_steps, n_inputs]`, label).

    A data set fills in the facts below and `list_recordings`. All it adds to the constructor it
    sets before calling this one, and adds to `parameters` if it shapes the samples.

    Args:
        root: folder of all data sets; this one's is `<root>/<name>`.
        train: the training or the test split.
        transform: called with a sample's dense tensor.
        target_transform: called with its label.
        download: whether to download recordings that are not there.
        dt: time step (ms).
        pattern_time: time from a recording's time 0 on that is used (ms); by default what suits.
        polarities: events that are input: "on", "off", or "both" as separate inputs, ON first.
        strict: whether a damaged recording is an error instead of being left out and counted.
        n_workers: processes that read recordings; −1 for one a core. Changes no result.
        progress: whether to show bars (on terminals only).
        prepare: whether to read the recordings; without, there are facts, `list_recordings` and `reader`, but no samples.

    Attributes:
        spike_trains: all samples' spikes, packed.
        data: the same.
        targets: labels, int64 `[n_samples]`.
        report: what the recordings held and what was left out.
        key: hex string that stands for options and recordings.
        processed_path: file of the prepared split.

    Raises:
        DatasetError: an option is wrong, or the data cannot be had; the message says what to do.
    """

    # The facts of a data set.
    name: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str] = "recorded"  # or "emulated", or "own"
    width: ClassVar[int]  # pixels
    height: ClassVar[int]  # pixels
    class_names: ClassVar[tuple[str, ...]]
    default_pattern_time: ClassVar[float]  # ms
    reader: ClassVar[Reader]  # wrapped in staticmethod
    reader_version: ClassVar[int]  # raised whenever the reader's result changes
    reads_files: ClassVar[bool] = True  # a recording a file, so that some may be of another format
    remote_files: ClassVar[dict[str, RemoteFile]] = {}  # by split
    how_to_get: ClassVar[str] = ""  # may name {folder}, the folder of raw recordings
    empty_class_hint: str = ""  # why a class may have no recording

    def __init__(
        self,
        root: str | Path = "data",
        train: bool = True,
        transform: Callable[[torch.Tensor], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
        download: bool = False,
        dt: float = 1.0,
        *,
        pattern_time: float | None = None,
        polarities: str = "on",
        strict: bool = False,
        n_workers: int = 1,
        progress: bool = True,
        prepare: bool = True,
    ) -> None:
        self.root = Path(root).expanduser().absolute()
        self.train = train
        self.transform = transform
        self.target_transform = target_transform
        self.dt = dt
        self.pattern_time = self.default_pattern_time if pattern_time is None else pattern_time
        self.polarities = polarities
        # An option computed with NumPy is the same option: as a plain number it has the same key and can be stored.
        vars(self).update({name: value.item() for name, value in vars(self).items() if isinstance(value, np.generic)})
        self._check_options(n_workers)
        if not prepare:
            return

        with memory_for(f"{self.title} {self.split}"):
            prepared = self._prepare(download, n_workers_of(n_workers), progress)
        self.spike_trains, self.targets, self.report = prepared
        self.data = self.spike_trains
        self._refuse_damage(self.report, strict)
        n_early = n_in_first_part(self.spike_trains.steps.numpy(), self.grid)
        for line in doubts(self.report, n_early, self.grid):
            logger.warning("%s %s: %s", self.title, self.split, line)

    # What a data set may define for itself.

    def list_recordings(self) -> Listing:
        """The recordings of the split, in the order of its samples.

        Raises:
            MissingDataError: there are none; made by `missing`.
            DatasetError: they cannot be listed.
        """
        raise NotImplementedError

    def parameters(self) -> dict[str, Any]:
        """Everything but the recordings that shapes the samples: plain numbers and strings."""
        return {
            "name": self.name,
            "split": self.split,
            "reader_version": self.reader_version,
            "dt": float(self.dt),
            "pattern_time": float(self.pattern_time),
            "polarities": self.polarities,
        }

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The sensor's units of one polarity: (rows, columns)."""
        return (self.height, self.width)

    # What all have.

    @property
    def split(self) -> str:
        """ "train" or "test"."""
        return "train" if self.train else "test"

    @property
    def raw_path(self) -> Path:
        """Folder of the raw recordings."""
        return self.root / self.name / "raw"

    @property
    def processed_folder(self) -> Path:
        """Folder of the prepared splits."""
        return self.root / self.name / "processed"

    @property
    def grid(self) -> Grid:
        """Time steps × input units of a sample."""
        return Grid(self.dt, self.pattern_time, self.polarities, self.width, self.height)

    @property
    def n_steps(self) -> int:
        """Time steps of a sample."""
        return n_time_steps(self.pattern_time, self.dt)

    @property
    def n_inputs(self) -> int:
        """Input units."""
        return self.grid.n_units

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        index = as_index(index)
        sample: Any = self.spike_trains.dense(index)
        label: Any = int(self.targets[index])
        if self.transform is not None:
            sample = self.transform(sample)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return sample, label

    def missing(self, what: str, passed_over: Iterable[str] = ()) -> MissingDataError:
        """The error that says what was looked for in vain, where, what was passed over there, and what to do."""
        advice = self.how_to_get.format(folder=self.raw_path)
        found = "; ".join((f"found {what} in {self.raw_path}", *passed_over))
        there, _ = find_raw_files(self.raw_path, ANY_FILE, self.processed_folder)
        return MissingDataError(f"{self.title}: {found}{others_there(there)}. {advice}".strip())

    # How a split is prepared.

    def _check_options(self, n_workers: int) -> None:
        for name, value in (("dt", self.dt), ("pattern_time", self.pattern_time)):
            if not (math.isfinite(value) and value > 0):
                raise DatasetError(f"{name} must be a time above 0 ms, got {value}")
        if self.polarities not in POLARITIES:
            allowed = ", ".join(POLARITIES)
            raise DatasetError(f"polarities must be one of {allowed}, got {self.polarities!r}")
        if n_workers != -1 and n_workers < 1:
            raise DatasetError(f"n_workers must be at least 1, or -1 for all cores, got {n_workers}")
        if self.pattern_time / self.dt > MAX_STEPS or self.n_steps < 1:
            message = f"pattern_time {self.pattern_time} ms must hold 1 to {MAX_STEPS:,} time steps"
            raise DatasetError(f"{message} of {self.dt} ms")

    def _prepare(self, download: bool, n_workers: int, progress: bool) -> Prepared:
        try:
            listing = self.list_recordings()
        except MissingDataError as missing:
            if (prepared := self._prepared_without_raw()) is not None:
                return prepared
            if not download or self.split not in self.remote_files:
                raise
            listing = self._download(missing, progress)
        self._refuse_empty_classes((recording.label for recording in listing.recordings), listing)

        self.key = _half_key(self.parameters()) + _half_key(listing.fingerprint)
        self.processed_path = self.processed_folder / f"{self.split}-{self.key}.pt"
        with suppress(FileNotFoundError, SpoiltFileError):
            return self._load(self.processed_path)
        with self._lock():
            try:
                return self._load(self.processed_path)
            except FileNotFoundError:
                pass
            except SpoiltFileError as error:
                logger.warning("%s is prepared again: %s", self.processed_path, error)
            prepared = self._bin(listing, n_workers, progress)
            processed.save(self.processed_path, prepared, self.parameters())
        return prepared

    def _load(self, path: Path) -> Prepared:
        """A prepared file, of which the sizes and labels are this split's; errors as `processed.load`."""
        prepared = processed.load(path, self.parameters())
        spike_trains, targets, _ = prepared
        sizes = spike_trains.n_steps, spike_trains.n_units
        if sizes != (self.n_steps, self.n_inputs) or (len(targets) and not 0 <= targets.min() <= targets.max() < self.n_classes):
            raise SpoiltFileError("its numbers are not those of this data set")
        return prepared

    def prepared_files(self) -> Iterator[Path]:
        """The split as it was prepared before with these options, of whatever recordings."""
        return self.processed_folder.glob(f"{self.split}-{_half_key(self.parameters())}{'?' * HALF_KEY}.pt")

    def _prepared_without_raw(self) -> Prepared | None:
        newest_first = sorted(self.prepared_files(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for n_newer, path in enumerate(newest_first):
            try:
                prepared = self._load(path)
            except SpoiltFileError as error:
                logger.warning("%s cannot be used: %s", path, error)
                continue
            n_left = len(newest_first) - n_newer
            of = f", the newest of {n_left} files for these options" if n_left > 1 else ""
            logger.warning("no raw recordings in %s; using %s%s", self.raw_path, path, of)
            self.processed_path, self.key = path, path.stem.removeprefix(f"{self.split}-")
            return prepared
        return None

    def _download(self, missing: MissingDataError, progress: bool) -> Listing:
        with self._lock():
            with suppress(MissingDataError):  # another run was faster
                return self.list_recordings()
            remote = self.remote_files[self.split]
            if (self.raw_path / remote.name).exists():
                message = f"{missing}\n{self.raw_path / remote.name} is there but holds none"
                raise MissingDataError(f"{message}: move it away to have it downloaded") from missing
            try:
                download_file(remote, self.raw_path, progress)
            except DatasetError as error:
                raise MissingDataError(f"{missing}\nDownloading failed: {error}") from error
            return self.list_recordings()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        refuse_while_a_worker_starts()
        try:
            self.processed_folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.processed_folder / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                logger.warning("another run is preparing %s; waiting for it", self.title)
                lock.acquire()
        except OSError as error:
            raise cannot_write(self.processed_folder, error) from error
        try:
            yield
        finally:
            lock.release()

    def _bin(self, listing: Listing, n_workers: int, progress: bool) -> Prepared:
        title = f"{self.title} {self.split}"
        refuse_without_room(self, evenly_spread(listing.recordings), len(listing.recordings), n_workers)
        batches = bin_recordings(listing.recordings, self.reader, self.grid, n_workers, progress, title)
        spike_trains = joined(batches, self.grid)
        labels = [label for batch in batches for label in batch.labels]
        report = PreparationReport(
            n_recordings=len(listing.recordings),
            n_samples=len(labels),
            n_silent=int((spike_trains.pointers.diff() == 0).sum()),
            n_events=sum(batch.binned.n_events for batch in batches),
            n_past_window=sum(batch.binned.n_outside for batch in batches),
            n_spikes=len(spike_trains.steps),
            n_damaged_events=sum(batch.n_damaged_events for batch in batches),
            left_out=[named for batch in batches for named in batch.left_out],
            sources=listing.sources,
            notes=[*listing.notes],
        )
        self._refuse_damage(report, strict=False)
        self._refuse_empty_classes(labels, listing, report.left_out)
        return Prepared(spike_trains, torch.tensor(labels, dtype=torch.int64), report)

    def _refuse_damage(self, report: PreparationReport, strict: bool) -> None:
        n_left_out = len(report.left_out)
        if n_left_out and (strict or is_too_much_damage(n_left_out, report.n_recordings)):
            allowed = "none may be" if strict else f"more than {MAX_DAMAGED_SHARE:.0%}"
            unless = ", or run without --strict" if strict and not is_too_much_damage(n_left_out, report.n_recordings) else ""
            raise DatasetError(
                f"{self.title}: {n_left_out:,} of {report.n_recordings:,} {self.split} recordings are damaged, {allowed}: "
                f"{_named(report.left_out)}; mend them or move them away{unless}"
                + (f"; {WAY_OF_OTHERS}" if self.reads_files else "")
            )

    def _refuse_empty_classes(self, labels: Iterable[int], listing: Listing, left_out: Sequence[tuple[str, str]] = ()) -> None:
        if self.source == "emulated":  # of emulated samples one may be all that is asked for
            return
        counts = Counter(labels)
        empty = [name for label, name in enumerate(self.class_names) if not counts[label]]
        if empty:
            raise DatasetError(
                f"{self.title}: no usable {self.split} recording of class {', '.join(empty)} in "
                f"{', '.join(listing.sources)}; each class needs one at least{self.empty_class_hint}"
                + (f"; damaged and left out: {_named(left_out)}" if left_out else "")
            )


def is_too_much_damage(n_damaged: int, n_recordings: int) -> bool:
    """Whether so many damaged recordings of a split stop the preparation instead of being left out."""
    return n_damaged > max(DAMAGED_ANYWAY, MAX_DAMAGED_SHARE * n_recordings)


def _named(left_out: Sequence[tuple[str, str]]) -> str:
    """The first recordings left out, each with its reason."""
    return "; ".join(f"{name}: {reason}" for name, reason in left_out[:NAMED])


def _half_key(of: Any) -> str:
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:HALF_KEY]


def joined(batches: list[Batch], grid: Grid) -> SpikeTrains:
    """The spikes of some batches, one after the other."""

    def column(name: str, dtype: type[np.generic]) -> np.ndarray:
        parts = [getattr(batch.binned, name) for batch in batches]
        return np.concatenate([np.empty(0, dtype), *parts])

    counts = column("counts", np.int64)
    pointers = np.concatenate([[0], np.cumsum(counts)])
    steps = column("steps", smallest_index_type(grid.n_steps))
    units = column("units", smallest_index_type(grid.n_units))
    return SpikeTrains(
        torch.from_numpy(pointers),
        torch.from_numpy(steps),
        torch.from_numpy(units),
        grid.n_steps,
        grid.n_units,
    )
