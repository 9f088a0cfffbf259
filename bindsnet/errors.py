"""What the library refuses or warns of, in words for the person who wrote the network."""

import sys
import warnings

PACKAGE = __name__.partition(".")[0]


class NetworkError(ValueError):
    """A network, or what is presented to it, does not fit together; the message says where and why."""


class NetworkWarning(UserWarning):
    """A network, or what is presented to it, may not do what was meant."""


def warn(message: str) -> None:
    """Warn at the line of the user's program that led here, however deep in the library it was noticed."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, NetworkWarning, stacklevel=level)
