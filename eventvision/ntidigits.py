"""N-TIDIGITS18's HDF5 file (Anumula et al. 2018): spoken digits heard by a 64-channel silicon cochlea.

    /train_labels      byte strings: the keys of the recordings
    /train_addresses   a group that holds the channels of recording <key> under <key>, 0 … 63
    /train_timestamps  a group that holds its times under <key>, seconds
    /test_labels, …    the same for testing

A key ends with what was spoken, behind the last hyphen: `man-im-a-7557` is the take "a" of 7-5-5-7. Labels that lie in a group
under their keys, as the other two do, are read as well.

An event is `Events` with x = channel, y = 0 and p = ON: a cochlea knows no polarity. Times are rounded to whole µs.

Order: events at most 1 ms behind one before them are sorted by time, those of equal time staying in the file's order; beyond
that the recording is damaged. The writer takes events in order of time only. So reading back what was written gives the same
events.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from common.content import LARGEST, most_unpacked
from common.durable import written_aside
from common.errors import reason_of
from common.kinds import HDF5, MATLAB_7_3
from eventvision.content import regular_size
from eventvision.errors import EventFileError, in_one_line
from eventvision.events import Events
from eventvision.kinds import kind_of_file
from eventvision.sensors import COCHLEA

SPLITS = ("train", "test")
LABELS, ADDRESSES, TIMESTAMPS = "labels", "addresses", "timestamps"
MICROSECONDS_PER_S = 1_000_000
MAX_BACKWARD_STEP = 1000  # µs
LATEST_TIME = 1 << 53  # µs; float64, in which files hold times, is exact up to here
MAX_KEY_LENGTH = 1000  # bytes
MOST_KEYS, KEYS_AT_ONCE = 1_000_000, 1000  # of a split, and those that are read at once
# What h5py raises, depending on where in a file the damage lies.
HDF5_ERRORS = (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError)


class NTIDIGITSFile:
    """An N-TIDIGITS18 file, opened to read one recording after the other; to be used in a `with` statement.

    Args:
        path: the file.

    Raises:
        EventFileError: it is no regular file, no HDF5 file or cut short.
        OSError: it cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        import h5py

        self.path = Path(path)
        try:
            size = regular_size(self.path)
        except EventFileError as error:
            raise EventFileError(f"{self.path}: {error}") from None
        self._n_left = most_unpacked(size)
        kind = kind_of_file(self.path)  # a file that may not be read is no damaged one
        if kind not in (None, HDF5, MATLAB_7_3):
            raise EventFileError(f"{self.path} ({size:,} bytes) is no HDF5 file: it looks like {kind}")
        try:
            self._file = h5py.File(self.path, "r")
        except HDF5_ERRORS as error:
            about = f"{self.path} ({size:,} bytes) is no HDF5 file, or damaged or cut short"
            raise EventFileError(f"{about}: {reason_of(error)}") from None

    def __enter__(self) -> NTIDIGITSFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def keys(self, split: str) -> dict[str, str | None]:
        """The keys of "train" or "test" in rising order; beside each None, or in which parts of the file it is missing.

        Raises:
            EventFileError: one of the split's parts is missing or of another kind.
        """
        labels = self._part(split, LABELS)
        found = {LABELS: self._keys_of_group(labels) if hasattr(labels, "keys") else self._keys_of_list(labels)}
        for part in (ADDRESSES, TIMESTAMPS):
            found[part] = self._keys_of_group(self._part(split, part))
        keys = {}
        for key in sorted(set().union(*found.values())):
            missing = [f"{split}_{part}" for part, there in found.items() if key not in there]
            keys[key] = f"it is missing in {' and '.join(missing)}" if missing else None
        return keys

    def read(self, split: str, key: str) -> Events:
        """The events of a recording, in order of time.

        Raises:
            EventFileError: it is not there or damaged; says its key and what is wrong.
        """
        try:
            addresses, timestamps = (self._numbers(split, part, key) for part in (ADDRESSES, TIMESTAMPS))
            return _events(addresses, timestamps)
        except EventFileError as error:
            raise EventFileError(f"{self.place(split, key)}: {error}") from None

    def place(self, split: str, key: str) -> str:
        """What messages call a recording."""
        return f"{self.path}, {split} {in_one_line(key)}"

    def _part(self, split: str, part: str) -> Any:
        name = f"{split}_{part}"
        try:
            found = _within(self._file, name)
            is_right = part == LABELS or hasattr(found, "keys")
        except EventFileError as error:
            raise EventFileError(f"{self.path}: {error}") from None
        except HDF5_ERRORS as error:
            known = ", ".join(sorted(self._keys_of_group(self._file))) or "nothing"
            missing = f"{self.path}: {name} is missing or cannot be read ({reason_of(error)}); the file holds {known}"
            raise EventFileError(missing) from None
        if not is_right:
            raise EventFileError(f"{self.path}: {name} is no group")
        return found

    def _keys_of_group(self, group: Any) -> set[str]:
        try:
            keys = set(group)
        except HDF5_ERRORS as error:
            raise EventFileError(f"{self.path}: a group cannot be read ({reason_of(error)})") from None
        if not all(isinstance(key, str) for key in keys):  # h5py leaves bytes that are no UTF-8 as they are
            raise EventFileError(f"{self.path}: a group has a key that is no text")
        return keys

    def _keys_of_list(self, labels: Any) -> set[str]:
        try:
            if labels.ndim != 1 or labels.dtype.kind not in "SO" or labels.dtype.itemsize > MAX_KEY_LENGTH:
                raise EventFileError(f"{self.path}: {labels.name} is no list of byte strings")
            if labels.size > MOST_KEYS or labels.size * labels.dtype.itemsize > LARGEST:
                raise EventFileError(f"{self.path}: {labels.name} declares {labels.size:,} keys, beyond belief")
            if complaint := _unbelievable_pieces(labels):
                raise EventFileError(f"{self.path}: {labels.name} {complaint}")
            keys: set[bytes] = set()
            for start in range(0, labels.size, KEYS_AT_ONCE):  # those of varying length may all be one that is very long
                keys.update(map(bytes, labels[start : start + KEYS_AT_ONCE]))
                if max(map(len, keys)) > MAX_KEY_LENGTH:
                    raise EventFileError(f"{self.path}: {labels.name} holds a key of more than {MAX_KEY_LENGTH:,} bytes")
            return {key.decode() for key in keys}
        except EventFileError:
            raise
        except HDF5_ERRORS as error:  # a UnicodeDecodeError is a ValueError
            raise EventFileError(f"{self.path}: {labels.name} cannot be read ({reason_of(error)})") from None

    def _numbers(self, split: str, part: str, key: str) -> np.ndarray:
        name = f"{split}_{part}"
        try:
            found = _within(_within(self._file, name), key)
            if len(found.shape) != 1 or found.dtype.kind not in "iuf":
                raise EventFileError(f"{name} is no list of numbers")
            if found.size * np.dtype(np.int64).itemsize > LARGEST:  # as times become, whatever they are in the file
                raise EventFileError(f"{name} declares {found.size:,} events, beyond belief")
            if complaint := _unbelievable_pieces(found):
                raise EventFileError(f"{name} {complaint}")
            self._n_left -= found.size * np.dtype(np.int64).itemsize  # the same numbers may stand under many keys
            if self._n_left < 0:
                raise EventFileError(f"{name} unpacks to far more, together with those before it, than recordings do")
            return found[:]
        except EventFileError:
            raise
        except HDF5_ERRORS as error:
            raise EventFileError(f"{name} cannot be read ({reason_of(error)})") from None


