"""N-MNIST's emulated twin: digits from a pen, or images from a file, seen by an emulated camera."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from common.idx import read_idx
from datasets.emulation.camera import look_at
from datasets.emulation.dataset import EmulatedDataset
from datasets.emulation.pen import IMAGE_SIDE, render, write_digit
from datasets.errors import DatasetError
from datasets.recorded.nmnist import NMNIST
from datasets.recordings import Listing, Reading

TEST_SHARE = 7  # where only one file of images is there, every seventh is for testing


class EmulatedNMNIST(EmulatedDataset):
    """Emulated recordings, by default of digits that a pen writes.

    Args:
        root, train, n_samples, seed and further: as `EmulatedDataset`.
        stimuli: IDX file of images with its labels beside it, as MNIST names them; None for a pen
            that writes digits. Of a training file the test split takes the t10k file beside it;
            where there is none, every seventh image.
        skip_first: images left out at the start of the file. (N-MNIST's archives show MNIST's, so
            leave those out of training that is tested on them.)
    """

    recorded = NMNIST
    reader_version = 2

    def __init__(self, *args: Any, stimuli: str | Path | None = None, skip_first: int = 0, **kwargs: Any) -> None:
        self.stimuli = None if stimuli is None else Path(stimuli)
        self.skip_first = skip_first
        super().__init__(*args, **kwargs)

    def _check_options(self, n_workers: int) -> None:
        super()._check_options(n_workers)
        if self.skip_first < 0:
            raise DatasetError(f"skip_first must be at least 0, got {self.skip_first}")

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        return super().parameters() | {"skip_first": self.skip_first, "stimuli": self.stimuli is not None}

    def list_recordings(self) -> Listing:
        """One recording for each digit to write, or for each image to show."""
        if self.stimuli is None:
            self.reader = partial(emulate_written, self.seed, self.split_number)
            return self.listing(self.default_labels(), "pen")
        images, labels, path = self._images()
        numbers = self.numbers_of_stimuli(len(images), path)
        images, labels = images[numbers], labels[numbers]
        self.reader = partial(emulate_shown, self.seed, self.split_number)
        fingerprint = 0
        for part in (images, labels, numbers):
            fingerprint = zlib.crc32(part.tobytes(), fingerprint)
        return self.listing(labels, f"{fingerprint:08x}", [str(path)], images, numbers.tolist())

    def stimuli_labels(self) -> np.ndarray | None:
        """The classes of all images of the split, `[n]`; None for the pen's digits, of which there are as many as wanted."""
        return None if self.stimuli is None else self._images()[1]

    def _images(self) -> tuple[np.ndarray, np.ndarray, Path]:
        path = self.stimuli
        refuse_no_file(path)
        other = path.with_name(path.name.replace("train", "t10k"))
        has_test_file = other != path and other.exists()
        if not self.train and has_test_file:
            path = other
        images, labels = labelled_images(path)
        number = np.arange(len(images))
        chosen = number >= (self.skip_first if path == self.stimuli else 0)
        if not has_test_file:
            chosen &= (number % TEST_SHARE == TEST_SHARE - 1) != self.train
        return images[chosen], labels[chosen], path


def labelled_images(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images, uint8 ``[n, height, width]``, and labels, uint8 ``[n]``, of an IDX file and the one beside it.

    Raises:
        DatasetError: a file is missing, damaged, or holds something else.
    """
    refuse_no_file(path)
    beside = path.with_name(path.name.replace("images-idx3", "labels-idx1"))
    if beside == path or not beside.exists():
        raise DatasetError(
            f"{path}: its labels must lie beside it, named as MNIST's are: …-images-idx3-ubyte and …-labels-idx1-ubyte"
        )
    images, labels = read_idx(path), read_idx(beside)
    if images.ndim != 3 or max(images.shape[1:]) > IMAGE_SIDE or labels.shape != images.shape[:1]:
        raise DatasetError(
            f"{path} has the shape {images.shape} and {beside.name} {labels.shape}; expected "
            f"images of at most {IMAGE_SIDE} × {IMAGE_SIDE} pixels and a label for each"
        )
    if len(labels) and labels.max() >= len(NMNIST.class_names):
        hint = f"; its labels begin at {labels.min()}, not at 0" if labels.min() else ""
        raise DatasetError(f"{beside} holds the label {labels.max()}; expected digits, 0 to 9{hint}")
    return images, labels


def refuse_no_file(path: Path) -> None:
    """Refuses what is no file, and so may have no name with which to look beside it.

    Raises:
        DatasetError: it is a folder, or not there.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: is no file; an IDX file of images is needed, such as train-images-idx3-ubyte")


def emulate_written(seed: int, split: int, locators: Sequence[tuple[int, int]]) -> Iterator[Reading]:
    """Recordings of written digits, each (index, digit)."""
    for index, digit in locators:
        generator = np.random.default_rng([seed, split, index])
        image = render(write_digit(digit, generator), generator)
        yield look_at(image, generator), 0


def emulate_shown(seed: int, split: int, locators: Sequence[tuple[int, np.ndarray]]) -> Iterator[Reading]:
    """Recordings of images, each (index, image): an image travels to a worker with its recording, not with all others."""
    for index, image in locators:
        generator = np.random.default_rng([seed, split, index])
        yield look_at(image / 255.0, generator), 0
