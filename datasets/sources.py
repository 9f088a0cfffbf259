"""Where the samples of a data set come from: its recordings, its emulated twin, or recordings of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasets.dataset import EventDataset
from datasets.errors import DatasetError
from datasets.facts import EMULATED, RECORDED
from datasets.own.dataset import OwnDataset
from datasets.own.folder import OwnRecordings
from datasets.own.spike_trains import OwnSpikeTrains
from datasets.registry import data_set


def open_split(name: str, source: str | Path, *, train: bool, **how: Any) -> EventDataset:
    """A split of a data set.

    Args:
        name: of the data set.
        source: "recorded", "emulated", or where recordings of one's own are.
        train: the training or the test split.
        how: what the class that stands for them takes besides.

    Raises:
        DatasetError: the data cannot be had; the message says what to do.
    """
    recorded = data_set(name)
    if source == RECORDED:
        return recorded(train=train, **how)
    if source == EMULATED:
        if recorded.twin is None:
            raise DatasetError(
                f"--source {EMULATED}: {name} has no emulated twin; take its recordings (--source {RECORDED}) or your own "
                "(--source PATH)"
            )
        return recorded.twin.load()(train=train, **how)
    return open_own(source, train=train, like=name, **how)


def open_own(path: str | Path, **options: Any) -> OwnDataset:
    """A split of the recordings at a path, in whichever of the two forms they are; `options` as these take them."""
    if Path(path).suffix.lower() == ".npz":
        options.pop("like", None)
        return OwnSpikeTrains(path, **options)
    return OwnRecordings(path, **options)
