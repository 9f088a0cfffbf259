"""What the emulated twins share: how many recordings, and what tells one from the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from datasets.dataset import EventDataset
from datasets.errors import DatasetError
from datasets.recordings import Listing, Recording

N_SAMPLES = {"train": 6_000, "test": 1_000}
SPLITS = ("train", "test")


class EmulatedDataset(EventDataset):
    """Emulated recordings. Sample i of a split depends on nothing but the seed, the split and i.

    Args:
        root, train, transform, target_transform, download, dt and further: as `EventDataset`;
            nothing is ever downloaded.
        n_samples: number of samples; None for all: 6,000 (training) or 1,000 (test), unless the
            stimuli are counted.
        seed: seed of what differs between recordings.
    """

    source = "emulated"

    def __init__(self, *args: Any, n_samples: int | None = None, seed: int = 0, **kwargs: Any) -> None:
        self.n_samples = n_samples
        self.seed = seed
        super().__init__(*args, **kwargs)

    @property
    def split_number(self) -> int:
        """0 for training, 1 for testing: with the seed and a sample's number what seeds the sample."""
        return SPLITS.index(self.split)

    def _check_options(self, n_workers: int) -> None:
        super()._check_options(n_workers)
        if self.n_samples is not None and self.n_samples < 1:
            raise DatasetError(f"n_samples must be at least 1, or None for all, got {self.n_samples}")
        if self.seed < 0:
            raise DatasetError(f"seed must be at least 0, got {self.seed}")

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        return super().parameters() | {"n_samples": self.n_samples, "seed": self.seed}

    def default_labels(self) -> np.ndarray:
        """The classes of samples that are made without stimuli, in turn, `[n_samples]`."""
        return np.arange(self.n_samples or N_SAMPLES[self.split]) % self.n_classes

    def listing(self, labels: Iterable[int], stimuli: Sequence[Any], fingerprint: str, sources: list[str]) -> Listing:
        """A recording for each label, whose locator is (its number, its stimulus)."""
        recordings = [
            Recording(f"{self.title} {self.split} {i}", int(label), (i, stimulus))
            for i, (label, stimulus) in enumerate(zip(labels, stimuli, strict=True))
        ]
        return Listing(recordings, fingerprint, sources)
