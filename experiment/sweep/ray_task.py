"""What Ray carries out at a node: a run, in a process of one thread that lives on from run to run.

Standard library only at the top, so that a node that lacks a package can say so.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from experiment.errors import OptionError
from experiment.results.saved import CHECKPOINT, OPTIONS_FILE, has_begun, is_finished, read_json, write_json
from experiment.sweep.jobs import FAILED, INTERRUPTED, Job, Outcome
from experiment.sweep.ray_calls import answered

UNUSABLE = "unusable node"  # the state that a run is told in where it is the node that cannot carry out any
MARK = ".sweep-mark"  # a file of the driver's, by which nodes know that they see the same folder
ASK_AFTER = 0.5  # s between two questions whether to stop
LARGEST_SHARE = 0.1  # of a run's time that may go to sending checkpoints


class Board:
    """What tasks and driver tell each other while runs go on; a Ray actor."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, bool]] = []
        self.stopped = False

    def begin(self, name: str, goes_on: bool) -> None:
        """Note that a run has begun, and whether it goes on from a checkpoint."""
        self.begun.append((name, goes_on))

    def news(self) -> list[tuple[str, bool]]:
        """What has begun since the last call."""
        news, self.begun = self.begun, []
        return news

    def wipe(self) -> None:
        """Forget all, as before runs begin."""
        self.begun, self.stopped = [], False

    def stop(self) -> None:
        """Have all runs stop."""
        self.stopped = True

    def is_stopped(self) -> bool:
        """Whether they are to."""
        return self.stopped


@dataclass(frozen=True)
class Setting:
    """What all tasks of a sweep are told.

    Attributes:
        board: where they say what begins, and hear when to stop.
        cwd: the driver's folder, against which options' paths are read.
        mark: where its mark is, as a URL of the folder that all nodes share.
        token: what the mark holds.
        storage: a URL of the folder that is shared if that is not the one of results.
    """

    board: Any
    cwd: Path
    mark: str
    token: str
    storage: str | None


def carry_out(job: Job, setting: Setting, data: Mapping[str, Any]) -> Outcome:
    """Carry out a run at this node.

    Args:
        job: the run, with the driver's absolute path of its folder.
        setting: what all are told.
        data: references to prepared files, by path below the root, if nodes need not see the driver's.
    """
    with suppress(OSError):
        os.chdir(setting.cwd)
    lack = _lack(job, setting)
    if lack:
        return Outcome(UNUSABLE, f"--ray: the node {socket.gethostname()} {lack}")
    stop = _Stop(setting.board)
    if stop():
        return Outcome(INTERRUPTED)
    try:
        return _in_storage(job, setting, data, stop) if setting.storage else _in_place(job, setting, stop)
    except OptionError as error:
        return Outcome(FAILED, "; ".join(error.complaints))


def _lack(job: Job, setting: Setting) -> str:
    """What this node lacks to carry out any run; empty if nothing."""
    try:
        from experiment.sweep.worker import get_ready

        get_ready()
    except ImportError as error:
        return f"lacks what runs need ({error}): pip install -r requirements.txt -r requirements-sweep.txt there"
    try:
        sees = _sees(setting.mark, setting.token)
    except OptionError as error:
        return f"cannot look for {setting.mark}: {'; '.join(error.complaints)}"
    if not sees:
        if setting.storage is not None:
            return f"does not see {setting.storage}: give --storage a path that all nodes share"
        return f"does not see {job.folder.parent}: share that folder under the same path, or give --storage"
    from experiment.sweep.node_data import root_of

    if setting.storage is None and not root_of(job).is_dir():
        return f"does not see the data in {root_of(job)}: share that folder under the same path, or give --storage"
    return ""


@cache
def _sees(mark: str, token: str) -> bool:
    from experiment.sweep.storage import Storage

    place, _, name = mark.rpartition("/")
    return Storage(place).read(name) == token.encode()


def _in_place(job: Job, setting: Setting, stop: _Stop) -> Outcome:
    from experiment.sweep.worker import carry_out as carry_out_here

    _begin(job.name, job.folder, setting)
    return carry_out_here(job, stop)


def _in_storage(job: Job, setting: Setting, data: Mapping[str, Any], stop: _Stop) -> Outcome:
    """Carry out a run in a folder of this node, which is fetched before and sent after each checkpoint and in the end."""
    from experiment.sweep.node_data import root_at_node, root_of
    from experiment.sweep.storage import Storage
    from experiment.sweep.worker import carry_out as carry_out_here

    with tempfile.TemporaryDirectory(prefix="stdp-nmnist-") as scratch:
        folder = Path(scratch) / job.name
        mirror = _Mirror(Storage(setting.storage).below(job.name), folder, stop)
        mirror.storage.fetch(folder)
        root = root_at_node(root_of(job), data)
        options = job.options if root == root_of(job) else {**job.options, "root": root}
        _begin(job.name, folder, setting)
        outcome = carry_out_here(replace(job, folder=folder, options=options), mirror)
        if has_begun(folder) and options is not job.options:
            _say_root(folder, job)
        mirror.storage.send(folder)
        return outcome


def _begin(name: str, folder: Path, setting: Setting) -> None:
    """Say so, and be heard before the run can end."""
    answered(setting.board.begin.remote(name, (folder / CHECKPOINT).exists()))


def _say_root(folder: Path, job: Job) -> None:
    """Let the run's options name the root that was asked for, not this node's."""
    content = read_json(folder / OPTIONS_FILE)
    content["options"]["root"] = str(job.options.get("root", "data"))
    write_json(folder / OPTIONS_FILE, content)


class _Stop:
    """Whether the driver says stop; asked between two pieces of a run, so that it waits for an answer only now and then."""

    def __init__(self, board: Any) -> None:
        self.board = board
        self.asked = 0.0
        self.stopped = False

    def __call__(self) -> bool:
        if not self.stopped and time.monotonic() > self.asked + ASK_AFTER:
            self.stopped = self._ask()
            self.asked = time.monotonic()
        return self.stopped

    def _ask(self) -> bool:
        import ray

        try:
            return answered(self.board.is_stopped.remote())
        except ray.exceptions.RayError:  # Ray starts it anew; the run goes on meanwhile
            return False


class _Mirror:
    """Sends a run to the storage whenever it has a new checkpoint; called as `_Stop` is."""

    def __init__(self, storage: Any, folder: Path, stop: _Stop) -> None:
        self.storage = storage
        self.folder = folder
        self.stop = stop
        self.sent = 0
        self.next = 0.0

    def __call__(self) -> bool:
        if time.monotonic() > self.next and not is_finished(self.folder):
            with suppress(OptionError):  # the next one may arrive; the end is told if it does not
                self._send()
        return self.stop()

    def _send(self) -> None:
        try:
            written = (self.folder / CHECKPOINT).stat().st_mtime_ns
        except FileNotFoundError:
            return
        if written != self.sent:
            started = time.monotonic()
            self.storage.send(self.folder)
            self.sent = written
            self.next = time.monotonic() + (time.monotonic() - started) / LARGEST_SHARE
