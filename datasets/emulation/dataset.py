"""What the emulated twins share: how many recordings, and what tells one from the other."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, ClassVar

import numpy as np

from datasets.dataset import EventDataset
from datasets.errors import DatasetError
from datasets.facts import EMULATED
from datasets.preparation.estimate import N_PROBED, refuse_without_room
from datasets.preparation.samples import prepared_files
from datasets.recordings import Listing, Recording

N_SAMPLES = {"train": 6_000, "test": 1_000}
SPLITS = ("train", "test")
LONG_LISTING = 1_000_000  # samples; to list more takes time and memory, so before it is asked whether there is room for them


class EmulatedDataset(EventDataset):
    """Emulated recordings. Sample i of a split depends on nothing but the seed, the split and i.

    Args:
        root, train, transform, target_transform, download, dt and further: as `EventDataset`;
            nothing is ever downloaded.
        n_samples: number of samples; None for all: 6,000 (training) or 1,000 (test), unless the
            stimuli are counted.
        seed: seed of what differs between recordings.
        chosen: numbers of the stimuli to perceive, counted from 0 over those of the split; None for the first `n_samples`.
    """

    recorded: ClassVar[type[EventDataset]]  # whose twin it is, and whose facts it takes
    source = EMULATED
    reads_files = False
    official_split = True  # each split has its own seeds

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        recorded = cls.recorded
        cls.name, cls.title = f"Emulated{recorded.name}", f"emulated {recorded.title}"
        cls.sensor, cls.class_names, cls.options = recorded.sensor, recorded.class_names, recorded.options
        cls.default_pattern_time = recorded.default_pattern_time

    def __init__(
        self, *args: Any, n_samples: int | None = None, seed: int = 0, chosen: Sequence[int] | None = None, **kwargs: Any
    ) -> None:
        self.n_samples = n_samples
        self.seed = seed
        self.chosen = chosen
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

    def refuse_at_once(self, n_workers: int) -> None:
        """Refuses so many samples that to list them takes time, if there is no room for them.

        Raises:
            DatasetError: says how much is needed and how much there is.
        """
        n = self.n_samples or 0
        if n > LONG_LISTING and self.stimuli_labels() is None and not any(prepared_files(self)):
            few = copy(self)
            few.n_samples = N_PROBED
            refuse_without_room(few, few.list_recordings().recordings, n, n_workers)

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        return super().parameters() | {"n_samples": self.n_samples, "seed": self.seed}

    def stimuli_labels(self) -> np.ndarray | None:
        """The classes of all stimuli of the split, `[n]`; None where stimuli are made up, as many as wanted.

        Raises:
            DatasetError: the stimuli cannot be read.
        """
        return None

    def numbers_of_stimuli(self, n_there: int, place: object) -> np.ndarray:
        """Which of a split's stimuli, all found in this place, are perceived."""
        first = np.arange(n_there if self.n_samples is None else self.n_samples)
        numbers = first if self.chosen is None else np.asarray(self.chosen, np.int64)
        if not (len(numbers) and numbers.min() >= 0 and numbers.max() < n_there):
            n_wanted = numbers.max() + 1 if len(numbers) else 1
            raise DatasetError(f"{place}: {n_wanted:,} {self.split} samples wanted, {n_there:,} there")
        return numbers

    def default_labels(self) -> np.ndarray:
        """The classes of samples that are made without stimuli, in turn, `[n_samples]`."""
        return np.arange(self.n_samples or N_SAMPLES[self.split]) % self.n_classes

    def listing(
        self,
        labels: np.ndarray,
        fingerprint: str,
        origins: Sequence[str] = (),
        stimuli: np.ndarray | None = None,
        numbers: Sequence[int] | None = None,
    ) -> Listing:
        """A recording for each label, whose locator is (its number, its stimulus).

        Without stimuli the label itself is what is to be written or spoken; numbers from 0 on where none are given.
        """
        numbers = range(len(labels)) if numbers is None else numbers
        return Listing(EmulatedRecordings(f"{self.title} {self.split}", labels, stimuli, numbers), fingerprint, [*origins])


class EmulatedRecordings(Sequence[Recording]):
    """Recordings that are to be made, of which there may be more than memory holds: each is made up as it is looked up."""

    def __init__(self, title: str, labels: np.ndarray, stimuli: np.ndarray | None, numbers: Sequence[int]) -> None:
        self.title, self.labels, self.stimuli, self.numbers = title, labels, stimuli, numbers

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int | slice) -> Recording | list[Recording]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        number, label = self.numbers[index], int(self.labels[index])
        return Recording(f"{self.title} {number}", label, (number, label if self.stimuli is None else self.stimuli[index]))
