"""ST-MNIST `.mat` files (See et al. 2020): digits written on a pad of 10 × 10 taxels, MATLAB 5.

    spiketrain   101 × N, a column an event
    row 0–99     1 (ON) or −1 (OFF) at the taxel that sent it, else 0
    row 100      time (s)

Taxel row k lies in column k div 10 and row k mod 10 of the pad, so that digits stand upright.
Times are absolute, not counted from the first event, and rounded to whole µs; events of a file
come in order of time. A column that holds more than one event, or none, is corrupted: it is left
out and counted, whatever its time is. Reading back what was written gives the same events.
"""

from __future__ import annotations

import io
import os
import warnings
from typing import BinaryIO, NamedTuple

import numpy as np

from common.kinds import MATLAB_5, kind_of
from eventvision.content import content_of, write_content
from eventvision.errors import EventFileError, EventFileWarning
from eventvision.events import EVENT_DTYPE, Events
from eventvision.matlab import MOST_ELEMENTS, TAG_SIZE, number_matrix
from eventvision.sensors import PAD

VARIABLE = "spiketrain"
N_TAXELS = PAD.width * PAD.height
N_ROWS = N_TAXELS + 1
US_PER_S = 1_000_000
# 35 years, from −35 on: a float of seconds that small still tells every µs.
LATEST_TIME = 1 << 50  # µs

# MATLAB's Level 5 MAT-file format: a header that ends with version and byte order, then elements
# that begin with type and size.
HEADER_SIZE, HEADER_TEXT_SIZE = 128, 116  # bytes
VERSION = 0x0100
HEADER_TEXT = b"MATLAB 5.0 MAT-file, written by eventvision".ljust(HEADER_TEXT_SIZE)
BYTE_ORDERS = {b"IM": "little", b"MI": "big"}  # how the two letters that end the header read


class Decoded(NamedTuple):
    """What the bytes of a file hold.

    Attributes:
        events: the events, in order of time.
        n_corrupted_columns: columns left out, as they hold more than one event or none.
    """

    events: Events
    n_corrupted_columns: int


def read_stmnist(source: str | os.PathLike[str] | bytes) -> Events:
    """The events of a file, given by its path or as its bytes; times in µs.

    Corrupted columns are left out with an `EventFileWarning` that says how many they are;
    `decode_stmnist` returns that number instead.

    Raises:
        EventFileError: the file is no whole MATLAB 5 file with a `spiketrain` as described above.
        OSError: the file cannot be read.
    """
    content, place = content_of(source)
    try:
        events, n_corrupted_columns = decode_stmnist(content)
    except EventFileError as error:
        raise EventFileError(f"{place}{error}") from None
    if n_corrupted_columns:
        message = f"{place}left out {n_corrupted_columns} columns that do not hold one event each"
        warnings.warn(message, EventFileWarning, stacklevel=2)
    return events


def decode_stmnist(content: bytes) -> Decoded:
    """The events in the bytes of a file, and how many corrupted columns were left out.

    Raises:
        EventFileError: as `read_stmnist`.
    """
    matrix = _spiketrain(content)
    n_columns = matrix.shape[1]
    column, taxel = np.nonzero(matrix[:N_TAXELS].T)
    entry = matrix[taxel, column]
    wrong = np.flatnonzero(np.abs(entry) != 1)
    if len(wrong):
        first = wrong[0]
        raise EventFileError(f"{VARIABLE} holds {entry[first]} at taxel {taxel[first]}, column {column[first]}, not 1, -1 or 0")

    events_of_column = np.bincount(column, minlength=n_columns)
    sound = events_of_column[column] == 1
    column, taxel, entry = column[sound], taxel[sound], entry[sound]
    data = np.empty(len(column), EVENT_DTYPE)
    data["x"], data["y"] = np.divmod(taxel, PAD.height)
    data["p"] = entry == 1
    data["ts"] = _times(matrix[N_TAXELS, column], column)
    return Decoded(Events(data, PAD.width, PAD.height), n_columns - len(data))


