"""What the machine allows this process. Standard library only."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

MEBIBYTE = 2**20

_most_cores: int | None = None


def available_cores() -> int:
    """Number of cores that this process may use, at least 1."""
    n = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return n if _most_cores is None else min(n, _most_cores)


def limit_cores(n: int | None) -> None:
    """Let this process use so many cores at the most, where it is one of several that share them; None for no such limit."""
    global _most_cores
    _most_cores = n


def n_workers_of(n_workers: int) -> int:
    """Number of workers that is meant: −1 stands for one a core."""
    return available_cores() if n_workers == -1 else n_workers


def peak_memory_mb() -> float:
    """The largest memory that this process has had, MB of 2**20 bytes."""
    # Linux counts to the usage of a process what the one that started it had; its status does not.
    with suppress(OSError, StopIteration), open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / MEBIBYTE for line in status if line.startswith("VmHWM:"))
    import resource  # not on every system

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MEBIBYTE if sys.platform == "darwin" else peak * 1024 / MEBIBYTE
