"""What to say where the disk or the memory does not suffice. Standard library only."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from common.terminal import lacks_memory
from datasets.errors import DatasetError
from eventvision.errors import reason_of

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def cannot_write(path: Path, error: BaseException, option: str = "--root") -> DatasetError:
    """The error that says that a file cannot be written, and why: of what a library made of it, what the system had said.

    Args:
        path: the file.
        error: what writing it raised.
        option: what lets it be written elsewhere.
    """
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, OSError) and cause.errno):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return DatasetError(f"cannot write {path}: {reason_of(error)}")
    if cause.errno in NO_SPACE:
        what_to_do = f"make room there, or let {option} name a place elsewhere"
        return DatasetError(f"cannot write {path}: no space left on the device{_free_at(path)}; {what_to_do}")
    return DatasetError(f"cannot write {path}: {cause.strerror or reason_of(cause)}")


@contextmanager
def memory_for(what: str) -> Iterator[None]:
    """Within it, a lack of memory is told in a line.

    Raises:
        DatasetError: memory did not suffice for what is named.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not lacks_memory(error):
            raise
        raise DatasetError(
            f"{what}: not enough memory; take fewer or shorter recordings, a shorter --pattern_time or a longer --dt"
        ) from error


def _free_at(path: Path) -> str:
    with suppress(OSError):
        folder = next(parent for parent in path.absolute().parents if parent.is_dir())
        return f" ({shutil.disk_usage(folder).free:,} bytes free)"
    return ""
