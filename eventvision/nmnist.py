"""N-MNIST and N-Caltech101 `.bin` files (Orchard et al. 2015): five bytes an event, no header.

    byte   0   1   2                         3      4
           x   y   p (1 bit), t bits 22–16   15–8   7–0        t in µs, big-endian; p = 1 is ON

An event at y = 240 marks an overflow of the camera's clock: it is no event itself but adds 2¹³ µs
to all later times, and several may follow one another. Times count from the file's time 0, not from
the first event.

Order: cameras deliver events slightly out of order. The reader sorts them by time, leaving events
of equal time in the file's order, as long as none lies more than 1 ms behind one before it; beyond
that the file is damaged. The writer takes events in order of time only. So reading back what was
written gives the same events.
"""

from __future__ import annotations

import os
from typing import BinaryIO, NamedTuple
from warnings import warn

import numpy as np

from common.kinds import kind_of
from eventvision.content import content_of, write_content
from eventvision.errors import EventFileError, EventFileWarning
from eventvision.events import EVENT_DTYPE, Events
from eventvision.sensors import ATIS

BYTES_PER_EVENT = 5
OVERFLOW_Y = 240
OVERFLOW_TIME = 1 << 13  # µs
LATEST_FIELD_TIME = (1 << 23) - 1  # µs
LARGEST_COORDINATE = 255
MAX_BACKWARD_STEP = 1000  # µs
# 38 hours and 80 MB of nothing but overflow markers; whatever needs more is a mistake.
MAX_OVERFLOWS = 1 << 24
# Beyond this share of events outside the sensor, a file is rather of another sensor than damaged.
MAX_OUTSIDE = 0.1


class Decoded(NamedTuple):
    """What the bytes of a file hold.

    Attributes:
        events: the events, in order of time.
        n_trailing_bytes: bytes of a partial event at the end, which are left out (0 to 4).
    """

    events: Events
    n_trailing_bytes: int


def read_nmnist(source: str | os.PathLike[str] | bytes, width: int = ATIS.width, height: int = ATIS.height) -> Events:
    """The events of a file, given by its path or as its bytes; times in µs.

    A partial event at the end is left out with an `EventFileWarning` that says how many bytes it
    has; `decode_nmnist` returns that number instead.

    Raises:
        EventFileError: an event lies outside the sensor of `width` × `height` pixels, or time runs
            back by more than 1 ms.
        OSError: the file cannot be read.
    """
    content, place = content_of(source)
    try:
        events, n_trailing_bytes = decode_nmnist(content, width, height)
    except EventFileError as error:
        raise EventFileError(f"{place}{error}") from None
    if n_trailing_bytes:
        message = f"{place}left out a partial event of {n_trailing_bytes} bytes at the end"
        warn(message, EventFileWarning, stacklevel=2)
    return events


def decode_nmnist(content: bytes, width: int = ATIS.width, height: int = ATIS.height) -> Decoded:
    """The events in the bytes of a file, and how many bytes were left over at their end.

    Raises:
        EventFileError: as `read_nmnist`.
    """
    n_events, n_trailing_bytes = divmod(len(content), BYTES_PER_EVENT)
    rows = np.frombuffer(content, np.uint8, n_events * BYTES_PER_EVENT)
    columns = rows.reshape(n_events, BYTES_PER_EVENT).T.copy()
    ts = (columns[2] & 0x7F).astype(np.int64)
    for byte in columns[3:]:
        ts <<= 8
        ts |= byte

    overflow = columns[1] == OVERFLOW_Y
    if overflow.any():
        ts += np.cumsum(overflow) * OVERFLOW_TIME
        columns, ts = columns[:, ~overflow], ts[~overflow]

    x, y = columns[:2]
    if len(x) and (x.max() >= width or y.max() >= height):
        raise EventFileError(_what_lies_outside(content, x, y, width, height))
    data = np.empty(len(ts), EVENT_DTYPE)
    data["x"], data["y"] = x, y
    data["p"] = columns[2] >> 7
    data["ts"] = ts
    if _runs_back(ts):
        data = _sorted_by_time(data)
    return Decoded(Events(data, width, height), n_trailing_bytes)


