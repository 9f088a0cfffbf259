"""``metrics.csv``: the rows of a run, an update interval each."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Mapping
from pathlib import Path

from common.durable import named
from experiment.errors import UnusableError
from experiment.protocol.record import COLUMNS, Row
from experiment.readouts import READOUTS
from experiment.results.checkpoint import MOST

FRACTIONS = (*READOUTS, "spikes_per_sample", "seconds")  # the others count something
PERCENT = 100


class MetricsFile:
    """The file, which grows by a row an update interval.

    Args:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, row: Row) -> None:
        """Write a row.

        Raises:
            OSError: it cannot be written.
        """
        with named(self.path), open(self.path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(row)

    def size(self) -> int:
        """Bytes that are on the disk, all that was written."""
        if not self.path.exists():
            return 0
        with named(self.path), open(self.path, "rb+") as file:
            os.fsync(file.fileno())
            return file.seek(0, os.SEEK_END)

    def cut(self, size: int) -> None:
        """Leave only the first bytes: later rows are of what is done anew."""
        if self.path.exists():
            os.truncate(self.path, size)

    def rows(self, size: int) -> list[Row]:
        """The rows in the file's first bytes; none of no bytes.

        Raises:
            UnusableError: the file is shorter, or holds what no run writes.
            OSError: it cannot be read.
        """
        if size == 0:
            return []
        with open(self.path, "rb") as file:
            content = file.read(size)
        if len(content) < size:
            raise UnusableError(f"{self.path} has lost rows")
        rows: list[Row] = []
        try:
            for cells in csv.DictReader(io.StringIO(content.decode(), newline="")):
                rows.append(_row(cells, rows[-1]["n_seen"] if rows else 0))
        except (ValueError, csv.Error):
            raise UnusableError(f"line {len(rows) + 2} of {self.path} is damaged") from None
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
