"""A run of a sweep as it is handed to whatever carries it out, and what becomes of it. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

FINISHED, FAILED, STOPPED, INTERRUPTED = "finished", "failed", "stopped early", "interrupted"


@dataclass(frozen=True)
class Job:
    """A run to carry out.

    Attributes:
        name: of the run, which its folder bears.
        sense: such as "Visual".
        options: of the script, by name, as `experiment.train` takes them.
        folder: where its results go; what lies there is gone on with.
        figures: whether they are drawn.
        rivals: by what it is stopped early; None where it is not.
    """

    name: str
    sense: str
    options: Mapping[str, Any]
    folder: Path
    figures: bool = False
    rivals: Any = None


class Outcome(NamedTuple):
    """What became of a run.

    Attributes:
        state: FINISHED, FAILED, STOPPED (clearly behind others) or INTERRUPTED (it can go on).
        reason: why, in a line; empty where it finished.
    """

    state: str
    reason: str = ""


class Executor(Protocol):
    """What carries runs out, side by side: processes of this machine, or Ray."""

    @property
    def n_side_by_side(self) -> int:
        """How many runs go on at a time."""

    def carry_out(self, jobs: Iterable[Job], begun: Callable[[Job], None], done: Callable[[Job, Outcome], None]) -> None:
        """Carry out all; `begun` and `done` are called in this process, as runs begin and end, in any order.

        Raises:
            KeyboardInterrupt: it was told to stop; what is under way has been saved, and is told as INTERRUPTED.
        """

    def close(self) -> None:
        """Let go of all processes."""
