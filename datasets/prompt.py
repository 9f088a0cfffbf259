"""What all commands share at the prompt: answers of one line, and output that ends no run. Standard library only."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from datasets.library_warnings import logged_library_warnings

WRONG_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count
NOBODY_READS = 141  # 128 + SIGPIPE


class Parser(argparse.ArgumentParser):
    """Answers what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{message}; --help lists all options\n")


def path_ending_in(*endings: str) -> Callable[[str], Path]:
    """A type for argparse: a path with one of these endings, lest a slip replace a file of another kind."""

    def path(text: str) -> Path:
        if not text.lower().endswith(endings):
            raise argparse.ArgumentTypeError(f"must end in {' or '.join(endings)}, not {text!r}")
        return Path(text)

    return path


def answered(command: Callable[[], int]) -> int:
    """The exit status of a command; what the system refuses it is told in a line."""
    steady_output()
    try:
        with logged_library_warnings():
            return command()
    except BrokenPipeError:
        drop_output()
        return NOBODY_READS
    except OSError as error:
        print(f"{error.filename or 'standard output'}: {error.strerror or error}", file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED


def steady_output() -> None:
    """See that text can be printed: a closed stream swallows it, and a sign that a stream cannot take becomes a question mark."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - open as long as the process lasts
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def drawable(name: str) -> str:
    """A name as it can be drawn: bytes of a path that are no UTF-8, which no font has, become escapes."""
    return name.encode(errors="backslashreplace").decode()


def drop_output() -> None:
    """Swallow what is printed from now on, since nobody can read it."""
    nowhere = open(os.devnull, "w")  # noqa: SIM115 - open as long as the process lasts
    with suppress(OSError, ValueError):  # what stands in for the stream may be no file
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    sys.stdout = nowhere


def draw_without_windows() -> None:
    """Have Matplotlib, which is not imported yet, draw into files, whatever backend the environment asks for."""
    os.environ["MPLBACKEND"] = "agg"
