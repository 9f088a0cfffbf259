"""The lines that a run says: on the console, and in its log file."""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from logging.handlers import MemoryHandler
from pathlib import Path

from tqdm import tqdm

from common.terminal import complain, drop_output

PACKAGES = ("experiment", "datasets", "bindsnet", "common")
STREAMS = {"stdout": "standard output", "stderr": "standard error"}
LONGEST_MEMORY = 100_000  # log lines kept until the log file is open


class _Console(logging.Handler):
    """Prints log lines above the progress bar, to standard output or, where that is for something else, standard error."""

    def __init__(self, stream: str) -> None:
        super().__init__(logging.INFO)
        self.stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        try:
            tqdm.write(self.format(record), file=getattr(sys, self.stream))
        except OSError as error:
            drop_output(self.stream)
            complain(f"{STREAMS[self.stream]}: {error.strerror}; the run goes on, its log file has all lines")


class _LogFile(logging.FileHandler):
    """A full disk ends the run, rather than being complained about line by line."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, the name that logging gives it
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            error.filename = self.baseFilename
        raise


class _Lines(logging.Handler):
    """Takes all lines of the packages while runs go on, and gives each to the run whose thread says it.

    What the program around did with such lines, it does with them as before, unless they go to the console.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[RunLog] = []
        self.before: dict[str, tuple[int, bool, int]] = {}

    def add(self, run: RunLog) -> None:
        with self.lock:
            self.runs.append(run)
            for logger in map(logging.getLogger, PACKAGES if len(self.runs) == 1 else ()):
                self.before[logger.name] = logger.level, logger.propagate, logger.getEffectiveLevel()
                logger.setLevel(logging.DEBUG)
                logger.propagate = False
                logger.addHandler(self)

    def remove(self, run: RunLog) -> None:
        with self.lock:
            self.runs.remove(run)
            for logger in map(logging.getLogger, () if self.runs else PACKAGES):
                level, propagate, _ = self.before[logger.name]
                logger.setLevel(level)
                logger.propagate = propagate
                logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        takers = [run for run in self.runs if run.console is not None or run.thread == record.thread]
        for run in takers:
            run.take(record)
        _, propagate, level = self.before[record.name.partition(".")[0]]
        if propagate and record.levelno >= level and not any(run.console for run in takers):
            logging.getLogger().callHandlers(record)


_LINES = _Lines()


class RunLog:
    """All log lines of a run in its log file once there is one.

    Args:
        console: whether those from INFO on are printed; if so, all lines of this process are the run's.
        stream: where they are printed, of `STREAMS`.
    """

    def __init__(self, console: bool, stream: str = "stdout") -> None:
        self.thread = threading.get_ident()
        self.console = _Console(stream) if console else None
        self.memory = MemoryHandler(LONGEST_MEMORY, flushLevel=logging.CRITICAL + 1)
        _LINES.add(self)

    def take(self, record: logging.LogRecord) -> None:
        """Print and keep a line."""
        if self.console is not None and record.levelno >= self.console.level:
            self.console.handle(record)
        self.memory.handle(record)

    def write_to(self, path: Path) -> None:
        """Write all lines, those of before too, to a file."""
        file = _LogFile(path, encoding="utf-8", errors="backslashreplace")  # paths may hold bytes that are no UTF-8
        file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        self.memory.setTarget(file)
        self.memory.flush()
        self.memory.capacity = 1

    def close(self) -> None:
        """Leave the loggers as they were, and let go of the file."""
        _LINES.remove(self)
        file = self.memory.target
        with suppress(OSError):
            self.memory.close()
        if file is not None:
            with suppress(OSError):  # a full disk has been told already
                file.close()
