"""The test of a trained network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch

from bindsnet.engine import Presentation
from bindsnet.numbers.random import TESTING
from common import NO_LABEL
from experiment.errors import UnusableError
from experiment.protocol.evaluation import EvaluationPass
from experiment.protocol.state import is_within
from experiment.readouts import READOUTS
from experiment.readouts.labels import Labelled, accuracy, classify_blocks

TESTING_NUMBERS = ("n_done", "n_spikes", "repetitions", "seconds")


@dataclass
class Testing(EvaluationPass):
    """Test of a trained network.

    Args:
        known: labels of its neurons.

    Attributes:
        counts: spike counts, int32 ``[n_test, n_neurons]``.
        predictions: by read-out, int64 ``[n_test]``; of those that are always there once all samples have been presented.
    """

    stream: ClassVar[int] = TESTING

    known: Labelled = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        n_test = len(self.labels)
        self.counts = torch.zeros(n_test, self.network.n_neurons, dtype=torch.int32)
        self.predictions = {name: torch.full((n_test,), NO_LABEL) for name in (*READOUTS, *self.readouts)}

    def take(self, piece: torch.Tensor, answer: Presentation) -> None:
        """Keep the counts, and what further read-outs say; the others answer at the end."""
        self.counts[piece] = answer.spike_counts
        for name, readout in self.readouts.items():
            self.predictions[name][piece] = readout.predict(self.counts_for(readout, piece, answer), answer.spike_trains)
        if self.n_done == len(self.labels):
            self.predictions |= classify_blocks(self.counts, self.known)

    def state_dict(self) -> dict[str, Any]:
        """All that testing has changed."""
        numbers = {name: getattr(self, name) for name in TESTING_NUMBERS}
        return numbers | {"counts": self.counts[: self.n_done].clone(), "predictions": self.predictions}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state.

        Raises:
            UnusableError, KeyError: it is none of this test.
        """
        n_done, counts, predictions = state["n_done"], state["counts"], state["predictions"]
        shapes = {name: found.shape for name, found in predictions.items()}
        expected = {name: found.shape for name, found in self.predictions.items()}
        if shapes != expected or n_done > len(self.labels) or counts.shape != (n_done, self.network.n_neurons):
            raise UnusableError(f"{n_done} samples tested do not fit this run")
        largest = self.known.n_labels - 1
        if not (is_within(counts, 0) and all(is_within(found, NO_LABEL, largest) for found in predictions.values())):
            raise UnusableError("it holds spike counts or predictions that no test gives")
        for name in TESTING_NUMBERS:
            setattr(self, name, state[name])
        self.counts[:n_done] = counts
        self.predictions = {name: found.clone() for name, found in predictions.items()}

    def accuracies(self) -> dict[str, float]:
        """Percentage of right predictions by read-out."""
        return {name: accuracy(found, self.labels) for name, found in self.predictions.items()}

    def n_without_answer(self, readout: str) -> int:
        """Number of samples for which no labelled neuron fired."""
        return int((self.predictions[readout] == NO_LABEL).sum())
