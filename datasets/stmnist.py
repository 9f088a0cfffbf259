"""ST-MNIST (See et al. 2020): digits written by hand on a pad of pressure sensors, the taxels."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from datasets.copies import without_copies
from datasets.dataset import EventDataset
from datasets.errors import DatasetError
from datasets.raw import RawFile, find_raw_files, fingerprint
from datasets.readers import read_stmnist_parts
from datasets.recordings import Listing, Recording
from datasets.split import TEST_SHARE, test_part

SPLIT_SEED = 0
# LUT.mat, the pad's wiring, is no recording.
RECORDING = re.compile(r"(?<![^/])(?P<digit>[0-9])/(?P<id>(?!LUT\.)[^/]+)\.mat$", re.IGNORECASE)


class STMNIST(EventDataset):
    """Recordings of a pad of 10 × 10 taxels, 6,953 in all; a taxel more pressed is ON, less is OFF.

    Taxel row k of a file is input unit 10·(k mod 10) + k div 10, so that digits stand upright. There
    is no official split: a fifth of each digit's recordings is for testing. Their order: by digit,
    then by name (shorter names first, so that numbers rise).

    Args:
        root, train, transform, target_transform, download, dt and further: as `EventDataset`;
            nothing can be downloaded, as the publisher asks for a form.
        taxel_limit: leave out, and count, the events of taxels with more than so many ON events in
            a recording, as damaged ones; None keeps all. (40 removes the pressed taxels themselves.)
    """

    name = "STMNIST"
    title = "ST-MNIST"
    width = height = 10
    class_names = tuple("0123456789")
    default_pattern_time = 2000.0
    reader_version = 2
    how_to_get = (
        "Its publisher asks for a form, so it cannot be downloaded from here: open "
        "https://scholarbank.nus.edu.sg/handle/10635/168106, choose the data set's zip file, fill in the "
        "form and follow the link that you are given; then put the zip there and leave it packed. (A "
        "folder data_submission/<digit>/*.mat, or any zip or tar that holds it, does as well.) No data at "
        "hand? `--source emulated` needs none."
    )

    def __init__(self, *args: Any, taxel_limit: int | None = None, **kwargs: Any) -> None:
        self.taxel_limit = check_taxel_limit(taxel_limit)
        self.reader = partial(read_stmnist_parts, taxel_limit)
        super().__init__(*args, **kwargs)

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        own = {"taxel_limit": self.taxel_limit, "split_seed": SPLIT_SEED, "test_share": TEST_SHARE}
        return super().parameters() | own

    def list_recordings(self) -> Listing:
        """Finds the `.mat` files below the raw folder and takes the split's."""
        there, passed_over = find_raw_files(self.raw_path, RECORDING, self.processed_folder)
        found, copies = without_copies(there, _place)
        if not found:
            raise self.missing("no recordings", passed_over)
        for_testing = test_part(found, SPLIT_SEED)
        places = [place for place in found if (place in for_testing) != self.train]
        files = [found[place] for place in sorted(places, key=lambda place: (place[0], len(place[1]), place[1]))]
        recordings = [Recording(file.name, int(file.match["digit"]), file.part) for file in files]
        return Listing(recordings, fingerprint(files), sorted({file.source for file in files}), passed_over + copies)


def _place(file: RawFile) -> tuple[int, str]:
    return int(file.match["digit"]), file.match["id"]


def check_taxel_limit(limit: int | None) -> int | None:
    """The limit as it was given.

    Raises:
        DatasetError: it is no number of events.
    """
    if limit is not None and limit < 1:
        raise DatasetError(f"taxel_limit must be at least 1, or None for no limit, got {limit}")
    return limit
