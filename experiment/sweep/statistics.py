"""What the runs of a sweep say together: of points, of the values of a parameter, of accuracy against time.

The mean of n replicates y_1 … y_n, seeds or held-out parts, has the 95 % interval ȳ ± t_{0.975, n−1} s / √n, where s is their
standard deviation (n − 1) and t the quantile of Student's distribution. An accuracy p told from n samples alone has the standard
error √(p (1 − p) / n).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from experiment.sweep.jobs import FINISHED
from experiment.sweep.table import SweepTable, as_typed

HELD_OUT, TEST = "held out", "test"  # samples
CONFIDENCE = 0.95
MOST_BINS = 6
POINTS_IN_BIN = 5  # at least, where there are so many
WIDEST_LINEAR = 20.0  # the largest of some numbers over the smallest; beyond, an axis is logarithmic
LEAST_LOG = 4.0  # the same, of numbers that grow by an even factor
EVEN = 0.3  # by which part steps may differ

Row = dict[str, Any]
Replicate = tuple[Any, Any]  # seed and held-out part


class Summary(NamedTuple):
    """Some numbers together.

    Attributes:
        mean: their mean.
        deviation: their standard deviation (n − 1); None of one.
        n: how many they are.
    """

    mean: float
    deviation: float | None
    n: int

    @property
    def standard_error(self) -> float | None:
        """Of the mean; None of one."""
        return None if self.deviation is None else self.deviation / math.sqrt(self.n)

    @property
    def margin(self) -> float | None:
        """Half the width of the mean's 95 % interval; None of one."""
        if self.n < 2:
            return None
        from scipy.special import stdtrit  # Student's quantile; scipy.stats takes long to import

        return float(stdtrit(self.n - 1, (1 + CONFIDENCE) / 2)) * self.standard_error


def summary(values: Sequence[float]) -> Summary | None:
    """Of some numbers; None of none."""
    if not len(values):
        return None
    return Summary(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None, len(values))


def sampling_error(accuracy: float, n_samples: float) -> float:
    """Standard error of an accuracy, %, told from so many samples, for the choice of these samples alone."""
    return math.sqrt(accuracy * (100 - accuracy) / n_samples)


@dataclass(frozen=True)
class Point:
    """The runs that differ in seed and held-out part alone.

    Attributes:
        number: by which the table names it.
        values: of the parameters, by name.
        runs: those that finished and were tested on held-out training samples.
        finals: those that finished and were tested on test samples.
        n_planned: runs on held-out samples, finished or not.
    """

    number: int
    values: dict[str, Any]
    runs: tuple[Row, ...]
    finals: tuple[Row, ...]
    n_planned: int

    @property
    def is_complete(self) -> bool:
        """Whether all runs on held-out samples finished: only then it may be chosen."""
        return len(self.runs) == self.n_planned

    def mean(self, column: str) -> float | None:
        """Mean of a column over the runs on held-out samples; None where it is never told."""
        told = [row[column] for row in self.runs if row[column] is not None]
        return float(np.mean(told)) if told else None

    @property
    def accuracy(self) -> Summary | None:
        """Accuracy on held-out training samples, %, over seeds and parts."""
        return summary([row["accuracy"] for row in self.runs])

    @property
    def test_accuracy(self) -> Summary | None:
        """Accuracy on test samples, %, over seeds."""
        return summary([row["accuracy"] for row in self.finals])

    @property
    def n_held_out(self) -> int:
        """Held-out samples, those of all parts together."""
        return sum({row["validation"]: row["n_tested"] or 0 for row in self.runs}.values())

    @property
    def n_test(self) -> int:
        """Test samples; all seeds are tested on the same ones."""
        return max((row["n_tested"] or 0 for row in self.finals), default=0)


