"""What lets one doubt that recordings became the samples that were meant. Needs NumPy only.

Nothing is wrong with any of their numbers, so they are used; but times in another unit, or of a clock that had not begun with the
recording, leave a network with nothing to learn from, and a run with results that look like a failure to learn.
"""

from __future__ import annotations

import numpy as np

from datasets.preparation.binning import Grid
from datasets.preparation.report import PreparationReport

NEARLY_ALL = 0.95
MOST = 0.5
FIRST_PART = 100  # the part of the pattern time in which nearly all spikes would be too early: one in so many
LEAST_STEPS = 10  # of fewer time steps the first may well hold nearly all spikes


def n_in_first_part(steps: np.ndarray, grid: Grid) -> int:
    """How many spikes, given by their time steps, lie in the first hundredth of the pattern time, a step at least."""
    return int(np.count_nonzero(steps < _n_first_steps(grid)))


def doubts(report: PreparationReport, n_early: int, grid: Grid) -> list[str]:
    """Lines that say what of some samples is hardly as it was meant, and what is likely; none if nothing is.

    Args:
        report: what the samples hold.
        n_early: their spikes in the first hundredth of the pattern time, as `n_in_first_part` counts them.
        grid: time steps and inputs.
    """
    shown = f"the {grid.pattern_time:g} ms that are shown"
    if report.n_past_window > NEARLY_ALL * report.n_events:
        return [
            f"warning: {_percent(report.n_past_window, report.n_events)} of the events lie outside {shown}: are their times in "
            "another unit than ms, or do they count from a moment before the recording, which then is to be subtracted, or is "
            "a longer --pattern_time meant?"
        ]
    lines = []
    if grid.n_steps >= LEAST_STEPS and n_early > NEARLY_ALL * report.n_spikes:
        first = _n_first_steps(grid) * grid.dt
        lines.append(
            f"warning: {_percent(n_early, report.n_spikes)} of the spikes lie in the first {first:g} ms of {shown}: are times "
            "in s where ms are meant?"
        )
    if report.n_silent > MOST * report.n_samples:
        kind = {"on": "ON ", "off": "OFF ", "both": ""}[grid.polarities]
        lines.append(
            f"warning: {report.n_silent:,} of {report.n_samples:,} samples are silent: are these recordings empty, without "
            f"{kind}events, or over before or begun after {shown}?"
        )
    return lines


def _n_first_steps(grid: Grid) -> int:
    return max(1, grid.n_steps // FIRST_PART)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
