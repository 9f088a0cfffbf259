"""The folder of a run, and what may be done to one that is there already.

Nothing is deleted but the files that a run writes, by their names, and only in a folder that is a run's. Such a folder may be a
link to a larger disk: there only what the run of this very name left is replaced. What else lies there stays. A folder that is no
run's, or that the run would read from, is refused. Standard library only: all of it is asked before torch is imported, too.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from common.durable import remove_unfinished, unfinished_in
from common.values import FileName
from experiment.command_line.options import Options, shown
from experiment.errors import OptionError
from experiment.modality import Modality
from experiment.readouts import FURTHER_READOUTS
from experiment.results.saved import CHECKPOINT, FINISHED, LIVE_PICTURE, METRICS, OPTIONS_FILE, has_begun, is_finished, read_saved

TRAINING_FIGURES = ("weights", "fields", "raster", "assignments", "performance", "confusion_matrix", "cumulative_spikes")
TEST_FIGURES = ("test_confusion_matrix", *(f"test_confusion_matrix_{name}" for name in FURTHER_READOUTS), "labels")
ELSEWHERE = "move it away, or choose another --filename"

log = logging.getLogger(__name__)


def written_by(name: str) -> frozenset[str]:
    """The names of all files that a run of this name may leave in its folder, but for `event_files`."""
    pictures = (f"{figure}_{name}.png" for figure in (*TRAINING_FIGURES, *TEST_FIGURES))
    further = (f"log_{name}.txt", f"network_{name}.npz", f"model_{name}.pt")
    return frozenset([OPTIONS_FILE, METRICS, CHECKPOINT, FINISHED, LIVE_PICTURE, *pictures, *further])


def event_files(name: str, entries: Iterable[str]) -> set[str]:
    """Those of a folder's entries that TensorBoard's writer makes for a run: time, machine and process, then the run's name."""
    pattern = re.compile(rf"events\.out\.tfevents\.\d+\..+\.\d+\.\d+\.{re.escape(name)}")
    return set(filter(pattern.fullmatch, entries))


def left_by(name: str, entries: Iterable[str]) -> set[str]:
    """Those of a folder's entries that are a run's of this name."""
    return written_by(name).intersection(entries) | event_files(name, entries)


def refuse_place(modality: Modality, options: Options, folder: Path) -> None:
    """Refuses a place where no results can go, long before there are any; nothing is changed.

    Raises:
        OptionError: says which folder, and why.
    """
    complaints = list(_overlaps(modality, options, folder))
    if complaints:
        raise OptionError(complaints)
    for place in (folder.parent, folder):
        refuse_no_folder(place, options.filename)
    needed = (folder if options.resume else folder.parent).absolute()
    nearest = next(path for path in (needed, *needed.parents) if path.exists())
    if not nearest.is_dir():
        raise OptionError([f"--filename {options.filename}: {nearest} is no folder, so no results can be written"])
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OptionError([f"--filename {options.filename}: no results can be written to {nearest}: it is read-only"])
    _refuse_others(folder, options)


def lock_of(folder: Path) -> Path:
    """The file by which a folder is held, whatever link leads to it; beside the link where it cannot be beside the folder."""
    real = Path(os.path.realpath(folder))
    place = real if os.access(real.parent, os.W_OK | os.X_OK) else folder
    return place.with_name(f".{place.name}.lock")


def make_room(folder: Path, options: Options) -> None:
    """Make the folder of a run, ready to be written into: results that are there are gone on with, replaced or kept aside.

    Only a process that holds the run's name may call it.

    Raises:
        OptionError: as `refuse_place`.
        OSError: the folder cannot be made.
    """
    refuse_no_folder(folder, options.filename)
    _refuse_others(folder, options)
    if options.resume:
        _clear_up(folder, options.filename)
    elif has_begun(folder) and options.overwrite:
        clear(folder)
    elif has_begun(folder):
        _keep(folder)
    folder.mkdir(exist_ok=True)


def _overlaps(modality: Modality, options: Options, folder: Path) -> Iterator[str]:
    """Complaints about what the run reads, or streams to, and its results lying in each other."""
    read = [
        (name, path)
        for name in ("source", "stimuli", "start_from", "csv_stream")
        if isinstance(path := getattr(options, name), Path)
    ]
    # All that is read and prepared below the root: recordings, emulated ones, one's own.
    read += [("root", options.root.expanduser() / name) for name in (modality.dataset, f"Emulated{modality.dataset}", "Own")]
    for name, path in read:
        if relation := _relation(path, folder):
            yield f"--{name} {shown(path)}: {relation} {folder}, where this run's results go; choose another --filename"


