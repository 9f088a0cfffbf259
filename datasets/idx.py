"""IDX files, the form in which MNIST's images and labels are kept."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from datasets.errors import DatasetError
from datasets.others import seems
from eventvision import kind_of

UNSIGNED_BYTE = 0x08
MAX_DIMENSIONS = 4


def read_idx(path: str | Path) -> np.ndarray:
    """An IDX file of unsigned bytes, gzipped or not, as an array of the shape it declares.

    Raises:
        DatasetError: the file cannot be read, is of another kind, or has another size than it says.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTE:
        raise DatasetError(f"{path} is no IDX file of unsigned bytes, such as MNIST's images{seems(kind_of(content))}")
    n_dimensions = content[3]
    start = 4 + 4 * n_dimensions
    if not 1 <= n_dimensions <= MAX_DIMENSIONS or len(content) < start:
        raise DatasetError(f"{path} is an IDX file cut short or with {n_dimensions} dimensions")
    shape = struct.unpack(f">{n_dimensions}I", content[4:start])
    expected = start + math.prod(shape)
    if len(content) != expected:
        raise DatasetError(f"{path} should hold {expected:,} bytes, but holds {len(content):,}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
