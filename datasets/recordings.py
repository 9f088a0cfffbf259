"""What a data set class says about its recordings, and what reading one gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from eventvision import Events


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
        sources: the files and folders that they come from, for the log.
        notes: what else the log should say, such as what was passed over.
    """

    recordings: Sequence[Recording]
    fingerprint: str
    sources: list[str]
    notes: tuple[str, ...] = ()


class Reading(NamedTuple):
    """A recording that was read.

    Attributes:
        events: its events; None if it is damaged.
        n_damaged_events: partial or corrupted events left out of it.
        damage: why the recording is left out; None if it is sound.
    """

    events: Events | None
    n_damaged_events: int = 0
    damage: str | None = None


# Reads recordings one after the other, given their locators. It is called in other processes, so it
# is a function of a module (or a functools.partial of one), and its module does without torch.
Reader = Callable[[Sequence[Any]], Iterator[Reading]]
