"""What is passed over while recordings are looked for: counted, with an example, for the log."""

from __future__ import annotations

from eventvision.errors import in_one_line


class PassedOver:
    """Counts what is passed over, by what it is, and keeps the first of each kind."""

    def __init__(self) -> None:
        # In the order in which they were met; a hidden folder of an archive is met with each member in it.
        self._places: dict[str, dict[str, None]] = {}

    def add(self, what: str, place: object) -> None:
        """Count what lies at a place, if that was not counted yet."""
        self._places.setdefault(what, {})[in_one_line(place)] = None

    def notes(self) -> tuple[str, ...]:
        """A line for each kind."""
        return tuple(
            f"{what} passed over: {len(places):,}, such as {next(iter(places))}" for what, places in self._places.items()
        )
