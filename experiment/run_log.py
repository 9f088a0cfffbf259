"""The lines that a run says: on the console, and in its log file."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from logging.handlers import MemoryHandler
from pathlib import Path

from tqdm import tqdm

from common.terminal import complain, drop_output

LOGGERS = ("experiment", "datasets", "bindsnet", "common")
LONGEST_MEMORY = 100_000  # log lines kept until the log file is open


class _Console(logging.Handler):
    """Prints log lines above the progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            tqdm.write(self.format(record), file=sys.stdout)
        except OSError as error:
            drop_output()
            complain(f"standard output: {error.strerror}; the run goes on, its log file has all lines")


class _LogFile(logging.FileHandler):
    """A full disk ends the run, rather than being complained about line by line."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, the name that logging gives it
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            error.filename = self.baseFilename
        raise


class RunLog:
    """All log lines in the run's log file once there is one; on the console those from INFO on."""

    def __init__(self) -> None:
        console = _Console(logging.INFO)
        console.setFormatter(logging.Formatter("%(message)s"))
        self.memory = MemoryHandler(LONGEST_MEMORY, flushLevel=logging.CRITICAL + 1)
        self.handlers: list[logging.Handler] = [console, self.memory]
        self.before = [(logger, logger.level, logger.propagate) for logger in map(logging.getLogger, LOGGERS)]
        for logger, *_ in self.before:
            logger.setLevel(logging.DEBUG)
            logger.propagate = False
            for handler in self.handlers:
                logger.addHandler(handler)

    def write_to(self, path: Path) -> None:
        """Write all lines, those of before too, to a file."""
        file = _LogFile(path, encoding="utf-8", errors="backslashreplace")  # paths may hold bytes that are no UTF-8
        file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        self.memory.setTarget(file)
        self.memory.flush()
        self.memory.capacity = 1

    def close(self) -> None:
        """Leave the loggers as they were, and let go of the file."""
        file = self.memory.target
        for logger, level, propagate in self.before:
            logger.setLevel(level)
            logger.propagate = propagate
            for handler in self.handlers:
                logger.removeHandler(handler)
        for handler in self.handlers:
            with suppress(OSError):
                handler.close()
        if file is not None:
            with suppress(OSError):  # a full disk has been told already
                file.close()
