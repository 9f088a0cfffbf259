"""A look at a data set before training: what is there, in numbers and as a picture of one recording of each class.

    python -m datasets NMNIST --help

Only some recordings are read and nothing is prepared, so that it takes seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.options import Option
from common.terminal import WRONG_INPUT, Parser, answered, complain, draw_without_windows, path_ending_in
from datasets.errors import DatasetError
from datasets.facts import EMULATED, RECORDED
from datasets.registry import data_set, names
from eventvision.sensors import POLARITIES

if TYPE_CHECKING:
    from datasets.dataset import EventDataset


def main(argv: Sequence[str] | None = None) -> int:
    """Look at a data set; returns the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    asked = _parser(data_set(name).options if (name := next(iter(argv), "")) in names() else ()).parse_args(argv)
    draw_without_windows()
    return answered(lambda: _look(asked))


def _look(asked: argparse.Namespace) -> int:
    # Only now: --help and wrong options are answered before torch is imported.
    from datasets.look.figure import refuse_others, save_look
    from datasets.look.look import look_at_dataset
    from datasets.look.text import look_lines

    try:
        if asked.output is not None:
            refuse_others(asked.output)
        found = look_at_dataset([_dataset(asked, is_train) for is_train in (True, False)], asked.n or None)
        print("\n".join(look_lines(found)))
        output = asked.output or Path("results", f"look-{found.dataset.name}.png")
        save_look(found, output)
        print(f"\na recording of each class: {output}")
    except DatasetError as error:
        complain(error)
        return WRONG_INPUT
    return 0


def _parser(own: Sequence[Option]) -> Parser:
    """The parser, with the options that a data set has of its own."""
    parser = Parser(prog="python -m datasets", description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("name", choices=names(), metavar="|".join(names()), help="data set, or the one whose defaults to take")
    add = parser.add_argument
    add("--source", default=RECORDED, metavar="recorded|emulated|PATH",
        help="its recordings, its emulated twin, or your own recordings [default: recorded]")  # fmt: skip
    add("--root", type=Path, default=Path("data"), metavar="PATH", help="where data sets are kept [default: data]")
    add(
        "--stimuli", type=Path, metavar="PATH", help="what the emulated sensor perceives: a file of images, a folder of WAV files"
    )
    add("--n", type=_count, default=20, metavar="N", help="recordings read of each class and split, 0 for all [default: 20]")
    add("--pattern_time", type=float, metavar="X", help="time for which a sample is shown [ms; default: as in training]")
    add("--dt", type=float, default=1.0, metavar="X", help="time step [ms; default: 1.0]")
    add("--polarities", choices=POLARITIES, default="on", help="events taken as input [default: on]")
    add(
        "--output",
        type=path_ending_in(".png"),
        metavar="FILE.png",
        help="where the picture goes [default: results/look-<data set>.png]",
    )
    for option in own:
        default = f"{option.unit}; default: {option.default_text}".removeprefix("; ")
        add(option.flag, type=_value_of(option), default=option.default, metavar=option.value.metavar,
            help=f"{option.help} [{default}]")  # fmt: skip
    return parser


def _value_of(option: Option) -> Callable[[str], Any]:
    """A type for argparse: what an option's value may be."""

    def value(text: str) -> Any:
        try:
            return option.value.parse(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"must be {option.allowed}, not {text!r}") from None

    return value


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number from 0, not {text!r}")
    return int(text)


def _dataset(asked: argparse.Namespace, is_train: bool) -> EventDataset:
    from datasets.sources import open_split

    how = {"root": asked.root, "dt": asked.dt, "polarities": asked.polarities, "prepare": False}
    known = data_set(asked.name)
    how["pattern_time"] = known.default_pattern_time if asked.pattern_time is None else asked.pattern_time
    if asked.stimuli is not None:
        with_stimuli = [name for name in names() if (twin := data_set(name).twin) and twin.stimuli]
        if asked.source != EMULATED or asked.name not in with_stimuli:
            needed = f"must come with --source {EMULATED}, and {' or '.join(with_stimuli)}"
            raise DatasetError(f"--stimuli {asked.stimuli}: {needed}")
        how["stimuli"] = asked.stimuli
    if asked.source not in (RECORDED, EMULATED) and not Path(asked.source).exists():
        raise DatasetError(f"--source {asked.source}: must be recorded, emulated, or an existing file or folder")
    if asked.source in (RECORDED, EMULATED):
        how |= {option.name: getattr(asked, option.name) for option in known.options}
    return open_split(asked.name, asked.source, train=is_train, **how)


if __name__ == "__main__":
    raise SystemExit(main())
