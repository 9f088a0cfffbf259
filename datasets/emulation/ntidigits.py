"""N-TIDIGITS18's emulated twin: digits from a synthesiser, or from WAV files, heard by an emulated cochlea."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from common.room import cannot_write
from common.wav import decode_wav
from datasets.emulation.cochlea import HIGHEST_RATE, LOWEST_RATE, levelled, listen
from datasets.emulation.dataset import EmulatedDataset
from datasets.emulation.speech import RATE, speak_digit
from datasets.errors import DamagedRecordingError, DatasetError
from datasets.raw.finding import DamagedFileError, FilePart, RawFile, find_raw_files, fingerprint, read_parts
from datasets.raw.spoken import SPOKEN_ZERO
from datasets.recorded.ntidigits import NTIDIGITS
from datasets.recordings import Listing, Reading, Recording
from eventvision import EventFileError, write_ntidigits

WAV = re.compile(r"(?<![^/])(?P<stem>[^/]*)\.wav$", re.IGNORECASE)
STEM = re.compile(r"(?P<digit>[0-9])_(?P<speaker>.+)_(?P<index>[0-9]+)")
N_TEST_RECORDINGS = 5  # the first of each speaker and digit, as the Free Spoken Digit Dataset splits


class EmulatedNTIDIGITS(EmulatedDataset):
    """Emulated recordings, by default of digits that a synthesiser speaks.

    Args:
        root, train, n_samples, seed and further: as `EmulatedDataset`; by default all WAV files.
        stimuli: folder (or archive) of WAV files `<digit>_<speaker>_<index>.wav`, one channel, 8 to 16 kHz; indices 0 to 4 are
            for testing, further ones for training. None for a synthesiser.
    """

    recorded = NTIDIGITS
    reader_version = 2
    # Raised whenever what WAV files are read as changes, not when more kinds of them are read; told from the second on, so that
    # runs that began before there were versions can be gone on with.
    wav_version = 1

    def __init__(self, *args: Any, stimuli: str | Path | None = None, **kwargs: Any) -> None:
        self.stimuli = None if stimuli is None else Path(stimuli)
        super().__init__(*args, **kwargs)

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        of_files = {"wav_version": self.wav_version} if self.stimuli is not None and self.wav_version > 1 else {}
        return super().parameters() | {"stimuli": self.stimuli is not None} | of_files

    def list_recordings(self) -> Listing:
        """One recording for each digit to speak, or for each WAV file to play."""
        if self.stimuli is None:
            self.reader = partial(emulate_spoken, self.seed, self.split_number)
            return self.listing(self.default_labels(), "synthesiser")
        self.reader = partial(emulate_played, self.seed, self.split_number)
        files, passed_over = self._files()
        numbers = self.numbers_of_stimuli(len(files), f"{self.stimuli} ({self._indices})").tolist()
        recordings = [Recording(files[i].name, digit_of(files[i]), (i, files[i].part)) for i in numbers]
        stimuli = fingerprint([files[i] for i in numbers])
        return Listing(recordings, f"{stimuli}-{zlib.crc32(repr(numbers).encode()):08x}", [str(self.stimuli)], passed_over)

    def stimuli_labels(self) -> np.ndarray | None:
        """The classes of all WAV files of the split, `[n]`; None for the synthesiser's digits, as many as wanted."""
        return None if self.stimuli is None else np.array([digit_of(file) for file in self._files()[0]])

    @property
    def _indices(self) -> str:
        return f"indices {'from' if self.train else 'below'} {N_TEST_RECORDINGS}"

    def _files(self) -> tuple[list[RawFile], tuple[str, ...]]:
        """The split's WAV files, so that any number of the first of them holds digits and speakers evenly; and notes."""
        found = {}
        files, passed_over = find_raw_files(self.stimuli, WAV, self.processed_folder)
        for file in files:
            facts = STEM.fullmatch(file.match["stem"])
            if facts is None:
                raise DatasetError(f"{file.name}: its name gives no digit; expected <digit>_<speaker>_<index>.wav")
            place = (int(facts["index"]), facts["speaker"], int(facts["digit"]))
            if (place[0] >= N_TEST_RECORDINGS) == self.train:
                found.setdefault(place, file)
        if not found:
            nothing = f"no WAV file for the {self.split} split there ({self._indices})"
            needed = "a folder or archive of files <digit>_<speaker>_<index>.wav is needed"
            raise DatasetError(f"{self.stimuli}: {'; '.join((nothing, *passed_over, needed))}")
        return [found[place] for place in sorted(found)], passed_over


def digit_of(file: RawFile) -> int:
    """What is spoken in a WAV file, by its name."""
    return int(file.match["stem"][0])


def emulate_spoken(seed: int, split: int, locators: Sequence[tuple[int, int]]) -> Iterator[Reading]:
    """Recordings of synthesised digits, each (index, digit)."""
    for index, digit in locators:
        generator = np.random.default_rng([seed, split, index])
        yield listen(speak_digit(digit, generator), RATE, generator), 0


def emulate_played(seed: int, split: int, locators: Sequence[tuple[int, FilePart]]) -> Iterator[Reading]:
    """Recordings of WAV files, each (index, file), all played equally loud."""
    contents = read_parts([part for _, part in locators])
    for (index, _), content in zip(locators, contents, strict=True):
        try:
            if isinstance(content, DamagedFileError):
                raise DatasetError(str(content))
            sound, rate = decode_wav(content, LOWEST_RATE, HIGHEST_RATE)
        except DatasetError as error:
            yield DamagedRecordingError(str(error))
        else:
            yield listen(levelled(sound), rate, np.random.default_rng([seed, split, index])), 0


def write_emulated(path: str | Path, *datasets: EmulatedNTIDIGITS) -> None:
    """Writes the events of emulated data sets, one of each split at most, as N-TIDIGITS18's own file holds them.

    Raises:
        DatasetError: a recording is damaged, or the file cannot be written.
    """

    def recordings(dataset: EmulatedNTIDIGITS) -> Iterator[tuple[str, Any]]:
        listed = dataset.list_recordings().recordings
        readings = dataset.reader([recording.locator for recording in listed])
        for number, (recording, reading) in enumerate(zip(listed, readings, strict=True)):
            if isinstance(reading, DamagedRecordingError):
                raise DatasetError(f"{recording.name}: {reading}")
            yield f"emulated-{number:06d}-a-{recording.label or SPOKEN_ZERO}", reading[0]

    try:
        write_ntidigits(path, {dataset.split: recordings(dataset) for dataset in datasets})
    except EventFileError as error:
        raise DatasetError(f"cannot write {path}: {error}") from error
    except (OSError, RuntimeError) as error:  # HDF5's library turns some errors of the disk into the latter
        raise cannot_write(Path(path), error) from error
