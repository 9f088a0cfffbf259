import multiprocessing
import os
import signal
import subprocess
import sys
import time
import warnings
import weakref
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from common.library_warnings import logged_library_warnings
from common.machine import n_workers_of
from datasets.errors import DamagedRecordingError, DatasetError
from datasets.preparation import workers
from datasets.preparation.binning import Grid
from datasets.preparation.workers import bin_recordings, refuse_while_a_worker_starts
from datasets.recordings import Recording
from eventvision import Events

ROOT = Path(__file__).resolve().parents[3]
GRID = Grid(1.0, 10.0, "on", 4, 4)


def read_numbers(numbers):
    """A recording's locator is its only event's unit; some stand for what can go wrong."""
    for number in numbers:
        if number == "damaged":
            yield DamagedRecordingError("it is made so")
        elif number == "fails":
            raise KeyError("spiketrain")
        elif number == "fails without a word":
            raise EOFError
        elif number == "lacks memory":
            raise MemoryError
        elif number == "dies":
            os._exit(1)
        elif number == "warns":
            warnings.warn("of a library", UserWarning, stacklevel=1)
            yield one_event(0), 0
        elif number == "process":
            yield one_event(0), os.getpid()
        else:
            yield one_event(number % 16), 0


def one_event(unit):
    return Events.from_columns([unit % 4], [unit // 4], [1], [0], 4, 4)


def run(locators, n_workers=1):
    recordings = [Recording(f"file {place}", 3, what) for place, what in enumerate(locators)]
    return bin_recordings(recordings, read_numbers, GRID, n_workers, False, "test")


def units(batches):
    return [unit for batch in batches for unit in batch.units.tolist()]


@pytest.fixture
def workers_at_once(monkeypatch):
    monkeypatch.setattr(workers, "START_OF_WORKERS", 0.0)


def test_recordings_keep_their_order_whatever_the_number_of_workers(workers_at_once):
    numbers = list(range(16)) * 20
    assert units(run(numbers)) == numbers
    assert units(run(numbers, n_workers=2)) == numbers


def test_workers_are_other_processes_and_start_only_if_that_saves_time(workers_at_once):
    def processes(n_workers):
        batches = run(["process"] * 32 * 6, n_workers)
        return {batch.n_damaged_events // 32 for batch in batches}

    assert len(processes(2) - {os.getpid()}) >= 1
    workers.START_OF_WORKERS = 1000.0
    assert processes(2) == {os.getpid()}


def test_workers_of_a_command_keep_warnings_of_libraries_off_the_screen(workers_at_once, capfd, monkeypatch):
    monkeypatch.setattr(sys, "warnoptions", [])
    for of_a_command in (True, False):
        with logged_library_warnings() if of_a_command else nullcontext():
            run([0] * 32 + ["warns"] * 32 * 3, n_workers=2)
        assert ("of a library" in capfd.readouterr().err) != of_a_command


def test_damaged_recordings_are_named_and_the_others_stay(workers_at_once):
    (batch,) = run([1, "damaged", 3])
    assert batch.left_out == [("file 1", "it is made so")]
    assert batch.labels == [3, 3]
    assert batch.units.tolist() == [1, 3]


@pytest.mark.parametrize("n_workers", [1, 2])
def test_a_failure_comes_up_with_the_name_of_the_recording(n_workers, workers_at_once):
    with pytest.raises(DatasetError, match="reading file 70 failed: KeyError: 'spiketrain'"):
        run([1] * 70 + ["fails"], n_workers)


def test_a_failure_without_words_is_told_by_its_kind():
    with pytest.raises(DatasetError, match="reading file 0 failed: EOFError: EOFError"):
        run(["fails without a word"])


@pytest.mark.parametrize("n_workers", [1, 2])
def test_a_lack_of_memory_comes_up_as_such(n_workers, workers_at_once):
    with pytest.raises(MemoryError):
        run([1] * 70 + ["lacks memory"], n_workers)


def test_a_worker_that_dies_is_reported(workers_at_once):
    with pytest.raises(DatasetError, match="a worker process ended"):
        run([1] * 70 + ["dies"], n_workers=2)


def test_minus_one_stands_for_all_cores():
    assert n_workers_of(-1) >= 1
    assert n_workers_of(3) == 3


def test_a_process_that_is_just_importing_the_script_is_told_what_it_lacks(monkeypatch):
    refuse_while_a_worker_starts()
    process = multiprocessing.current_process()
    monkeypatch.setattr(process, "_inheriting", True, raising=False)
    with pytest.raises(DatasetError, match="__name__ == '__main__'"):
        refuse_while_a_worker_starts()


SCRIPT = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
from datasets.preparation import workers
from test_workers import run
workers.START_OF_WORKERS = 0.0
if __name__ == "__main__":
    print("ready", flush=True)
    run(list(range(1_000_000)), n_workers=2)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL], ids=lambda blow: blow.name)
def test_workers_end_with_their_parent(blow, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    script = subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py")],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        script.stdout.readline()
        wait_until(lambda: len(members(script.pid)) >= 3)
        script.send_signal(blow)
        script.wait(timeout=60)
        wait_until(lambda: not members(script.pid))
    finally:
        for process in members(script.pid):
            os.kill(process, signal.SIGKILL)
        script.stdout.close()


def members(session):
    """Running processes of a session."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = process.joinpath("stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state != "Z":
            found.append(int(process.name))
    return found


def wait_until(holds, seconds=20.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_of_a_batch_no_more_than_the_recording_before_is_held_while_one_is_read():
    n_held, made = [], []

    def reader(locators):
        for _ in locators:
            n_held.append(sum(data() is not None for data in made))
            events = one_event(0)[np.zeros(100_000, np.int64)]
            made.append(weakref.ref(events.data))
            yield events, 0
            del events

    batch = workers.bin_batch([Recording(str(i), i, i) for i in range(5)], reader, GRID)
    assert batch.counts.tolist() == [1] * 5
    assert batch.n_events == 500_000
    assert max(n_held) <= 1
