"""Warnings of the library, at the line of the program that uses it."""

from __future__ import annotations

import sys
import warnings

LIBRARY = ("bindsnet", "common")


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line of the user's program that led here, however deep in the library it was noticed."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in LIBRARY:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
