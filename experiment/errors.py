"""What a run refuses, in words for the person at the prompt."""

from __future__ import annotations

from collections.abc import Sequence


class OptionError(ValueError):
    """Options that cannot be run with: every complaint found, one line each.

    Args:
        complaints: Lines that name the option, its value and what is allowed.
    """

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = tuple(complaints)


class UnderWayError(OptionError):
    """A run of this name is under way, and may soon be over."""


class UnusableError(ValueError):
    """What is no state of this run, so that the run cannot go on from it; the message says why."""
