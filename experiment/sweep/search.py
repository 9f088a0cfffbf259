"""Points that are searched for: Optuna proposes them by what is known of others, and says which runs are clearly behind.

Points are proposed a generation at a time, and all of it is told before the next one, in the order of the points: so the same
seed finds the same points, in whatever order runs end, and a sweep that was interrupted proposes again what it had proposed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from experiment.errors import OptionError
from experiment.protocol.record import Row
from experiment.protocol.sampling import INTERVALS_PER_EPOCH
from experiment.readouts import PROPORTION_WEIGHTING
from experiment.sweep.points import Point, Space
from experiment.sweep.spread import Range, Spread, Values

HOW_TO_INSTALL = "needs Optuna, which is not installed: pip install -r requirements-sweep.txt"
FIRST_BY_CHANCE = 10  # points before what is known counts
KEPT = 75.0  # of 100 runs of others, so many are better where one is clearly behind
NOT_BEFORE = INTERVALS_PER_EPOCH // 3  # update intervals that tell nothing yet
TRIES = 20  # proposals for each point that is new
COURSE = INTERVALS_PER_EPOCH // 3  # update intervals over which the running accuracy is a mean


class Rival(NamedTuple):
    """What is known of another point's first run: its accuracy in the end, and its running accuracy by update interval."""

    accuracy: float
    course: dict[int, float]


@dataclass
class Rivals:
    """All of them; picklable, so that the process of a run can judge by them."""

    known: list[Rival]

    def judge(self) -> Judge:
        """Who judges a run that begins."""
        return Judge(self.known)


class Judge:
    """Says of a run whether it is clearly behind: Optuna's percentile pruner.

    Attributes:
        has_said_so: whether it is.
    """

    def __init__(self, known: Sequence[Rival]) -> None:
        optuna = imported()
        pruner = optuna.pruners.PercentilePruner(KEPT, n_startup_trials=FIRST_BY_CHANCE, n_warmup_steps=NOT_BEFORE)
        study = optuna.create_study(direction="maximize", pruner=pruner)
        study.add_trials([optuna.trial.create_trial(value=rival.accuracy, intermediate_values=rival.course) for rival in known])
        self.trial = study.ask()
        self.rows: list[Row] = []
        self.has_said_so = False

    def is_behind(self, rows: Sequence[Row]) -> bool:
        """Go on by update intervals."""
        for row in rows:
            self.rows.append(row)
            if (accuracy := running(self.rows)) is not None:
                self.trial.report(accuracy, len(self.rows))
                self.has_said_so = self.has_said_so or self.trial.should_prune()
        return self.has_said_so


class Search:
    """Proposes points.

    Args:
        space: what they are chosen from.
        seed: of what is drawn.
    """

    def __init__(self, space: Space, seed: int) -> None:
        self.optuna = imported()
        self.space = space
        sampler = self.optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=FIRST_BY_CHANCE, multivariate=True, constant_liar=True
        )
        self.study = self.optuna.create_study(direction="maximize", sampler=sampler)
        self.distributions = {name: self._distribution(spread) for name, spread in space.spreads.items()}
        self.trials: list[tuple[Any, Point]] = []
        self.points: dict[str, Point] = {}
        self.found: dict[str, float | None] = {}

    def propose(self, n: int) -> list[Point]:
        """So many points that were not proposed before; fewer where hardly any are left."""
        proposed: list[Point] = []
        for _ in range(n * TRIES):
            if len(proposed) == n:
                break
            trial = self.study.ask(self.distributions)
            choice = [_nearest(spread, trial.params[name]) for name, spread in self.space.spreads.items()]
            point = self.space.point(len(self.points) + 1, choice)
            if point.title in self.points:
                self._tell_again(trial, point)
                continue
            self.points[point.title] = point
            self.trials.append((trial, point))
            proposed.append(point)
        return proposed

    def _tell_again(self, trial: Any, point: Point) -> None:
        """A point that is known already: what is known of it, if anything."""
        if (accuracy := self.found.get(point.title)) is not None:
            self.study.tell(trial, accuracy)
        else:
            self.study.tell(trial, state=self.optuna.trial.TrialState.FAIL)

    def tell(self, found: Mapping[str, float | None], courses: Mapping[str, dict[int, float]]) -> None:
        """How the points did that were proposed since: mean accuracy by title, None of those that failed or were stopped early.

        Args:
            found: accuracy by title.
            courses: of those that were stopped early, how far they had come.
        """
        states = self.optuna.trial.TrialState
        self.found |= found
        for trial, point in self.trials:
            if (accuracy := found[point.title]) is not None:
                self.study.tell(trial, accuracy)
            elif course := courses.get(point.title):
                for step, value in course.items():
                    trial.report(value, step)
                self.study.tell(trial, state=states.PRUNED)
            else:
                self.study.tell(trial, state=states.FAIL)
        self.trials = []

    def _distribution(self, spread: Spread) -> Any:
        kinds = self.optuna.distributions
        if isinstance(spread, Values):
            return kinds.CategoricalDistribution(spread.texts)
        if spread.is_whole:
            return kinds.IntDistribution(int(spread.low), int(spread.high), log=spread.is_log)
        return kinds.FloatDistribution(spread.low, spread.high, log=spread.is_log)


def running(rows: Sequence[Row]) -> float | None:
    """The running accuracy, %, of proportion weighting, over the last update intervals; None where nothing is known."""
    known = [row for row in rows[-COURSE:] if row[PROPORTION_WEIGHTING] is not None]
    n = sum(row["n_samples"] for row in known)
    return sum(row[PROPORTION_WEIGHTING] * row["n_samples"] for row in known) / n if n else None


def course_of(rows: Sequence[Row]) -> dict[int, float]:
    """The running accuracy by update interval."""
    found = {n: running(rows[max(0, n - COURSE) : n]) for n in range(1, len(rows) + 1)}
    return {n: accuracy for n, accuracy in found.items() if accuracy is not None}


def imported() -> Any:
    """Optuna, quiet.

    Raises:
        OptionError: it is not installed.
    """
    try:
        import optuna
    except ModuleNotFoundError:
        raise OptionError([f"--optimise {HOW_TO_INSTALL}"]) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _nearest(spread: Spread, value: Any) -> tuple[str, Any]:
    if isinstance(spread, Range):
        return spread.nearest(value)
    place = spread.texts.index(value)
    return spread.texts[place], spread.values[place]
