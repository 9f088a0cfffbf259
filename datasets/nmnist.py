"""N-MNIST (Orchard et al. 2015): MNIST digits seen by a camera in three saccades."""

from __future__ import annotations

import re
from typing import ClassVar

from datasets.copies import without_copies
from datasets.dataset import EventDataset
from datasets.download import RemoteFile
from datasets.raw import RawFile, find_raw_files, fingerprint
from datasets.readers import read_nmnist_parts
from datasets.recordings import Listing, Recording

FILES = "https://data.mendeley.com/public-files/datasets/468j46mzdv/files"

RECORDING = re.compile(r"(?<![^/])(?P<split>train|test)/(?P<digit>[0-9])/(?P<id>[^/]+)\.bin$", re.IGNORECASE)


class NMNIST(EventDataset):
    """Recordings of an ATIS camera, 34 × 34 pixels, 60,000 for training and 10,000 for testing.

    Their order: by digit, then by id (shorter ids first, so that numbers rise). A recording that
    lies there twice, in an archive and unpacked beside it, is taken once, from the archive; two that
    differ under one name are an error.
    """

    name = "NMNIST"
    title = "N-MNIST"
    width = height = 34
    class_names = tuple("0123456789")
    default_pattern_time = 105.0  # the first saccade
    reader = staticmethod(read_nmnist_parts)
    reader_version = 1
    remote_files: ClassVar[dict[str, RemoteFile]] = {
        "train": RemoteFile(
            "Train.zip",
            "20959b8e626244a1b502305a9e6e2031",
            (f"{FILES}/39c25547-014b-4137-a934-9d29fa53c7a0/file_downloaded",),
        ),
        "test": RemoteFile(
            "Test.zip",
            "69ca8762b2fe404d9b9bad1103e97832",
            (f"{FILES}/05a4d654-7e03-4c15-bdfa-9bb2bcbea494/file_downloaded",),
        ),
    }
    how_to_get = (
        "Put Train.zip and Test.zip there, from https://data.mendeley.com/datasets/468j46mzdv "
        "(or the folders Train/<digit>/*.bin and Test/<digit>/*.bin, or any zip or tar that holds "
        "them). No data at hand? `--source emulated` needs none."
    )

    def list_recordings(self) -> Listing:
        """Finds the split's `.bin` files below the raw folder."""
        there, passed_over = find_raw_files(self.raw_path, RECORDING, self.processed_folder)
        found, copies = without_copies((file for file in there if file.match["split"].lower() == self.split), _place)
        if not found:
            raise self.missing(f"no {self.split} recordings", passed_over)
        files = [found[place] for place in sorted(found)]
        recordings = [Recording(file.name, int(file.match["digit"]), file.part) for file in files]
        return Listing(recordings, fingerprint(files), sorted({file.source for file in files}), passed_over + copies)


def _place(file: RawFile) -> tuple[int, int, str]:
    return int(file.match["digit"]), len(file.match["id"]), file.match["id"]
