"""What is loaded when it is first used: who needs one thing of many does not wait for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeVar

Kind = TypeVar("Kind")


def loader(package: str, module_of: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package.

    Args:
        package: its name.
        module_of: by name, the module that defines it.
    """

    def load(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(module_of[name]), name)

    return load


def class_in(module: str, kind: type[Kind]) -> type[Kind]:
    """The one class of a kind that a module defines."""
    found = vars(import_module(module)).values()
    return next(each for each in found if isinstance(each, type) and issubclass(each, kind) and each.__module__ == module)
