"""Data sets that the runs of a process share: opened and checked once for all of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

from datasets.dataset import EventDataset

MOST_KEPT = 16  # splits; of more, those that have not been asked for longest are let go

_lock = threading.Lock()  # held while one is opened: whoever asks for the same then finds it
_kept: OrderedDict[Hashable, EventDataset] = OrderedDict()
_n_keepers = 0


@contextmanager
def kept_data() -> Iterator[None]:
    """Meanwhile the data sets that runs of this process open are kept, and found again by all that ask for the same data.

    A change of their files is not noticed meanwhile.
    """
    global _n_keepers
    with _lock:
        _n_keepers += 1
    try:
        yield
    finally:
        with _lock:
            _n_keepers -= 1
            if not _n_keepers:
                _kept.clear()


def opened(key: Hashable, open_anew: Callable[[], EventDataset]) -> EventDataset:
    """The data set that a key stands for: the one that is kept, of which is said again what is doubtful, or a new one."""
    if not _n_keepers:
        return open_anew()
    key = Path.cwd(), key  # paths in it may be relative
    with _lock:
        found = _kept.get(key)
        if found is None:
            _kept[key] = dataset = open_anew()
            if len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
            return dataset
        _kept.move_to_end(key)
    found.tell_doubts()
    return found
