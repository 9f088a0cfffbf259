"""A run of a sweep, carried out in the process that this is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from tqdm import tqdm

from bindsnet.errors import NetworkError
from common.library_warnings import log_library_warnings
from common.machine import limit_cores
from common.terminal import of_the_machine
from datasets.errors import DatasetError
from experiment.command_line.signals import Interrupted
from experiment.door import train
from experiment.errors import OptionError, UnderWayError
from experiment.kept_data import kept_data
from experiment.protocol.record import Row
from experiment.results.saved import has_begun, is_finished
from experiment.sweep.jobs import FAILED, FINISHED, INTERRUPTED, STOPPED, Job, Outcome

LONGEST_WAIT, SHORT_WAIT = 30.0, 0.1  # s for the process of a sweep that was killed a moment ago
BEHIND = "its running accuracy was clearly behind that of others"


_for_life = ExitStack()  # of this process


@cache
def get_ready() -> None:
    """What a process of runs does once: one thread for each, no lines but in their logs, and data that they share."""
    log_library_warnings()
    logging.getLogger().addHandler(logging.NullHandler())
    tqdm.set_lock(threading.RLock())  # its own would be shared between processes, which these are not to share
    limit_cores(1)
    _for_life.enter_context(kept_data())


def carry_out(job: Job, stop: Callable[[], bool]) -> Outcome:
    """Begin a run, or go on with it from its last checkpoint.

    Args:
        job: the run.
        stop: asked between two pieces of the simulation; whether to save and stop.
    """
    folder, latest = Path(job.folder), time.monotonic() + LONGEST_WAIT
    judge = None if job.rivals is None else job.rivals.judge()

    def watch(rows: list[Row]) -> bool:
        return stop() or (judge is not None and judge.is_behind(rows))

    try:
        while not is_finished(folder):
            how = {"resume": True} if has_begun(folder) else {}
            try:
                train(job.sense, folder=folder, progress=False, figures=job.figures, watch=watch, **how, **job.options)
            except UnderWayError:
                if time.monotonic() > latest:
                    raise
                time.sleep(SHORT_WAIT)
    except Interrupted:
        is_behind = judge is not None and judge.has_said_so
        return Outcome(STOPPED, BEHIND) if is_behind else Outcome(INTERRUPTED)
    except (OptionError, DatasetError, NetworkError) as error:
        return Outcome(FAILED, _in_a_line(error))
    except Exception as error:  # whatever it is, it is this run's, and the others go on
        return Outcome(FAILED, _reason(error))
    return Outcome(FINISHED)


def _reason(error: Exception) -> str:
    try:
        return _in_a_line(of_the_machine(error))
    except type(error):
        return _in_a_line(f"{type(error).__name__}: {error}")


def _in_a_line(told: object) -> str:
    return "; ".join(line.strip() for line in str(told).splitlines() if line.strip())
