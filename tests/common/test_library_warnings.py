"""What other libraries warn of never reaches who runs a command, and is not lost; what is ours, or is asked for, does."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from bindsnet.errors import NetworkWarning
from common.library_warnings import are_logged, log_library_warnings, logged_library_warnings
from common.terminal import answered
from eventvision import EventFileWarning

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _restored():
    show, last_resort = warnings.showwarning, logging.lastResort
    yield
    warnings.showwarning, logging.lastResort = show, last_resort


@pytest.fixture
def shown(monkeypatch) -> list[str]:
    """Warnings that reach the screen, in a process that was started without -W."""
    texts: list[str] = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_: texts.append(str(message)))
    monkeypatch.setattr(sys, "warnoptions", [])
    return texts


class OfALibrary(UserWarning):
    """As scikit-learn, Numba or h5py define them."""


OfALibrary.__module__ = "sklearn.exceptions"


@pytest.mark.parametrize("category", [OfALibrary, UserWarning, RuntimeWarning, FutureWarning])
def test_a_warning_of_another_library_goes_to_the_log_in_one_line_while_a_command_runs(category, shown, caplog):
    caplog.set_level(logging.DEBUG, "common")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_: shown.append(str(message))
        with logged_library_warnings():
            assert are_logged()
            warnings.warn("what\n  it says", category, stacklevel=1)
        assert shown == []
        assert f"{category.__name__}: what it says" in caplog.text
        assert {record.levelname for record in caplog.records} == {"DEBUG"}  # a run's log file takes these, its console does not
        assert not are_logged()
        warnings.warn("after", category, stacklevel=1)
    assert shown == ["after"]


@pytest.mark.parametrize("category", [NetworkWarning, EventFileWarning])
def test_warnings_of_our_own_are_shown(category, shown):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_: shown.append(str(message))
        with logged_library_warnings():
            warnings.warn("ours", category, stacklevel=1)
    assert shown == ["ours"]


def test_a_warning_that_is_made_an_error_stays_one(shown):
    with warnings.catch_warnings(), logged_library_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            warnings.warn("ours to mend", RuntimeWarning, stacklevel=1)


def test_who_asks_for_warnings_gets_them(shown, monkeypatch):
    monkeypatch.setattr(sys, "warnoptions", ["default"])
    before = warnings.showwarning
    with logged_library_warnings():
        assert warnings.showwarning is before
        assert not are_logged()


def run(program: str, *options: str) -> str:
    """What a process writes to its standard error."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, *options, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stderr


LINES_OF_LIBRARIES = """
import logging, warnings
from common.library_warnings import logged_library_warnings
with logged_library_warnings():
    logging.getLogger("matplotlib.font_manager").warning("findfont: no such font")
    logging.getLogger("datasets.files").warning("a line of ours")
    warnings.warn("tight layout")
logging.getLogger("matplotlib").warning("afterwards")
"""


def test_log_lines_of_other_libraries_stay_off_the_screen_too_and_ours_do_not():
    assert run(LINES_OF_LIBRARIES).splitlines() == ["a line of ours", "afterwards"]
    assert "tight layout" in run(LINES_OF_LIBRARIES, "-W", "default")


def test_every_command_keeps_them_off_the_screen(shown):
    seen = []
    assert answered(lambda: seen.append(are_logged()) or 0) == 0
    assert seen == [True]
    log_library_warnings()
    assert are_logged()
