"""ST-MNIST's emulated twin: digits from a pen, written on an emulated pad."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from datasets.emulation.dataset import EmulatedDataset
from datasets.emulation.pad import press
from datasets.emulation.pen import write_digit
from datasets.recorded.stmnist import STMNIST, without_busy_taxels
from datasets.recordings import Listing, Reading
from eventvision import write_stmnist


class EmulatedSTMNIST(EmulatedDataset):
    """Emulated recordings of digits that a pen writes.

    Args:
        root, train, n_samples, seed and further: as `EmulatedDataset`.
        taxel_limit: as `STMNIST`.
    """

    recorded = STMNIST
    reader_version = 2

    def list_recordings(self) -> Listing:
        """One recording for each digit to write."""
        self.reader = partial(emulate_written, self.seed, self.split_number, self.taxel_limit)
        return self.listing(self.default_labels(), "pen")

    def write_raw(self, folder: str | Path) -> None:
        """Writes the split as ST-MNIST's archive is laid out: `data_submission/<digit>/<sample>.mat` in `folder`.

        Raises:
            OSError: a file cannot be written.
        """
        recordings = self.list_recordings().recordings
        readings = self.reader([recording.locator for recording in recordings])
        for i, (recording, (events, _)) in enumerate(zip(recordings, readings, strict=True)):
            place = Path(folder) / "data_submission" / self.class_names[recording.label]
            place.mkdir(parents=True, exist_ok=True)
            write_stmnist(place / f"{self.split}{i:04d}.mat", events)


def emulate_written(seed: int, split: int, taxel_limit: int | None, locators: Sequence[tuple[int, int]]) -> Iterator[Reading]:
    """Recordings of written digits, each (index, digit)."""
    for index, digit in locators:
        generator = np.random.default_rng([seed, split, index])
        yield without_busy_taxels(press(write_digit(digit, generator), generator), taxel_limit)
