"""What a data set says about its recordings, and what is asked of it in turn. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from common.download import RemoteFile
    from datasets.errors import DamagedRecordingError, MissingDataError
    from datasets.preparation.binning import Grid
    from eventvision import Events

# What reading a recording gives: its events and how many partial or corrupted ones were left out, or why it is left out itself.
Reading: TypeAlias = "tuple[Events, int] | DamagedRecordingError"
# Reads recordings one after the other, given their locators. It is called in other processes, so it is a function of a module
# (or a functools.partial of one), and its module does without torch.
Reader = Callable[[Sequence[Any]], Iterator["Reading"]]


class Recording(NamedTuple):
    """A recording of a split, not yet read.

    Attributes:
        name: what messages call it, such as `…/raw/Train.zip/Train/5/00001.bin`.
        label: its class, 0 … n_classes − 1.
        locator: what the data set's reader needs to read or make it; it can be pickled.
    """

    name: str
    label: int
    locator: Any


class Listing(NamedTuple):
    """All recordings of a split, in the order of the data set's samples.

    Attributes:
        recordings: the recordings; those that are emulated are made up as they are looked up.
        fingerprint: changes whenever their content does.
        origins: the files and folders that they come from, for the log.
        notes: what else the log should say, such as what was passed over.
    """

    recordings: Sequence[Recording]
    fingerprint: str
    origins: list[str]
    notes: tuple[str, ...] = ()


class Split(Protocol):
    """What listing and preparing ask of the data set whose split it is: see `EventDataset`, which knows who asks."""

    title: str
    class_names: tuple[str, ...]
    source: str
    official_split: bool | None
    reads_files: bool
    remote_files: Mapping[str, RemoteFile]
    empty_class_hint: str
    train: bool
    split: str
    reader: Reader
    grid: Grid
    raw_path: Path
    processed_folder: Path

    def places(self) -> Any: ...
    def list_recordings(self) -> Listing: ...
    def parameters(self) -> dict[str, Any]: ...
    def missing(self, what: str, passed_over: Sequence[str] = ()) -> MissingDataError: ...
    def refuse_at_once(self, n_workers: int) -> None: ...
