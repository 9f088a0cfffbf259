"""What all commands share at the prompt: answers of one line, and output that ends no run. Standard library only."""

from __future__ import annotations

import argparse
import errno
import os
import platform
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from common import VERSION
from common.library_warnings import logged_library_warnings
from common.versions import version_of

WRONG_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count
NOBODY_READS = 141  # 128 + SIGPIPE
NO_THREAD = "can't start new thread"  # as Python says it
NO_MEMORY = re.compile("can't allocate memory|out of memory")  # as torch says it


def version_text() -> str:
    """The versions of the program and of what its results depend on, in a line."""
    packages = [f"{name} {version_of(name)}" for name in ("torch", "numpy", "numba")]
    return ", ".join([f"stdp-nmnist {VERSION}", f"Python {platform.python_version()}", *packages])


class Parser(argparse.ArgumentParser):
    """Answers what is wrong in one line, and which version this is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_argument("--version", action="version", version=version_text(), help="show the versions and exit")

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
        refuse_vanished_folder()
        with logged_library_warnings():
            return command()
    except BrokenPipeError:
        drop_output()
        return NOBODY_READS
    except (OSError, MemoryError, RuntimeError) as error:
        complain(of_the_machine(error))
        return WRONG_INPUT
    except KeyboardInterrupt:
        complain("Interrupted.")
        return INTERRUPTED


def of_the_machine(error: OSError | MemoryError | RuntimeError) -> str:
    """What a person is told of an error that the system or the size of the machine made; any other is raised again."""
    if isinstance(error, OSError):
        return f"{error.filename or 'standard output'}: {error.strerror or error}"
    if lacks_memory(error):
        return "not enough memory: ask for fewer samples (--n_train, --n_test), fewer neurons (--n_neurons) or a larger --dt"
    if isinstance(error, RuntimeError) and NO_THREAD in str(error):
        return "the system allows no further threads: lower --n_workers, or raise its limits (ulimit -u, ulimit -v)"
    raise error


def lacks_memory(error: BaseException) -> bool:
    """Whether an exception says that memory did not suffice."""
    # torch has no error of its own for the processor's memory.
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and NO_MEMORY.search(str(error)) is not None)


def refuse_vanished_folder() -> None:
    """Refuses to begin in a folder that was deleted meanwhile, against which no path can be read.

    Raises:
        FileNotFoundError: it was.
    """
    try:
        os.getcwd()
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "is not there any more; change to one that is", "the current folder") from None


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


def complain(line: object) -> None:
    """Say what is wrong; where nobody can be told, the exit status alone says it."""
    try:
        print(line, file=sys.stderr)
    except OSError:
        drop_output("stderr")


def drop_output(name: str = "stdout") -> None:
    """Swallow what goes to a stream from now on, since nobody can read it."""
    nowhere = open(os.devnull, "w")  # noqa: SIM115 - open as long as the process lasts
    with suppress(OSError, ValueError):  # what stands in for the stream may be no file
        os.dup2(nowhere.fileno(), getattr(sys, name).fileno())
    setattr(sys, name, nowhere)


def draw_without_windows() -> None:
    """Have Matplotlib, which is not imported yet, draw into files, whatever backend the environment asks for."""
    os.environ["MPLBACKEND"] = "agg"
