"""The command line, read by the table of options; all mistakes are told at once.

Standard library only: `--help` and wrong values are answered before torch is imported.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, NoReturn

from common.options import Option
from common.terminal import version_text
from common.values import Choices, ExistingPaths, ExplainedError, Flag
from experiment.command_line.checks import contradictions, models_with
from experiment.command_line.options import Options, option_table, shown
from experiment.command_line.presets import preset_of
from experiment.errors import OptionError
from experiment.modality import Modality

HELP_WIDTH = 100  # columns
HELP_COLUMN = 32  # at which the meanings of options begin


class Command(NamedTuple):
    """A command that takes options.

    Attributes:
        typed: what is typed before them.
        title: one line about what it does.
        table: the options that it takes, by what is typed.
        unheeded: those of a sense's script that it does not, and so refuses.
    """

    typed: str
    title: str
    table: Mapping[str, Option]
    unheeded: frozenset[str] = frozenset()


def parse_options(modality: Modality, argv: Sequence[str]) -> Options:
    """Reads the command line and checks the values by themselves and with each other (stage one).

    Args:
        modality: Gives the defaults that differ between the scripts.
        argv: The arguments after the script's name.

    Raises:
        OptionError: Holds all complaints, a line each: the option, the value, what is allowed.
        SystemExit: With status 0, after `-h` or `--help` has printed the help.
    """
    return parse_command(modality, argv, _script(modality))[0]


def parse_command(modality: Modality, argv: Sequence[str], command: Command) -> tuple[Options, dict[str, Any]]:
    """The same of another command: a script's options, default where the command takes none, and the values of its own ones."""
    given = read_command(argv, command)
    names = {f.name for f in fields(Options)}
    options, lines = options_of(modality, {name: given.values[name] for name in given.values if name in names}, given.wrong)
    if given.complaints or lines:
        raise OptionError([*given.complaints, *lines])
    return options, {row.name: given.values.get(row.name, row.default) for row in command.table.values() if row.name not in names}


class Given(NamedTuple):
    """What was typed.

    Attributes:
        values: of the options that were given, by name.
        complaints: about what was wrong, a line each, in the order of what was typed.
        wrong: what is typed of the options that these are about.
    """

    values: dict[str, Any]
    complaints: list[str]
    wrong: set[str]


def read_command(argv: Sequence[str], command: Command) -> Given:
    """Reads what was typed, each value by itself.

    Raises:
        OptionError: it cannot be read at all.
        SystemExit: With status 0, after `-h` or `--help` has printed the help.
    """
    parser = _Parser(command)
    found, rest = parser.parse_known_args(argv)
    complaints = [*parser.complaints, *_unknown(rest, command)]
    typed = [_name(token) for token in argv]
    complaints.sort(key=lambda complaint: typed.index(complaint.name))
    values = {name: value for name, value in vars(found).items() if name in parser.given}
    return Given(values, [complaint.line for complaint in complaints], {complaint.name for complaint in complaints})


def options_of(modality: Modality, given: Mapping[str, Any], wrong: Set[str] = frozenset()) -> tuple[Options, list[str]]:
    """All options where some are given, and complaints about values that do not go together; those in `wrong` are left alone."""
    rows = {row.name: row for row in option_table(modality).values()}
    preset = preset_of(modality, given.get("preset", "faithful"))
    if "model" in given:  # perhaps another than the preset's, which has no use for some of its values
        preset = {name: value for name, value in preset.items() if given["model"] in models_with(rows[name])}
    names = {f.name for f in fields(Options)}
    defaults = {name: row.default for name, row in rows.items() if name in names}
    options = Options(**(defaults | preset | dict(given)))
    return options, contradictions(modality, options, set(wrong))


def help_text(modality: Modality) -> str:
    """What `--help` prints, at most `HELP_WIDTH` columns wide."""
    return _Parser(_script(modality)).format_help()


def _script(modality: Modality) -> Command:
    return Command(f"python {modality.name}_network.py", modality.title, option_table(modality))


class _Complaint(NamedTuple):
    """A line about a token of the command line, and the token's name: what stands before any `=`."""

    name: str
    line: str


