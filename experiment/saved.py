"""What a folder of results says of its run. Standard library only: it is asked before torch is imported."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from experiment.errors import OptionError
from experiment.options import Options, shown
from experiment.values import of_earlier_run

RESULTS = Path("results")
OPTIONS_FILE = "options.json"
CHECKPOINT = "checkpoint.pt"
FINISHED = "results.json"
NOT_NEEDED = ("gpu", "start_from", "label_fraction", "readout")  # options that shaped results, but are not needed to use them


def is_finished(folder: Path) -> bool:
    """Whether the folder holds a run that came to its end."""
    return (folder / FINISHED).exists()


def has_begun(folder: Path) -> bool:
    """Whether the folder holds a run, finished or not."""
    return (folder / OPTIONS_FILE).exists()


def read_saved(folder: Path) -> dict[str, Any]:
    """What `options.json` holds: "modality", "options", "versions", "data".

    Raises:
        OptionError: it is not there or not what a run writes.
    """
    path = folder / OPTIONS_FILE
    content = _read_json(path, f"; {folder} holds no run")
    parts = ("modality", "options", "versions", "data")
    if not isinstance(content, dict) or not all(isinstance(content.get(part), dict) for part in parts):
        raise OptionError([f"{path}: is not what a run writes; it lacks one of {', '.join(parts)}"])
    return content


def read_results(folder: Path) -> dict[str, Any]:
    """What `results.json` of a finished run holds.

    Raises:
        OptionError: it is not there or not what a run writes.
    """
    path = folder / FINISHED
    content = _read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("test_accuracy"), dict):
        raise OptionError([f"{path}: is not what a run writes; it lacks test_accuracy"])
    return content


def trained_options(folder: Path) -> dict[str, Any]:
    """The options that shaped the network in the folder, checked, by name.

    Raises:
        OptionError: they are not what a run writes.
    """
    saved, found = read_saved(folder)["options"], {}
    for f in fields(Options):
        value = saved.get(f.name)
        if not f.metadata["shapes"] or f.name in NOT_NEEDED:
            continue
        try:
            is_flag = isinstance(value, bool) and isinstance(f.default, bool)
            is_left_out = value is None and f.default is None
            found[f.name] = value if is_flag or is_left_out else of_earlier_run(f.metadata["value"], str(value))
        except ValueError:
            allowed = f.metadata["value"].allowed
            raise OptionError([f"{folder / OPTIONS_FILE}: {f.name} {shown(str(value))}: must be {allowed}"]) from None
    return found


def refuse_changes(folder: Path, options: Options) -> None:
    """Refuses to go on with other options than the run in the folder began with.

    Raises:
        OptionError: names all that shape the result and differ.
    """
    before, now = read_saved(folder)["options"], options.as_dict()
    shaping = [(f.name, before.get(f.name, f.default)) for f in fields(Options) if f.metadata["shapes"]]
    complaints = [
        f"--{name} {shown(now[name])}: was {shown(then)} when {folder} began; "
        "--resume takes the same options, without it the run begins anew"
        for name, then in shaping
        if then != now[name]
    ]
    if complaints:
        raise OptionError(complaints)


def refuse_unwritable(options: Options) -> None:
    """Refuses a place where no results can be written, long before there are any.

    Raises:
        OptionError: says which folder.
    """
    needed = RESULTS.absolute()
    if options.resume and (RESULTS / options.filename).exists():
        needed /= options.filename
    nearest = next(path for path in (needed, *needed.parents) if path.exists())
    if not nearest.is_dir():
        raise OptionError([f"--filename {options.filename}: {nearest} is no folder, so no results can be written"])
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OptionError([f"--filename {options.filename}: no results can be written to {nearest}: it is read-only"])


def _read_json(path: Path, without: str = "") -> Any:
    """What a file holds; `without` completes the complaint that it is not there."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError([f"{path}: {error.strerror}{without}"]) from None
    except (ValueError, RecursionError) as error:
        raise OptionError([f"{path}: is damaged ({error})"]) from None
