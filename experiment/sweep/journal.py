"""What became of runs that did not finish: a line each, in the sweep's folder. Standard library only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import BinaryIO

from experiment.errors import OptionError
from experiment.sweep.jobs import FAILED, STOPPED, Outcome

JOURNAL = "ended.jsonl"
AGAIN = "tried again"


class Journal:
    """The file, which grows by a line for each run that failed or was stopped early; the last line about a run counts.

    Args:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ended = self._read()

    def _read(self) -> dict[str, Outcome]:
        """What is kept, by run; a line cut off by a power cut counts as missing.

        Raises:
            OptionError: it cannot be read.
        """
        try:
            lines = self.path.read_bytes().splitlines() if self.path.exists() else []
        except OSError as error:
            raise OptionError([f"{self.path}: {error.strerror}"]) from None
        kept = {}
        for line in lines:
            try:
                run, state, reason = json.loads(line)
            except ValueError:
                continue
            kept[str(run)] = Outcome(state, str(reason))
        return {run: outcome for run, outcome in kept.items() if outcome.state in (FAILED, STOPPED)}

    def add(self, run: str, outcome: Outcome) -> None:
        """Keep what became of a run, and bring it to the disk.

        Raises:
            OSError: it cannot be written.
        """
        self.ended[run] = outcome
        self._write(run, outcome)

    def forget(self, run: str) -> None:
        """The run begins anew; errors as of `add`."""
        if self.ended.pop(run, None) is not None:
            self._write(run, Outcome(AGAIN))

    def _write(self, run: str, outcome: Outcome) -> None:
        with self.path.open("ab+") as file:
            is_cut_off = file.seek(0, os.SEEK_END) > 0 and _last_byte(file) != b"\n"
            file.write(b"\n" * is_cut_off + json.dumps([run, *outcome]).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)
