"""Where the rows of a recording lie, a row a step: all in memory, the latest in a ring, a bit a spike, or in a NumPy file."""

from __future__ import annotations

import math
import os
from abc import ABC, abstractmethod
from collections import deque
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from bindsnet.errors import NetworkError
from common.durable import named

MANY = 10**18  # no recording has more rows: the file's header has room for so long a number


class Rows(ABC):
    """What was recorded of one variable."""

    @abstractmethod
    def add(self, row: torch.Tensor) -> None:
        """Keep a row."""

    def extend(self, rows: torch.Tensor) -> None:
        """Keep rows, ``[n_rows, *shape of a row]``."""
        for row in rows:
            self.add(row)

    @abstractmethod
    def all(self) -> torch.Tensor:
        """``[n_rows, *shape of a row]``, oldest first; ``[0]`` before the first, as in BindsNET."""

    @abstractmethod
    def clear(self) -> None:
        """Forget what may be forgotten."""

    def kept(self) -> dict[str, Any]:
        """All that :func:`restored` needs, as plain data."""
        return {"rows": self.all()}


class Listed(Rows):
    """A tensor a row; the latest ``time`` of them, or all.

    Args:
        time: number of rows to keep; None is all.
        device: where they lie.
        sparse: whether to keep what is not zero alone.
    """

    def __init__(self, time: int | None, device: str, sparse: bool = False) -> None:
        self.device, self.sparse = device, sparse
        self.rows: deque[torch.Tensor] = deque(maxlen=time)

    def add(self, row: torch.Tensor) -> None:
        """Keep a copy of the row."""
        if self.sparse:
            self.rows.append((row if row.is_sparse else row.to_sparse()).to(self.device))
        else:
            self.rows.append(row.to(self.device, copy=True))

    def extend(self, rows: torch.Tensor) -> None:
        """Keep a copy of the rows."""
        if self.sparse:
            super().extend(rows)
        else:
            self.rows.extend(rows.to(self.device, copy=True).unbind(0))

    def all(self) -> torch.Tensor:
        """A tensor of its own; sparse (COO) if the rows are."""
        if not self.rows:
            return torch.empty(0, device=self.device)
        rows = torch.stack(list(self.rows))
        return rows.coalesce() if self.sparse else rows

    def clear(self) -> None:
        """Forget all rows."""
        self.rows.clear()


class Ring(Rows):
    """The latest rows, in room that is made once.

    Args:
        time: number of rows to keep.
        device: where they lie.
    """

    def __init__(self, time: int, device: str) -> None:
        self.time, self.device = time, device
        self.rows = torch.empty(0, device=device)
        self.n_added = 0

    def add(self, row: torch.Tensor) -> None:
        """Keep a copy of the row, in the oldest one's place when there is no other."""
        self._make_room(row)
        self.rows[self.n_added % self.time] = row
        self.n_added += 1

    def extend(self, rows: torch.Tensor) -> None:
        """Keep a copy of the rows, likewise."""
        self._make_room(rows[0])
        latest = rows[-self.time :]
        self.n_added += len(rows)
        end = self.n_added % self.time or self.time
        n_before_end = min(len(latest), end)
        self.rows[end - n_before_end : end] = latest[len(latest) - n_before_end :]
        if n_before_end < len(latest):  # the older ones stand at the end of the room
            self.rows[self.time - len(latest) + n_before_end :] = latest[: len(latest) - n_before_end]

    def _make_room(self, row: torch.Tensor) -> None:
        if self.n_added == 0 and (self.rows.shape, self.rows.dtype) != ((self.time, *row.shape), row.dtype):
            self.rows = torch.empty(self.time, *row.shape, dtype=row.dtype, device=self.device)

    def all(self) -> torch.Tensor:
        """A tensor of its own."""
        if self.n_added == 0:
            return torch.empty(0, device=self.device)
        if self.n_added <= self.time:
            return self.rows[: self.n_added].clone()
        return self.rows.roll(-(self.n_added % self.time), 0)

    def clear(self) -> None:
        """Forget all rows; the room stays."""
        self.n_added = 0


class Packed(Rows):
    """Spikes as one bit each.

    Args:
        rows: where the bits lie, on the CPU: uint8, eight spikes each.
        shape: shape of a row.
        device: where unpacked spikes lie.
    """

    def __init__(self, rows: Rows, shape: torch.Size, device: str) -> None:
        self.rows, self.shape, self.device = rows, shape, device

    def add(self, row: torch.Tensor) -> None:
        """Keep the spikes of the row."""
        self.shape = row.shape
        self.rows.add(pack(row))

    def all(self) -> torch.Tensor:
        """Spikes, bool."""
        bits = self.rows.all()
        if not len(bits):
            return torch.empty(0, device=self.device)
        spikes = np.unpackbits(bits.numpy(), axis=1, count=math.prod(self.shape))
        return torch.from_numpy(spikes).view(torch.bool).view(-1, *self.shape).to(self.device)

    def clear(self) -> None:
        """Forget all rows."""
        self.rows.clear()

    def kept(self) -> dict[str, Any]:
        """The bits, and the shape that they have unpacked."""
        return {"bits": self.rows.kept(), "shape": self.shape}


def pack(spikes: torch.Tensor) -> torch.Tensor:
    """Spikes as bits, uint8, eight spikes each.

    Raises:
        NetworkError: they are not bool.
    """
    if spikes.dtype is not torch.bool:
        raise NetworkError(f"what is kept as one bit each is bool, got {spikes.dtype}")
    return torch.from_numpy(np.packbits(spikes.cpu().numpy()))


