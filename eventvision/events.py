"""The type that every reader returns and every writer takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

# x, y: column and row, (0, 0) at the top left; p: True = ON; ts: µs.
EVENT_DTYPE = np.dtype([("x", "<u2"), ("y", "<u2"), ("p", "?"), ("ts", "<i8")])
INT64 = np.iinfo(np.int64)
MAX_SIDE = 1 << 16  # pixels, as far as x and y reach


class Events:
    """What a sensor of `width` × `height` pixels saw, an event an element.

    Attributes:
        data: structured array `[n_events]` of `EVENT_DTYPE`.
        width: number of columns (pixels).
        height: number of rows (pixels).

    Raises:
        ValueError: `data` is no one-dimensional array of `EVENT_DTYPE`, or the sensor has no pixel or more than 65,536 a side.
    """

    __slots__ = ("data", "height", "width")

    def __init__(self, data: np.ndarray, width: int, height: int) -> None:
        if not isinstance(data, np.ndarray) or data.dtype != EVENT_DTYPE or data.ndim != 1:
            raise ValueError(f"events are a one-dimensional array of {EVENT_DTYPE}")
        if width < 1 or height < 1:
            raise ValueError(f"a sensor has at least one pixel, got {width} × {height}")
        if width > MAX_SIDE or height > MAX_SIDE:
            raise ValueError(f"a sensor has at most {MAX_SIDE:,} pixels a side, got {width} × {height}")
        self.data, self.width, self.height = data, int(width), int(height)

    @classmethod
    def from_columns(cls, x: ArrayLike, y: ArrayLike, p: ArrayLike, ts: ArrayLike, width: int, height: int) -> Events:
        """From columns `[n_events]`: x and y (pixels), polarities (flags, or 1 = ON and 0 = OFF), times (whole µs).

        Raises:
            ValueError: the columns differ in length, an event lies outside the sensor, a coordinate
                or time is no whole number that 64 bits hold, or a polarity is neither 0 nor 1.
        """
        columns = {name: _whole(column, name) for name, column in (("x", x), ("y", y), ("p", p), ("ts", ts))}
        shapes = {name: column.shape for name, column in columns.items()}
        if len(set(shapes.values())) > 1 or columns["x"].ndim != 1:
            raise ValueError(f"columns must be one-dimensional and equally long, got {shapes}")
        for name, size in (("x", width), ("y", height)):
            if len(columns[name]) and not 0 <= columns[name].min() <= columns[name].max() < size:
                raise ValueError(f"an event's {name} lies outside 0 … {size - 1}")
        unknown = columns["p"][(columns["p"] != 0) & (columns["p"] != 1)]
        if len(unknown):
            # Most streams with other polarities have −1 for OFF, which as a flag would be ON.
            raise ValueError(f"p must be 1 (ON) or 0 (OFF), got {unknown[0]}; if OFF is -1, give p > 0")
        data = np.empty(len(columns["x"]), EVENT_DTYPE)
        for name, column in columns.items():
            data[name] = column
        return cls(data, width, height)

    @property
    def x(self) -> np.ndarray:
        """Columns (pixels), uint16 `[n_events]`; for sums and differences take them as int64."""
        return self.data["x"]

    @property
    def y(self) -> np.ndarray:
        """Rows (pixels), uint16 `[n_events]`; for sums and differences take them as int64."""
        return self.data["y"]

    @property
    def p(self) -> np.ndarray:
        """Polarities, bool `[n_events]`; True = ON."""
        return self.data["p"]

    @property
    def ts(self) -> np.ndarray:
        """Times (µs), int64 `[n_events]`."""
        return self.data["ts"]

    def units(self, by_polarity: bool = False) -> np.ndarray:
        """Input unit of each event, int64 `[n_events]`: x + width · y, so row after row.

        (In the types of x and y themselves, which end at 65,535, this sum would begin anew at 0.)

        Args:
            by_polarity: whether OFF events have units of their own, which follow the width · height of ON events.
        """
        units = self.y.astype(np.int64) * self.width + self.x
        if by_polarity:
            units += np.where(self.p, 0, self.width * self.height)
        return units

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, which: slice | np.ndarray) -> Events:
        """Some of the events, by slice, mask or indices; the times stay what they are."""
        return Events(self.data[which], self.width, self.height)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Events):
            return NotImplemented
        same_sensor = (self.width, self.height) == (other.width, other.height)
        return same_sensor and np.array_equal(self.data, other.data)

    __hash__ = None  # events can be changed in place

    def __repr__(self) -> str:
        return f"Events({len(self)} events, {self.width} × {self.height} pixels)"


def _whole(values: Any, name: str) -> np.ndarray:
    """A column in int64; what would become another number in it is refused."""
    values = np.asarray(values)
    if values.size == 0:
        return values.astype(np.int64)
    if values.dtype.kind == "f":
        fits = (np.floor(values) == values) & (np.abs(values) < -float(INT64.min))  # NaN does not
    elif values.dtype.kind in "biu":
        fits = values <= INT64.max
    else:
        fits = np.zeros(values.shape, bool)
    if not fits.all():
        raise ValueError(f"{name} must be whole numbers within 64 bits, got {values[~fits][0]}")
    return values.astype(np.int64, copy=False)
