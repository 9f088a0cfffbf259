"""What the library refuses or warns of, in words for the person who wrote the network."""

from common.errors import DatasetError
from common.warn import warn as warn_user


class NetworkError(ValueError):
    """A network, or what is presented to it, does not fit together; the message says where and why."""


class DataError(DatasetError, RuntimeError, FileNotFoundError):
    """Data cannot be had, or are not what they should be; is caught as what torchvision or BindsNET raise there, too."""


class NetworkWarning(UserWarning):
    """A network, or what is presented to it, may not do what was meant."""


def warn(message: str) -> None:
    """Warn at the line of the user's program that led here, however deep in the library it was noticed."""
    warn_user(message, NetworkWarning)