def points_of(table: SweepTable) -> list[Point]:
    """All points, in the order of their numbers."""
    typed = {name: as_typed([row[name] for row in table.rows]) for name in table.parameters}
    places: dict[int, list[int]] = {}
    for place, row in enumerate(table.rows):
        places.setdefault(row["point"], []).append(place)
    points = []
    for number, found in sorted(places.items()):
        finished = [table.rows[k] for k in found if table.rows[k]["state"] == FINISHED and table.rows[k]["accuracy"] is not None]
        runs, finals = (tuple(row for row in finished if row["split"] == split) for split in (HELD_OUT, TEST))
        n_planned = sum(table.rows[k]["split"] == HELD_OUT for k in found)
        points.append(Point(number, {name: typed[name][found[0]] for name in table.parameters}, runs, finals, n_planned))
    return points


def best_first(points: Sequence[Point]) -> list[Point]:
    """Those with an accuracy on held-out samples, by their mean; of equals the first. Those of which runs lack come last."""
    told = [point for point in points if point.runs]
    return sorted(told, key=lambda point: (not point.is_complete, -point.accuracy.mean, point.number))


def is_number(value: Any) -> bool:
    """Whether a parameter's value is one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def levels_of(points: Sequence[Point], name: str) -> list[Any]:
    """The values of a parameter: numbers, then words, what is not set last."""
    return sorted({point.values[name] for point in points}, key=lambda value: (value is None, not is_number(value), value))


def is_numeric(levels: Sequence[Any]) -> bool:
    """Whether a parameter's values are numbers."""
    return bool(levels) and all(map(is_number, levels))


def is_log(numbers: Sequence[float]) -> bool:
    """Whether ascending numbers are shown by their logarithm: they reach far, or grow by an even factor, and are nearer to
    even in it."""
    if not numbers[0] > 0:
        return False
    reach, steps = numbers[-1] / numbers[0], np.diff(np.log(numbers))
    if reach <= WIDEST_LINEAR and not (len(numbers) > 2 and reach >= LEAST_LOG and np.ptp(steps) < EVEN * steps.mean()):
        return False
    return _off_middle(np.log(numbers)) < _off_middle(np.asarray(numbers)) or len(numbers) < 3


def _off_middle(numbers: np.ndarray) -> float:
    """How far the median is from the middle between the ends, as a part of the way between them."""
    return abs(float((np.median(numbers) - numbers[0]) / (numbers[-1] - numbers[0])) - 0.5)


def is_continuous(points: Sequence[Point], name: str, mode: str) -> bool:
    """Whether a parameter was drawn from a range: hardly any two points have the same number."""
    levels = levels_of(points, name)
    return mode != "grid" and is_numeric(levels) and len(levels) > len(points) / 2 and len(levels) > 2


class Level(NamedTuple):
    """A value of a parameter, or numbers that are near each other.

    Attributes:
        value: the value; of several numbers their middle.
        low, high: the smallest and largest of the numbers; the value itself where it is one.
        n_points: points with an accuracy.
        accuracy: mean over all that is known; None where no run finished.
        margin: half the width of its 95 % interval; None where there is none.
    """

    value: Any
    low: Any
    high: Any
    n_points: int
    accuracy: float | None
    margin: float | None


def effect_of(points: Sequence[Point], name: str, mode: str) -> list[Level]:
    """How accuracy depends on a parameter: at each of its values, or of neighbouring numbers where hardly any comes twice."""
    return (effect_in_bins if is_continuous(points, name, mode) else effect_of_levels)(points, name, mode)


def effect_of_levels(points: Sequence[Point], name: str, mode: str) -> list[Level]:
    """Mean accuracy at each value of a parameter, of points alike.

    In a grid seeds and held-out parts are the replicates, see `by_replicate`. Points that were drawn are replicates themselves;
    of those that a search chose nothing follows about others, so there is no interval.
    """
    found = []
    for level in levels_of(points, name):
        at = [point for point in points if point.values[name] == level and point.runs]
        means = summary([point.accuracy.mean for point in at])
        replicates = {"grid": by_replicate(at), "random": [point.accuracy.mean for point in at]}.get(mode, ())
        margin = summary(replicates).margin if len(replicates) > 1 else None
        found.append(Level(level, level, level, len(at), means.mean if means else None, margin))
    return found