def write_stmnist(target: str | os.PathLike[str] | BinaryIO, events: Events) -> None:
    """Writes events to a path or into a file opened for writing bytes.

    Raises:
        EventFileError: as `encode_stmnist`; nothing is written then.
        OSError: the file cannot be written.
    """
    write_content(target, encode_stmnist(events))


def encode_stmnist(events: Events) -> bytes:
    """The bytes of a file that holds these events; the same events give the same bytes.

    Raises:
        EventFileError: the format cannot hold them: an event outside the 10 × 10 taxels, times out
            of order or further than 35 years from 0.
    """
    from scipy.io import savemat

    x, y, ts = events.x.astype(np.int64), events.y.astype(np.int64), events.ts
    for name, values, side in (("x", x, PAD.width), ("y", y, PAD.height)):
        if len(values) and values.max() >= side:
            raise EventFileError(f"an ST-MNIST file cannot hold an event at {name} = {values.max()}")
    if (ts[1:] < ts[:-1]).any():
        raise EventFileError("an ST-MNIST file holds events in order of time; sort them first")
    if len(ts) and max(-ts[0], ts[-1]) > LATEST_TIME:
        raise EventFileError(f"an ST-MNIST file cannot hold times from {ts[0]} to {ts[-1]} µs")

    matrix = np.zeros((N_ROWS, len(ts)))
    matrix[PAD.height * x + y, np.arange(len(ts))] = np.where(events.p, 1.0, -1.0)
    matrix[N_TAXELS] = ts / US_PER_S
    file = io.BytesIO()
    savemat(file, {VARIABLE: matrix}, do_compression=True)
    # The header that SciPy writes tells the time of day.
    return HEADER_TEXT + file.getvalue()[HEADER_TEXT_SIZE:]


def _spiketrain(content: bytes) -> np.ndarray:
    order = _refuse_cut(content)
    matrix = number_matrix(content, HEADER_SIZE, order, VARIABLE)
    if matrix.ndim != 2 or matrix.shape[0] != N_ROWS:
        shape = " × ".join(map(str, matrix.shape))
        raise EventFileError(f"its {VARIABLE} is {shape}, expected {N_ROWS} × N: {N_TAXELS} taxels and the time")
    return matrix


def _refuse_cut(content: bytes) -> str:
    """Walks from element to element: the last must end where the file does; returns the order of bytes."""
    if not content:
        raise EventFileError("is empty")
    version, mark = content[HEADER_SIZE - 4 : HEADER_SIZE - 2], content[HEADER_SIZE - 2 : HEADER_SIZE]
    order = BYTE_ORDERS.get(mark)
    if order is None:
        kind = kind_of(content)
        raise EventFileError(
            "is no MATLAB 5 file, or cut short" + (f": it looks like {kind}" if kind not in (None, MATLAB_5) else "")
        )
    if int.from_bytes(version, order) != VERSION:
        raise EventFileError("is a MATLAB file of another version than 5 (save it with -v7, not -v7.3)")
    end, n_elements = HEADER_SIZE, 0
    while end < len(content):
        end += TAG_SIZE + int.from_bytes(content[end + 4 : end + TAG_SIZE], order)
        n_elements += 1
        if n_elements > MOST_ELEMENTS:
            raise EventFileError(f"is damaged: it has more than {MOST_ELEMENTS:,} variables")
    if end != len(content):
        raise EventFileError(f"is cut short: {len(content):,} bytes of at least {end:,}")
    return order


def _times(seconds: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Times in whole µs, int64, of the times in s of some columns."""
    if not np.isfinite(seconds).all():
        raise EventFileError(f"a time is no number, in column {column[np.argmin(np.isfinite(seconds))]}")
    times = np.round(seconds.astype(np.float64) * US_PER_S)
    if len(times) and np.abs(times).max() > LATEST_TIME:
        raise EventFileError(f"a time lies too far from 0: {seconds[np.argmax(np.abs(times))]:g} s")
    back = np.flatnonzero(times[1:] < times[:-1])
    if len(back):
        before, after = seconds[back[0] : back[0] + 2]
        raise EventFileError(f"time runs back from {before:.6f} s to {after:.6f} s in column {column[back[0] + 1]}")
    return times.astype(np.int64)
