"""Programs on disk: compiled once, found again by every later run.

A program's text holds every function that it calls, so its hash, with the processor and the versions of what compiles it, says
all that its machine code depends on.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import numba
import numpy as np
from numba.core.registry import cpu_target

from bindsnet.files import write_file

log = logging.getLogger(__name__)

FOLDER = "stdp-nmnist"
KEY_LENGTH = 24  # hexadecimal digits
SEAL = "sealed.sha256"  # hashes of the files of machine code


def cache_folder() -> Path:
    """Where programs are kept: in the user's cache folder (``XDG_CACHE_HOME``, or ``~/.cache``)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / FOLDER


def key_of(text: str) -> str:
    """The name of a program: a hash of its text, of the versions of what compiles it, and of the processor."""
    processor = map(str, cpu_target.target_context.codegen().magic_tuple())  # as the compiler's own index names it
    parts = (text, numba.__version__, version("llvmlite"), np.__version__, *processor)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:KEY_LENGTH]


class Program:
    """A program's ``present``: compiled in the first call, unless its machine code is on disk already.

    What a killed run, a full disk or a loss of power left of the machine code is thrown away and made anew: it is used only with
    the seal that was written after it.
    """

    def __init__(self, text: str) -> None:
        key = key_of(text)
        try:
            file = _written(cache_folder() / key / "program.py", text)
        except OSError as error:
            log.warning("The program is compiled anew in every run: %s cannot be written (%s)", cache_folder(), error.strerror)
            file = _written(Path(tempfile.mkdtemp(prefix=FOLDER)) / "program.py", text)
        self.present = _module(f"bindsnet_program_{key}", file).present
        self.folder = Path(self.present.stats.cache_path)
        self.n_compiled = 0  # how many of its compilations are sealed
        if not self._is_sealed():
            for part in self._machine_code():
                part.unlink(missing_ok=True)
            log.info("Compiling this network's program, once; it is kept in %s", self.folder)

    def __call__(self, *arguments: object) -> None:
        """Run it."""
        try:
            self.present(*arguments)
            self._seal()
        except OSError as error:
            log.warning("The program's machine code cannot be kept: %s: %s", self.folder, error.strerror)
            self.present(*arguments)

    def _seal(self) -> None:
        n_compiled = sum(self.present.stats.cache_misses.values())
        if n_compiled > self.n_compiled:
            self.n_compiled = n_compiled
            write_file(self.folder / SEAL, lambda stream: stream.write(self._hashes()))

    def _is_sealed(self) -> bool:
        try:
            return (self.folder / SEAL).read_bytes() == self._hashes()
        except OSError:
            return False

    def _machine_code(self) -> list[Path]:
        return sorted(self.folder.glob("*.nb[ic]"))  # the compiler's index and its code

    def _hashes(self) -> bytes:
        lines = [f"{hashlib.sha256(part.read_bytes()).hexdigest()}  {part.name}\n" for part in self._machine_code()]
        return "".join(lines).encode()


@cache
def load(text: str) -> Program:
    """The program of this text; in one process always the same."""
    return Program(text)


def _module(name: str, file: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module  # the compiler looks the module up by its name while it is being read
    specification.loader.exec_module(module)
    return module


def _written(file: Path, text: str) -> Path:
    """The program's file; left alone where it is right already, since the compiler's own index goes by its time."""
    if not file.is_file() or file.read_text() != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, lambda stream: stream.write(text.encode()))
    if not os.access(file.parent, os.W_OK):
        raise PermissionError(13, "Permission denied", str(file.parent))
    return file
