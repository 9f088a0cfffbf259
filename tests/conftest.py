"""What all tests share: no display, no global settings of the person who runs them."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.serving import Server

# Before anything imports Matplotlib: figures are drawn without a screen.
os.environ["MPLBACKEND"] = "Agg"

# The tensors are small: torch's threads only get in each other's way, and in that of the tests beside them.
os.environ["OMP_NUM_THREADS"] = "1"

# Compiled programs are kept beside pytest's own cache, out of the user's.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")

LONGEST_WAIT = 5  # s, of who reads a pipe of the tests

# The first example of a property may compile code, so its time says nothing.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture
def pipe(tmp_path) -> Iterator[Path]:
    """A pipe into which nobody writes, `pipe` in `tmp_path`: its readers wait, in tests until another process gives it up."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes among files here")
    os.mkfifo(tmp_path / "pipe")
    end = os.open(tmp_path / "pipe", os.O_RDWR)
    holder = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({LONGEST_WAIT})"], stdin=end)
    os.close(end)
    yield tmp_path / "pipe"
    holder.kill()
    holder.wait()


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    """A server of the tests' own, whose answers they list."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    yield server
    server.close()


def pytest_collection_finish() -> None:
    """A tenth of the time of compiling goes to garbage collection, over and over of what was imported for good."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Names of files that are no UTF-8 appear in what tests log; reports of them cannot travel between processes."""
    report = yield
    report.sections = [(title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections]
    return report