def _relation(path: Path, folder: Path) -> str:
    """How a path lies to a folder, links followed: it is the folder, lies in it, holds it, or nothing of these."""
    real, place = Path(os.path.realpath(path)), Path(os.path.realpath(folder))
    if real == place:
        return "is"
    if real.is_relative_to(place):
        return "lies in"
    return "holds" if place.is_relative_to(real) else ""


def refuse_no_folder(folder: Path, name: str) -> None:
    """Refuses a place where something else than a folder is.

    Raises:
        OptionError: says what.
    """
    if folder.is_symlink() and not folder.exists():
        raise OptionError([f"--filename {name}: {folder} is a link to nowhere; make what it names, or delete it"])
    if folder.exists() and not folder.is_dir():
        raise OptionError([f"--filename {name}: {folder} is no folder, so no results can be written"])


def not_written(folder: Path, name: str, error: OSError) -> OptionError:
    """What a person is told where results of this name cannot go to a folder."""
    place, reason = Path(error.filename or folder).absolute(), error.strerror or error
    return OptionError([f"--filename {name}: cannot write to {place}: {reason}"])


def _refuse_others(folder: Path, options: Options) -> None:
    """Refuses a folder that is neither empty nor a run's, and, where files of a run are to go, what only has their names."""
    try:
        entries = sorted(os.listdir(folder))
    except FileNotFoundError:
        return
    except OSError as error:
        raise OptionError([f"--filename {options.filename}: {folder} cannot be read: {error.strerror}"]) from None
    if OPTIONS_FILE not in entries:
        others = set(entries) - unfinished_in(entries, OPTIONS_FILE.__eq__)
        if others:
            raise OptionError([f"--filename {options.filename}: {folder} holds {shown(min(others))} and no run; {ELSEWHERE}"])
        return
    try:
        name = _name_of(folder)
    except OptionError as error:
        raise OptionError([f"{complaint}; {ELSEWHERE}" for complaint in error.complaints]) from None
    if options.overwrite and folder.is_symlink() and name != options.filename:
        raise OptionError([f"--overwrite: {folder} is a link to results of another name, {name}; they stay; {ELSEWHERE}"])
    if options.overwrite or options.resume:
        for entry in sorted(left_by(name, entries) | left_by(options.filename, entries)):
            if (folder / entry).is_symlink() or not (folder / entry).is_file():
                raise OptionError([f"{folder / entry}: is a link or no plain file, so no run wrote it; {ELSEWHERE}"])


def _name_of(folder: Path) -> str:
    """The name that a run had, whatever its folder is called now.

    Raises:
        OptionError: the folder holds no run.
    """
    name = read_saved(folder)["options"].get("filename")
    try:
        return FileName().parse(name)
    except (TypeError, ValueError, AttributeError):
        raise OptionError([f"{folder / OPTIONS_FILE}: does not say the run's name, so {folder} holds no run"]) from None


def clear(folder: Path) -> None:
    """Remove the files of the run that is in a folder; the file that makes it a run's goes last."""
    name = _name_of(folder)
    remove_unfinished(folder, written_by(name).__contains__)
    for entry in sorted(left_by(name, os.listdir(folder)), key=OPTIONS_FILE.__eq__):
        (folder / entry).unlink()


def _clear_up(folder: Path, name: str) -> None:
    """Remove what a killed run left half written, and rows of a run that begins anew."""
    folder.mkdir(exist_ok=True)
    remove_unfinished(folder, written_by(name).__contains__)
    if not (folder / CHECKPOINT).exists():
        log.info("There is no checkpoint in %s yet: the run starts from the beginning", folder)
        for entry in {METRICS, *event_files(name, os.listdir(folder))}:
            (folder / entry).unlink(missing_ok=True)


def _keep(folder: Path) -> None:
    what = "results" if is_finished(folder) else "results of an unfinished run"
    kept = keep_aside(folder)
    log.info("The %s that were in %s are now in %s", what, folder, kept)


def keep_aside(folder: Path) -> Path:
    """Rename a folder to the first free name, which is returned; of a link only the link."""
    n = 1
    while os.path.lexists(kept := folder.with_name(f"{folder.name}-{n}")):
        n += 1
    folder.rename(kept)
    return kept
