"""The first layers of a network, whose last one's spikes are the input of the next."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from bindsnet.network import Network
from bindsnet.numbers.random import ELSEWHERE, TRAINING
from common.spike_trains import SpikeTrains

NO_LEAK = {"rest": 0.0, "reset": 0.0, "refrac": 0, "tc_decay": float("inf")}  # of neurons that only gather
PIECE = 64  # samples that are presented together; each answers as if it came alone


class FeatureNetwork(Network):
    """Layers that turn a sensor's spikes into those of features.

    Args:
        dt: time step, ms.

    Attributes:
        output: name of the layer whose spikes go on.
        learned: name of the layer that learns; None where none does.
        drawn: what :meth:`drawn_back` shows, in words.
        settings: what its layers were made with, by name of the option, and which kind they are.
    """

    output: str
    learned: str | None = None
    drawn: str
    settings: Mapping[str, Any]

    @property
    def n_features(self) -> int:
        """Number of neurons whose spikes go on."""
        return self.layers[self.output].n

    @property
    def arrays(self) -> dict[str, torch.Tensor]:
        """What was learned, by the names of a run's file; tensors of the network itself."""
        weights = {target: connection.w for (_, target), connection in self.connections.items() if connection.learns}
        return {f"features_{target}": w for target, w in weights.items()}

    def learn(self, spike_trains: SpikeTrains, numbers: Sequence[int], seed: int, engine: str) -> SpikeTrains:
        """Present samples with everything learning; what features make of them meanwhile."""
        self.train(True)
        how = {"samples": numbers, "seed": seed, "stream": TRAINING, "engine": engine, "spike_times": True}
        return self.present(spike_trains, layer=self.output, **how).spike_trains

    def see(self, spike_trains: SpikeTrains, seed: int, engine: str, n_workers: int = 1) -> SpikeTrains:
        """What features make of samples, with nothing learning: the same of a sample, whatever others there are."""
        self.train(False)
        how = {"seed": seed, "stream": ELSEWHERE, "engine": engine, "n_workers": n_workers, "spike_times": True}
        numbers = [0] * spike_trains.n_samples
        return self.present(spike_trains, layer=self.output, samples=numbers, **how).spike_trains

    @abstractmethod
    def drawn_back(self, w: torch.Tensor) -> tuple[torch.Tensor, tuple[int, int]]:
        """Weights of neurons that see the features as something to look at.

        Args:
            w: ``[n_features, n_neurons]``.

        Returns:
            Numbers ``[n_polarities * rows * columns, n_neurons]``, ON before OFF, and (rows, columns).
        """

    def summary(self) -> str:
        """The layers in a line."""
        return " → ".join(f"{name} {'×'.join(map(str, layer.shape))}" for name, layer in self.layers.items())


def joined(parts: Sequence[SpikeTrains]) -> SpikeTrains:
    """The samples of several spike trains of the same units and steps, one after the other."""
    pointers, last = [torch.zeros(1, dtype=torch.int64)], 0
    for part in parts:
        pointers.append(part.pointers[1:] + last)
        last += int(part.pointers[-1])
    steps, units = (torch.cat([getattr(part, name) for part in parts]) for name in ("steps", "units"))
    return SpikeTrains(torch.cat(pointers), steps, units, parts[0].n_steps, parts[0].n_units)
