"""What can be done with runs that are there.

    python -m experiment report results/A results/B

Standard library only: `--help` and wrong options are answered before torch is imported.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from experiment.errors import OptionError
from experiment.saved import RESULTS

WRONG_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count
PAGE_ENDINGS = (".html", ".htm")


class _Parser(argparse.ArgumentParser):
    """Answers what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{message}; --help lists all options\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked; returns the exit status."""
    asked = _parser().parse_args(argv)
    try:
        return _report(asked)
    except OptionError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    return WRONG_INPUT


def _parser() -> _Parser:
    parser = _Parser(prog="python -m experiment", description=__doc__.partition("\n")[0], allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about = "write a page that compares runs: options, accuracies, curves, confusion matrices, weights, times"
    report = commands.add_parser("report", help=about, description=f"{about.capitalize()}.", allow_abbrev=False)
    report.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="folders of results; results/* takes all")
    report.add_argument("--output", type=_page, default=RESULTS / "report.html", metavar="FILE.html",
                        help="where the page goes [default: results/report.html]")  # fmt: skip
    return parser


def _page(text: str) -> Path:
    """A place for a page: the ending keeps a slip from replacing a run's own files."""
    if not text.lower().endswith(PAGE_ENDINGS):
        raise argparse.ArgumentTypeError(f"must end in {' or '.join(PAGE_ENDINGS)}, not {text!r}")
    return Path(text)


def _report(asked: argparse.Namespace) -> int:
    from experiment.report import write_report

    for line in write_report(asked.folders, asked.output):
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
