"""A matrix of numbers from a MATLAB 5 file, read so that no bytes whatever do more than raise an error.

Elements of type, size and data follow each other; a matrix is an element of elements: flags with its class, dimensions, name,
numbers column by column (MathWorks, "MAT-File Format", Level 5). SciPy's reader ends the whole process on some damaged files.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from common.content import LARGEST, most_unpacked
from eventvision.errors import EventFileError

TAG_SIZE = 8  # bytes; data end on a multiple of it
MATRIX, COMPRESSED = 14, 15  # types of elements
NUMBER_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
NUMBER_CLASSES = range(6, 16)  # double, single, and integers of 8 to 64 bits
CLASS_MASK, COMPLEX_FLAG = 0xFF, 0x800
MOST_ELEMENTS = 10_000  # that stand behind one another; empty ones would take hours to walk through
MOST_DIMENSIONS = 32  # as many as every NumPy has


def number_matrix(content: bytes, start: int, order: str, name: str) -> np.ndarray:
    """The matrix of this name, float64.

    Args:
        content: a whole file.
        start: where its elements begin, bytes.
        order: ``little`` or ``big``.
        name: the variable's name.

    Raises:
        EventFileError: there is no such variable, it is no matrix of real numbers, or the file is damaged.
    """
    n_left = most_unpacked(len(content))
    for kind, data in _elements(content[start:], order):
        if kind == COMPRESSED:
            unpacked = _unpacked(data, order)
            n_left -= len(unpacked)
            if n_left < 0:
                raise EventFileError("is damaged: its packed variables hold more than any recording")
            kind, data = next(_elements(unpacked, order), (0, b""))
        if kind != MATRIX:
            continue
        parts = _elements(data, order)
        (_, flags), (_, dimensions), (_, found) = (next(parts, (0, b"")) for _ in range(3))
        if found.decode("latin-1") == name:
            return _numbers(flags, dimensions, next(parts, (0, b"")), order, name)
    raise EventFileError(f"holds no variable {name}")


def _numbers(flags: bytes, dimensions: bytes, real_part: tuple[int, bytes], order: str, name: str) -> np.ndarray:
    word = int.from_bytes(flags[:4], order)
    kind, data = real_part
    mark = "<" if order == "little" else ">"
    if word & CLASS_MASK not in NUMBER_CLASSES or word & COMPLEX_FLAG or len(dimensions) % 4:
        raise EventFileError(f"its {name} is no matrix of numbers")
    if len(dimensions) > 4 * MOST_DIMENSIONS:
        raise EventFileError(f"is damaged: its {name} has {len(dimensions) // 4} dimensions")
    shape = np.frombuffer(dimensions, f"{mark}i4").tolist()
    n_bytes = int(NUMBER_TYPES.get(kind, "u0")[1:])
    size = 1
    for side in shape:
        size *= side
    if size * np.dtype(np.float64).itemsize > LARGEST:
        raise EventFileError(f"is damaged: its {name} has {size:,} numbers, more than any recording")
    if not n_bytes or min(shape, default=-1) < 0 or size * n_bytes != len(data):
        raise EventFileError(f"is damaged: its {name} has not as many numbers as it says")
    return np.frombuffer(data, f"{mark}{NUMBER_TYPES[kind]}").astype(np.float64).reshape(shape, order="F")


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and data of each element."""
    place = n_elements = 0
    while place + TAG_SIZE <= len(content):
        n_elements += 1
        if n_elements > MOST_ELEMENTS:
            raise EventFileError(f"is damaged: it has more than {MOST_ELEMENTS:,} variables")
        kind, size = (int.from_bytes(content[place + k : place + k + 4], order) for k in (0, 4))
        small = kind >> 16  # data of at most four bytes stand in the tag itself
        begin, size = (place + 4, small) if small else (place + TAG_SIZE, size)
        if begin + size > len(content) or small > 4:
            raise EventFileError("is damaged: an element is longer than what holds it")
        kind &= 0xFFFF
        yield kind, content[begin : begin + size]
        place = place + TAG_SIZE if small else begin + (size if kind == COMPRESSED else -(-size // TAG_SIZE) * TAG_SIZE)


def _unpacked(data: bytes, order: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        tag = unpacker.decompress(data, TAG_SIZE)
        size = int.from_bytes(tag[4:], order)
        if int.from_bytes(tag[:4], order) == MATRIX and size > LARGEST:
            raise EventFileError(f"is damaged: a packed variable declares {size:,} bytes, more than any recording has")
        content = tag + unpacker.decompress(unpacker.unconsumed_tail, LARGEST)
    except zlib.error as error:
        raise EventFileError(f"is damaged ({error})") from error
    if not unpacker.eof:
        raise EventFileError("is damaged: a packed variable has no end")
    return content