def write_nmnist(target: str | os.PathLike[str] | BinaryIO, events: Events) -> None:
    """Writes events to a path or into a file opened for writing bytes.

    Raises:
        EventFileError: as `encode_nmnist`; nothing is written then.
        OSError: the file cannot be written.
    """
    write_content(target, encode_nmnist(events))


def encode_nmnist(events: Events) -> bytes:
    """The bytes of a file that holds these events, with as few overflow markers as needed.

    Raises:
        EventFileError: the format cannot hold them: an event outside the sensor, beyond 255 or at
            y = 240, a time before 0, times out of order or beyond about 38 hours.
    """
    ts = events.ts
    _check_inside(events.x, "x", min(events.width, LARGEST_COORDINATE + 1))
    _check_inside(events.y, "y", min(events.height, LARGEST_COORDINATE + 1))
    if (events.y == OVERFLOW_Y).any():
        raise EventFileError(f"an N-MNIST file cannot hold an event at y = {OVERFLOW_Y}")
    if _runs_back(ts):
        raise EventFileError("an N-MNIST file holds events in order of time; sort them first")
    if len(ts) and ts[0] < 0:
        raise EventFileError(f"an N-MNIST file cannot hold a time before 0, got {ts[0]} µs")
    if len(ts) and ts[-1] > LATEST_FIELD_TIME + MAX_OVERFLOWS * OVERFLOW_TIME:
        raise EventFileError(f"an N-MNIST file cannot hold a time as late as {ts[-1]} µs")

    # Overflow markers that stand before each event: as many as bring its time into 23 bits.
    n_overflows = -(np.minimum(LATEST_FIELD_TIME - ts, 0) // OVERFLOW_TIME)
    field_ts = ts - n_overflows * OVERFLOW_TIME
    n_rows = len(ts) + (int(n_overflows[-1]) if len(ts) else 0)
    rows = np.zeros((n_rows, BYTES_PER_EVENT), np.uint8)
    rows[:, 1] = OVERFLOW_Y
    place = np.arange(len(ts)) + n_overflows
    rows[place, 0] = events.x
    rows[place, 1] = events.y
    rows[place, 2] = (events.p.astype(np.int64) << 7) | (field_ts >> 16)
    rows[place, 3] = (field_ts >> 8) & 0xFF
    rows[place, 4] = field_ts & 0xFF
    return rows.tobytes()


def _what_lies_outside(content: bytes, x: np.ndarray, y: np.ndarray, width: int, height: int) -> str:
    """What is wrong with a file of which events lie outside the sensor."""
    if kind := kind_of(content):
        return f"is no N-MNIST file: it looks like {kind}"
    outside = (x >= width) | (y >= height)
    first = int(np.argmax(outside))
    name, value, size = ("x", x[first], width) if x[first] >= width else ("y", y[first], height)
    complaint = f"event {first} has {name} = {value}, outside 0 … {size - 1}"
    if np.count_nonzero(outside) <= MAX_OUTSIDE * len(x):
        return complaint
    return f"{complaint}; with {x.max()} as largest x and {y.max()} as largest y it seems to be of a sensor of another size"


def _check_inside(values: np.ndarray, name: str, size: int) -> None:
    if len(values) and values.max() >= size:
        first = int(np.argmax(values >= size))
        message = f"event {first} has {name} = {values[first]}, outside 0 … {size - 1}"
        raise EventFileError(message)


def _runs_back(ts: np.ndarray) -> bool:
    return bool((ts[1:] < ts[:-1]).any())


def _sorted_by_time(data: np.ndarray) -> np.ndarray:
    ts = data["ts"]
    behind = np.maximum.accumulate(ts) - ts
    first = int(np.argmax(behind > MAX_BACKWARD_STEP))
    if behind[first] > MAX_BACKWARD_STEP:
        raise EventFileError(f"time runs back by {behind[first]} µs at event {first}")
    return data[np.argsort(ts, kind="stable")]
