"""About how long a sweep will take: its first runs, begun and broken off."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from common.machine import limit_cores
from experiment.command_line.signals import Interrupted
from experiment.door import train
from experiment.modality import Modality
from experiment.protocol.record import Row

MOST_MEASURED = 4  # runs
LONGEST = 3.0  # s that each of them may take, once its program is compiled


def seconds_of_runs(modality: Modality, runs: Sequence[tuple[Mapping[str, Any], int]]) -> tuple[float, int]:
    """What a run takes on average, s, in one thread, and how many were measured: a few, evenly spread.

    Args:
        modality: the sense.
        runs: the options of all of them, each with the number of samples that it presents.
    """
    last = len(runs) - 1
    places = sorted({round(place * last / (MOST_MEASURED - 1)) for place in range(MOST_MEASURED)})
    limit_cores(1)
    try:
        found = [_seconds_of(modality, *runs[place]) for place in places]
    finally:
        limit_cores(None)
    return sum(found) / len(found), len(found)


def _seconds_of(modality: Modality, options: Mapping[str, Any], n_samples: int) -> float:
    begun, rows = [], list[Row]()

    def watch(new: list[Row]) -> bool:
        begun.append(time.perf_counter())  # the first time with everything prepared
        rows.extend(new)
        return bool(rows) and begun[-1] - begun[0] > LONGEST

    try:
        run = train(modality, progress=False, watch=watch, **options)
    except Interrupted:
        pass
    else:
        return time.perf_counter() - begun[0] if begun else run.results["train_seconds"] + run.results["test_seconds"]
    # What is not seen is taken to go on as training did.
    return n_samples * rows[-1]["seconds"] / rows[-1]["n_seen"]
