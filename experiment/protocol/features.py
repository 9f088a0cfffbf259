"""Training of the layers before the one that is read out, and what they make of samples."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from common.spike_trains import SpikeTrains
from experiment.errors import UnusableError
from experiment.model.features.network import PIECE, FeatureNetwork, joined
from experiment.model.parameters import LENGTH_OF_WEIGHTS
from experiment.protocol.pace import Pace
from experiment.protocol.sampling import epoch_order
from experiment.protocol.state import as_saved, is_within

GLANCE = 256  # samples


@dataclass
class FeatureTraining:
    """Training of features, piece by piece.

    Args:
        network: the layers.
        spike_trains: the training samples.
        n_epochs: passes over those that features learn from.
        share: the share of the samples that they learn from.
        seed: seed of the order of samples and of random choices.
        engine: what runs the network, as :meth:`bindsnet.network.Network.present` takes it.
        n_workers: threads over which samples are spread once nothing learns.
        together: whether they learn while the next layer does; then nothing is to be done before.
        frozen: whether they stay as they are.

    Attributes:
        n_seen: samples that they have learned from, over all epochs.
        seconds: time spent on it.
    """

    network: FeatureNetwork
    spike_trains: SpikeTrains
    n_epochs: int
    share: float
    seed: int
    engine: str = "auto"
    n_workers: int = 1
    together: bool = False
    frozen: bool = False
    n_seen: int = 0
    seconds: float = 0.0
    pace: Pace = field(default_factory=Pace)

    @property
    def n_train(self) -> int:
        """Number of samples of an epoch."""
        return math.ceil(self.share * self.spike_trains.n_samples)

    @property
    def n_total(self) -> int:
        """Number of samples to learn from before the next layer, over all epochs."""
        return 0 if self.frozen or self.together or self.network.learned is None else self.n_train * self.n_epochs

    def __iter__(self) -> Iterator[int]:
        """Train on; yields the number of samples of each piece."""
        while self.n_seen < self.n_total:
            started = time.perf_counter()
            epoch, position = divmod(self.n_seen, self.n_train)
            order = epoch_order(self.spike_trains.n_samples, self.seed, epoch)[: self.n_train]
            piece = order[position:][: self.pace.n]
            self.learn(self.spike_trains.select(piece), range(self.n_seen, self.n_seen + len(piece)))
            self.n_seen += len(piece)
            seconds = time.perf_counter() - started
            self.seconds += seconds
            self.pace.adapt(len(piece), seconds)
            yield len(piece)

    @property
    def nothing(self) -> SpikeTrains:
        """What features make of no sample."""
        nowhere = torch.zeros(0, dtype=torch.int32)
        return SpikeTrains(
            torch.zeros(1, dtype=torch.int64), nowhere, nowhere, self.spike_trains.n_steps, self.network.n_features
        )

    def prepare(self) -> None:
        """Have the layers' programs compiled, if they are not."""
        nothing = self.spike_trains.select([])
        if self.n_seen < self.n_total or self.together:
            self.learn(nothing, [])
        self.network.see(nothing, self.seed, self.engine)

    def learn(self, spike_trains: SpikeTrains, numbers: Sequence[int]) -> SpikeTrains:
        """Learn from samples; what features make of them meanwhile."""
        return self.network.learn(spike_trains, numbers, self.seed, self.engine)

    def see(self, spike_trains: SpikeTrains) -> Iterator[SpikeTrains]:
        """What features make of samples, piece by piece."""
        for piece in torch.arange(spike_trains.n_samples).split(PIECE * self.n_workers):
            yield self.network.see(spike_trains.select(piece), self.seed, self.engine, self.n_workers)

    def glance(self) -> SpikeTrains:
        """What they make of some samples, as they are now."""
        return self.seen(self.spike_trains.select(torch.arange(min(GLANCE, self.spike_trains.n_samples))))

    def seen(self, spike_trains: SpikeTrains) -> SpikeTrains:
        """What features make of samples, all at once."""
        return joined([self.nothing, *self.see(spike_trains)])

    def state_dict(self) -> dict[str, Any]:
        """All that training has changed."""
        return {"n_seen": self.n_seen, "seconds": self.seconds, "network": as_saved(self.network.state_dict())}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state.

        Raises:
            UnusableError, RuntimeError, KeyError: it is none of this training.
        """
        if not 0 <= state["n_seen"] <= self.n_total:
            raise UnusableError(f"{state['n_seen']} samples that features have learned from do not fit this run")
        self.network.load_state_dict(state["network"])
        self.n_seen, self.seconds = state["n_seen"], state["seconds"]
        if not all(is_within(w, 0, LENGTH_OF_WEIGHTS) for w in self.network.arrays.values()):
            raise UnusableError("it holds weights of features that no run reaches")
