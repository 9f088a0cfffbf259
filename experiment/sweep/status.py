"""How a sweep goes, on a terminal: runs done, running, failed, the best point so far, time left."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import fmean, stdev

from tqdm import tqdm

from common.terminal import complain
from experiment.progress import is_terminal
from experiment.sweep.jobs import FAILED, Job, Outcome


class Status:
    """A line that is written anew; elsewhere than on a terminal only failures are told.

    Args:
        n_runs: how many there are to carry out.
        n_done: how many of them were done before.
    """

    def __init__(self, n_runs: int, n_done: int) -> None:
        self.is_shown = is_terminal(sys.stderr)
        self.bar = tqdm(total=n_runs, initial=n_done, desc="runs", unit="run", disable=not self.is_shown, dynamic_ncols=True)
        self.n_running = self.n_failed = 0
        self.best = ""

    def begun(self, _: Job) -> None:
        """A run has begun."""
        self.n_running += 1
        self._show()

    def done(self, job: Job, outcome: Outcome, best: tuple[float, str] | None) -> None:
        """A run has ended; the best point so far is of this accuracy, %, and title."""
        self.n_running -= 1
        if outcome.state == FAILED:
            self.n_failed += 1
            with tqdm.external_write_mode(file=sys.stderr):
                complain(f"{job.name}: failed: {outcome.reason}")
        if best is not None:
            self.best = f"best {best[0]:.1f} % held out: {best[1] or 'the one point'}"
        self.bar.update()
        self._show()

    def close(self) -> None:
        """Leave the line as it is."""
        self.bar.close()

    def _show(self) -> None:
        if self.is_shown:
            parts = [f"{self.n_running} running", f"{self.n_failed} failed" if self.n_failed else "", self.best]
            self.bar.set_postfix_str(", ".join(filter(None, parts)))


def of_seconds(seconds: float) -> str:
    """A time in words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def mean_and_deviation(values: Sequence[float]) -> str:
    """Mean ± standard deviation (n − 1) in words."""
    return f"{fmean(values):.1f} ± {stdev(values):.1f}" if len(values) > 1 else f"{values[0]:.1f}"
