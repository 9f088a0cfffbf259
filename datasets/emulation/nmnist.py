"""N-MNIST's emulated twin: digits from a pen, or images from a file, seen by an emulated camera."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from datasets.dataset import EventDataset
from datasets.emulation.camera import look_at
from datasets.emulation.pen import IMAGE_SIDE, render, write_digit
from datasets.errors import DatasetError
from datasets.idx import read_idx
from datasets.nmnist import NMNIST
from datasets.recordings import Listing, Reading, Recording

N_SAMPLES = {"train": 6_000, "test": 1_000}
SPLITS = ("train", "test")
TEST_SHARE = 7  # where only one file of images is there, every seventh is for testing


class EmulatedNMNIST(EventDataset):
    """Emulated recordings. Sample i of a split depends on nothing but the seed, the split and i.

    Args:
        root, train, transform, target_transform, download, dt and further: as `NMNIST`; nothing is
            ever downloaded.
        n_samples: number of samples; None for 6,000 (training) or 1,000 (test), or all images.
        stimuli: IDX file of images with its labels beside it, as MNIST names them; None for a pen
            that writes digits. Of a training file the test split takes the t10k file beside it;
            where there is none, every seventh image.
        seed: seed of what differs between recordings.
        skip_first: images left out at the start of the file. (N-MNIST's archives show MNIST's, so
            leave those out of training that is tested on them.)
    """

    name = "EmulatedNMNIST"
    title = "emulated N-MNIST"
    source = "emulated"
    width, height = NMNIST.width, NMNIST.height
    class_names = NMNIST.class_names
    default_pattern_time = NMNIST.default_pattern_time
    reader_version = 1

    def __init__(
        self,
        *args: Any,
        n_samples: int | None = None,
        stimuli: str | Path | None = None,
        seed: int = 0,
        skip_first: int = 0,
        **kwargs: Any,
    ) -> None:
        self.n_samples = n_samples
        self.stimuli = None if stimuli is None else Path(stimuli)
        self.seed = seed
        self.skip_first = skip_first
        super().__init__(*args, **kwargs)

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        own = {"n_samples": self.n_samples, "seed": self.seed, "skip_first": self.skip_first}
        return super().parameters() | own | {"stimuli": self.stimuli is not None}

    def list_recordings(self) -> Listing:
        """One recording for each digit to write, or for each image to show."""
        split = SPLITS.index(self.split)
        if self.stimuli is None:
            n = self.n_samples or N_SAMPLES[self.split]
            labels, fingerprint, sources = np.arange(n) % self.n_classes, "pen", []
            stimuli, self.reader = labels.tolist(), partial(emulate_written, self.seed, split)
        else:
            stimuli, labels, path = self._images()
            fingerprint, sources = f"{zlib.crc32(labels.tobytes(), zlib.crc32(stimuli.tobytes())):08x}", [str(path)]
            self.reader = partial(emulate_shown, self.seed, split)
        recordings = [
            Recording(f"{self.title} {self.split} {i}", int(label), (i, stimulus))
            for i, (label, stimulus) in enumerate(zip(labels, stimuli, strict=True))
        ]
        return Listing(recordings, fingerprint, sources)

    def _images(self) -> tuple[np.ndarray, np.ndarray, Path]:
        path = self.stimuli
        other = path.with_name(path.name.replace("train", "t10k"))
        has_test_file = other != path and other.exists()
        if not self.train and has_test_file:
            path = other
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
        if len(labels) and labels.max() >= self.n_classes:
            raise DatasetError(f"{beside} holds the label {labels.max()}; expected digits")
        if not has_test_file:
            is_test = np.arange(len(images)) % TEST_SHARE == TEST_SHARE - 1
            images, labels = (part[is_test != self.train] for part in (images, labels))
        if path == self.stimuli:
            images, labels = images[self.skip_first :], labels[self.skip_first :]
        n = len(images) if self.n_samples is None else self.n_samples
        if not 1 <= n <= len(images):
            raise DatasetError(f"{path}: {n:,} {self.split} samples wanted, {len(images):,} there")
        return images[:n], labels[:n], path


def emulate_written(seed: int, split: int, locators: Sequence[tuple[int, int]]) -> Iterator[Reading]:
    """Recordings of written digits, each (index, digit)."""
    for index, digit in locators:
        generator = np.random.default_rng([seed, split, index])
        image = render(write_digit(digit, generator), generator)
        yield Reading(look_at(image, generator))


def emulate_shown(seed: int, split: int, locators: Sequence[tuple[int, np.ndarray]]) -> Iterator[Reading]:
    """Recordings of images, each (index, image): an image travels to a worker with its recording, not with all others."""
    for index, image in locators:
        generator = np.random.default_rng([seed, split, index])
        yield Reading(look_at(image / 255.0, generator))
