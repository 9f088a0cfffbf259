"""The table of a sweep, a row a run: ``sweep.csv``, as it is written and read. Standard library only."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from common.durable import write_file
from experiment.errors import OptionError
from experiment.results.saved import plain
from experiment.sweep.folder import ABOUT, read_kept

if TYPE_CHECKING:
    from pandas import DataFrame

TABLE = "sweep.csv"
FACTS = ("name", "sense", "source", "mode", "readout", "command")  # that are told of a sweep
MODES = ("grid", "random", "optimise")
WHOLE_NUMBER = re.compile(r"-?\d{1,15}")
HOW_TO_INSTALL = "frame=True: needs pandas, which is not installed: pip install -r requirements-sweep.txt"


class SweepTable(NamedTuple):
    """All runs of a sweep.

    Attributes:
        about: what it is: "name", "sense", "source", "mode" ("grid", "random" or "optimise"), "readout" (whose accuracy
            selects points) and "command" (of the whole sweep).
        parameters: names of the options that differ between points, without seed and held-out part.
        rows: a run each, by column; None where there is no number.
    """

    about: dict[str, Any]
    parameters: tuple[str, ...]
    rows: list[dict[str, Any]]


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError
    return number


# Each column with what reads it; those of the parameters stand between the two.
BEFORE: dict[str, Callable[[str], Any]] = {"run": str, "point": int, "stage": str}
AFTER: dict[str, Callable[[str], Any]] = {
    "seed": int,
    "validation": str,
    "state": str,
    "split": str,
    "readout": str,
    "accuracy": _finite,
    "n_tested": int,
    "n_silent": int,
    "spikes_per_sample": _finite,
    "repetitions": int,
    "seconds": _finite,
    "command": str,
    "reason": str,
}


def columns(parameters: Sequence[str]) -> list[str]:
    """Names of the columns, in their order."""
    return [*BEFORE, *parameters, *AFTER]


def write_table(table: SweepTable, path: Path) -> None:
    """Write what `read_table` reads.

    Raises:
        OSError: it cannot be written.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = columns(table.parameters)
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in table.rows)
    content = file.getvalue().encode(errors="backslashreplace")  # names of files may be no text
    write_file(path, lambda file: file.write(content))


def read_table(folder: Path) -> SweepTable:
    """The table of the sweep in a folder.

    Raises:
        OptionError: there is none, or it is not what a sweep writes.
    """
    kept, path = read_kept(folder), folder / ABOUT
    about, parameters = kept["about"], kept["parameters"]
    if lacking := [name for name in FACTS if not isinstance(about.get(name), str)]:
        raise OptionError([f"{path}: is not what a sweep writes; about lacks {', '.join(lacking)}"])
    if about["mode"] not in MODES:
        raise OptionError([f"{path}: is not what a sweep writes; mode must be one of {', '.join(MODES)}"])
    return SweepTable(about, tuple(parameters), _rows(folder / TABLE, parameters))


def load(folder: str | Path, frame: bool | None = None) -> list[dict[str, Any]] | DataFrame:
    """The runs of a sweep, for a notebook or a program.

    Args:
        folder: the sweep's, such as "results/study".
        frame: whether they come as a pandas frame, and else as a list of dicts; None where pandas is there.

    Raises:
        OptionError: there is no such sweep, or no pandas.
    """
    table = read_table(Path(folder))
    if frame is False:
        return table.rows
    try:
        from pandas import DataFrame
    except ModuleNotFoundError:
        if frame:
            raise OptionError([HOW_TO_INSTALL]) from None
        return table.rows
    return DataFrame(table.rows, columns=columns(table.parameters))


def as_typed(texts: Sequence[Any]) -> list[Any]:
    """The values of an option: numbers if all are that are there, else words; None where there is none."""
    try:
        return [_number(text) if isinstance(text, str) and text else None if text == "" else text for text in texts]
    except ValueError:
        return [None if text == "" else text for text in texts]


def _number(text: str) -> int | float:
    return int(text) if WHOLE_NUMBER.fullmatch(text) else _finite(text)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return repr(float(value)) if isinstance(value, float) else str(value)  # a number of NumPy's looks otherwise


def _rows(path: Path, parameters: Sequence[str]) -> list[dict[str, Any]]:
    names = columns(parameters)
    found: list[dict[str, Any]] = []
    try:
        with open(plain(path), newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != names:
                raise OptionError([f"{path}: is not what a sweep writes; its columns must be {', '.join(names)}"])
            for cells in reader:
                found.append(_row(cells))
    except OSError as error:
        raise OptionError([f"{path}: {error.strerror}"]) from None
    except OptionError:
        raise
    except (ValueError, TypeError, csv.Error):
        raise OptionError([f"{path}: row {len(found) + 1} is damaged"]) from None
    for name in parameters:
        for row, value in zip(found, as_typed([row[name] for row in found]), strict=True):
            row[name] = value
    return found


def _row(cells: Mapping[str | None, Any]) -> dict[str, Any]:
    """What the cells of a line hold; an error if it is too short or too long, or holds no number where one must be."""
    if None in cells or None in cells.values():
        raise ValueError
    kinds = BEFORE | AFTER
    return {
        name: None if not text and kinds.get(name) not in (None, str) else kinds.get(name, str)(text)
        for name, text in cells.items()
    }
