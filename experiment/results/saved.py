"""What a folder of results says of its run. Standard library only: it is asked before torch is imported."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from common.durable import write_file
from common.time_steps import n_time_steps
from common.values import of_earlier_run
from experiment.command_line.options import MAX_STEPS, Options, shown
from experiment.errors import OptionError

RESULTS = Path("results")
OPTIONS_FILE = "options.json"
METRICS = "metrics.csv"
CHECKPOINT = "checkpoint.pt"
FINISHED = "results.json"
LIVE_PICTURE = "live.png"
NOT_NEEDED = ("gpu", "start_from", "label_fraction", "readout")  # options that shaped results, but are not needed to use them


def is_finished(folder: Path) -> bool:
    """Whether the folder holds a run that came to its end."""
    return (folder / FINISHED).exists()


def has_begun(folder: Path) -> bool:
    """Whether the folder holds a run, finished or not."""
    return (folder / OPTIONS_FILE).exists()


def plain(path: Path) -> Path:
    """The path of a file to be read: reading a pipe would wait for ever, a device never end.

    Raises:
        OptionError: something else than a plain file is there.
    """
    if path.exists() and not path.is_file():
        raise OptionError([f"{path}: is a {'folder' if path.is_dir() else 'pipe or a device'}, no file; no run wrote it"])
    return path


def refuse_packed(path: Path) -> None:
    """Refuses an archive with packed parts: a run writes none, so what it holds takes no more memory than the file is long.

    Raises:
        zipfile.BadZipFile: it is no archive.
        OptionError: it has some.
    """
    with zipfile.ZipFile(path) as archive:
        if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
            raise OptionError([f"{path}: is not what a run writes: parts of it are packed"])


def read_saved(folder: Path) -> dict[str, Any]:
    """What `options.json` holds: "modality", "options", "versions", "data".

    Raises:
        OptionError: it is not there or not what a run writes.
    """
    path = folder / OPTIONS_FILE
    content = read_json(path, f"; {folder} holds no run")
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
    content = read_json(path)
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
        if not f.metadata["shapes"] or f.name in NOT_NEEDED:
            continue
        value = saved_value(saved, f, folder)
        try:
            is_flag = isinstance(value, bool) and isinstance(f.default, bool)
            is_left_out = value is None and f.default is None
            found[f.name] = value if is_flag or is_left_out else of_earlier_run(f.metadata["value"], str(value))
        except ValueError:
            allowed = f.metadata["value"].allowed
            raise OptionError([f"{folder / OPTIONS_FILE}: {f.name} {shown(str(value))}: must be {allowed}"]) from None
    if not 1 <= n_time_steps(found["pattern_time"], found["dt"]) <= MAX_STEPS:
        raise OptionError([f"{folder / OPTIONS_FILE}: dt must divide pattern_time into 1 to {MAX_STEPS} steps"])
    return found


def refuse_changes(folder: Path, options: Options) -> None:
    """Refuses to go on with other options than the run in the folder began with.

    Raises:
        OptionError: names all that shape the result and differ.
    """
    before, now = read_saved(folder)["options"], options.as_dict()
    shaping = [(f.name, saved_value(before, f, folder)) for f in fields(Options) if f.metadata["shapes"]]
    complaints = [
        f"--{name} {shown(now[name])}: was {shown(then)} when {folder} began; "
        "--resume takes the same options, without it the run begins anew"
        for name, then in shaping
        if then != now[name]
    ]
    if complaints:
        raise OptionError(complaints)


def saved_value(saved: Mapping[str, Any], option: Field, folder: Path) -> Any:
    """The value of an option; its default if the run was made before there was that option.

    Raises:
        OptionError: it is lacking, and has no default of its own.
    """
    value = saved.get(option.name, option.default)
    if value is MISSING:
        raise OptionError([f"{folder / OPTIONS_FILE}: lacks {option.name}, which every run writes; it is damaged"])
    return value


def read_json(path: Path, without: str = "") -> Any:
    """What a file holds; `without` completes the complaint that it is not there.

    Raises:
        OptionError: it cannot be read, or is damaged.
    """
    plain(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError([f"{path}: {error.strerror}{without}"]) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise OptionError([f"{path}: is damaged ({error})"]) from None
    except (ValueError, RecursionError):  # digits or brackets without end, of which Python says how to read them all the same
        raise OptionError([f"{path}: is damaged"]) from None


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write what `read_json` reads.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    # Bytes of a path that are no UTF-8 become escapes that JSON reads back as they were.
    write_file(path, lambda file: file.write(text.encode(errors="backslashreplace")))
