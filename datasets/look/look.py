"""What a data set holds: all its recordings listed, some of them read, none prepared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from datasets.dataset import EventDataset
from datasets.errors import DamagedRecordingError
from datasets.facts import EMULATED
from datasets.preparation.binning import MICROSECONDS_PER_MS, bin_events
from datasets.preparation.doubts import n_in_first_part
from datasets.preparation.refusals import is_too_much_damage
from datasets.preparation.report import told_once
from datasets.preparation.shortage import memory_for
from datasets.recordings import Recording
from eventvision import Events


class Measured(NamedTuple):
    """Numbers of a recording that was read.

    Attributes:
        label: its class.
        n_events: events of either polarity.
        n_on: ON events.
        duration: from its first to its last event (ms).
        latest: time of its last event (ms).
        n_wanted: events of the polarities that are input.
        n_past: those of them outside the pattern time.
        n_spikes: spikes of the sample that it becomes.
        n_early: those of them in the first hundredth of the pattern time.
    """

    label: int
    n_events: int
    n_on: int
    duration: float
    latest: float
    n_wanted: int
    n_past: int
    n_spikes: int
    n_early: int


class Example(NamedTuple):
    """A recording to show: its name and its events."""

    name: str
    events: Events


@dataclass
class Look:
    """What a look at a data set found.

    Attributes:
        dataset: its facts and the options.
        n_recordings: number of recordings of each class, by split.
        n_read: number of recordings that were read.
        measured: those of them that are sound, split after split, class after class.
        examples: one of each class, the first that has events, from the first split that has one.
        left_out: name of each that is damaged, and why.
        refused: splits of which so many are damaged that they would not be prepared.
        n_damaged_events: partial or corrupted events left out of those that are sound.
        origins: files and folders that the recordings come from.
        notes: what else listing them told.
    """

    dataset: EventDataset
    n_recordings: dict[str, Counter[int]] = field(default_factory=dict)
    n_read: int = 0
    measured: list[Measured] = field(default_factory=list)
    examples: dict[int, Example] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    n_damaged_events: int = 0
    origins: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The data set's, which says where its recordings come from."""
        return self.dataset.title if self.dataset.source == EMULATED else f"{self.dataset.title} ({self.dataset.source})"

    @property
    def has_polarity(self) -> bool:
        """Whether any event that was read is OFF."""
        return any(of.n_on < of.n_events for of in self.measured)

    @property
    def n_there(self) -> int:
        """Number of recordings that are there."""
        return sum(of_class.total() for of_class in self.n_recordings.values())


def look_at_dataset(splits: Sequence[EventDataset], n_each: int | None) -> Look:
    """Lists all recordings of a data set and reads some.

    Args:
        splits: the data set's splits, made with `prepare=False`.
        n_each: recordings read of each class and split, evenly spread over those that are there; None for all.

    Raises:
        DatasetError: there are none, or they cannot be listed or read.
        OSError: a file cannot be read.
    """
    found = Look(splits[0])
    notes = {}
    for dataset in splits:
        with memory_for(f"{dataset.title} {dataset.split}"):
            listing = dataset.list_recordings()
            found.n_recordings[dataset.split] = Counter(recording.label for recording in listing.recordings)
            found.origins += [origin for origin in listing.origins if origin not in found.origins]
            notes[dataset.split] = listing.notes
            chosen, n_before = _spread(listing.recordings, n_each), len(found.left_out)
            _read(found, dataset, chosen)
            if is_too_much_damage(len(found.left_out) - n_before, len(chosen)):
                found.refused.append(dataset.split)
    found.notes = told_once(notes)
    return found


def _spread(recordings: Sequence[Recording], n_each: int | None) -> list[Recording]:
    """So many of each class, evenly spread."""
    of_class: dict[int, list[Recording]] = {}
    for recording in recordings:
        of_class.setdefault(recording.label, []).append(recording)
    chosen = []
    for _, members in sorted(of_class.items()):
        n = len(members) if n_each is None else min(n_each, len(members))
        chosen += [members[k * len(members) // n] for k in range(n)]
    return chosen


def _read(found: Look, dataset: EventDataset, recordings: list[Recording]) -> None:
    readings = dataset.reader([recording.locator for recording in recordings])
    for recording, reading in zip(recordings, readings, strict=True):
        found.n_read += 1
        if isinstance(reading, DamagedRecordingError):
            found.left_out.append((recording.name, str(reading)))
            continue
        events, n_damaged_events = reading
        found.measured.append(_measure(recording.label, events, dataset))
        found.n_damaged_events += n_damaged_events
        if recording.label not in found.examples or not len(found.examples[recording.label].events):
            found.examples[recording.label] = Example(recording.name, events)


def _measure(label: int, events: Events, dataset: EventDataset) -> Measured:
    batch = bin_events([events], dataset.grid)
    first, last = (events.ts.min(), events.ts.max()) if len(events) else (0, 0)
    return Measured(
        label=label,
        n_events=len(events),
        n_on=int(events.p.sum()),
        duration=float(last - first) / MICROSECONDS_PER_MS,
        latest=float(last) / MICROSECONDS_PER_MS,
        n_wanted=batch.n_events,
        n_past=batch.n_outside,
        n_spikes=len(batch.steps),
        n_early=n_in_first_part(batch.steps, dataset.grid),
    )
