"""Files that are either there as a whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

UNFINISHED = ".part"  # ends the name of a file that is being written
UNFINISHED_NAME = re.compile(rf"\.(?P<name>.+)\.[a-z0-9_]{{8}}{re.escape(UNFINISHED)}")


def unfinished_in(entries: Iterable[str], is_ours: Callable[[str], object]) -> set[str]:
    """Those of a folder's entries under which :func:`write_file` writes the files whose names are ours."""
    found = ((entry, UNFINISHED_NAME.fullmatch(entry)) for entry in entries)
    return {entry for entry, match in found if match and is_ours(match["name"])}


def remove_unfinished(folder: Path, is_ours: Callable[[str], object]) -> None:
    """Remove what killed processes left half written of the files whose names are ours; none may be writing there now."""
    for entry in unfinished_in(os.listdir(folder), is_ours):
        (folder / entry).unlink()


def write_file(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a file durably.

    Args:
        path: the file.
        write: called with the open file.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    with written_aside(path) as aside, aside.open("wb") as file:
        write(file)


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A place beside the file to write to; what is there in the end is brought to the disk and takes the file's place.

    Raises:
        OSError: the file cannot be written; what was there before is still there.
    """
    with named(path):
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
        aside.touch(exist_ok=False)
        try:
            yield aside
            with aside.open("rb+") as file:
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
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
