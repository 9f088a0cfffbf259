"""How a running accuracy goes: in the last update interval, over an epoch, and at its best."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Course:
    """A running accuracy so far; an interval costs the same after ten and after ten thousand.

    The last interval of an epoch may hold few samples, so `last` says its own number, and `best` is the best of those that
    hold as many as most do. `average` is the mean of samples, not of intervals, over as many as an epoch has: the line
    that :func:`running_mean` draws.

    Args:
        span: training samples in an epoch.

    Attributes:
        last, best: accuracies, %, of intervals of `n_last` and of `n_best` samples.
        n: samples that `average` is of.
    """

    span: int
    last: float = 0.0
    n_last: int = 0
    best: float = 0.0
    n_best: int = 0
    n: int = 0
    n_right: int = 0
    intervals: deque[tuple[int, int, int]] = field(default_factory=deque)
    """Samples seen at the end, size, and samples right, of each interval of the last epoch."""

    @property
    def average(self) -> float:
        """Accuracy over the last epoch's samples, %."""
        return 100 * self.n_right / self.n

    def add(self, accuracy: float | None, n_samples: int, n_seen: int) -> None:
        """Go on by an interval of so many samples, at whose end so many are seen; None was the first, which nothing precedes."""
        while self.intervals and self.intervals[0][0] <= n_seen - self.span:
            _, size, right = self.intervals.popleft()
            self.n, self.n_right = self.n - size, self.n_right - right
        if accuracy is None:
            return
        n_right = round(accuracy * n_samples / 100)
        self.intervals.append((n_seen, n_samples, n_right))
        self.n, self.n_right = self.n + n_samples, self.n_right + n_right
        self.last, self.n_last = accuracy, n_samples
        if n_samples >= self.n_best:
            self.best = accuracy if n_samples > self.n_best else max(self.best, accuracy)
            self.n_best = n_samples

    def __str__(self) -> str:
        if not self.n:
            return "none yet"
        parts = (("last", self.last, self.n_last), ("average", self.average, self.n), ("best", self.best, self.n_best))
        return ", ".join(f"{accuracy:.1f} % ({name}, n = {n:,})" for name, accuracy, n in parts)


def running_mean(samples_seen: Sequence[int], percent: np.ndarray, span: int) -> np.ndarray:
    """Accuracy over the last `span` samples at the end of each interval, %; NaN where nothing is known.

    Args:
        samples_seen: Samples seen at the end of each interval [n].
        percent: Accuracy in each interval, % [n]; NaN where there is none.
        span: Number of samples; an interval that ended before them does not count.
    """
    ends = np.asarray(samples_seen, dtype=int)
    known = ~np.isnan(percent)
    sizes = np.where(known, np.diff(ends, prepend=0), 0)
    n_samples = np.cumsum([0, *sizes])
    right = np.cumsum([0, *np.where(known, percent, 0) * sizes])
    last, first = np.arange(1, len(ends) + 1), np.searchsorted(ends, ends - span, side="right")
    with np.errstate(invalid="ignore"):
        return (right[last] - right[first]) / (n_samples[last] - n_samples[first])
