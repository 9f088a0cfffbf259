"""Options as keywords, and folders as arguments: what a Python program gives instead of a command line. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.options import Option
from common.values import Choices, ExistingPaths, FileName, Flag
from experiment.command_line.options import Options, option_table, shown
from experiment.command_line.parse import parse_options
from experiment.errors import OptionError
from experiment.modality import Modality

LONGEST_INTEGER = 64  # bits of a number that is meant


def keyword_options(modality: Modality, given: Mapping[str, Any], name: str | None) -> Options:
    """The options that keywords stand for: what is wrong with one is told as of what would be typed.

    Args:
        modality: gives the defaults that differ between the scripts.
        given: values by name of option; True for what is typed without a value, lists for several.
        name: of the run's folder, which is its `filename`; None without a folder.

    Raises:
        OptionError: holds all complaints, as of `parse_options`; or an option is given that only a script can heed.
    """
    complaints = ["--predict: is the script's; here load(folder).predict(files) tells classes"] if "predict" in given else []
    if name is None:
        complaints += [
            f"--{each}: must come with a folder" for each in ("resume", "overwrite", "plot", "tensorboard") if given.get(each)
        ]
    elif "filename" in given:
        complaints.append(f"--filename {shown(given['filename'])}: must not come with a folder, whose name is the run's")
    if complaints:
        raise OptionError(complaints)
    table, argv = option_table(modality), []
    for option, value in (({} if name is None else {"filename": name}) | dict(given)).items():
        row = table.get(f"--{option}")
        words = _typed(row, value)
        if words is None:
            complaints.append(f"{row.flag} {shown(_told(value))}: must be {row.allowed}")
        else:
            argv += [f"--{option}={word}" if word is not None else row.flag for word in words]
    try:
        options = parse_options(modality, argv)
    except OptionError as error:
        complaints += error.complaints
    if complaints:
        raise OptionError(complaints)
    return options


def checked_name(folder: Path) -> str:
    """The name of the run that is kept in a folder.

    Raises:
        OptionError: it is none.
    """
    try:
        return FileName().parse(folder.name)
    except ValueError:
        raise OptionError([f"--filename {shown(folder.name)}: must be {FileName.allowed}"]) from None


def expanded(folder: str | Path) -> Path:
    """The path of a folder, ``~`` read as a home folder.

    Raises:
        OptionError: there is no such home.
    """
    try:
        return Path(folder).expanduser()
    except RuntimeError as error:
        raise OptionError([f"{shown(folder)}: {error}"]) from None


def _typed(row: Option | None, value: Any) -> list[str | None] | None:
    """What would be typed behind an option each time that it is typed, None for a flag alone; or None where nothing can be."""
    value = value.item() if getattr(value, "shape", None) == () else value
    if row is None:  # there is no such option, which is told with its value
        return [str(value)]
    if value is None:
        return [] if row.default is None else None
    if isinstance(row.value, Flag) and isinstance(value, bool):
        return [None] if value else []
    if isinstance(row.value, ExistingPaths | Choices) and isinstance(value, list | tuple):
        return [str(each) for each in value]
    is_typable = isinstance(value, str | float | Path) or (isinstance(value, int) and not isinstance(value, bool))
    return [str(value)] if is_typable and not _is_endless(value) else None


def _is_endless(value: Any) -> bool:
    """Whether a number has more digits than Python writes."""
    return isinstance(value, int) and value.bit_length() > LONGEST_INTEGER


def _told(value: Any) -> str:
    return f"of {value.bit_length():,} bits" if _is_endless(value) else repr(value)
