"""What preparing a split found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# How many of the recordings left out are named in a log.
NAMED = 5


@dataclass
class PreparationReport:
    """What a split holds and what was left out of it.

    Attributes:
        n_recordings: recordings found, those left out included.
        n_samples: samples, recordings left out not included.
        n_silent: samples without any spike.
        n_events: events of the wanted polarities in these samples.
        n_past_window: those of them outside the pattern time; left out.
        n_spikes: spikes stored: a bin holds one, however many events fall into it.
        n_damaged_events: partial or corrupted events left out.
        left_out: name of each damaged recording and why it was left out.
        sources: archives and folders that the recordings come from.
        notes: what else there is to say.
    """

    n_recordings: int = 0
    n_samples: int = 0
    n_silent: int = 0
    n_events: int = 0
    n_past_window: int = 0
    n_spikes: int = 0
    n_damaged_events: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The same in words, for a log."""
        lines = [f"read from {source}" for source in self.sources] + self.notes
        silent = f", {self.n_silent:,} of them silent" if self.n_silent else ""
        lines.append(f"{self.n_samples:,} samples{silent}, {self.n_spikes:,} spikes")
        merged = self.n_events - self.n_past_window - self.n_spikes
        lines.append(
            f"{self.n_events:,} events: {self.n_past_window:,} past the pattern time left out, "
            f"{merged:,} in a time step in which their unit had one already"
        )
        if self.n_damaged_events:
            lines.append(f"{self.n_damaged_events:,} partial or corrupted events left out")
        if self.left_out:
            lines.append(f"{len(self.left_out):,} of {self.n_recordings:,} recordings are damaged, left out:")
            lines += [f"  {name}: {reason}" for name, reason in self.left_out[:NAMED]]
            if len(self.left_out) > NAMED:
                lines.append(f"  … and {len(self.left_out) - NAMED:,} more")
        return lines


def told_once(lines: Mapping[str, Sequence[str]]) -> list[str]:
    """Lines about several splits, given by split, each behind the name of its split; what holds for both is told once of both.

    A line that goes on from the one before begins with a space, and stays where it is.
    """
    splits_of: dict[tuple[str, str], list[str]] = {}
    for split, about in lines.items():
        for line in about:
            splits_of.setdefault((line, split if line.startswith(" ") else ""), []).append(split)
    return [f"{' and '.join(splits)}: {line}" for (line, _), splits in splits_of.items()]
