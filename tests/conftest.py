"""What all tests share: no display, no global settings of the person who runs them."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports Matplotlib: figures are drawn without a screen.
os.environ["MPLBACKEND"] = "Agg"

# Compiled programs are kept beside pytest's own cache, out of the user's.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")

LONGEST_WAIT = 20  # s for what should not wait at all

# The first example of a property may compile code, so its time says nothing.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture
def pipe(tmp_path) -> Iterator[Path]:
    """A pipe that nobody writes to, `pipe` in `tmp_path`: whoever opens it to read would wait for ever, but not in tests."""

    def give_up(*_: object) -> None:
        raise TimeoutError("something waits for a pipe")

    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes among files here")
    os.mkfifo(tmp_path / "pipe")
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST_WAIT)
    yield tmp_path / "pipe"
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Names of files that are no UTF-8 appear in what tests log; reports of them cannot travel between processes."""
    report = yield
    report.sections = [(title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections]
    return report
