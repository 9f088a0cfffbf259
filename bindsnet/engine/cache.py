"""Programs on disk: compiled once, found again by every later run.

A program's text holds every function that it calls, so its hash, with the versions of what compiles it, says all that its machine
code depends on but the processor, and the compiler's own index beside the program goes by that.
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

from bindsnet.files import write_file

log = logging.getLogger(__name__)

FOLDER = "stdp-nmnist"
KEY_LENGTH = 24  # hexadecimal digits


def cache_folder() -> Path:
    """Where programs are kept: in the user's cache folder (``XDG_CACHE_HOME``, or ``~/.cache``)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / FOLDER


def key_of(text: str) -> str:
    """The name of a program: a hash of its text and of the versions of what compiles it."""
    parts = (text, numba.__version__, version("llvmlite"), np.__version__)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:KEY_LENGTH]


@cache
def load(text: str) -> ModuleType:
    """The program as a module, whose functions compile when they are called first, unless that is on disk already."""
    key = key_of(text)
    try:
        file = _written(cache_folder() / key / "program.py", text)
    except OSError as error:
        log.warning("The program is compiled anew in every run: %s cannot be written (%s)", cache_folder(), error.strerror)
        file = _written(Path(tempfile.mkdtemp(prefix=FOLDER)) / "program.py", text)
    if not any(file.parent.rglob("*.nbc")):
        log.info("Compiling this network's program, once; it is kept in %s", file.parent)
    name = f"bindsnet_program_{key}"
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
