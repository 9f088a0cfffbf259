"""Rows of runs as they come (``--csv_stream``): appended to a file, which several runs may share, or given to a pipe.

The first column is the run's name, the others are those of ``metrics.csv``. Each line is one write to a file that is open for
appending, so those of several processes do not mix.
"""

from __future__ import annotations

import csv
import errno
import io
import logging
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from common.terminal import drop_output
from common.values import STANDARD_OUTPUT
from experiment.command_line.options import shown
from experiment.errors import OptionError
from experiment.protocol.record import COLUMNS, Row

HEADER = ("run", *COLUMNS)
# A pipe that nobody reads is refused rather than waited for, and one whose reader has stopped does not hold up the run.
HOW = os.O_RDWR if os.name == "nt" else os.O_WRONLY | os.O_NONBLOCK
REASONS = {
    errno.ENXIO: "nobody reads this pipe; start its reader first",
    errno.EPIPE: "its reader has gone",
    errno.EAGAIN: "its reader takes no more",
}

log = logging.getLogger(__name__)


class CsvStream:
    """Where the rows of a run go; when it cannot be written any more, the stream ends, and the run goes on.

    Args:
        target: a file or pipe, or `STANDARD_OUTPUT`.
        name: of the run.
        resume: whether the run goes on: then rows that the file has of it are not repeated.

    Raises:
        OptionError: it cannot be opened, or is a file that holds something else.
    """

    def __init__(self, target: str | Path, name: str, resume: bool) -> None:
        self.target = target
        self.name = name
        self.n_known = 0
        self.has_ended = False
        self.descriptor: int | None = None
        if target == STANDARD_OUTPUT:
            self._write(HEADER)
            return
        try:
            self.descriptor = os.open(target, HOW | os.O_APPEND | os.O_CREAT, 0o666)
            with _locked(self.descriptor):
                is_file = stat.S_ISREG(os.fstat(self.descriptor).st_mode)
                if not is_file or os.fstat(self.descriptor).st_size == 0:
                    self._write(HEADER)
                else:
                    self._refuse_others()
            if resume and is_file:
                self.n_known = self._last_seen()
        except OSError as error:
            self.close()
            raise OptionError([f"--csv_stream {shown(target)}: {_reason(error)}"]) from error
        except OptionError:
            self.close()
            raise

    def __call__(self, rows: Iterable[Row]) -> None:
        """Write rows, each at once."""
        for row in rows:
            if row["n_seen"] > self.n_known:
                self._write([self.name, *("" if row[column] is None else row[column] for column in COLUMNS)])

    def close(self) -> None:
        """Let go of the file."""
        if self.descriptor is not None:
            with suppress(OSError):  # a disk that is full may say so only now
                os.close(self.descriptor)
            self.descriptor, self.has_ended = None, True

    def _write(self, cells: Sequence[object]) -> None:
        if self.has_ended:
            return
        line = _line(cells)
        try:
            if self.descriptor is None:
                sys.stdout.write(line)
                sys.stdout.flush()
            elif os.write(self.descriptor, line.encode()) < len(line.encode()):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self.has_ended = True
            if self.descriptor is None:
                drop_output()
            log.warning("--csv_stream %s: %s; the stream ends, the run goes on", shown(self.target), _reason(error))

    def _refuse_others(self) -> None:
        """Refuses a file that begins with other columns, lest a slip spoils it."""
        with open(self.target, "rb") as file:
            if file.readline(len(_line(HEADER))) != _line(HEADER).encode():
                raise OptionError(
                    [f"--csv_stream {shown(self.target)}: holds something else; its first line must name the columns"]
                )

    def _last_seen(self) -> int:
        """How many samples the run had seen at the end of the last row that the file has of it."""
        with open(self.target, newline="", encoding="utf-8", errors="replace") as file:
            found = [row["n_seen"] for row in csv.DictReader(file) if row["run"] == self.name]
        return int(found[-1]) if found and str(found[-1]).isdecimal() else 0


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _reason(error: OSError) -> str:
    return REASONS.get(error.errno, error.strerror or str(error))


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """While this lasts, no other run looks whether the file has a header; where there are no locks, two may write one."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with suppress(ImportError, OSError):
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_UN)
