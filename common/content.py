"""How much a file may hold, and what it is if it is no regular file. Standard library only.

Only regular files are read: a pipe may keep its reader waiting for ever, and a device has no end. A recording, and each part of
a container that is unpacked at once, may hold `LARGEST` bytes; a whole container may unpack to that, or to `most_unpacked`.
"""

from __future__ import annotations

import lzma
import stat
import struct
import tarfile
import zipfile
import zlib

LARGEST = 1 << 27  # bytes that a recording may hold: many times the longest
MOST_UNPACKED = 100  # bytes for each packed byte of a larger container: events give 1 to 5, zeros 1,000 and more

# What zipfile and tarfile raise, depending on where in an archive the damage lies.
ARCHIVE_ERRORS = (
    zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, struct.error,
    ValueError, IndexError, OverflowError, NotImplementedError,
)  # fmt: skip

IRREGULAR = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))


def most_unpacked(n_packed: int) -> int:
    """Bytes that a whole container of so many bytes may unpack to; one that holds more was made to fill disk or memory."""
    return max(LARGEST, MOST_UNPACKED * n_packed)


def irregular(mode: int) -> str | None:
    """What a file of this mode (`st_mode`) is, in words, if it is no regular file."""
    if stat.S_ISREG(mode):
        return None
    return next((words for is_so, words in IRREGULAR if is_so(mode)), "a device")
