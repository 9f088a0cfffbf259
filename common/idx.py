"""IDX files, the form in which MNIST's images and labels are kept."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from common.content import irregular, most_unpacked
from common.errors import DatasetError, reason_of
from common.kinds import N_FIRST_BYTES, kind_of, seems

UNSIGNED_BYTE = 0x08
MAX_DIMENSIONS = 4
MARK_SIZE, SIDE_SIZE = 4, 4  # bytes: two zeros, type and number of dimensions; then each side
GZIP_MARK = b"\x1f\x8b"


def read_idx(path: str | Path) -> np.ndarray:
    """An IDX file of unsigned bytes, gzipped or not, as an array of the shape it declares.

    Raises:
        DatasetError: the file cannot be read, is of another kind, has another size than it says, or unpacks to far too much.
    """
    path = Path(path)
    try:
        status = path.stat()
        if what := irregular(status.st_mode):
            raise DatasetError(f"{path}: is {what}, no regular file")
        with path.open("rb") as file:
            is_packed = file.read(len(GZIP_MARK)) == GZIP_MARK
        with gzip.open(path) if is_packed else path.open("rb") as file:
            return _decoded(file, path, most_unpacked(status.st_size) if is_packed else status.st_size)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"cannot read {path}: {getattr(error, 'strerror', None) or reason_of(error)}") from error


def _decoded(file: BinaryIO, path: Path, limit: int) -> np.ndarray:
    """The array in an open file that holds no more than a limit (bytes), which is compared before any of it is read."""
    mark = file.read(MARK_SIZE)
    if len(mark) < MARK_SIZE or mark[:2] != b"\0\0" or mark[2] != UNSIGNED_BYTE:
        kind = kind_of(mark + file.read(N_FIRST_BYTES))
        raise DatasetError(f"{path} is no IDX file of unsigned bytes, such as MNIST's images{seems(kind)}")
    n_dimensions = mark[3]
    sides = file.read(SIDE_SIZE * n_dimensions)
    if not 1 <= n_dimensions <= MAX_DIMENSIONS or len(sides) < SIDE_SIZE * n_dimensions:
        raise DatasetError(f"{path} is an IDX file cut short or with {n_dimensions} dimensions")
    shape = struct.unpack(f">{n_dimensions}I", sides)
    n_values = math.prod(shape)
    expected = len(mark) + len(sides) + n_values
    if expected > limit:
        raise DatasetError(f"{path} says that it holds {expected:,} bytes; a file of its size holds {limit:,} at the most")
    values = file.read(n_values + 1)
    if len(values) != n_values:
        what = "more" if len(values) > n_values else f"{expected - n_values + len(values):,}"
        raise DatasetError(f"{path} should hold {expected:,} bytes, but holds {what}")
    return np.frombuffer(values, np.uint8).reshape(shape)
