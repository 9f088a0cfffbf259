"""What a sweep is asked: a script's options with several values each, and options of its own. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common.options import Option
from common.values import STANDARD_OUTPUT, Choice, ExistingPath, FileName, Flag, Part, Real, Value, Whole
from experiment.command_line.options import MAX_PARTS, MAX_SEED, MAX_WORKERS, option_table, shown
from experiment.command_line.parse import Command, read_command
from experiment.errors import OptionError
from experiment.modality import Modality
from experiment.readouts import FURTHER_READOUTS, READOUTS
from experiment.sweep.spread import Spread, Spreading, SpreadingFlag, SpreadingNumber, Values

TITLE = "Run a script with many values of its options, side by side, and tell which are best by training samples held out."
SWEEP = "sweep"
MOST_RUNS = 100_000
# Of a script's options those that say where or how a single run goes, which here the sweep does.
OF_SINGLE_RUNS = ("filename", "overwrite", "resume", "predict", "plot", "plot_interval", "plot_hold", "validation")


@dataclass(frozen=True)
class FlagOrText(Flag):
    """Given without a value or with one."""

    metavar: str = "[ADDRESS]"
    allowed: str = "given without a value, or with an address"

    def parse(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class Text:
    """Any text."""

    metavar: str
    allowed: str

    def parse(self, text: str) -> str:
        if not text:
            raise ValueError
        return text


@dataclass(frozen=True)
class Parts:
    """``I/K``, part I of K; or ``K``, each of K parts in turn."""

    one: Part
    metavar: str = "I/K|K"

    @property
    def allowed(self) -> str:
        return f"{self.one.allowed}; or K, for each of K parts in turn"

    def parse(self, text: str) -> tuple[str, ...]:
        if "/" in text:
            return (self.one.parse(text),)
        self.one.parse(f"1/{text}")
        return tuple(f"{part}/{int(text)}" for part in range(1, int(text) + 1))


OWN = (
    Option("random", SWEEP, Whole(1, MOST_RUNS), "so many points, drawn", None, "points", "all combinations"),
    Option("optimise", SWEEP, Whole(1, MOST_RUNS), "so many points, searched for with Optuna (TPE)", None, "points",
           "all combinations"),
    Option("draw_seed", SWEEP, Whole(0, MAX_SEED), "seed of what is drawn or searched for", 0),
    Option("validation", SWEEP, Parts(Part(MAX_PARTS)),
           "what of the training samples is held out, tested on and decides", ("1/5",), "", "1/5"),
    Option("select", SWEEP, Choice((*READOUTS, *FURTHER_READOUTS)), "read-out whose accuracy decides", None, "",
           "votes where --readout has it, else proportion_weighting"),
    Option("final_seeds", SWEEP, Whole(0, 1000), "fresh seeds with which the best point is trained and tested on test samples", 0,
           "seeds"),
    Option("jobs", SWEEP, Whole(1, MAX_WORKERS), "runs side by side, one thread each", None, "", "all cores"),
    Option("ray", SWEEP, FlagOrText(), "let Ray carry runs out: one that is started here, or that at an address", False),
    Option("storage", SWEEP, Text("PATH", "a path that fsspec knows"), "with --ray: where checkpoints and results go between "
           "machines that share no disk", None, "", "the folder of results"),
    Option("figures", SWEEP, Flag(), "draw the figures of every run", False),
    Option("plan", SWEEP, ExistingPath("FILE.toml"), "file that holds options of the sweep; those typed count more", None, "",
           "none"),
    Option("dry_run", SWEEP, Flag(), "tell how many runs, which, and about how long; run none", False),
    Option("filename", SWEEP, FileName(), "name of the sweep and of its folder in results/", "sweep"),
    Option("resume", SWEEP, Flag(), "go on with an interrupted sweep of the same name", False),
    Option("retry", SWEEP, Flag(), "with --resume: try again, from the beginning, what failed", False),
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What is asked for.

    Attributes:
        modality: the sense.
        constant: options of the script that all runs have, by name, as they are read.
        spreads: those that differ, by name.
        own: the values of `OWN`, by name.
    """

    modality: Modality
    constant: Mapping[str, Any]
    spreads: Mapping[str, Spread]
    own: Mapping[str, Any]


