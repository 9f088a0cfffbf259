"""Showing samples to a trained network, piece by piece: nothing learns."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch

from bindsnet.engine import Presentation
from bindsnet.numbers.random import ELSEWHERE, TESTING
from common import NO_LABEL
from experiment.checkpoint import is_within
from experiment.errors import UnusableError
from experiment.network import SpikingNetwork
from experiment.options import READOUTS
from experiment.protocol import Labelled, Pace, accuracy, classify, present, repetitions_of
from experiment.readouts import Readout

TEST_BLOCK = 64  # samples that are classified together
TESTING_NUMBERS = ("n_done", "n_spikes", "repetitions", "seconds")
LARGEST_RASTER = 2**24  # values of all neurons in all steps, which the network keeps of a piece whose spikes it returns


@dataclass
class Showing:
    """A pass over samples with nothing learning.

    Args:
        network: the network.
        spike_trains: the samples (``datasets.SpikeTrains``).
        labels: their labels, int64 ``[n]``.
        numbers: their indices in the data set, which random choices depend on, int64 ``[n]``.
        seed: seed of random choices in the network.
        engine: what runs the network, as :meth:`bindsnet.network.Network.present` takes it.
        n_workers: threads over which the samples are spread.
        readouts: read-outs beyond those that are always there, by name.

    Attributes:
        n_done: samples presented so far.
        n_spikes: spikes of the excitatory neurons in them.
        repetitions: presentations beyond one a sample.
        seconds: time spent presenting them.
    """

    stream: ClassVar[int] = ELSEWHERE

    network: SpikingNetwork
    spike_trains: object
    labels: torch.Tensor
    numbers: torch.Tensor
    seed: int
    engine: str = "auto"
    n_workers: int = 1
    readouts: Mapping[str, Readout] = field(default_factory=dict)
    n_done: int = field(default=0, init=False)
    n_spikes: int = field(default=0, init=False)
    repetitions: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.n_workers)
        self.spike_times = any(readout.needs_spike_times for readout in self.readouts.values())

    def __iter__(self) -> Iterator[int]:
        """Go on; yields the number of samples of each piece."""
        self.prepare()  # before time counts
        while self.n_done < len(self.labels):
            yield self._show()

    def prepare(self) -> None:
        """Have the network's program compiled, if it is not."""
        self.network.train(False)
        self._present(torch.arange(0))

    def take(self, piece: torch.Tensor, answer: Presentation) -> None:
        """Make something of the answer to the samples at these places, int64 ``[n]``."""
        raise NotImplementedError

    def _show(self) -> int:
        started = time.perf_counter()
        n = self.pace.n
        if self.spike_times:
            n = min(n, max(1, LARGEST_RASTER // (self.network.n_neurons * self.spike_trains.n_steps)))
        piece = torch.arange(self.n_done, min(self.n_done + n, len(self.labels)))
        answer = self._present(piece)
        self.seconds += time.perf_counter() - started
        self.n_done += len(piece)
        self.n_spikes += int(answer.spike_counts.sum())
        self.repetitions += repetitions_of(answer.n_presentations)
        self.take(piece, answer)
        self.pace.adapt(len(piece), time.perf_counter() - started)
        return len(piece)

    def _present(self, piece: torch.Tensor) -> Presentation:
        spikes, numbers = self.spike_trains.select(piece), self.numbers[piece].tolist()
        how = self.seed, self.stream, self.engine, self.n_workers, self.spike_times
        return present(self.network, spikes, numbers, *how)


@dataclass
class Testing(Showing):
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
            self.predictions[name][piece] = readout.predict(answer.spike_counts, answer.spike_trains)
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


def classify_blocks(counts: torch.Tensor, known: Labelled) -> dict[str, torch.Tensor]:
    """Predictions as of `classify`, always of the same samples together, so that votes are rounded alike."""
    blocks = [classify(block, known) for block in counts.split(TEST_BLOCK)]
    return {name: torch.cat([block[name] for block in blocks]) for name in READOUTS}
