"""What the library refuses or warns of, in words for the person who wrote the network."""

from common.warn import warn as warn_user


class NetworkError(ValueError):
    """A network, or what is presented to it, does not fit together; the message says where and why."""


class NetworkWarning(UserWarning):
    """A network, or what is presented to it, may not do what was meant."""


def warn(message: str) -> None:
    """Warn at the line of the user's program that led here, however deep in the library it was noticed."""
    warn_user(message, NetworkWarning)
