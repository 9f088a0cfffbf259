"""The rows of ``metrics.csv``, an update interval each, as a run that goes on reads them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

from experiment.checkpoint import MOST
from experiment.errors import UnusableError
from experiment.options import READOUTS

COLUMNS = (
    "epoch", "n_seen", *READOUTS, "n_samples", "spikes_per_sample", "repetitions", "n_silent", "seconds",
)  # fmt: skip
FRACTIONS = (*READOUTS, "spikes_per_sample", "seconds")  # the others count something
PERCENT = 100

Row = dict[str, float | int | None]


def read_rows(path: Path, size: int) -> list[Row]:
    """The rows in a file's first bytes; none of no bytes.

    Args:
        path: the file.
        size: how many of its bytes.

    Raises:
        UnusableError: the file is shorter, or holds what no run writes.
        OSError: it cannot be read.
    """
    if size == 0:
        return []
    with open(path, "rb") as file:
        content = file.read(size)
    if len(content) < size:
        raise UnusableError(f"{path} has lost rows")
    rows: list[Row] = []
    try:
        for cells in csv.DictReader(io.StringIO(content.decode(), newline="")):
            rows.append(_row(cells, rows[-1]["n_seen"] if rows else 0))
    except (ValueError, csv.Error):
        raise UnusableError(f"line {len(rows) + 2} of {path} is damaged") from None
    return rows


def _row(cells: Mapping[str | None, str | None], n_before: int) -> Row:
    """What a line says; a ValueError if no run writes such a one after so many samples."""
    if tuple(cells) != COLUMNS or None in cells.values():  # too many cells have the name None, too few its value
        raise ValueError
    row = {name: _number(name, text) for name, text in cells.items()}
    accuracies = [row[name] for name in READOUTS if row[name] is not None]
    if not all(0 <= number < MOST for number in row.values() if number is not None) or max(accuracies, default=0) > PERCENT:
        raise ValueError
    if not 1 <= row["n_samples"] == row["n_seen"] - n_before:
        raise ValueError
    return row


def _number(name: str, text: str) -> float | int | None:
    if not text and name in READOUTS:  # nothing was known yet
        return None
    number = float(text) if name in FRACTIONS else int(text)
    if math.isnan(number):
        raise ValueError
    return number