def write_ntidigits(path: str | os.PathLike[str], splits: Mapping[str, Iterable[tuple[str, Events]]]) -> None:
    """Writes recordings in the structure of N-TIDIGITS18, one after the other; the file is whole or not there.

    Args:
        path: the file.
        splits: for "train" and "test", keys with their events; a split that is not given has none.

    Raises:
        EventFileError: a recording that the structure cannot hold: not 64 × 1 units, an OFF event, times before 0 or out of
            order; or a key that is there twice, empty, or has a slash.
        OSError: the file cannot be written.
    """
    import h5py

    with written_aside(Path(path)) as aside, h5py.File(aside, "w") as file:
        for split in SPLITS:
            _write_split(file, split, splits.get(split, ()))


def _write_split(file: Any, split: str, recordings: Iterable[tuple[str, Events]]) -> None:
    addresses, timestamps = (file.create_group(f"{split}_{part}") for part in (ADDRESSES, TIMESTAMPS))
    keys = []
    for key, events in recordings:
        if not 0 < len(key.encode()) <= MAX_KEY_LENGTH or set(key) & set("/\0") or key == "." or key in addresses:
            raise EventFileError(f"{split} {key!r}: a key must be there once, and have no slash")
        if complaint := _cannot_hold(events):
            raise EventFileError(f"{split} {key}: an N-TIDIGITS file cannot hold {complaint}")
        addresses.create_dataset(key, data=events.x.astype(np.uint8))
        timestamps.create_dataset(key, data=events.ts / MICROSECONDS_PER_S)
        keys.append(key.encode())
    file.create_dataset(f"{split}_{LABELS}", data=np.array(keys, dtype=f"S{max(map(len, keys), default=1)}"))


