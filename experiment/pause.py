"""What happens between two pieces of a run's simulation, so at least every second or so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from experiment.command_line.signals import Interrupted, Signals
from experiment.protocol.record import Record, Row
from experiment.results.place import Place

Watch = Callable[[list[Row]], object]


class Pause:
    """Called between two pieces: stops the run if it is told to, with everything saved; else saves it from time to time.

    Args:
        record: how training went.
        place: where the run is kept.
        signals: what may tell it to stop.
        watchers: are given copies of the rows that are new to them, and may tell it to stop by an answer that is true; those
            behind that one are not asked.
    """

    def __init__(self, record: Record, place: Place, signals: Signals, watchers: Sequence[Watch] = ()) -> None:
        self.record = record
        self.place = place
        self.signals = signals
        self.watchers = watchers
        self.n_told = 0

    def __call__(self) -> None:
        """Pause.

        Raises:
            Interrupted: the run is told to stop.
        """
        if self.signals.received is not None:
            raise Interrupted(self.signals.received, saved=self.place.save())
        rows = self.record.rows[self.n_told :]
        self.n_told += len(rows)
        if any(watch([dict(row) for row in rows]) for watch in self.watchers):
            raise Interrupted(saved=self.place.save())
        self.place.save_if_due()