def by_replicate(points: Sequence[Point]) -> list[float]:
    """Deviations of the replicates from the mean over points, averaged over the points.

    Where every point has every replicate these are the replicates' means less that of all. A point with n runs counts with
    √((1 − 1/N) / (1 − 1/n)) of its deviations, N the number of replicates, since its own mean is less sure; with one run it
    tells nothing of them.
    """
    several = [point for point in points if len(point.runs) > 1]
    deviations: dict[Replicate, list[float]] = {(row["seed"], row["validation"]): [] for point in several for row in point.runs}
    for point in several:
        scale = math.sqrt((1 - 1 / len(deviations)) / (1 - 1 / len(point.runs)))
        for row in point.runs:
            deviations[row["seed"], row["validation"]].append(scale * (row["accuracy"] - point.accuracy.mean))
    return [float(np.mean(of_replicate)) for of_replicate in deviations.values()]


def effect_in_bins(points: Sequence[Point], name: str, mode: str) -> list[Level]:
    """Mean accuracy of points whose numbers are near each other, as many in each bin as in another; none of few points."""
    told = sorted((point for point in points if point.runs), key=lambda point: point.values[name])
    n_bins = min(MOST_BINS, len(told) // POINTS_IN_BIN)
    if n_bins < 2:
        return []
    found = []
    for part in np.array_split(np.arange(len(told)), n_bins):
        numbers = [told[k].values[name] for k in part]
        means = summary([told[k].accuracy.mean for k in part])
        margin = means.margin if mode == "random" else None
        found.append(Level(float(np.median(numbers)), numbers[0], numbers[-1], means.n, means.mean, margin))
    return found


def cells(points: Sequence[Point], across: str, up: str) -> dict[tuple[Any, Any], Summary]:
    """Mean accuracy over the points that have a pair of values, by the pair; n counts runs."""
    found: dict[tuple[Any, Any], list[Point]] = {}
    for point in points:
        if point.runs:
            found.setdefault((point.values[across], point.values[up]), []).append(point)
    return {
        pair: Summary(float(np.mean([point.accuracy.mean for point in at])), None, sum(len(point.runs) for point in at))
        for pair, at in found.items()
    }


def pairs_by_interest(points: Sequence[Point], parameters: Sequence[str], mode: str) -> list[tuple[str, str]]:
    """All pairs of parameters that take several values; first those that tell most about accuracy.

    What a pair tells is the part of the variance over points that lies between its cells (η²), less what as many cells would tell
    by chance (ε²); numbers from a range are cut into three, as many points in each.
    """
    told = [point for point in points if point.runs]
    varied = [name for name in parameters if len(levels_of(points, name)) > 1]
    pairs = [(one, other) for place, one in enumerate(varied) for other in varied[place + 1 :]]
    accuracies = np.array([point.accuracy.mean for point in told])
    coded = {name: _coarse(told, name, is_continuous(points, name, mode)) for name in varied}
    return sorted(pairs, key=lambda pair: -_told_by(accuracies, list(zip(coded[pair[0]], coded[pair[1]], strict=True))))


def _coarse(points: Sequence[Point], name: str, is_cut: bool) -> list[Any]:
    values = [point.values[name] for point in points]
    if not is_cut or not values:
        return values
    return np.searchsorted(np.quantile(values, (1 / 3, 2 / 3)), values).tolist()


def _told_by(accuracies: np.ndarray, labels: Sequence[Any]) -> float:
    groups: dict[Any, list[float]] = {}
    for label, accuracy in zip(labels, accuracies, strict=True):
        groups.setdefault(label, []).append(accuracy)
    n, k = len(accuracies), len(groups)
    total = float(np.var(accuracies)) * n if n else 0.0
    if total == 0 or n <= k:  # where each point is a cell of its own, nothing is left to compare with
        return 0.0
    within = sum(float(np.var(group)) * len(group) for group in groups.values())
    return 1 - within / total * (n - 1) / (n - k)


def pareto_front(seconds: Sequence[float], accuracies: Sequence[float]) -> list[int]:
    """Places of those to which none is both as quick and as accurate, and better in one; the quickest first."""
    order = sorted(range(len(seconds)), key=lambda k: (seconds[k], -accuracies[k], k))
    front: list[int] = []
    for k in order:
        if not front or accuracies[k] > accuracies[front[-1]]:
            front.append(k)
    return front
