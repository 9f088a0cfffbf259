"""Bars where someone sees them."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from experiment import progress


@pytest.fixture
def in_notebook(monkeypatch):
    class ZMQInteractiveShell:
        """A notebook's shell, as IPython names it."""

    module = ModuleType("IPython")
    module.get_ipython = ZMQInteractiveShell
    monkeypatch.setitem(sys.modules, "IPython", module)


def test_a_program_without_a_terminal_has_no_bar(capsys):
    with progress.notebook_bar(0, 3, "train") as bar:
        bar.update(3)
    assert bar.disable
    assert capsys.readouterr() == ("", "")


def test_a_notebook_has_a_bar_of_text_where_its_widgets_are_not_installed(in_notebook, monkeypatch, capsys):
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    with progress.notebook_bar(1, 3, "train") as bar:
        bar.update(2)
    assert "train: 100%" in capsys.readouterr().out


def test_a_notebook_has_its_own_bar_where_its_widgets_are_installed(in_notebook, monkeypatch):
    monkeypatch.setattr(progress, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "tqdm.notebook", SimpleNamespace(tqdm=lambda **about: about))
    assert progress.notebook_bar(1, 3, "test") == {"initial": 1, "total": 3, "desc": "test", "unit": "sample"}
