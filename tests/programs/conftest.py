"""The programs of docs/programs as modules."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
import torch
from pages import ROOT

PROGRAMS = ROOT / "docs" / "programs"


@pytest.fixture
def program(monkeypatch) -> Iterator[Callable[[str], ModuleType]]:
    """Loads a program by its name; each puts the clone on the path by itself, and those on MNIST ask for a single thread."""
    monkeypatch.setattr(sys, "path", [str(PROGRAMS), *sys.path])
    n_threads = torch.get_num_threads()
    yield loaded
    torch.set_num_threads(n_threads)


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"programs_{name}", PROGRAMS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
