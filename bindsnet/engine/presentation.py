"""What a presentation of samples is: when it is repeated, and what it returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from bindsnet.engine.spike_trains import SpikeTrains
from bindsnet.errors import NetworkError


@dataclass(frozen=True)
class Repetition:
    """Present a sample again, with a stronger input, while the counted layer spikes too little (Diehl & Cook 2015).

    Attributes:
        connection: (source, target) of the connection whose weight factor grows.
        min_spikes: fewer spikes than these repeat the presentation.
        first_factor: weight factor of the first presentation.
        growth: the factor is multiplied by it (in float32) for each further one.
        max_presentations: at most so many presentations of a sample.
    """

    connection: tuple[str, str]
    min_spikes: int = 2
    first_factor: float = 1.0
    growth: float = 1.2
    max_presentations: int = 5

    def __post_init__(self) -> None:
        if self.max_presentations < 1:
            raise NetworkError(f"a sample is presented at least once, got max_presentations={self.max_presentations}")

    def factors(self) -> Iterator[float]:
        """The weight factors of the presentations, in order."""
        factor = np.float32(self.first_factor)
        for _ in range(self.max_presentations):
            yield float(factor)
            factor = np.float32(factor * np.float32(self.growth))


class Presentation(NamedTuple):
    """What a block of samples did to a network.

    Attributes:
        spike_counts: int32 ``[n_samples, n_neurons]``: spikes of the counted layer in each sample's last presentation.
        n_presentations: int64 ``[n_samples]``: how often each sample was presented.
        spike_trains: the spikes themselves, in each sample's last presentation, if asked for.
    """

    spike_counts: torch.Tensor
    n_presentations: torch.Tensor
    spike_trains: SpikeTrains | None = None
