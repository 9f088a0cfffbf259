"""What all tests share: no display, no global settings of the person who runs them."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports Matplotlib: figures are drawn without a screen.
os.environ["MPLBACKEND"] = "Agg"

# The tensors are small: torch's threads only get in each other's way, and in that of the tests beside them.
os.environ["OMP_NUM_THREADS"] = "1"

# Compiled programs are kept beside pytest's own cache, out of the user's.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")

# The first example of a property may compile code, so its time says nothing.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Names of files that are no UTF-8 appear in what tests log; reports of them cannot travel between processes."""
    report = yield
    report.sections = [(title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections]
    return report
