"""Points of a sweep: what each of them sets, their names, their runs. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from random import Random
from typing import Any

from common.options import Option
from common.values import ExplainedError
from experiment.command_line.options import MAX_SEED, Options, in_words, option_table
from experiment.command_line.parse import options_of
from experiment.errors import OptionError
from experiment.sweep.options import MOST_RUNS, Asked
from experiment.sweep.spread import Range, Spread, Values, whole_numbers

SEED = "seed"
VALIDATION = "validation"
FINAL = "final"
LONGEST_NAME = 80  # bytes, so that figures may add to it
MOST_CORNERS = 1000  # points that stand for all that a search may propose
MOST_LINES = 50  # of complaints
TRIES = 100  # of a draw that was drawn before
DRAWN = 1  # what a random number is for, beside the seed


@dataclass(frozen=True)
class Point:
    """A choice of values.

    Attributes:
        number: from 1.
        texts: by option, as they are typed.
        values: by option, as they are read.
    """

    number: int
    texts: Mapping[str, str]
    values: Mapping[str, Any]

    @property
    def title(self) -> str:
        """What tells it from others."""
        return ",".join(f"{name}={text}" for name, text in self.texts.items())


@dataclass(frozen=True)
class RunOfPoint:
    """A run of a point.

    Attributes:
        point: the point.
        seed: its seed.
        validation: the part that is held out; None for the test samples.
        name: of the run and its folder.
    """

    point: Point
    seed: int
    validation: str | None
    name: str

    @property
    def stage(self) -> str:
        """ "search", or "final" where it is tested on the test samples."""
        return FINAL if self.validation is None else "search"


class Space:
    """What points are chosen from.

    Args:
        asked: what is asked for.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.spreads: dict[str, Spread] = {name: spread for name, spread in asked.spreads.items() if name != SEED}
        seeds = _each(SEED, asked.spreads[SEED]) if SEED in asked.spreads else None
        if isinstance(seeds, Range):
            raise OptionError(["--seed: has a range without a number of seeds; first:end counts them, without the end"])
        self.seeds: tuple[int, ...] = seeds.values if seeds else (asked.constant.get(SEED, 0),)
        last = max(self.seeds) + asked.own["final_seeds"]
        if last > MAX_SEED:
            raise OptionError(
                [f"--final_seeds {asked.own['final_seeds']}: the last fresh seed would be {last}, above {MAX_SEED}"]
            )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the options that differ between points."""
        return tuple(self.spreads)

    def grid(self) -> list[Point]:
        """All combinations.

        Raises:
            OptionError: there is no end to them.
        """
        axes = {name: _each(name, spread) for name, spread in self.spreads.items()}
        endless = [name for name, axis in axes.items() if isinstance(axis, Range)]
        if endless:
            advice = "say how many values (LOW:HIGH:N, LOW:HIGH:log:N), or take --random or --optimise"
            raise OptionError([f"--{name}: {advice}" for name in endless])
        refuse_too_many(math.prod(len(axis.values) for axis in axes.values()))
        pairs = [list(zip(axis.texts, axis.values, strict=True)) for axis in axes.values()]
        return [self.point(number, choice) for number, choice in enumerate(product(*pairs), 1)]

    @property
    def n_points(self) -> float:
        """How many points there are."""
        return math.prod(spread.n_values for spread in self.spreads.values())

    def corners(self) -> list[Point]:
        """Points at the ends of all ranges, with all other values."""
        pairs = [
            [spread.nearest(spread.low), spread.nearest(spread.high)]
            if isinstance(spread, Range)
            else list(zip(spread.texts, spread.values, strict=True))
            for spread in self.spreads.values()
        ]
        return [self.point(number, choice) for number, choice in enumerate(islice(product(*pairs), MOST_CORNERS), 1)]

    def draws(self, n: int, seed: int) -> list[Point]:
        """So many different points, drawn.

        Raises:
            OptionError: there are not so many.
        """
        if n > self.n_points:
            raise OptionError([f"--random {n}: there are only {self.n_points} different points; without it all are run"])
        random = Random(f"{seed} {DRAWN}")
        once: dict[tuple[str, ...], tuple[tuple[str, Any], ...]] = {}
        for _ in range(n):
            for _ in range(TRIES):
                choice = tuple(_draw(spread, random) for spread in self.spreads.values())
                if (texts := tuple(text for text, _ in choice)) not in once:
                    once[texts] = choice
                    break
            else:
                raise OptionError([f"--random {n}: there are hardly more than {len(once)} different points; ask for fewer"])
        return [self.point(number, choice) for number, choice in enumerate(once.values(), 1)]

    def point(self, number: int, choice: Sequence[tuple[str, Any]]) -> Point:
        """The point of some values, in the order of the parameters, each as it is typed and read."""
        texts, values = zip(*choice, strict=True) if choice else ((), ())
        return Point(number, dict(zip(self.spreads, texts, strict=True)), dict(zip(self.spreads, values, strict=True)))

    def runs(self, point: Point) -> list[RunOfPoint]:
        """Its runs, a seed and a held-out part each."""
        parts = self.asked.own[VALIDATION]
        told = {part: f",part={part.partition('/')[0]}" if len(parts) > 1 else "" for part in parts}
        return [RunOfPoint(point, seed, part, named(point, f"seed={seed}{told[part]}")) for seed in self.seeds for part in parts]

    def final_runs(self, point: Point, n_seeds: int) -> list[RunOfPoint]:
        """Its runs with fresh seeds, on test samples."""
        first = max(self.seeds) + 1
        seeds = range(first, first + n_seeds)
        return [RunOfPoint(point, seed, None, named(point, f"{FINAL},seed={seed}")) for seed in seeds]

    def options(self, run: RunOfPoint) -> dict[str, Any]:
        """What the script is given for a run, by name."""
        given = dict(self.asked.constant) | dict(run.point.values) | {SEED: run.seed}
        return given if run.validation is None else given | {VALIDATION: run.validation}


def refuse_too_many(n: int) -> None:
    """Refuses more runs than anybody means.

    Raises:
        OptionError: says how many.
    """
    if n > MOST_RUNS:
        raise OptionError([f"these are {n:,} points, more than {MOST_RUNS:,}; give fewer values, or take --random or --optimise"])


def checked(space: Space, points: Sequence[Point]) -> list[Options]:
    """The options of the points, each with its first run's seed; points whose values do not go together are refused.

    Raises:
        OptionError: each complaint once, with the number of points that it is about.
    """
    options: list[Options] = []
    found: dict[str, list[Point]] = {}
    for point in points:
        of_point, lines = options_of(space.asked.modality, space.options(space.runs(point)[0]))
        options.append(of_point)
        for line in lines:
            found.setdefault(line, []).append(point)
    if found:
        raise OptionError([f"{line}{_of(wrong, len(points))}" for line, wrong in islice(found.items(), MOST_LINES)])
    return options


def _each(name: str, spread: Spread) -> Spread:
    """Of a range of whole numbers each.

    Raises:
        OptionError: there are too many.
    """
    try:
        return whole_numbers(spread)
    except ExplainedError as error:
        raise OptionError([f"--{name}: {error}"]) from None


def _of(wrong: Sequence[Point], n: int) -> str:
    return f" (at {len(wrong):,} of {n:,} points, first {wrong[0].title})" if wrong[0].texts else ""


def named(point: Point, further: str) -> str:
    """The name of a run of a point: what is set, where there is room for it, or else the point's number."""
    name = ",".join(filter(None, [point.title, further]))
    return name if len(name.encode()) <= LONGEST_NAME else f"point={point.number},{further}"


def typed(asked: Asked, options: Mapping[str, Any], name: str) -> list[str]:
    """What a script is typed for a run, word by word."""
    words = [f"{asked.modality.name}_network.py"]
    for row, value in _rows(asked, options):
        if value is True:
            words.append(row.flag)
        elif value is not False and value is not None:
            words += [row.flag, *in_words(value).split(" ")] if isinstance(value, tuple) else [row.flag, in_words(value)]
    return [*words, "--filename", name]


def _rows(asked: Asked, options: Mapping[str, Any]) -> Iterator[tuple[Option, Any]]:
    table = {row.name: row for row in option_table(asked.modality).values()}
    return ((table[name], value) for name, value in options.items())


def _draw(spread: Spread, random: Random) -> tuple[str, Any]:
    if isinstance(spread, Values):
        place = random.randrange(len(spread.values))
        return spread.texts[place], spread.values[place]
    return spread.draw(random)
