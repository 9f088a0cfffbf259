"""Readers of raw recordings: what `Reader` in `datasets.recordings` describes, without torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datasets.raw import DamagedFileError, FilePart, read_parts
from datasets.recordings import Reading
from eventvision import EventFileError, NTIDIGITSFile, decode_nmnist


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
    for content in read_parts(parts):
        if isinstance(content, DamagedFileError):
            yield Reading(None, damage=str(content))
            continue
        try:
            events, n_trailing_bytes = decode_nmnist(content)
        except EventFileError as error:
            yield Reading(None, damage=str(error))
        else:
            yield Reading(events, n_damaged_events=int(n_trailing_bytes > 0))
