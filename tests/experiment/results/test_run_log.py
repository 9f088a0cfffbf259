"""The log file of a run."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from experiment.results.run_log import RunLog

FULL = Path("/dev/full")


def test_a_path_that_is_no_utf_8_is_logged_with_escapes(tmp_path):
    run_log = RunLog(console=True)
    try:
        run_log.write_to(tmp_path / "log.txt")
        logging.getLogger("datasets").debug("%s: damaged", os.fsdecode(b"caf\xe9.bin"))
    finally:
        run_log.close()
    assert (tmp_path / "log.txt").read_text(encoding="utf-8").endswith(" caf\\udce9.bin: damaged\n")


def test_loggers_are_left_as_they_were():
    loggers = [logging.getLogger(name) for name in ("experiment", "datasets", "bindsnet")]
    before = [(logger.level, logger.propagate, logger.handlers[:]) for logger in loggers]
    run_log = RunLog(console=True)
    assert not any(logger.propagate for logger in loggers)
    run_log.close()
    assert [(logger.level, logger.propagate, logger.handlers) for logger in loggers] == before


@pytest.mark.skipif(not FULL.exists(), reason="needs a file on a disk that is always full")
def test_a_full_disk_ends_the_run_with_the_name_of_the_log_file():
    run_log = RunLog(console=True)
    try:
        run_log.write_to(FULL)
        with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
            logging.getLogger("experiment").info("a line")
    finally:
        run_log.close()
