"""Warnings: those of the library at the line of the program that uses it, those of others caught. Standard library only."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

LIBRARY = ("bindsnet", "common")
_CATCHING = threading.RLock()


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line of the user's program that led here, however deep in the library it was noticed."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in LIBRARY:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def caught_warnings(*filters: tuple[Any, ...]) -> Iterator[list[warnings.WarningMessage]]:
    """While this lasts, warnings are caught into a list; one thread at a time, since Python keeps them for all threads.

    Args:
        filters: arguments of ``warnings.filterwarnings`` each; without any, every warning is caught.
    """
    with _CATCHING, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for each in filters:
            warnings.filterwarnings(*each)
        yield caught


def warn_again(caught: Iterable[warnings.WarningMessage]) -> None:
    """Warn of what was caught, as it would have been."""
    for each in caught:
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
