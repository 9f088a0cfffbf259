"""Processes that carry runs out: what becomes of runs when processes are killed, and when a sweep is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from experiment import train
from experiment.sweep.jobs import FAILED, FINISHED, INTERRUPTED, Job
from experiment.sweep.pool import MOST_DEATHS, Pool

ROOT = Path(__file__).resolve().parents[3]
FAST = {"source": "emulated", "n_train": 30, "n_test": 10, "n_neurons": 9, "pattern_time": 50}
LONG = FAST | {"n_epochs": 3000}  # far longer than a test waits


class Watched:
    """What a pool tells."""

    def __init__(self):
        self.outcomes = {}

    def begun(self, job):
        pass

    def done(self, job, outcome):
        self.outcomes[job.name] = outcome


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    """A process, and data that are prepared."""
    place = tmp_path_factory.mktemp("pool")
    pool = Pool(1)
    pool.place = place
    train("Visual", folder=place / "alone", figures=False, progress=False, seed=3, root=place / "data", **FAST)
    yield pool
    pool.close()


def job_of(pool, name: str, **options) -> Job:
    return Job(name, "Visual", {"root": pool.place / "data", **options}, pool.place / name)


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_process_lives_from_run_to_run_and_leaves_what_train_leaves(pool):
    watched = Watched()
    pool.carry_out([job_of(pool, name, seed=3, **FAST) for name in ("a", "b")], watched.begun, watched.done)
    (member,) = pool.members
    assert {name: outcome.state for name, outcome in watched.outcomes.items()} == {"a": FINISHED, "b": FINISHED}
    networks = {name: (pool.place / name / f"network_{name}.npz").read_bytes() for name in ("a", "b", "alone")}
    assert networks["a"] == networks["b"] == networks["alone"]
    assert (pool.place / "a" / "log_a.txt").read_text()
    before = member.process.pid
    pool.carry_out([job_of(pool, "wrong", n_train=-1)], watched.begun, watched.done)
    assert watched.outcomes["wrong"].state == FAILED
    assert "--n_train -1: must be" in watched.outcomes["wrong"].reason
    assert [each.process.pid for each in pool.members] == [before]


def test_a_run_whose_process_is_killed_goes_on_in_another_until_it_is_hopeless(pool):
    watched = Watched()

    def killer():
        for _ in range(MOST_DEATHS):
            wait_for(lambda: pool.members and pool.members[-1].job is not None and pool.members[-1].process.is_alive())
            member = pool.members[-1]
            time.sleep(0.2)
            member.process.kill()
            member.process.join()

    thread = threading.Thread(target=killer)
    thread.start()
    pool.carry_out([job_of(pool, "killed", **LONG), job_of(pool, "after", seed=3, **FAST)], watched.begun, watched.done)
    thread.join()
    assert watched.outcomes["killed"].state == FAILED
    assert "at last killed" in watched.outcomes["killed"].reason
    assert watched.outcomes["after"].state == FINISHED


def test_ctrl_c_saves_what_is_under_way(pool):
    def stop(*_):
        raise KeyboardInterrupt

    watched = Watched()
    former = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            pool.carry_out([job_of(pool, "stopped", **LONG), job_of(pool, "never", **FAST)], watched.begun, watched.done)
    finally:
        signal.signal(signal.SIGALRM, former)
    assert {name: outcome.state for name, outcome in watched.outcomes.items()} == {"stopped": INTERRUPTED}
    assert (pool.place / "stopped" / "checkpoint.pt").exists()


def test_processes_end_with_a_driver_that_is_killed(tmp_path):
    program = f"""
import sys
from pathlib import Path
from experiment.sweep.jobs import Job
from experiment.sweep.pool import Pool
if __name__ == "__main__":
    pool = Pool(1)
    print(pool.members[0].process.pid, flush=True)
    pool.carry_out([Job("a", "Visual", {LONG!r} | {{"root": Path("data")}}, Path("a"))], lambda job: None, print)
"""
    (tmp_path / "driver.py").write_text(program)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    driver = subprocess.Popen([sys.executable, "driver.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment)
    worker = int(driver.stdout.readline())
    wait_for((tmp_path / "a" / "options.json").exists)
    driver.kill()
    driver.wait()
    wait_for(lambda: is_gone(worker), 10)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"
