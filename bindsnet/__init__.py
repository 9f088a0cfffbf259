"""Simulation of spiking neural networks for machine learning.

An independent implementation of the interface of BindsNET (Hazan et al. 2018).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

#: where this library lies: the folder in which programs for BindsNET keep their data, ``os.path.join(ROOT_DIR, "data", "MNIST")``
ROOT_DIR = Path(__file__).resolve().parents[1]

MODULES = ("analysis", "datasets", "encoding", "evaluation", "learning", "models", "network", "utils")


def __getattr__(name: str) -> ModuleType:
    """A part of the library, loaded when it is first used, so that ``import bindsnet`` waits for none."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted([*globals(), *MODULES])
