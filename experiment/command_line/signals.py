"""Ctrl-C and SIGTERM: a run is stopped between two samples, not within one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
FATAL = 128  # shells count the status of what a signal ended from here


class Interrupted(KeyboardInterrupt):
    """The run was told to stop.

    Args:
        signum: number of the signal; that of Ctrl-C where the program itself told it to.
        saved: whether `--resume` goes on from here.
    """

    def __init__(self, signum: int = signal.SIGINT, saved: bool = False) -> None:
        super().__init__(signal.Signals(signum).name)
        self.status = FATAL + signum
        self.saved = saved


class Signals:
    """Within its `with` statement both signals raise `Interrupted`: at once, or, while deferred, are kept in `received`.

    The first signal counts, since some senders repeat theirs. Only a process's main thread receives signals.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self.is_deferred = False

    def __enter__(self) -> Signals:
        main = threading.current_thread() is threading.main_thread()
        self.former = {number: signal.signal(number, self._receive) for number in (SIGNALS if main else ())}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.former.items():
            signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """While this lasts, signals wait for someone to look at `received`."""
        self.is_deferred = True
        try:
            yield
        finally:
            self.is_deferred = False

    def heed(self) -> None:
        """Stop if a signal has come while they were deferred.

        Raises:
            Interrupted: one has.
        """
        if self.received is not None:
            raise Interrupted(self.received)

    def _receive(self, number: int, _: FrameType | None) -> None:
        if self.received is None:
            self.received = number
            if not self.is_deferred:
                raise Interrupted(number)
