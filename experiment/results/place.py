"""Where a run is kept while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from experiment.protocol.record import Row
from experiment.results.run_log import RunLog
from experiment.run_data import RunData


class Place:
    """A place that keeps nothing, for a run that leaves nothing behind; `RunFolder` is one that does."""

    folder: Path | None = None
    seconds_drawing = 0.0

    def begin(self, run: RunData, run_log: RunLog | None) -> None:
        """Nothing is written."""

    def go_on(self) -> bool:
        """There is nothing to go on from."""
        return False

    def add(self, row: Row) -> None:
        """The row stays in memory."""

    def save(self) -> bool:
        """Nothing is saved."""
        return False

    def save_if_due(self) -> None:
        """Nothing is saved."""

    def show(self, at_once: bool = False) -> None:
        """Nobody watches."""

    def redraw_if_due(self) -> None:
        """Nothing is drawn."""

    def write(self) -> None:
        """Nothing is written."""

    def finish(self) -> None:
        """Nothing is written."""

    def hold_view(self, stop: Callable[[], bool]) -> None:
        """There is no window."""

    def close(self) -> None:
        """No name is held."""
