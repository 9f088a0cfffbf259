"""Which versions of packages are installed. Standard library only."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def version_of(package: str) -> str:
    """The version of a package, read once: its files do not change under a program that runs."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
