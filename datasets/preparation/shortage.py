"""What to say where memory does not suffice. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from common.terminal import lacks_memory
from datasets.errors import DatasetError


@contextmanager
def memory_for(what: str) -> Iterator[None]:
    """Within it, a lack of memory is told in a line.

    Raises:
        DatasetError: memory did not suffice for what is named.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not lacks_memory(error):
            raise
        raise DatasetError(
            f"{what}: not enough memory; take fewer or shorter recordings, a shorter --pattern_time or a longer --dt"
        ) from error
