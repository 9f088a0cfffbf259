"""What goes wrong with event files."""


class EventFileError(ValueError):
    """A file that cannot be read, or a stream that a format cannot hold; says which and why."""


class EventFileWarning(UserWarning):
    """Something in an event file was left out, such as a partial event at its end."""
