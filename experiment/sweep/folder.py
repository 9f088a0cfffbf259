"""The folder of a sweep: ``sweep.json``, which makes it one, the runs, and what comes out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiment.command_line.options import shown
from experiment.errors import OptionError
from experiment.results.folder import ELSEWHERE, keep_aside, lock_of, not_written, refuse_no_folder
from experiment.results.saved import read_json, write_json

ABOUT = "sweep.json"
PAGE = "report.html"


class SweepFolder:
    """A sweep's folder, held until it is closed; nothing is made in it before it begins.

    Args:
        folder: where it is.
        resume: whether what is there is gone on with.

    Attributes:
        kept: what `sweep.json` holds; empty for a sweep that begins.
        beside: where an earlier sweep of this name is now; None if there was none.

    Raises:
        OptionError: another sweep of this name is under way, or the folder is not to be written.
    """

    def __init__(self, folder: Path, resume: bool) -> None:
        self.folder = folder
        self.kept: dict[str, Any] = {}
        self.beside: Path | None = None
        from filelock import FileLock, Timeout

        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            self.lock = FileLock(lock_of(folder))
            self.lock.acquire(timeout=0)
        except Timeout:
            raise OptionError([f"--filename {folder.name}: another sweep of this name is under way; choose another"]) from None
        except OSError as error:
            raise not_written(folder, folder.name, error) from error
        try:
            self._open(resume)
        except OSError as error:
            self.close()
            raise not_written(folder, folder.name, error) from error
        except BaseException:
            self.close()
            raise

    def _open(self, resume: bool) -> None:
        folder = self.folder
        refuse_no_folder(folder, folder.name)
        entries = sorted(os.listdir(folder)) if folder.exists() else []
        if entries and ABOUT not in entries:
            raise OptionError([f"--filename {folder.name}: {folder} holds {shown(entries[0])} and no sweep; {ELSEWHERE}"])
        if entries and resume:
            self.kept = read_kept(folder)
        self.has_entries = bool(entries)

    def begin(self) -> None:
        """Make the folder of a sweep that begins; an earlier one of its name is kept beside.

        Raises:
            OSError: it cannot be made.
        """
        if self.has_entries:
            self.beside = keep_aside(self.folder)
        self.folder.mkdir(exist_ok=True)

    def keep(self, **parts: Any) -> None:
        """Write `sweep.json` with these parts, beside those that it has."""
        self.kept |= parts
        write_json(self.folder / ABOUT, self.kept)

    def close(self) -> None:
        """Let another sweep take the name."""
        self.lock.release()


def is_sweep(folder: Path) -> bool:
    """Whether a folder is a sweep's."""
    return (folder / ABOUT).exists()


def read_kept(folder: Path) -> dict[str, Any]:
    """What `sweep.json` holds.

    Raises:
        OptionError: it is not what a sweep writes.
    """
    kept = read_json(folder / ABOUT, f"; {folder} holds no sweep")
    parts = {"about": dict, "parameters": list, "plan": dict}
    is_sound = isinstance(kept, dict) and all(isinstance(kept.get(name), kind) for name, kind in parts.items())
    if not is_sound or not all(isinstance(name, str) for name in kept["parameters"]):
        raise OptionError([f"{folder / ABOUT}: is not what a sweep writes; it lacks one of {', '.join(parts)}"])
    return kept


def refuse_another_plan(folder: Path, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Refuses to go on with another plan than the sweep began with.

    Raises:
        OptionError: names all that differs.
    """
    complaints = [
        f"--{name} {shown(now.get(name, '(not given)'))}: was {shown(before.get(name, '(not given)'))} when {folder} began; "
        "--resume takes the same plan, without it the sweep begins anew"
        for name in dict.fromkeys([*before, *now])
        if before.get(name) != now.get(name)
    ]
    if complaints:
        raise OptionError(complaints)
