"""What goes wrong with event files."""

from __future__ import annotations

import re

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # ends a line, or moves or colours what a terminal shows


class EventFileError(ValueError):
    """A file that cannot be read, or a stream that a format cannot hold; says which and why."""


class EventFileWarning(UserWarning):
    """Something in an event file was left out, such as a partial event at its end."""


def in_one_line(name: object) -> str:
    """A name from a file or folder as it can be told in a line: characters that a terminal obeys become escapes."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), str(name))
