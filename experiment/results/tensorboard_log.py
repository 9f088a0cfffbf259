"""How a run goes, as TensorBoard shows it (``--tensorboard``): event files in the run's folder, by torch's own writer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from experiment.command_line.options import Options, in_words
from experiment.protocol.record import Row
from experiment.readouts import READOUTS
from experiment.results.folder import event_files

FLUSH_AFTER = 10  # s, so that whoever looks on sees what is new
ACTIVITY = ("spikes_per_sample", "repetitions", "n_silent")


class TensorBoardLog:
    """The log of a run; what an earlier part of it wrote is replaced, since ``metrics.csv`` has all rows that are valid.

    Args:
        folder: the run's folder.
        name: of the run, which ends the file's name.
    """

    def __init__(self, folder: Path, name: str) -> None:
        from torch.utils.tensorboard import SummaryWriter

        for entry in event_files(name, os.listdir(folder)):
            (folder / entry).unlink()
        self.writer = SummaryWriter(str(folder), flush_secs=FLUSH_AFTER, filename_suffix=f".{name}")
        self.n_seen = 0

    def add(self, row: Row) -> None:
        """Add what the row of an update interval says."""
        self.n_seen = row["n_seen"]
        self._add("running_accuracy", {name: row[name] for name in READOUTS if row[name] is not None})
        self._add("activity", {name: row[name] for name in ACTIVITY})

    def finish(self, options: Options, accuracies: Mapping[str, float]) -> None:
        """Add the accuracies of the test, and the options that they belong to."""
        from torch.utils.tensorboard.summary import hparams

        self._add("test_accuracy", accuracies)
        given = {f.name: getattr(options, f.name) for f in fields(options) if f.metadata["shapes"]}
        values = {name: each if isinstance(each, bool | int | float) else in_words(each) for name, each in given.items()}
        metrics = {f"test_accuracy/{name}": percent for name, percent in accuracies.items()}
        # As the writer's own add_hparams, which would put them into a folder of their own.
        for summary in hparams(values, metrics):
            self.writer.file_writer.add_summary(summary)

    def close(self) -> None:
        """Write what is not yet written."""
        self.writer.close()

    def _add(self, group: str, numbers: Mapping[str, float]) -> None:
        for name, number in numbers.items():
            self.writer.add_scalar(f"{group}/{name}", number, self.n_seen)