class Filed(Rows):
    """In a NumPy file (.npy), which ``numpy.load(path, mmap_mode="r")`` reads at any time: also while it grows, or after a crash.

    Each row is written before the header counts it. Nothing takes rows out of the file again: they go on over resets. A copy,
    pickled or loaded, reads the file and writes nothing, so that two never write to one, nor a stranger's network to any.

    Args:
        path: the file, made here; it must not be there yet.
        time: number of rows for which room is made at once; then the oldest row's place is taken: row i of the file is the
            latest of those whose number is i modulo ``time``. All rows, in order, when None.
        row: the first row's shape and type, as far as is known.

    Raises:
        NetworkError: a row is of a type that NumPy has not.
        OSError: the file is there, or cannot be written; what was recorded before is still there.
    """

    def __init__(self, path: Path, time: int | None, row: torch.Tensor) -> None:
        self.path, self.time, self.n_added = path, time, 0
        self.file: BinaryIO | None = None
        row = _array(row)
        self.file = open(path, "x+b", buffering=0)  # noqa: SIM115 - it is closed with this object
        try:
            self._begin(row)
        except OSError:
            path.unlink()
            raise

    def __del__(self) -> None:
        if self.__dict__.get("file") is not None:
            self.file.close()

    def __getstate__(self) -> dict[str, Any]:
        """What a copy has: all but the open file."""
        return self.__dict__ | {"file": None}

    def add(self, row: torch.Tensor) -> None:
        """Write the row, then count it.

        Raises:
            NetworkError: this is a copy, or the row has another shape or type than those before it.
        """
        if self.file is None:
            raise NetworkError(
                f"{self.path}: a copied or loaded monitor reads this recording but does not write to it; "
                "add a monitor with a file of its own in its place, or take it out of network.monitors"
            )
        row = _array(row)
        if (row.shape, row.dtype) != (self.shape, self.dtype):
            if self.n_added:
                raise NetworkError(f"{self.path} has rows {self.dtype}{list(self.shape)}, got one {row.dtype}{list(row.shape)}")
            self._begin(row)
        place = self.n_added if self.time is None else self.n_added % self.time
        with named(self.path):
            _write(self.file, self.offset + place * row.nbytes, row.tobytes())
            self.n_added += 1
            if self.time is None or self.n_added <= self.time:
                _write(self.file, 0, self._header())

    def all(self) -> torch.Tensor:
        """The file's rows, mapped into memory but not read; changes of them stay in memory. A full ring is copied, in order."""
        n_rows = self.n_added if self.time is None else min(self.n_added, self.time)
        if n_rows == 0:
            return torch.empty(0)
        mapped = np.memmap(self.path, self.dtype, mode="c", offset=self.offset, shape=(n_rows, *self.shape))
        rows = torch.from_numpy(mapped)
        return rows if self.n_added == n_rows else rows.roll(-(self.n_added % n_rows), 0)

    def clear(self) -> None:
        """Nothing: what is in the file stays."""

    def kept(self) -> dict[str, Any]:
        """Where the rows are; not the rows themselves."""
        plain = {"path": str(self.path), "dtype": np.lib.format.dtype_to_descr(self.dtype)}
        return plain | {name: getattr(self, name) for name in ("n_added", "time", "shape", "offset")}

    def _begin(self, row: np.ndarray) -> None:
        """Write the header of no rows of this shape and type, and make room for those that are to come."""
        self.shape, self.dtype = row.shape, row.dtype
        header = self._header()
        self.offset = len(header)
        with named(self.path):
            _write(self.file, 0, header)
            if self.time is not None:
                _make_room(self.file, self.offset + self.time * row.nbytes)

    def _header(self) -> bytes:
        """NumPy's header (format 1.0) for the rows so far, always of the same length."""
        n_rows = self.n_added if self.time is None else min(self.n_added, self.time)
        descr = np.lib.format.dtype_to_descr(self.dtype)
        text, longest = (
            f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {(n, *self.shape)!r}, }}" for n in (n_rows, MANY)
        )
        length = -(-(10 + len(longest) + 1) // 64) * 64 - 10
        return b"\x93NUMPY\x01\x00" + length.to_bytes(2, "little") + text.ljust(length - 1).encode() + b"\n"


def _array(row: torch.Tensor) -> np.ndarray:
    try:
        return np.asarray(row.cpu().numpy(), order="C")
    except TypeError as error:
        raise NetworkError(f"a file cannot hold {row.dtype}") from error


def _write(file: BinaryIO, at: int, content: bytes) -> None:
    file.seek(at)
    while content:  # a disk that is almost full takes a part of it, and says so when asked again
        content = content[file.write(content) :]


def _make_room(file: BinaryIO, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
    else:
        file.truncate(size)


def rows_of(
    value: torch.Tensor, time: int | None, device: str, sparse: bool = False, packed: bool = False, file: Path | None = None
) -> Rows:
    """A place for what is recorded of a variable, which is like ``value`` now; see :class:`bindsnet.network.monitors.Monitor`."""
    row = pack(value) if packed else value
    where = "cpu" if packed else device
    if file is not None:
        rows: Rows = Filed(file, time, row)
    else:
        rows = Listed(time, where, sparse) if time is None or sparse else Ring(time, where)
    return Packed(rows, value.shape, device) if packed else rows


def restored(rows: Rows, kept: dict[str, Any]) -> Rows:
    """What ``rows.kept()`` gave of rows like these, which are empty; of a file, rows that only read it."""
    if isinstance(rows, Packed):
        rows.shape, rows.rows = kept["shape"], restored(rows.rows, kept["bits"])
    elif "path" in kept:
        rows = Filed.__new__(Filed)
        rows.__dict__.update(kept, path=Path(kept["path"]), dtype=np.dtype(kept["dtype"]), file=None)
    else:
        for i in range(len(kept["rows"])):
            rows.add(kept["rows"][i])
    return rows
