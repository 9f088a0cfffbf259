"""Compiled code on disk: compiled once, found again by every later run.

A folder of its own stands for each text that is compiled, so its name, a hash of that text with the processor and the versions
of what compiles it, says all that the machine code depends on. Machine code is used only with a seal that was written after it:
what a killed run, a full disk or a loss of power left of it is thrown away and made anew. Where nothing can be kept, as with a
home folder that is not there or not one's own, every run compiles anew, and says so once.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import importlib.util
import inspect
import logging
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
from numba.core.registry import cpu_target

from common.durable import write_file

log = logging.getLogger(__name__)

FOLDER = "stdp-nmnist"
KEY_LENGTH = 24  # hexadecimal digits
SEAL = "sealed.sha256"  # hashes of the files of machine code
PROGRAM = "program.py"

# Threads that need the same code: one makes it, the others find it. The compiler's settings are everybody's, too.
_ONE_AT_A_TIME = threading.RLock()


def cache_folder() -> Path:
    """Where compiled code is kept: in the user's cache folder (``XDG_CACHE_HOME``, or ``~/.cache``).

    Raises:
        OSError: the user has none.
    """
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / FOLDER
    except RuntimeError:  # a number without an entry among the users, and no HOME
        raise FileNotFoundError(errno.ENOENT, "this user has no home folder") from None


def key_of(text: str) -> str:
    """The name of a text that is compiled: a hash of it, of the versions of what compiles it, and of the processor."""
    processor = map(str, cpu_target.target_context.codegen().magic_tuple())  # as the compiler's own index names it
    parts = (text, numba.__version__, version("llvmlite"), np.__version__, *processor)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:KEY_LENGTH]


class Compiled:
    """A compiled function, its machine code kept on disk.

    Args:
        dispatcher: what ``numba.njit`` made of it; compiles in the first call.
        folder: where its machine code goes; None where none can be kept.

    Attributes:
        folder: where the machine code is; None where none is kept.
        is_found: whether machine code of an earlier run was there.
    """

    def __init__(self, dispatcher: Any, folder: Path | None) -> None:
        self.dispatcher = dispatcher
        self.folder: Path | None = None
        self.is_found = False
        self.n_compiled = 0  # how many of its compilations are sealed
        self.n_looked_at = 0  # how many have been looked at, to see whether they are new
        if folder is not None:
            self._enable(folder)
        if self.folder is None:
            return
        self.is_found = self._is_sealed()
        if not self.is_found:
            for part in self._machine_code():
                part.unlink(missing_ok=True)

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        try:
            result = self.dispatcher(*arguments)
            self._seal()
        except OSError as error:
            _say_not_kept(error.strerror)
            result = self.dispatcher(*arguments)
        return result

    def _enable(self, folder: Path) -> None:
        # The compiler's one place for everybody's code, put back at once: its other places hang on the source's file.
        before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
        try:
            self.dispatcher.enable_caching()
            self.folder = Path(self.dispatcher.stats.cache_path)
        except RuntimeError:  # it has tried to write there
            _say_not_kept(os.strerror(errno.EACCES))
        finally:
            numba.config.CACHE_DIR = before

    def _seal(self) -> None:
        if len(self.dispatcher.overloads) == self.n_looked_at:
            return
        self.n_looked_at = len(self.dispatcher.overloads)
        n_compiled = sum(self.dispatcher.stats.cache_misses.values())
        if self.folder is not None and n_compiled > self.n_compiled:
            with _ONE_AT_A_TIME:
                self.n_compiled = n_compiled
                write_file(self.folder / SEAL, lambda stream: stream.write(self._hashes()))

    def _is_sealed(self) -> bool:
        try:
            # Only regular files are read: a pipe would keep its reader waiting for ever.
            are_files = all(part.is_file() for part in (self.folder / SEAL, *self._machine_code()))
            return are_files and (self.folder / SEAL).read_bytes() == self._hashes()
        except OSError:
            return False

    def _machine_code(self) -> list[Path]:
        return sorted(self.folder.glob("*.nb[ic]"))  # the compiler's index and its code

    def _hashes(self) -> bytes:
        lines = [f"{hashlib.sha256(part.read_bytes()).hexdigest()}  {part.name}\n" for part in self._machine_code()]
        return "".join(lines).encode()


def compiled_once(function: Callable) -> Callable:
    """Compile a function by ``numba.njit`` in its first call, and keep its machine code for every later run.

    The folder is that of all sources beside the function's own, so that a change of what it calls or of a constant that it
    takes from there gives another one.
    """

    @functools.cache
    def compiled() -> Compiled:
        file = Path(inspect.getsourcefile(function))
        texts = [path.read_text(encoding="utf-8") for path in sorted(file.parent.glob("*.py"))]
        return Compiled(numba.njit(function), _folder_of("\0".join([file.name, function.__name__, *texts])))

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        with _ONE_AT_A_TIME:
            once = compiled()
        return once(*arguments)

    return call


def load(text: str) -> Compiled:
    """The function ``simulate`` of a program's text; in one process always the same."""
    with _ONE_AT_A_TIME:
        return _loaded(text)


@functools.cache
def _loaded(text: str) -> Compiled:
    return program(text)


def program(text: str) -> Compiled:
    """The function ``simulate`` of a program's text, which decorates it by ``njit``; compiled in its first call."""
    folder = _folder_of(text)
    if folder is not None:
        try:
            _write_program(folder / PROGRAM, text)
        except OSError as error:
            _say_not_kept(error.strerror)
            folder = None
    simulate = Compiled(_module(f"bindsnet_program_{key_of(text)}", text, folder).simulate, folder)
    if not simulate.is_found:
        log.info("Compiling this network's program, once%s", f"; it is kept in {simulate.folder}" if simulate.folder else "")
    return simulate


def _folder_of(text: str) -> Path | None:
    """The folder of a text that is compiled, made if it is not there; None, and a line, where that cannot be written."""
    try:
        folder = cache_folder() / key_of(text)
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        _say_not_kept(error.strerror)
        return None
    return folder


@functools.cache
def _say_not_kept(reason: str) -> None:
    if multiprocessing.parent_process() is None:  # else the process that started this one has said it
        try:
            log.warning("Compiled code is not kept, so that every run compiles anew: %s: %s", cache_folder(), reason)
        except OSError:
            log.warning("Compiled code is not kept, so that every run compiles anew: %s", reason)


def _module(name: str, text: str, folder: Path | None) -> ModuleType:
    """The module of a program's text, read from its file if it has one: the compiler's index goes by that."""
    file = folder / PROGRAM if folder is not None else None
    specification = importlib.util.spec_from_file_location(name, file) if file else importlib.util.spec_from_loader(name, None)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module  # the compiler looks the module up by its name while it is being read
    if file:
        specification.loader.exec_module(module)
    else:
        exec(compile(text, f"<{name}>", "exec"), vars(module))
    return module


def _write_program(file: Path, text: str) -> None:
    """Write a program's file; left alone where it is right already, since the compiler's own index goes by its time."""
    if not file.is_file() or file.read_bytes() != text.encode():
        write_file(file, lambda stream: stream.write(text.encode()))
