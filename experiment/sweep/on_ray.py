"""Runs carried out by Ray: a task of one CPU each, on this machine or on all of a cluster.

Ray gives a process that has done one run the next, so compiled programs and data stay in it. How far a run has come is in its
folder alone. So a run whose node or process is lost is handed out again and goes on from its last checkpoint, and a driver that
is killed, whose tasks Ray ends, leaves what `--resume` goes on with.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from common.durable import write_file
from common.errors import reason_of
from common.machine import available_cores
from experiment.errors import OptionError
from experiment.results.saved import has_begun
from experiment.senses import ENDING, SCRIPTS
from experiment.sweep.jobs import FAILED, INTERRUPTED, Job, Outcome
from experiment.sweep.pool import ENOUGH_TIME, MOST_DEATHS, THREADS
from experiment.sweep.ray_calls import answered, aside
from experiment.sweep.ray_task import MARK, UNUSABLE, Board, Setting, carry_out
from experiment.sweep.storage import Storage

NEEDS = "needs ray: pip install -r requirements-sweep.txt"
NO_DASHBOARD = "Ray shows no dashboard: pip install 'ray[default]' brings it"
SENT = ("bindsnet", "common", "datasets", "eventvision", "experiment")  # to nodes, of the clone, and the scripts
LITTLE = 2**27  # bytes that Ray's object store may take where nothing is sent through it
LONGEST_SILENCE = 10.0  # s until a cluster answers
POLL = 0.2  # s between two looks at what has begun


@dataclass
class _Run:
    """A run under way, as the driver sees it."""

    job: Job
    has_begun: bool = False
    lost: str = ""  # what it was lost with, until it is begun again
    n_deaths: int = 0


class RayExecutor:
    """Lets Ray carry runs out; see :class:`experiment.sweep.jobs.Executor`.

    Args:
        address: of a cluster: "auto", HOST:PORT or ray://HOST:PORT; None starts Ray on this machine alone.
        n_jobs: how many runs at a time; None for one a CPU.
        storage: a path that fsspec knows, where nodes keep runs and the driver fetches them; None where all see the folder of
            results, and the root of the data, under the same paths.
        say: told lines for the person at the prompt.

    Attributes:
        gone_on: names of the runs that went on from a checkpoint after their node or process was lost.

    Raises:
        OptionError: Ray is not there, or its cluster or the storage cannot be reached.
    """

    def __init__(
        self,
        address: str | None = None,
        n_jobs: int | None = None,
        storage: str | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        self.ray = _imported()
        self.n_jobs = None if address is None else n_jobs  # of Ray on this machine, all CPUs are for them
        self.storage = None if storage is None else Storage(storage)
        self.say = say
        self.gone_on: list[str] = []
        self.settings: dict[Path, Setting] = {}
        self._begin(address, n_jobs)
        try:
            self.board = self._here(Board)
            self.task = self.ray.remote(num_cpus=1, max_retries=0)(carry_out)
            if self.storage is not None:
                from experiment.sweep.node_data import SentData

                self.data = SentData(self.ray)
        except BaseException:
            self.close()
            raise

    @property
    def n_side_by_side(self) -> int:
        """See :class:`experiment.sweep.jobs.Executor`."""
        return self.n_jobs or max(1, self._n_cpus())

    def carry_out(self, jobs: Iterable[Job], begun: Callable[[Job], None], done: Callable[[Job, Outcome], None]) -> None:
        """See :class:`experiment.sweep.jobs.Executor`.

        Raises:
            KeyboardInterrupt: it was told to stop; what is under way has been saved, and is told as INTERRUPTED.
            OptionError: a node cannot carry out runs; what is under way is saved likewise.
        """
        runs, under_way = {job.name: _Run(job) for job in jobs}, dict[Any, _Run]()
        waiting = deque(runs.values())
        answered(self.board.wipe.remote())
        try:
            while waiting or under_way:
                while waiting and len(under_way) < self._room():
                    run = waiting.popleft()
                    under_way[self._hand_out(run.job)] = run
                ended, _ = aside(self.ray.wait, list(under_way), timeout=POLL)
                self._hear(runs, begun)
                for reference in ended:
                    run = under_way.pop(reference)
                    outcome = self._outcome(reference, run)
                    if outcome is None:
                        waiting.appendleft(run)
                        continue
                    if not run.has_begun:  # and the board, started anew, has forgotten it
                        begun(run.job)
                    self._tell(run, outcome, done)
        except (KeyboardInterrupt, OptionError):
            self._stop(runs, under_way, done)
            raise

    def close(self) -> None:
        """Let go of Ray, which ends what it began for us."""
        self.ray.shutdown()

    def _begin(self, address: str | None, n_jobs: int | None) -> None:
        """Start Ray, or join its cluster."""
        variables = dict.fromkeys(THREADS, "1") | {"MPLBACKEND": "agg"}
        if address is None:
            path = os.pathsep.join([str(SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])])
            how = {"address": "local", "num_cpus": n_jobs or available_cores(), "object_store_memory": LITTLE}
            how["runtime_env"] = {"env_vars": variables | {"PYTHONPATH": path}}
        else:  # nodes may have another clone, or none
            how = {"address": address}
            how["runtime_env"] = {"env_vars": variables, "working_dir": str(SCRIPTS), "excludes": _not_sent()}
        handler = signal.getsignal(signal.SIGTERM)
        try:
            if address is not None:
                _refuse_nobody(address)
            context = self.ray.init(log_to_driver=False, logging_level="error", **how)
        except (self.ray.exceptions.RayError, OSError, OverflowError, RuntimeError, ValueError) as error:
            where = "" if address is None else f" {address}"
            raise OptionError([f"--ray{where}: {reason_of(error)}"]) from error
        finally:
            if handler is not None and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, handler)  # which Ray takes for itself
        # When a node is lost, Ray would fill the terminal with its own log.
        sys.modules["ray._private.worker"]._worker_logs_enabled = False
        url = getattr(context, "dashboard_url", "")
        self.say(f"Ray's dashboard: http://{url}" if url else NO_DASHBOARD)
        if self._n_cpus() == 0:
            self.say("Ray has no CPU yet; runs wait for machines that have")

    def _here(self, kind: type) -> Any:
        """An actor at the node of the driver, without which it is of no use."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        where = NodeAffinitySchedulingStrategy(self.ray.get_runtime_context().get_node_id(), soft=False)
        return self.ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1, scheduling_strategy=where)(kind).remote()

    def _room(self) -> int:
        """How many runs are handed out: one more than CPUs, so that none is idle and a cluster that can grow sees a need to."""
        return self.n_jobs or self._n_cpus() + 1

    def _n_cpus(self) -> int:
        return int(self.ray.cluster_resources().get("CPU", 0))

    def _hand_out(self, job: Job) -> Any:
        job = replace(job, folder=Path(job.folder).absolute())
        setting = self._setting(job.folder.parent)
        if self.storage is None:
            return self.task.remote(job, setting, {})
        kept = Storage(setting.storage).below(job.name)
        if has_begun(job.folder) and not kept.names():
            kept.send(job.folder)  # what was begun without a storage
        return self.task.remote(job, setting, self.data.of(job))

    def _setting(self, folder: Path) -> Setting:
        """What tasks are told whose runs go below a folder; the folder's mark is made once, and stays for who resumes."""
        if folder not in self.settings:
            mark = folder / MARK
            if not mark.exists():
                folder.mkdir(parents=True, exist_ok=True)
                write_file(mark, lambda file: file.write(secrets.token_hex(8).encode()))
            token, shared, storage = mark.read_text(), Storage(str(folder)).url, None
            if self.storage is not None:
                # Another sweep of the same name must not find the runs of this one.
                place = self.storage.below(f"{folder.name}-{token}")
                place.write(MARK, token.encode())
                shared = storage = place.url
            self.settings[folder] = Setting(self.board, Path.cwd(), f"{shared}/{MARK}", token, storage)
        return self.settings[folder]

    def _hear(self, runs: dict[str, _Run], begun: Callable[[Job], None]) -> None:
        """Tell what has begun, and what has begun again."""
        for name, goes_on in answered(self.board.news.remote()):
            run = runs[name]
            if not run.has_begun:
                run.has_begun = True
                begun(run.job)
            if run.lost:
                how = "goes on from its last checkpoint" if goes_on else "begins again"
                self.say(f"{name}: {run.lost} was lost; it {how}")
                if goes_on:
                    self.gone_on.append(name)
                run.lost = ""

    def _outcome(self, reference: Any, run: _Run) -> Outcome | None:
        """What became of a run; None if its node or process was lost and it is to be tried again.

        Raises:
            OptionError: its node cannot carry out runs.
        """
        errors = self.ray.exceptions
        try:
            outcome = answered(reference)
        except (errors.NodeDiedError, errors.LocalRayletDiedError):
            run.lost = "its node"
            return None
        except (errors.WorkerCrashedError, errors.OutOfMemoryError) as error:
            run.lost = "its process"
            run.n_deaths += 1
            if run.n_deaths < MOST_DEATHS:
                return None
            why = "memory ran out" if isinstance(error, errors.OutOfMemoryError) else "killed, or a crash"
            return Outcome(FAILED, f"its process ended {MOST_DEATHS} times before the run did ({why})")
        except errors.RuntimeEnvSetupError as error:
            raise OptionError([f"--ray: a node cannot be given the program: {reason_of(error)}"]) from error
        except errors.RayError as error:
            return Outcome(FAILED, f"{type(error).__name__}: {reason_of(getattr(error, 'cause', None) or error)}")
        if outcome.state == UNUSABLE:
            raise OptionError([outcome.reason])
        return outcome

    def _tell(self, run: _Run, outcome: Outcome, done: Callable[[Job, Outcome], None]) -> None:
        """Tell what became of a run, once what it left is here."""
        if self.storage is not None:
            folder = Path(run.job.folder).absolute()
            kept = Storage(self._setting(folder.parent).storage).below(run.job.name)
            try:
                kept.fetch(folder)
                if outcome.state == FAILED:
                    kept.clear()  # to try it again is to begin anew, here and there
            except OptionError as error:
                outcome = Outcome(INTERRUPTED if outcome.state == INTERRUPTED else FAILED, str(error))
        done(run.job, outcome)

    def _stop(self, runs: dict[str, _Run], under_way: dict[Any, _Run], done: Callable[[Job, Outcome], None]) -> None:
        """Have all save what is under way, and wait for it; a second Ctrl-C does not wait."""
        self.board.stop.remote()
        latest = time.monotonic() + ENOUGH_TIME
        while any(run.has_begun for run in under_way.values()) and time.monotonic() < latest:
            ended, _ = aside(self.ray.wait, list(under_way), timeout=POLL)
            self._hear(runs, lambda job: None)
            for reference in ended:
                run = under_way.pop(reference)
                try:
                    outcome = answered(reference)
                except self.ray.exceptions.RayError:
                    outcome = Outcome(INTERRUPTED)
                if run.has_begun and outcome.state != UNUSABLE:
                    self._tell(run, outcome, done)
        for reference, run in under_way.items():
            self.ray.cancel(reference, force=True)
            if run.has_begun:
                done(run.job, Outcome(INTERRUPTED))


def _not_sent() -> list[str]:
    """What else is in the clone, in the words of a .gitignore."""
    others = [name for name in os.listdir(SCRIPTS) if name not in SENT and not name.endswith(ENDING)]
    return [*(f"/{name}" for name in others), "__pycache__"]


def _refuse_nobody(address: str) -> None:
    """Refuses an address where nobody listens, at which Ray itself would knock for minutes.

    Raises:
        OSError, OverflowError, ValueError: says why.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), timeout=LONGEST_SILENCE).close()


def _imported() -> ModuleType:
    """Ray, which sends nothing home.

    Raises:
        OptionError: it is not there.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise OptionError([f"--ray: {NEEDS}"]) from None
    return ray
