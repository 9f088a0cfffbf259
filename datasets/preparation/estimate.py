"""What preparing many recordings will take, told from a few of them before any are kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import NamedTuple

from common.room import in_gb, lack_of_disk, lack_of_memory
from datasets.errors import DatasetError
from datasets.facts import EMULATED
from datasets.preparation.binning import Grid
from datasets.preparation.workers import bin_batch
from datasets.recordings import Reader, Recording, Split

logger = logging.getLogger(__name__)

LEAST_ESTIMATED = 1_000  # recordings; fewer are prepared without asking
N_PROBED = 20
LONG = 10.0  # s after which one would like to know how long it takes
# Bytes beside a sample's spikes: its number of spikes and label, which are kept, and what lists them until then.
KEPT_BESIDE, HELD_BESIDE = 16, 200
COPIES = 3  # of the spikes in memory: of batches, joined, and on their way from workers


class Estimate(NamedTuple):
    """What preparing takes.

    Attributes:
        memory: bytes at the most.
        disk: bytes of the file.
        seconds: time in one process.
    """

    memory: float
    disk: float
    seconds: float


def evenly_spread(recordings: Sequence[Recording]) -> list[Recording]:
    """A few of many recordings, of which neighbours are alike."""
    n = min(len(recordings), N_PROBED)
    return [recordings[k * len(recordings) // n] for k in range(n)]


def estimate(few: Sequence[Recording], n: int, reader: Reader, grid: Grid) -> Estimate:
    """What preparing n recordings takes if these few are like the others.

    Raises:
        DatasetError: one cannot be read for another reason than damage.
    """
    bin_batch(few[:1], reader, grid)  # the first waits for a compiler
    start = time.perf_counter()
    batch = bin_batch(few, reader, grid)
    seconds = (time.perf_counter() - start) / len(few)
    spikes = (batch.steps.nbytes + batch.units.nbytes) / len(few)
    return Estimate(n * (COPIES * spikes + HELD_BESIDE), n * (spikes + KEPT_BESIDE), n * seconds)


def refuse_without_room(dataset: Split, few: Sequence[Recording], n: int, n_workers: int) -> None:
    """Refuses n recordings whose samples would fill memory or disk; where they will not, says how long they take if that is long.

    Args:
        dataset: whose recordings they are.
        few: some of them.
        n: number of all.
        n_workers: processes that will prepare them.

    Raises:
        DatasetError: says how much is needed and how much there is.
    """
    if n < LEAST_ESTIMATED:
        return
    needed = estimate(few, n, dataset.reader, dataset.grid)
    what = f"{dataset.title}: {n:,} {dataset.split}"
    lack = lack_of_memory(needed.memory) or lack_of_disk(needed.disk, dataset.processed_folder)
    if lack:
        fewer = f"--n_{dataset.split} (n_samples) or " if dataset.source == EMULATED else ""
        raise DatasetError(f"{what} samples need some {lack}; lower {fewer}--pattern_time")
    seconds = needed.seconds / n_workers
    if seconds > LONG:
        sizes = f"{in_gb(needed.memory)} of memory and {in_gb(needed.disk)} of disk"
        logger.info("%s samples are being prepared, in some %s, with %s", what, _in_words(seconds), sizes)


def _in_words(seconds: float) -> str:
    for unit, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:.0f} seconds"
