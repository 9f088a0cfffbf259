"""An N-TIDIGITS18 file: its keys as recordings, and their reader. Without torch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from common import NO_LABEL
from common.errors import reason_of
from datasets.errors import DamagedRecordingError, DatasetError
from datasets.raw.finding import find_raw_files, fingerprint
from datasets.recordings import Listing, Reader, Reading, Recording, Split
from eventvision import EventFileError, NTIDIGITSFile

HDF5 = re.compile(r"\.(hdf5|h5)$", re.IGNORECASE)
# Behind a key's last hyphen: what was spoken, and perhaps the take ("1a") as in the names of TIDIGITS' own files.
SPOKEN = re.compile(r"-(?P<digits>[0-9oz]+)[ab]?$")
SPOKEN_ZERO, SPOKEN_OH = "z", "o"
N_DIGITS = 10
SPLITS = ("train", "test")


def list_single_digits(dataset: Split, expected: str, with_oh: bool) -> tuple[Reader, Listing]:
    """Finds the file below a data set's raw folder, and the split's single digits in it; and what reads them.

    Args:
        dataset: whose split it is.
        expected: the file's name, for messages.
        with_oh: whether "oh" is the class behind the ten digits; otherwise it is left out.

    Raises:
        DatasetError: there is none or no single one, or it cannot be read.
    """
    files, passed_over = find_raw_files(dataset.raw_path, HDF5, dataset.processed_folder)
    if not files:
        raise dataset.missing(f"no {expected}", passed_over)
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise DatasetError(f"{dataset.title}: {names}: only one HDF5 file may lie in {dataset.raw_path}; move the others away")
    (file,) = files
    if not file.is_loose:
        raise DatasetError(f"{dataset.title}: unpack {file.name}: an HDF5 file cannot be read inside an archive")
    try:
        recordings, notes = _single_digits(file.part.path, dataset.split, with_oh)
    except EventFileError as error:
        raise DatasetError(f"{dataset.title}: {error}; replace the file") from error
    except OSError as error:
        raise DatasetError(f"{dataset.title}: cannot read {file.name}: {error.strerror or reason_of(error)}") from error
    listing = Listing(recordings, fingerprint(files), [file.name], passed_over + notes)
    return partial(read_keys, file.part.path, dataset.split), listing


def recordings_in(path: str) -> Iterator[tuple[Reader, list[Recording]]]:
    """All recordings of a file, without labels, split by split, each with what reads them.

    Raises:
        EventFileError: it is no such file, or damaged.
        OSError: it cannot be read.
    """
    with NTIDIGITSFile(path) as file:
        for split in SPLITS:
            keys = file.keys(split).items()
            recordings = [Recording(file.place(split, key), NO_LABEL, (key, damage)) for key, damage in keys]
            yield partial(read_keys, path, split), recordings


def read_keys(path: str, split: str, keys: Sequence[tuple[str, str | None]]) -> Iterator[Reading]:
    """Recordings of a file, each (key, what is wrong with it already)."""
    with NTIDIGITSFile(path) as file:
        for key, damage in keys:
            try:
                yield DamagedRecordingError(damage) if damage else (file.read(split, key), 0)
            except EventFileError as error:
                yield DamagedRecordingError(str(error).removeprefix(f"{file.place(split, key)}: "))


def _single_digits(path: str, split: str, with_oh: bool) -> tuple[list[Recording], tuple[str, ...]]:
    with NTIDIGITSFile(path) as file:
        keys = {(key, file.place(split, key)): damage for key, damage in file.keys(split).items()}
    recordings, n_connected, n_oh = [], 0, 0
    for (key, place), damage in keys.items():
        spoken = SPOKEN.search(key)
        digits = spoken["digits"] if spoken else ""
        if len(digits) > 1:
            n_connected += 1
        elif digits == SPOKEN_OH and not with_oh:
            n_oh += 1
        else:
            damage = damage if spoken else f"its key {key!r} does not end in what was spoken"
            recordings.append(Recording(place, _label(digits), (key, damage)))
    recordings.sort(key=lambda recording: (recording.label, recording.name))
    notes = [f"{n_connected:,} recordings of connected digits passed over"] if n_connected else []
    notes += [f"{n_oh:,} recordings of “oh” left out"] if n_oh else []
    return recordings, tuple(notes)


def _label(digit: str) -> int:
    if digit == SPOKEN_OH:
        return N_DIGITS
    return 0 if digit in (SPOKEN_ZERO, "") else int(digit)
