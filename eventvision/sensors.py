"""The sensors of the three formats. Standard library only, so that what a sensor is can be asked at once."""

from __future__ import annotations

from typing import NamedTuple

POLARITIES = ("on", "off", "both")  # what of a sensor's events may be input; both: as separate inputs, ON first


class Sensor(NamedTuple):
    """What sends events.

    Attributes:
        width: columns, or channels.
        height: rows.
        polarities: which of `POLARITIES` its events have: only "on" where there is no difference; the first is the usual.
        elements: what its pixels are called.
    """

    width: int
    height: int = 1
    polarities: tuple[str, ...] = POLARITIES
    elements: str = "pixels"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    def __str__(self) -> str:
        size = f"{self.width} × {self.height}" if self.height > 1 else str(self.width)
        return f"{size} {self.elements}"


ATIS = Sensor(34, 34)  # the camera's part that N-MNIST holds
COCHLEA = Sensor(64, polarities=("on",), elements="channels")  # N-TIDIGITS18's
PAD = Sensor(10, 10, elements="taxels")  # ST-MNIST's
