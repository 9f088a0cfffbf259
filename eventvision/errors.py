"""What goes wrong with event files."""


class EventFileError(ValueError):
    """A file that cannot be read, or a stream that a format cannot hold; says which and why."""


class EventFileWarning(UserWarning):
    """Something in an event file was left out, such as a partial event at its end."""


def reason_of(error: BaseException) -> str:
    """What an exception says, in one line; the name of its kind where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__
