"""Readers of raw recordings: what `Reader` in `datasets.recordings` describes, without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from datasets.raw import DamagedFileError, FilePart, read_parts
from datasets.recordings import Reading
from eventvision import EventFileError, Events, NTIDIGITSFile, decode_nmnist, decode_stmnist


def read_ntidigits_keys(path: str, split: str, keys: Sequence[tuple[str, str | None]]) -> Iterator[Reading]:
    """Recordings of an N-TIDIGITS18 file, each (key, what is wrong with it already)."""
    with NTIDIGITSFile(path) as file:
        for key, damage in keys:
            try:
                yield Reading(None, damage=damage) if damage else Reading(file.read(split, key))
            except EventFileError as error:
                yield Reading(None, damage=str(error).removeprefix(f"{file.place(split, key)}: "))


def read_nmnist_parts(parts: Sequence[FilePart]) -> Iterator[Reading]:
    """N-MNIST `.bin` files, loose or in archives."""

    def decode(content: bytes) -> Reading:
        events, n_trailing_bytes = decode_nmnist(content)
        return Reading(events, n_damaged_events=int(n_trailing_bytes > 0))

    return _readings(parts, decode)


def read_stmnist_parts(taxel_limit: int | None, parts: Sequence[FilePart]) -> Iterator[Reading]:
    """ST-MNIST `.mat` files, loose or in archives; `taxel_limit` as in `without_busy_taxels`."""

    def decode(content: bytes) -> Reading:
        events, n_corrupted_columns = decode_stmnist(content)
        reading = without_busy_taxels(events, taxel_limit)
        return reading._replace(n_damaged_events=reading.n_damaged_events + n_corrupted_columns)

    return _readings(parts, decode)


def without_busy_taxels(events: Events, limit: int | None) -> Reading:
    """Leaves out and counts all events of taxels that sent more than `limit` ON events, unless that is None."""
    if limit is None:
        return Reading(events)
    taxel = events.x.astype(np.intp) * events.height + events.y
    n_on = np.bincount(taxel[events.p], minlength=events.width * events.height)
    kept = events[n_on[taxel] <= limit]
    return Reading(kept, n_damaged_events=len(events) - len(kept))


def _readings(parts: Sequence[FilePart], decode: Callable[[bytes], Reading]) -> Iterator[Reading]:
    for content in read_parts(parts):
        if isinstance(content, DamagedFileError):
            yield Reading(None, damage=str(content))
            continue
        try:
            yield decode(content)
        except EventFileError as error:
            yield Reading(None, damage=str(error))
