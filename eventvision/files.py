"""What readers and writers share: a file is given by its path, as its bytes, or opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Writes bytes to a path, where the file is then whole or not there, or into a file opened for writing bytes.

    Raises:
        OSError: the file cannot be written.
    """
    if hasattr(target, "write"):
        target.write(content)
        return
    with written_aside(Path(target)) as aside:
        aside.write_bytes(content)


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A place beside the file to write to; what is there in the end is brought to disk and takes the file's place.

    Raises:
        OSError: the file cannot be written; what was there before is still there.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield aside
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
