"""Readers of files, loose or in archives: what `Reader` in `datasets.recordings` describes, without torch."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

from common import NO_LABEL
from common.errors import reason_of
from datasets.errors import DamagedRecordingError, DatasetError
from datasets.raw.finding import FilePart, read_parts
from datasets.recordings import Reading, Recording
from eventvision import EventFileError, Events
from eventvision.content import regular_size


def decode_parts(decode: Callable[[bytes], tuple[Events, int]], parts: Sequence[FilePart]) -> Iterator[Reading]:
    """The events of files, by what decodes the bytes of one."""
    for content in read_parts(parts):
        if isinstance(content, DamagedRecordingError):
            yield content
            continue
        try:
            yield decode(content)
        except ValueError as error:  # an EventFileError is one, and so is what Python says of a text that is no number
            yield DamagedRecordingError(reason_of(error))
        except (LookupError, TypeError, EOFError, ArithmeticError, struct.error) as error:  # as of a line that is cut short
            yield DamagedRecordingError(f"it cannot be decoded ({type(error).__name__}: {reason_of(error)})")


def file_by_itself(path: str) -> Recording:
    """A loose file as a recording without a label.

    Raises:
        DatasetError: it is no regular file.
        OSError: it is not there.
    """
    try:
        size = regular_size(path)
    except EventFileError as error:
        raise DatasetError(f"{path}: {error}") from None
    return Recording(path, NO_LABEL, FilePart(path, 0, size))
