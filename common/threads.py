"""How many threads torch computes with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_lock = threading.Lock()
_n_inside = 0
_before = 0


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """While this lasts, torch computes in one thread, in which small tensors are fastest and sums always the same.

    Several threads may be within it; whoever leaves has the number of before the first came.
    """
    global _n_inside, _before
    with _lock:
        # Asked in any case: a thread takes the number that was set last when it first asks, even after it has set its own.
        found = torch.get_num_threads()
        if _n_inside == 0:  # else a new thread is told the 1 of the others
            _before = found
        _n_inside += 1
    try:
        torch.set_num_threads(1)
        yield
    finally:
        with _lock:
            _n_inside -= 1
        torch.set_num_threads(_before)
