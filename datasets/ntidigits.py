"""N-TIDIGITS18 (Anumula et al. 2018): spoken digits heard by a silicon cochlea of 64 channels."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, ClassVar

from datasets.dataset import EventDataset
from datasets.download import RemoteFile
from datasets.errors import DatasetError
from datasets.raw import find_raw_files, fingerprint
from datasets.readers import read_ntidigits_keys
from datasets.recordings import Listing, Recording
from eventvision import EventFileError, NTIDIGITSFile
from eventvision.errors import reason_of

HDF5 = re.compile(r"\.(hdf5|h5)$", re.IGNORECASE)
# Behind a key's last hyphen: what was spoken, and perhaps the take ("1a") as in the names of TIDIGITS' own files.
SPOKEN = re.compile(r"-(?P<digits>[0-9oz]+)[ab]?$")
SPOKEN_ZERO, SPOKEN_OH = "z", "o"
FILE = RemoteFile(
    "n-tidigits.hdf5",
    "360a2d11e5429555c9197381cf6b58e0",
    (
        "https://www.dropbox.com/s/vfwwrhlyzkax4a2/n-tidigits.hdf5?dl=1",
        "https://www.dropbox.com/scl/fi/1x4lxt9yyw25sc3tez8oi/n-tidigits.hdf5?rlkey=w8gi5udvib2zqzosusa5tr3wq&dl=1",
        "https://www.neuromorphic-vision.com/public/downloads/n-tidigits.hdf5",
    ),
)


class NTIDIGITS(EventDataset):
    """Recordings of single digits, about 2,250 for training and 2,260 for testing; channel k is input unit k.

    Their order: by digit, then by key. "Zero" is digit 0. The file holds connected digits too, which are passed over.

    Args:
        root, train, transform, target_transform, download, dt and further: as for any data set; polarities can only be "on",
            for a cochlea's events have none.
        oh_class: whether "oh", the other word for 0, is an eleventh class, "o"; otherwise it is left out.
    """

    name = "NTIDIGITS"
    title = "N-TIDIGITS18"
    width, height = 64, 1  # channels
    class_names = tuple("0123456789")
    default_pattern_time = 1000.0
    reader_version = 1
    remote_files: ClassVar[dict[str, RemoteFile]] = {"train": FILE, "test": FILE}
    how_to_get = (
        f"Put the file {FILE.name} there (about 420 MB, both splits; MD5 {FILE.md5}): ask for it where Anumula et al. 2018, "
        "doi 10.3389/fnins.2018.00023, say it is kept, as its public addresses may be dead. "
        "No data at hand? `--source emulated` needs none."
    )

    def __init__(self, *args: Any, oh_class: bool = False, polarities: str = "on", **kwargs: Any) -> None:
        refuse_polarities(self.title, polarities)
        self.oh_class = oh_class
        if oh_class:
            self.class_names = (*NTIDIGITS.class_names, SPOKEN_OH)
        super().__init__(*args, polarities=polarities, **kwargs)

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        return super().parameters() | {"oh_class": self.oh_class}

    def list_recordings(self) -> Listing:
        """Finds the file below the raw folder, and the split's single digits in it."""
        files, passed_over = find_raw_files(self.raw_path, HDF5, self.processed_folder)
        if not files:
            raise self.missing(f"no {FILE.name}", passed_over)
        if len(files) > 1:
            names = ", ".join(file.name for file in files)
            raise DatasetError(f"{self.title}: {names}: only one HDF5 file may lie in {self.raw_path}; move the others away")
        (file,) = files
        if not file.is_loose:
            raise DatasetError(f"{self.title}: unpack {file.name}: an HDF5 file cannot be read inside an archive")
        self.reader = partial(read_ntidigits_keys, file.part.path, self.split)
        try:
            recordings, notes = self._recordings(file.part.path)
        except EventFileError as error:
            raise DatasetError(f"{self.title}: {error}; replace the file") from error
        except OSError as error:
            raise DatasetError(f"{self.title}: cannot read {file.name}: {error.strerror or reason_of(error)}") from error
        return Listing(recordings, fingerprint(files), [file.name], passed_over + notes)

    def _recordings(self, path: str) -> tuple[list[Recording], tuple[str, ...]]:
        with NTIDIGITSFile(path) as file:
            keys = {(key, file.place(self.split, key)): damage for key, damage in file.keys(self.split).items()}
        recordings, n_connected, n_oh = [], 0, 0
        for (key, place), damage in keys.items():
            spoken = SPOKEN.search(key)
            digits = spoken["digits"] if spoken else ""
            if len(digits) > 1:
                n_connected += 1
            elif digits == SPOKEN_OH and not self.oh_class:
                n_oh += 1
            else:
                damage = damage if spoken else f"its key {key!r} does not end in what was spoken"
                recordings.append(Recording(place, self._label(digits), (key, damage)))
        recordings.sort(key=lambda recording: (recording.label, recording.name))
        notes = [f"{n_connected:,} recordings of connected digits passed over"] if n_connected else []
        notes += [f"{n_oh:,} recordings of “oh” left out"] if n_oh else []
        return recordings, tuple(notes)

    def _label(self, digit: str) -> int:
        if digit == SPOKEN_OH:
            return self.class_names.index(SPOKEN_OH)
        return 0 if digit in (SPOKEN_ZERO, "") else int(digit)


def refuse_polarities(title: str, polarities: str) -> None:
    """Refuses to tell ON from OFF events where there is no difference.

    Raises:
        DatasetError: `polarities` is not "on".
    """
    if polarities != "on":
        raise DatasetError(f'{title}: polarities must be "on", for a cochlea\'s events have none, got {polarities!r}')
