"""Evaluation passes: samples presented to a trained network, piece by piece, with nothing learning."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch

from bindsnet.engine import Presentation
from bindsnet.numbers.random import ELSEWHERE
from common.spike_trains import SpikeTrains
from experiment.model.network import SpikingNetwork
from experiment.protocol.pace import Pace
from experiment.protocol.training import repetitions_of
from experiment.readouts.readout import Readout

LARGEST_RASTER = 2**24  # values of all neurons in all steps, which the network keeps of a piece whose spikes it returns


@dataclass
class EvaluationPass:
    """A pass over samples with nothing learning.

    Args:
        network: the network.
        spike_trains: the samples.
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
    spike_trains: SpikeTrains
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
            yield self._advance()

    def prepare(self) -> None:
        """Have the network's program compiled, if it is not."""
        self.network.train(False)
        self._present(torch.arange(0))

    def take(self, piece: torch.Tensor, answer: Presentation) -> None:
        """Make something of the answer to the samples at these places, int64 ``[n]``."""
        raise NotImplementedError

    def counts_for(self, readout: Readout, piece: torch.Tensor, answer: Presentation) -> torch.Tensor:
        """Spike counts, of the samples at these places, of the layer that a read-out reads."""
        return self.spike_trains.select(piece).counts() if readout.reads_seen else answer.spike_counts

    def _advance(self) -> int:
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
        how = {"engine": self.engine, "n_workers": self.n_workers, "spike_times": self.spike_times}
        return self.network.answer(spikes, numbers, self.seed, self.stream, **how)