def parse_sweep(modality: Modality, argv: Sequence[str]) -> Asked:
    """What is typed, and what the file of `--plan` says besides.

    Raises:
        OptionError: all that is wrong, a line each.
        SystemExit: after `--help`.
    """
    command = command_of(modality)
    given = read_command(argv, command)
    complaints, values = list(given.complaints), given.values
    if (file := values.get("plan")) is not None:
        planned = read_command(_words(file), command)
        complaints += [f"{file}: {complaint}" for complaint in planned.complaints]
        values = planned.values | values
    own = {row.name: values.pop(row.name, row.default) for row in OWN}
    complaints += _contradictions(own)
    if values.get("csv_stream") == STANDARD_OUTPUT:
        complaints.append("--csv_stream -: must be a file or a pipe: the runs of a sweep go on side by side")
    spreads = {name: value for name, value in values.items() if isinstance(value, Spread) and not _is_single(value)}
    constant = {name: _constant(value) for name, value in values.items() if name not in spreads}
    if complaints:
        raise OptionError(complaints)
    return Asked(modality, constant, spreads, own)


def command_of(modality: Modality) -> Command:
    """The command, with the options that it takes."""
    rows = option_table(modality)
    taken = {flag: replace(row, value=_spreading(row.value)) for flag, row in rows.items() if row.name not in OF_SINGLE_RUNS}
    own = {row.flag: row for row in OWN}
    return Command(f"python -m experiment sweep {modality.name}", TITLE, own | taken, frozenset(rows) - frozenset(taken | own))


def _spreading(value: Value) -> Value:
    """What may be typed where one value may; of paths and of what takes several values anyway, one."""
    if type(value) in (Real, Whole):
        return SpreadingNumber(value)
    if type(value) is Choice:
        return Spreading(value)
    return SpreadingFlag() if type(value) is Flag else value


def _is_single(value: Spread) -> bool:
    return isinstance(value, Values) and value.is_single


def _constant(value: Any) -> Any:
    return value.values[0] if isinstance(value, Values) else value


def _contradictions(own: Mapping[str, Any]) -> list[str]:
    complaints = []
    if own["random"] and own["optimise"]:
        complaints.append(f"--random {own['random']}: must not come with --optimise, which chooses points itself")
    if own["storage"] and not own["ray"]:
        complaints.append(f"--storage {shown(own['storage'])}: must come with --ray")
    if own["retry"] and not own["resume"]:
        complaints.append("--retry: must come with --resume")
    if own["dry_run"] and own["resume"]:
        complaints.append("--dry_run: must not come with --resume")
    return complaints


def _words(file: Path) -> list[str]:
    """The options of a file as they would be typed.

    Raises:
        OptionError: it is not what it should be.
    """
    words = []
    for name, value in _read_toml(file).items():
        if isinstance(value, bool):
            words += [f"--{name}"] * value
        elif name == "plan":
            raise OptionError([f"{file}: plan: a plan names no other"])
        elif isinstance(value, list) and name != "readout":
            words.append(f"--{name}={','.join(map(_typed, value))}")
        elif isinstance(value, list):
            words += [f"--{name}={each}" for each in value]
        elif isinstance(value, dict):
            raise OptionError([f"{file}: [{shown(name)}]: a plan has no tables; each line is option = value"])
        else:
            words.append(f"--{name}={value}")
    return words


def _typed(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        import tomllib
    except ModuleNotFoundError:  # before Python 3.11
        import tomli as tomllib
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise OptionError([f"--plan {file}: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OptionError([f"--plan {file}: is no TOML: {error}"]) from None
