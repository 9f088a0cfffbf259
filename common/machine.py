"""What the machine allows this process. Standard library only."""

from __future__ import annotations

import os


def available_cores() -> int:
    """Number of cores that this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def n_workers_of(n_workers: int) -> int:
    """Number of workers that is meant: −1 stands for one a core."""
    return available_cores() if n_workers == -1 else n_workers
