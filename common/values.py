"""What the value of an option may be: how it is read from the command line and what is refused.

Each kind has `allowed`, which completes "must be …", and `parse(text)`, which returns the value or
raises ValueError. Standard library only, so that a wrong value is answered at once.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

# Names that Windows keeps for devices, whatever follows the first dot.
WINDOWS_DEVICES = frozenset(["CON", "PRN", "AUX", "NUL", *(f"{port}{i}" for port in ("COM", "LPT") for i in range(1, 10))])
STANDARD_OUTPUT = "-"  # as it is typed where a file may be named
MAX_NAME_BYTES = 100  # leaves room for what file names add: file systems take 255 bytes


class ExplainedError(ValueError):
    """What is refused is not plain to see; the message says why, and completes a complaint."""


class RoundingError(ExplainedError):
    """A number that is allowed as it was typed and not as the network would hold it; the message says what it becomes."""


class Value(Protocol):
    """What an option's value may be."""

    metavar: str

    @property
    def allowed(self) -> str: ...

    def parse(self, text: str) -> Any: ...


@dataclass(frozen=True)
class Real:
    """A finite number from `low` to `high`; with `above`, `low` itself is not allowed."""

    low: float
    high: float
    above: bool = False
    metavar: str = "X"

    @property
    def allowed(self) -> str:
        if self.above:
            return f"a number above {self.low:.15g}, at most {self.high:.15g}"
        return f"a number from {self.low:.15g} to {self.high:.15g}"

    def parse(self, text: str) -> float:
        number = float(text)
        if not self._allows(number):
            raise ValueError
        rounded = struct.unpack("f", struct.pack("f", number))[0]
        if not self._allows(rounded) or (rounded == 0 and number != 0):
            raise RoundingError(f"in the 32 bits that it is computed with it is {rounded:.15g}")
        return number

    def _allows(self, number: float) -> bool:
        return self.low <= number <= self.high and not (self.above and number == self.low)  # NaN compares as false


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, or `besides`."""

    low: int
    high: int
    besides: int | None = None
    metavar: str = "N"

    @property
    def allowed(self) -> str:
        extra = "" if self.besides is None else f", or {self.besides}"
        return f"a whole number from {self.low} to {self.high}{extra}"

    def parse(self, text: str) -> int:
        number = int(text)
        if not self.low <= number <= self.high and number != self.besides:
            raise ValueError
        return number


@dataclass(frozen=True)
class Part:
    """One of several parts of something, such as 1/5 for the first of five; `parse` returns it written like that."""

    most: int  # parts
    metavar: str = "I/K"

    @property
    def allowed(self) -> str:
        return f"I/K, part I of K such as 1/5: K from 2 to {self.most}, I from 1 to K"

    def parse(self, text: str) -> str:
        part, _, n_parts = text.partition("/")
        if not 2 <= int(n_parts) <= self.most or not 1 <= int(part) <= int(n_parts):
            raise ValueError
        return f"{int(part)}/{int(n_parts)}"


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def metavar(self) -> str:
        return "|".join(self.words)

    @property
    def allowed(self) -> str:
        return " or ".join(filter(None, (", ".join(self.words[:-1]), self.words[-1])))

    def parse(self, text: str) -> str:
        if text not in self.words:
            raise ValueError
        return text


@dataclass(frozen=True)
class Choices(Choice):
    """One or several of them, one after the other; `parse` reads one."""

    @property
    def metavar(self) -> str:
        return "NAME ..."

    @property
    def allowed(self) -> str:
        return f"one or several of {', '.join(self.words)}"


@dataclass(frozen=True)
class Flag:
    """Given or not; takes no value."""

    metavar: str = ""
    allowed: str = "given without a value"

    def parse(self, text: str) -> bool:
        raise ValueError


@dataclass(frozen=True)
class FileName:
    """A name that is one plain file or folder on every operating system."""

    metavar: str = "NAME"
    allowed: str = (
        f"a plain file name of at most {MAX_NAME_BYTES} bytes, without "
        r'\ / : * ? " < > |, without "." or "-" in front or "." at the end, '
        "and not a name that Windows reserves"
    )

    def parse(self, text: str) -> str:
        if not text or not text.isprintable() or set(text) & set('\\/:*?"<>|'):
            raise ValueError
        if text[0] in ".- " or text[-1] in ". " or len(text.encode()) > MAX_NAME_BYTES:
            raise ValueError
        if text.partition(".")[0].rstrip().upper() in WINDOWS_DEVICES:
            raise ValueError
        return text


@dataclass(frozen=True)
class ExistingPath:
    """A file or folder that is there."""

    metavar: str = "PATH"
    allowed: str = "an existing file or folder"

    def parse(self, text: str) -> Path:
        if not os.path.exists(text):
            raise ValueError
        return Path(text)


@dataclass(frozen=True)
class ExistingPaths(ExistingPath):
    """One or several of them, one after the other; `parse` reads one."""

    metavar: str = "PATH ..."
    allowed: str = "existing files or folders"


@dataclass(frozen=True)
class WordOrPath:
    """One of a few words, or a file or folder that is there: absolute, so that no path looks like one of the words."""

    words: tuple[str, ...]

    @property
    def metavar(self) -> str:
        return "|".join((*self.words, "PATH"))

    @property
    def allowed(self) -> str:
        return f"{', '.join(self.words)}, or {ExistingPath.allowed}"

    def parse(self, text: str) -> str | Path:
        return text if text in self.words else ExistingPath().parse(text).absolute()


def of_earlier_run(value: Value, text: str) -> Any:
    """What an earlier run was given: as `parse`, but a path need not be there any more."""
    if isinstance(value, ExistingPath) or (isinstance(value, WordOrPath) and text not in value.words):
        return Path(text)
    return value.parse(text)


@dataclass(frozen=True)
class Stream:
    """Standard output, or a file or pipe that can be written to, made where it is not there: absolute, so none looks like "-"."""

    metavar: str = f"{STANDARD_OUTPUT}|PATH"
    allowed: str = f"{STANDARD_OUTPUT} for standard output, or a file or pipe that can be written"

    def parse(self, text: str) -> str | Path:
        if text == STANDARD_OUTPUT:
            return text
        path = Path(text).absolute()
        try:
            os.stat(path)
            allows = not path.is_dir() and os.access(path, os.W_OK)
        except FileNotFoundError:
            allows = path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK)
        except OSError:  # such as a name that is too long, or one below a file
            allows = False
        if not allows:
            raise ValueError
        return path


@dataclass(frozen=True)
class Folder:
    """A folder that is there or can be made: nothing else stands under its name."""

    metavar: str = "PATH"
    allowed: str = "a folder, or a name under which one can be made"

    def parse(self, text: str) -> Path:
        if not text or "\0" in text:
            raise ValueError
        path = Path(text)
        nearest = next((p for p in (path, *path.absolute().parents) if os.path.exists(p)), None)
        if nearest is None or not os.path.isdir(nearest):
            raise ValueError
        return path
