"""Files that are either there as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

UNFINISHED = ".part"  # ends the name of a file that is being written


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left half written in a folder by :func:`write_file`; none may be writing there now."""
    for path in folder.glob(f".*{UNFINISHED}"):
        path.unlink()


def write_file(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a file durably: beside its place, to the disk, then renamed.

    Args:
        path: the file.
        write: called with the open file.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    with named(path):
        descriptor, temporary = tempfile.mkstemp(UNFINISHED, f".{path.name}.", path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        _sync_folder(path.parent)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """While this lasts, errors of the system name the file, which those of a full disk do not by themselves."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:  # else its text is all it says, and a name would take the text's place
            error.filename = str(path)
        raise


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # where folders cannot be synchronised
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