class _Parser(argparse.ArgumentParser):
    """Reads the command line by the table of options; keeps complaints and goes on, so that all are told at once."""

    def __init__(self, command: Command) -> None:
        super().__init__(
            usage=f"{command.typed} [--OPTION VALUE ...]",
            description=command.title,
            formatter_class=_HelpFormatter,
            add_help=False,
            allow_abbrev=False,
        )
        self.complaints: list[_Complaint] = []
        self.several: dict[str, tuple] = {}
        self.given: set[str] = set()
        # All that begins with a single minus may be a value, not only what looks like a number:
        # so `--thresh -inf` is a wrong value rather than a missing one.
        self._negative_number_matcher = re.compile("-[^-]")
        for name, rows in groupby(command.table.values(), attrgetter("group")):
            group = self.add_argument_group(name)
            for row in rows:
                group.add_argument(row.flag, action=_Read, row=row)
        further = self.add_argument_group("further")
        further.add_argument("-h", "--help", action="help", help="show this help and exit")
        further.add_argument("--version", action="version", version=version_text(), help="show the versions and exit")

    def error(self, message: str) -> NoReturn:
        raise OptionError([f"{message}; --help lists all options"])


class _Read(argparse.Action):
    """Keeps the value that an option's row of the table reads, or a complaint of the parser."""

    def __init__(self, option_strings: Sequence[str], dest: str, row: Option) -> None:
        unit = f"{row.unit}; " if row.unit else ""
        text = f"{row.help} [{unit}default: {row.default_text}]".replace("%", "%%")
        # "?" for flags too: a value that is missing, or one too many, is for this class to tell.
        nargs = "*" if isinstance(row.value, ExistingPaths | Choices) else "?"
        super().__init__(option_strings, dest, nargs=nargs, default=row.default, metavar=row.value.metavar, help=text)
        self.row = row

    def __call__(
        self, parser: _Parser, namespace: argparse.Namespace, given: str | list[str] | None, name: str | None = None
    ) -> None:
        parser.given.add(self.dest)
        texts = given if isinstance(given, list) else [given] if given is not None else []
        if not texts and isinstance(self.row.value, Flag):
            setattr(namespace, self.dest, True)
            return
        if not texts:
            parser.complaints.append(_Complaint(name, f"{name}: has no value; must be {self.row.allowed}"))
        values = []
        for text in texts:
            try:
                values.append(self.row.value.parse(text))
            except ValueError as error:
                why = f"; {error}" if isinstance(error, ExplainedError) else ""
                parser.complaints.append(_Complaint(name, f"{name} {shown(text)}: must be {self.row.allowed}{why}"))
        if not values:
            return
        if self.nargs == "*":  # an option of several values may come several times
            parser.several[self.dest] = (*parser.several.get(self.dest, ()), *values)
        setattr(namespace, self.dest, parser.several[self.dest] if self.nargs == "*" else values[0])


class _HelpFormatter(argparse.HelpFormatter):
    """Shows `--nu X` and `--som`, although the parser lets a value be missing."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=HELP_COLUMN, width=HELP_WIDTH)

    def _format_args(self, action: argparse.Action, default_metavar: str) -> str:
        return action.metavar


def _name(token: str) -> str:
    return token.partition("=")[0] if token.startswith("-") else token


def _unknown(rest: Sequence[str], command: Command) -> Iterator[_Complaint]:
    """Complaints about what belongs to no option; a word behind an unknown option counts as its value."""
    tokens = list(rest)
    while tokens:
        token = tokens.pop(0)
        name = _name(token)
        if not token.startswith("-"):
            yield _Complaint(name, f"{shown(token)}: must follow an option that takes a value")
            continue
        text = token[len(name) + 1 :]
        if name == token and tokens and not tokens[0].startswith("-"):
            text = tokens.pop(0)
        typed = f"{shown(name)} {shown(text)}" if text else shown(name)
        if name in command.unheeded:
            yield _Complaint(name, f"{typed}: is an option of the script, not of this command; --help lists all options")
            continue
        close = difflib.get_close_matches(name, command.table, n=1)
        hint = f"did you mean {close[0]}?" if close else "--help lists all options"
        yield _Complaint(name, f"{typed}: there is no such option; {hint}")
