"""What goes wrong with data, whoever reads them, and how an exception is told. Standard library only."""

from __future__ import annotations


class DatasetError(Exception):
    """A data set cannot be had; the message tells the person at the prompt what to do."""


def reason_of(error: BaseException) -> str:
    """What an exception says, in one line; the name of its kind where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__
