"""How training went: a row an update interval, and what is counted beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from common import NO_LABEL
from experiment.errors import UnusableError
from experiment.protocol.course import Course
from experiment.protocol.state import is_within
from experiment.protocol.training import Interval
from experiment.readouts import PROPORTION_WEIGHTING, READOUTS

COLUMNS = (
    "epoch", "n_seen", *READOUTS, "n_samples", "spikes_per_sample", "repetitions", "n_silent", "seconds",
)  # fmt: skip

Row = dict[str, float | int | None]


class Record:
    """Rows of update intervals, and sums over all of them.

    Args:
        n_train: training samples in an epoch.
        n_neurons: number of excitatory neurons.
        n_classes: number of classes.

    Attributes:
        rows: an update interval each, of `COLUMNS`.
        courses: running accuracy by read-out.
        confusion: training samples by class and by prediction of proportion weighting, int64 ``[n_classes, n_classes + 1]``, of
            which the last column has no answer.
        spikes_per_neuron: int64 ``[n_neurons]``.
    """

    def __init__(self, n_train: int, n_neurons: int, n_classes: int) -> None:
        self.rows: list[Row] = []
        self.courses = {name: Course(n_train) for name in READOUTS}
        self.confusion = torch.zeros(n_classes, n_classes + 1, dtype=torch.int64)
        self.spikes_per_neuron = torch.zeros(n_neurons, dtype=torch.int64)

    def add(self, interval: Interval) -> Row:
        """Go on by an update interval; its row."""
        total = interval.spike_counts.sum(0)
        row = {
            "epoch": interval.epoch + 1,
            "n_seen": interval.n_seen,
            **{name: interval.accuracy(name) for name in READOUTS},
            "n_samples": len(interval.labels),
            "spikes_per_sample": total.sum().item() / len(interval.labels),
            "repetitions": interval.repetitions,
            "n_silent": interval.n_silent,
            "seconds": round(interval.seconds, 3),
        }
        self._add(row)
        if interval.predictions is not None:
            found = interval.labels, interval.predictions[PROPORTION_WEIGHTING]
            self.confusion.index_put_(found, torch.tensor(1), accumulate=True)  # NO_LABEL, −1, is the last column
        self.spikes_per_neuron += total
        return row

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        for name, course in self.courses.items():
            course.add(row[name], row["n_samples"], row["n_seen"])

    def classified(self) -> tuple[np.ndarray, np.ndarray]:
        """True and predicted class of all training samples classified so far, sorted."""
        n_classes, sizes = len(self.confusion), self.confusion.flatten()
        cells = torch.arange(len(sizes)).repeat_interleave(sizes)
        labels, predictions = cells // (n_classes + 1), cells % (n_classes + 1)
        return labels.numpy(), predictions.where(predictions < n_classes, NO_LABEL).numpy()

    def state_dict(self) -> dict[str, Any]:
        """What the rows do not tell."""
        return {"confusion": self.confusion, "spikes_per_neuron": self.spikes_per_neuron}

    def load(self, state: dict[str, Any], rows: Sequence[Row]) -> None:
        """Go back to a state, which had these rows.

        Raises:
            UnusableError, KeyError: it is none of this run, or the rows do not fit it.
        """
        confusion, spikes = state["confusion"], state["spikes_per_neuron"]
        if confusion.shape != self.confusion.shape or spikes.shape != self.spikes_per_neuron.shape:
            raise UnusableError("it has other classes or neurons than this run")
        n_classified = sum(row["n_samples"] for row in rows if row[PROPORTION_WEIGHTING] is not None)
        if not (is_within(confusion, 0, n_classified) and is_within(spikes, 0)) or confusion.sum() != n_classified:
            raise UnusableError("what it counts of samples or spikes does not fit the rows of its intervals")
        self.confusion.copy_(confusion)
        self.spikes_per_neuron.copy_(spikes)
        for row in rows:
            self._add(row)
