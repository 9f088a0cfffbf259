"""What other libraries warn of: kept off the screen of who runs a command, in the run's log file instead. Standard library only.

Only commands ask for it; a program that uses this project's packages sees all warnings, and so does a command that is run with
``python -W`` or ``PYTHONWARNINGS``. What is an error by such a filter stays one.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

log = logging.getLogger(__name__)

OWN_PACKAGES = {"bindsnet", "common", "datasets", "eventvision", "experiment"}


@contextmanager
def logged_library_warnings() -> Iterator[None]:
    """While this lasts, warnings and log lines of other libraries go to this project's log, at level DEBUG: to files alone."""
    show, last_resort = warnings.showwarning, logging.lastResort
    log_library_warnings()
    try:
        yield
    finally:
        warnings.showwarning, logging.lastResort = show, last_resort


def log_library_warnings() -> None:
    """The same for the rest of this process."""
    if not sys.warnoptions:  # else they were asked for
        warnings.showwarning = _showing_own(warnings.showwarning)
        logging.lastResort = _LastResort(logging.lastResort)


def are_logged() -> bool:
    """Whether that is so now."""
    return isinstance(logging.lastResort, _LastResort)


def _showing_own(show: Callable[..., None]) -> Callable[..., None]:
    def show_own(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if _is_own(category.__module__):
            show(message, category, filename, lineno, file, line)
        else:
            log.debug("%s:%s: %s: %s", filename, lineno, category.__name__, " ".join(str(message).split()))

    return show_own


class _LastResort(logging.Handler):
    """Stands in for what prints log lines that no handler takes."""

    def __init__(self, before: logging.Handler | None) -> None:
        super().__init__(logging.WARNING)
        self.before = before

    def emit(self, record: logging.LogRecord) -> None:
        if not _is_own(record.name):
            log.debug("%s: %s", record.name, " ".join(record.getMessage().split()))
        elif self.before is not None:
            self.before.handle(record)


def _is_own(module: str) -> bool:
    return module.partition(".")[0] in OWN_PACKAGES
