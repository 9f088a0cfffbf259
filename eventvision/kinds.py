"""What a file seems to be, told from its first bytes, whatever its name says."""

from __future__ import annotations

import os

from common.kinds import N_FIRST_BYTES, kind_of
from eventvision.content import regular_size
from eventvision.errors import EventFileError


def kind_of_file(path: str | os.PathLike[str]) -> str | None:
    """The same of a file.

    Raises:
        EventFileError: it is no regular file.
        OSError: it cannot be read.
    """
    try:
        regular_size(path)
    except EventFileError as error:
        raise EventFileError(f"{os.fspath(path)}: {error}") from None
    with open(path, "rb") as file:
        return kind_of(file.read(N_FIRST_BYTES))
