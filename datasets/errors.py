"""What goes wrong with data sets."""


class DatasetError(Exception):
    """A data set cannot be had; the message tells the person at the prompt what to do."""


class MissingDataError(DatasetError):
    """The raw recordings are not where they were looked for."""


class DamagedRecordingError(Exception):
    """A recording is left out; the message says why."""
