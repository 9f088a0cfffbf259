"""What goes wrong with data sets."""

from common.errors import DatasetError

__all__ = ["DatasetError", "DamagedRecordingError", "MissingDataError"]


class MissingDataError(DatasetError):
    """The raw recordings are not where they were looked for."""


class DamagedRecordingError(Exception):
    """A recording is left out; the message says why."""
