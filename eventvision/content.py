"""What readers and writers share: a file is given by its path, as its bytes, or opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from common.content import LARGEST, irregular
from common.durable import write_file
from eventvision.errors import EventFileError


def regular_size(path: str | os.PathLike[str]) -> int:
    """Bytes of a regular file, or of the one that a link leads to.

    Raises:
        EventFileError: it is no regular file; does not say which.
        OSError: it is not there, or out of reach.
    """
    status = os.stat(path)
    if what := irregular(status.st_mode):
        raise EventFileError(f"is {what}, no regular file")
    return status.st_size


def content_of(source: str | os.PathLike[str] | bytes) -> tuple[bytes, str]:
    """The bytes of a file given by its path or as its bytes, and how a complaint about it begins.

    Raises:
        EventFileError: the path leads to no regular file, or to one of more than `LARGEST` bytes.
        OSError: the file cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), ""
    place = f"{os.fspath(source)}: "
    try:
        size = regular_size(source)
    except EventFileError as error:
        raise EventFileError(f"{place}{error}") from None
    if size > LARGEST:
        raise EventFileError(f"{place}holds {size:,} bytes, more than the {LARGEST:,} that a recording may have")
    return Path(source).read_bytes(), place


def write_content(target: str | os.PathLike[str] | BinaryIO, content: bytes) -> None:
    """Writes bytes to a path, where the file is then whole or not there, or into a file opened for writing bytes.

    Raises:
        OSError: the file cannot be written.
    """
    if hasattr(target, "write"):
        target.write(content)
        return
    write_file(Path(target), lambda file: file.write(content))