def _cannot_hold(events: Events) -> str | None:
    ts = events.ts
    if (events.width, events.height) != (COCHLEA.width, 1) or (len(ts) and (events.x.max() >= COCHLEA.width or events.y.any())):
        return f"events of another sensor than {COCHLEA}"
    if not events.p.all():
        return "OFF events"
    if (ts[1:] < ts[:-1]).any():
        return "events that are not in order of time"
    if len(ts) and not 0 <= ts[0] <= ts[-1] <= LATEST_TIME:
        return f"times outside 0 … {LATEST_TIME} µs"
    return None


def _within(group: Any, name: str) -> Any:
    """What a group holds under a name, if it lies in the same file: what leads out of it could lead anywhere, as to a pipe."""
    import h5py

    link = group.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        raise EventFileError(f"{name} is a link to another file")
    if isinstance(link, h5py.SoftLink):
        raise EventFileError(f"{name} is a symbolic link, which may lead to another file")
    found = group[name]
    if isinstance(found, h5py.Dataset) and (found.is_virtual or found.external):
        raise EventFileError(f"{name} has its numbers in another file")
    return found


def _unbelievable_pieces(dataset: Any) -> str | None:
    """What is wrong with the pieces in which numbers are packed, each of which is unpacked as a whole."""
    n_bytes = math.prod(dataset.chunks or ()) * dataset.dtype.itemsize
    return f"is packed in pieces of {n_bytes:,} bytes, beyond belief" if n_bytes > LARGEST else None


def _events(addresses: np.ndarray, timestamps: np.ndarray) -> Events:
    if len(addresses) != len(timestamps):
        raise EventFileError(f"it has {len(addresses):,} addresses and {len(timestamps):,} timestamps")
    with np.errstate(over="ignore"):
        times = timestamps.astype(np.float64) * MICROSECONDS_PER_S
    for values, is_wrong, what in (
        (timestamps, ~np.isfinite(times), "is no time"),
        (timestamps, times < 0, "s is before 0"),
        (timestamps, times > LATEST_TIME, "s is later than any recording"),
        (addresses, ~((addresses >= 0) & (addresses < COCHLEA.width)), f"is a channel outside 0 … {COCHLEA.width - 1}"),
        (addresses, addresses != np.floor(addresses), "is no channel"),
    ):
        if is_wrong.any():
            first = int(np.argmax(is_wrong))
            raise EventFileError(f"event {first}: {values[first]} {what}")
    ts = np.rint(times).astype(np.int64)
    order = _order(ts)
    n = len(ts)
    return Events.from_columns(
        addresses[order].astype(np.int64), np.zeros(n, np.int64), np.ones(n, bool), ts[order], COCHLEA.width, 1
    )


def _order(ts: np.ndarray) -> np.ndarray | slice:
    behind = np.maximum.accumulate(ts) - ts
    if not behind.any():
        return slice(None)
    first = int(np.argmax(behind > MAX_BACKWARD_STEP))
    if behind[first] > MAX_BACKWARD_STEP:
        raise EventFileError(f"time runs back by {behind[first]:,} µs at event {first}")
    return np.argsort(ts, kind="stable")
