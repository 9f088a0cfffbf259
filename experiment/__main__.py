"""Sweeps of many runs, what can be done with runs that are there, what is told without them, and the page of options.

    python -m experiment report results/A results/B
    python -m experiment baselines Visual --source emulated
    python -m experiment sweep Visual --source emulated --theta_plus 0.05:1:log:5 --seed 0:3
    python -m experiment options > docs/options.md

Standard library only: `--help` and wrong options are answered before torch is imported.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from common.terminal import WRONG_INPUT, Parser, answered, complain, draw_without_windows, path_ending_in
from datasets.errors import DatasetError
from experiment.baselines.options import parse_baselines
from experiment.command_line.page import options_page
from experiment.errors import OptionError
from experiment.results.saved import RESULTS
from experiment.senses import declared, senses
from experiment.sweep.folder import PAGE, is_sweep
from experiment.sweep.options import parse_sweep
from experiment.sweep.plan import plan_of
from experiment.sweep.pool import begin_imports


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked; returns the exit status."""
    asked = _parser().parse_args(argv)
    draw_without_windows()
    return answered(lambda: asked.do(asked))


def _parser() -> Parser:
    parser = Parser(prog="python -m experiment", description=__doc__.partition("\n")[0], allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about = "write a page that compares runs: options, accuracies, curves, confusion matrices, weights, times"
    report = commands.add_parser("report", help=about, description=f"{about.capitalize()}.", allow_abbrev=False)
    report.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="folders of results; results/* takes all")
    report.add_argument("--output", type=path_ending_in(".html", ".htm"), metavar="FILE.html",
                        help="where the page goes [default: results/report.html; of a sweep in its folder]")  # fmt: skip
    report.set_defaults(do=_report)
    about = "tell classes without a network, by k-means, nearest neighbour and others, beside finished runs"
    _add_of_a_sense(commands, "baselines", about, "those of the sense's script that concern data", _baselines)
    about = "run a script with many values of its options, side by side, and tell which are best"
    further = "those of the sense's script, with several values each, and those of the sweep"
    _add_of_a_sense(commands, "sweep", about, further, _sweep)
    about = "print the page of all scripts' options"
    options = commands.add_parser("options", help=about, description=f"{about.capitalize()}.", allow_abbrev=False)
    options.set_defaults(do=_options)
    return parser


def _add_of_a_sense(commands: Any, name: str, about: str, further: str, do: Callable[[argparse.Namespace], int]) -> None:
    """Add a command that takes a sense, and options that are read once it is known."""
    command = commands.add_parser(name, help=about, description=f"{about.capitalize()}.", allow_abbrev=False)
    command.add_argument("sense", metavar="SENSE", help=f"{', '.join(senses())}; SENSE --help lists its options")
    options = command.add_argument("options", nargs=argparse.REMAINDER, metavar="--OPTION VALUE", help=further)
    options.required = False  # so that nobody is asked for it
    command.set_defaults(do=do)


def _report(asked: argparse.Namespace) -> int:
    from experiment.report.report import write_report
    from experiment.report.sweep import write_sweep_page
    from experiment.sweep.table import read_table

    try:
        first = asked.folders[0]
        if len(asked.folders) == 1 and is_sweep(first):
            output = asked.output or first / PAGE
            write_sweep_page(read_table(first), output)
            print(f"The sweep in {first}: {output}")
            return 0
        for line in write_report(asked.folders, asked.output or RESULTS / PAGE):
            print(line)
    except OptionError as error:
        complain(error)
        return WRONG_INPUT
    return 0


def _baselines(asked: argparse.Namespace) -> int:
    try:
        modality = declared(asked.sense)
        options, counts = parse_baselines(modality, asked.options)
        # Only now: --help and wrong options are answered before torch is imported.
        from experiment.baselines.command import run_baselines

        run_baselines(modality, options, counts)
    except (OptionError, DatasetError) as error:
        complain(error)
        return WRONG_INPUT
    return 0


def _sweep(asked: argparse.Namespace) -> int:
    try:
        plan = plan_of(parse_sweep(declared(asked.sense), asked.options))
        own = plan.space.asked.own
        if not (own["ray"] or own["dry_run"]):
            begin_imports()
        from experiment.sweep.command import run_sweep

        return run_sweep(plan, asked.options)
    except (OptionError, DatasetError) as error:
        complain(error)
        return WRONG_INPUT


def _options(_: argparse.Namespace) -> int:
    print(options_page([declared(sense) for sense in senses()]), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
