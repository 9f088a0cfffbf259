"""Files that are not what was looked for: what they seem to be, and what becomes of recordings of other sensors and formats."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from datasets.raw.finding import DamagedFileError, RawFile, read_parts
from eventvision import EventFileError, kind_of, kind_of_file

WAY_OF_OTHERS = "recordings of other sensors and formats are taken as .npz files of spike trains, see docs/own-recordings.md"
MOST_OPENED = 20  # files that are opened to tell what they are


def others_there(files: Sequence[RawFile]) -> str:
    """What ends a complaint that no recordings were found: what there is instead, and what becomes of it; nothing if none is."""
    if not files:
        return ""
    kinds = ((file, _kind_of_raw(file)) for file in files[:MOST_OPENED])
    named, kind = next(((file, kind) for file, kind in kinds if kind), (files[0], None))
    number = f"there are {len(files):,} other files, such as" if len(files) > 1 else "there is only"
    looks = f", which looks like {kind}" if kind else ""
    return f"; {number} {named.name}{looks}; {WAY_OF_OTHERS}"


def _kind_of_raw(file: RawFile) -> str | None:
    with suppress(OSError, EventFileError):
        if file.is_loose:  # it may be long
            return kind_of_file(file.part.path)
        (content,) = read_parts([file.part])
        return None if isinstance(content, DamagedFileError) else kind_of(content)
    return None
