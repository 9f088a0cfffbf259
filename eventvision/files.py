"""What readers and writers share: a file is given by its path, as its bytes, or opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def content_of(source: str | os.PathLike[str] | bytes) -> tuple[bytes, str]:
    """The bytes of a file given by its path or as its bytes, and how a complaint about it begins.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), ""
    return Path(source).read_bytes(), f"{os.fspath(source)}: "


def write_content(target: str | os.PathLike[str] | BinaryIO, content: bytes) -> None:
    """Writes bytes to a path or into a file opened for writing bytes.

    Raises:
        OSError: the file cannot be written.
    """
    if hasattr(target, "write"):
        target.write(content)
    else:
        Path(target).write_bytes(content)
