"""Recordings that lie below a folder more than once, such as in an archive and unpacked beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from datasets.errors import DatasetError
from datasets.raw.finding import RawFile

Place = TypeVar("Place", bound=Hashable)


def without_copies(
    files: Iterable[RawFile], place_of: Callable[[RawFile], Place]
) -> tuple[dict[Place, RawFile], tuple[str, ...]]:
    """The first file of each place, and notes of the others, passed over as copies of it.

    Args:
        files: those that were found.
        place_of: what two files must not share unless they are the same recording.

    Raises:
        DatasetError: two files of one place differ, as far as that can be told without reading them.
    """
    first_of: dict[Place, RawFile] = {}
    n_copies: Counter[tuple[str, str]] = Counter()
    for file in files:
        first = first_of.setdefault(place_of(file), file)
        if first is file:
            continue
        if _differ(first, file):
            raise DatasetError(f"{first.name} and {file.name} are different recordings of the same name; move one of them away")
        n_copies[file.origin, first.origin] += 1
    notes = (f"{n:,} recordings of {copy} passed over: the same are in {first}" for (copy, first), n in n_copies.items())
    return first_of, tuple(notes)


def _differ(one: RawFile, other: RawFile) -> bool:
    """Whether the sizes of two files differ or, where both are known, their checksums."""
    if None not in (one.part.crc, other.part.crc):
        return one.stamp != other.stamp
    return one.part.size != other.part.size
