"""Reads and bins recordings, on several processes where that pays.

Imported by the worker processes too, so it does without torch, which takes seconds to load.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from tqdm import tqdm

from common.errors import reason_of
from common.library_warnings import are_logged, log_library_warnings
from datasets.errors import DamagedRecordingError, DatasetError
from datasets.preparation.binning import Batch, Grid, bin_events
from datasets.recordings import Reader, Reading, Recording
from eventvision import Events

BATCH = 32  # recordings
BATCHES_AHEAD = 4  # for each worker, so that none waits for work
# Time in which worker processes are up and running (s).
START_OF_WORKERS = 1.0


def bin_recordings(
    recordings: Sequence[Recording], reader: Reader, grid: Grid, n_workers: int, progress: bool, title: str
) -> list[Batch]:
    """Reads and bins recordings, batch by batch in their order.

    Begins in this process; the workers are started once that promises to save time.

    Args:
        recordings: what to read.
        reader: reads them.
        grid: time steps and units.
        n_workers: number of processes, at least 1.
        progress: whether to show a bar (on terminals only).
        title: what the bar is called.

    Raises:
        DatasetError: reading failed for another reason than a damaged recording; names it.
    """
    # One batch after the other is taken out of the recordings, which may be made only then.
    batches = (recordings[start : start + BATCH] for start in range(0, len(recordings), BATCH))
    n_batches = math.ceil(len(recordings) / BATCH)
    done: list[Batch] = []
    with tqdm(total=len(recordings), desc=title, unit="recording", disable=None if progress else True) as bar:

        def add(batch: Batch) -> None:
            done.append(batch)
            bar.update(len(batch.labels) + len(batch.left_out))

        start = time.perf_counter()
        while len(done) < n_batches:
            elapsed, left = time.perf_counter() - start, n_batches - len(done)
            saved = elapsed / max(len(done), 1) * left * (1 - 1 / n_workers)
            if done and saved > START_OF_WORKERS:
                for batch in _in_processes(batches, reader, grid, min(n_workers, left)):
                    add(batch)
            else:
                add(bin_batch(next(batches), reader, grid))
    return done


def bin_batch(recordings: Sequence[Recording], reader: Reader, grid: Grid) -> Batch:
    """Reads and bins some recordings in this process.

    Raises:
        DatasetError: as `bin_recordings`.
    """
    labels: list[int] = []
    n_damaged: list[int] = []
    left_out: list[tuple[str, str]] = []

    def sound() -> Iterator[Events]:
        for recording, reading in _readings(recordings, reader):
            if isinstance(reading, DamagedRecordingError):
                left_out.append((recording.name, str(reading)))
                continue
            events, n_damaged_events = reading
            labels.append(recording.label)
            n_damaged.append(n_damaged_events)
            yield events

    batch = bin_events(sound(), grid)  # one after the other: a batch of long recordings need not fit into memory at once
    return batch._replace(labels=labels, n_damaged_events=sum(n_damaged), left_out=left_out)


def _readings(recordings: Sequence[Recording], reader: Reader) -> Iterator[tuple[Recording, Reading]]:
    readings = reader([recording.locator for recording in recordings])
    for recording in recordings:
        try:
            reading = next(readings)
        except (DatasetError, MemoryError):
            raise
        except Exception as error:
            kind = type(error).__name__
            raise DatasetError(f"reading {recording.name} failed: {kind}: {reason_of(error)}") from error
        yield recording, reading


def _in_processes(batches: Iterable[Sequence[Recording]], reader: Reader, grid: Grid, n_workers: int) -> Iterator[Batch]:
    workers = ProcessPoolExecutor(n_workers, multiprocessing.get_context("spawn"), _start_worker, (are_logged(),))
    try:
        # Few batches at a time: an interruption while thousands are handed over could leave the executor's locks taken.
        waiting: deque[Future[Batch]] = deque()
        for batch in batches:
            if len(waiting) == BATCHES_AHEAD * n_workers:
                yield waiting.popleft().result()
            waiting.append(workers.submit(bin_batch, batch, reader, grid))
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise DatasetError(
            "a worker process ended before its work was done (out of memory, killed, or the script "
            "lacks the line `if __name__ == '__main__':`); with n_workers=1 none is needed"
        ) from error
    finally:
        workers.shutdown(cancel_futures=True)


def refuse_while_a_worker_starts() -> None:
    """Keeps a script without `if __name__ == "__main__":` from starting itself over and over.

    Raises:
        DatasetError: this process is such a worker, still importing the script.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise DatasetError(
            "put what your script does under the line `if __name__ == '__main__':`, or prepare the data set with n_workers=1"
        )


def _start_worker(library_warnings_are_logged: bool) -> None:
    if library_warnings_are_logged:
        log_library_warnings()
    # Ctrl-C reaches all processes of a terminal; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
