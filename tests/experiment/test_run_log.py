"""The log file of a run."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from experiment.run_log import RunLog

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs a file on a disk that is always full")
def test_a_full_disk_ends_the_run_with_the_name_of_the_log_file():
    run_log = RunLog()
    try:
        run_log.write_to(FULL)
        with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
            logging.getLogger("experiment").info("a line")
    finally:
        run_log.close()
