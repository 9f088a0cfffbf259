"""The plan of a sweep: its points, the data that its runs need, what must be the same when it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from common.options import DATA
from experiment.command_line.options import Options, in_words
from experiment.command_line.parse import options_of
from experiment.errors import OptionError
from experiment.readouts import PROPORTION_WEIGHTING, READOUTS
from experiment.sweep.options import Asked
from experiment.sweep.points import SEED, VALIDATION, Point, RunOfPoint, Space, checked
from experiment.sweep.spread import Range, Values

GRID, RANDOM, OPTIMISE = "grid", "random", "optimise"
OWN_SHAPING = (RANDOM, OPTIMISE, "draw_seed", VALIDATION)
VOTES = "votes"


class Plan(NamedTuple):
    """A plan, checked.

    Attributes:
        space: what points are chosen from.
        mode: GRID, RANDOM or OPTIMISE.
        points: all of them; where they are searched for, one that stands for them.
        options: theirs.
        readout: whose accuracy decides.
    """

    space: Space
    mode: str
    points: list[Point]
    options: list[Options]
    readout: str

    @property
    def n_points(self) -> int:
        """How many there will be."""
        return self.space.asked.own[OPTIMISE] or len(self.points)

    @property
    def runs(self) -> list[RunOfPoint]:
        """Runs of all points that are known."""
        return [run for point in self.points for run in self.space.runs(point)]

    @property
    def n_runs(self) -> int:
        """How many there will be on held-out samples."""
        return self.n_points * len(self.space.runs(self.points[0]))

    def described(self) -> dict[str, str]:
        """What shapes what is found, in words."""
        asked = self.space.asked
        shaping = {f.name for f in fields(Options) if f.metadata["shapes"]} | {"stimuli", "preset"}
        given = {name: value for name, value in {**asked.constant, **asked.spreads}.items() if name in shaping}
        own = {name: asked.own[name] for name in OWN_SHAPING}
        words = {"sense": asked.modality.name, "select": self.readout}
        return words | {name: _in_words(value) for name, value in {**given, **own}.items()}


def plan_of(asked: Asked) -> Plan:
    """The plan.

    Raises:
        OptionError: points are wrong, all complaints in a line each.
    """
    space, own = Space(asked), asked.own
    if (own[RANDOM] or own[OPTIMISE]) and not space.parameters:
        which = RANDOM if own[RANDOM] else OPTIMISE
        raise OptionError([f"--{which} {own[which]}: no option has several values to choose from"])
    if own[RANDOM]:
        mode, points = RANDOM, space.draws(own[RANDOM], own["draw_seed"])
    elif own[OPTIMISE]:
        if own[OPTIMISE] > space.n_points:
            told = f"there are only {space.n_points} different points; without it all are run"
            raise OptionError([f"--optimise {own[OPTIMISE]}: {told}"])
        checked(space, space.corners())
        mode, points = OPTIMISE, space.draws(1, own["draw_seed"])
    else:
        mode, points = GRID, space.grid()
    options = checked(space, points)
    return Plan(space, mode, points, options, _readout(own["select"], options))


def data_of(space: Space, runs: Sequence[RunOfPoint]) -> dict[str, Options]:
    """The options of runs that need different data, by what stands for the data."""
    found: dict[str, Options] = {}
    for run in runs:
        options, _ = options_of(space.asked.modality, space.options(run))
        found.setdefault(key_of_data(options), options)
    return found


def key_of_data(options: Options) -> str:
    """The same text for runs that are trained and tested on the same samples, or on some of the same."""
    of_data = (f for f in fields(Options) if f.metadata["group"] == DATA and (f.metadata["shapes"] or f.name == "stimuli"))
    about = {f.name: getattr(options, f.name) for f in of_data}
    return repr(about | ({SEED: options.seed} if options.stimuli is not None else {}))


def _readout(asked: str | None, options: Sequence[Options]) -> str:
    """Whose accuracy decides: it must be tested at all points."""
    everywhere = {*READOUTS, *set.intersection(*(set(of_point.further_readouts) for of_point in options))}
    if asked is None:
        return VOTES if VOTES in everywhere else PROPORTION_WEIGHTING
    if asked not in everywhere:
        raise OptionError([f"--select {asked}: must come with --readout {asked} at all points"])
    return asked


def _in_words(value: Any) -> str:
    if isinstance(value, Range):
        end = value.high + (value.is_whole and not value.is_log)  # as it was typed
        return f"{value.low:.15g}:{end:.15g}{':log' * value.is_log}"
    return ",".join(value.texts) if isinstance(value, Values) else in_words(value)
