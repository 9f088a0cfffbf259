"""Processes of this machine that carry runs out, one thread each, which live from run to run.

Each reads orders from a pipe and answers through it. A process that is killed ends its pipe: its run is given to a new one, which
goes on from the last checkpoint. A process whose driver is killed sees the end of the pipe, too, and ends at once.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from common.machine import available_cores
from experiment.errors import OptionError
from experiment.sweep.jobs import FAILED, INTERRUPTED, Job, Outcome

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
MOST_DEATHS = 3  # of processes in one run
ENOUGH_TIME = 20.0  # s in which a process that is told to stop has saved its run
ROOT = Path(__file__).resolve().parents[2]
STOP = "stop"
ORPHANED = 1  # exit status
UNKNOWN = 255  # exit status of a process that was killed before that could be told


class Pool:
    """Processes that carry runs out.

    Args:
        n_jobs: how many; None for one a core.
    """

    def __init__(self, n_jobs: int | None) -> None:
        self.n_jobs = n_jobs or available_cores()
        self.context = begin_imports()
        self.members: list[_Member] = []

    @property
    def n_side_by_side(self) -> int:
        """See :class:`experiment.sweep.jobs.Executor`."""
        return self.n_jobs

    def carry_out(self, jobs: Iterable[Job], begun: Callable[[Job], None], done: Callable[[Job, Outcome], None]) -> None:
        """See :class:`experiment.sweep.jobs.Executor`."""
        waiting, deaths = deque(jobs), Counter[str]()
        try:
            while waiting or any(member.job for member in self.members):
                self._give_out(waiting, begun)
                ended: list[tuple[Job, Outcome]] = []
                for member in self._answering():
                    job, outcome = member.job, member.answer()
                    if outcome is None:
                        self.members.remove(member)
                        deaths[job.name] += 1
                        if deaths[job.name] < MOST_DEATHS:
                            waiting.appendleft(job)
                            continue
                        outcome = Outcome(FAILED, f"its process ended {MOST_DEATHS} times, at last {member.end()}")
                    ended.append((job, outcome))
                self._give_out(waiting, begun)  # before what has ended is looked at, which nobody needs to wait for
                for job, outcome in ended:
                    done(job, outcome)
        except KeyboardInterrupt:
            self._stop(done)
            raise

    def close(self) -> None:
        """Let go of all processes."""
        for member in self.members:
            member.connection.close()
        for member in self.members:
            member.process.join(ENOUGH_TIME)
            member.process.kill()
        self.members = []

    def _give_out(self, waiting: deque[Job], begun: Callable[[Job], None]) -> None:
        idle = [member for member in self.members if member.job is None]
        while waiting and (idle or len(self.members) < self.n_jobs):
            if not idle:
                idle.append(_Member(self.context))
                self.members.append(idle[-1])
            job = waiting.popleft()
            begun(job)
            idle.pop().take(job)

    def _answering(self) -> list[_Member]:
        busy = {member.connection: member for member in self.members if member.job is not None}
        return [busy[connection] for connection in wait(list(busy))]

    def _stop(self, done: Callable[[Job, Outcome], None]) -> None:
        """Have all save what is under way, and wait for it."""
        busy = [member for member in self.members if member.job is not None]
        for member in busy:
            member.tell_to_stop()
        latest = time.monotonic() + ENOUGH_TIME
        for member in busy:
            outcome = member.answer() if member.connection.poll(max(0.0, latest - time.monotonic())) else None
            done(member.job or member.last, outcome or Outcome(INTERRUPTED))


class _Member:
    """A process, as it is seen from outside; `job` is what it is busy with."""

    def __init__(self, context: multiprocessing.context.BaseContext) -> None:
        self.connection, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other,))
        try:
            with _environment():
                self.process.start()
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or "it ended as it began"
            raise OptionError([f"no process can be started for runs: {reason}"]) from error
        other.close()
        self.job: Job | None = None

    def take(self, job: Job) -> None:
        """Begin a run; that its process is dead is seen when it does not answer."""
        self.job = job
        self._send(job)

    def tell_to_stop(self) -> None:
        """Have it save its run and stop."""
        self._send(STOP)

    def answer(self) -> Outcome | None:
        """What became of its run; None if the process has ended."""
        self.last, self.job = self.job, None
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return None

    def end(self) -> str:
        """How the process ended, in words."""
        code = self.process.exitcode or 0
        if code not in (-signal.SIGKILL, UNKNOWN):
            return f"killed by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        return "killed, as the system does where memory runs out"

    def _send(self, what: Job | str) -> None:
        with suppress(OSError):
            self.connection.send(what)


def serve(connection: Connection) -> None:
    """What a process does: runs, one after the other, until the other end of the pipe is closed."""
    from experiment.sweep.worker import carry_out, get_ready

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the driver says what to do
    get_ready()
    jobs: queue.Queue[Job] = queue.Queue()
    stopped = threading.Event()
    threading.Thread(target=_listen, args=(connection, jobs, stopped), daemon=True).start()
    while True:
        connection.send(carry_out(jobs.get(), stopped.is_set))


def _listen(connection: Connection, jobs: queue.Queue[Job], stopped: threading.Event) -> None:
    """Hear what the driver says, also in the midst of a run; without a driver there is nothing to live for."""
    try:
        while True:
            message = connection.recv()
            if message == STOP:
                stopped.set()
            else:
                jobs.put(message)
    except (EOFError, OSError):
        os._exit(ORPHANED)


@contextmanager
def _environment() -> Iterator[None]:
    """While this lasts, a process that is started computes in one thread, and finds this project's packages."""
    before = dict(os.environ)
    path = os.pathsep.join(filter(None, [str(ROOT), before.get("PYTHONPATH")]))
    os.environ |= dict.fromkeys(THREADS, "1") | {"PYTHONPATH": path}
    try:
        yield
    finally:
        for name in (*THREADS, "PYTHONPATH"):
            os.environ.pop(name) if name not in before else os.environ.update({name: before[name]})


def begin_imports() -> multiprocessing.context.BaseContext:
    """How processes begin: where the system can, as copies of one that has imported everything, which it begins to do now."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["experiment.sweep.shared_start"])
    is_main = threading.current_thread() is threading.main_thread()
    former = signal.signal(signal.SIGINT, signal.SIG_IGN) if is_main else None  # so that Ctrl-C does not break off its imports
    try:
        with _environment():
            forkserver.ensure_running()
    finally:
        if is_main:
            signal.signal(signal.SIGINT, former)
    return context
