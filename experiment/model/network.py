"""What all models are to the protocol: a network of one layer that is read out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import torch

from bindsnet.engine import Presentation
from bindsnet.network import Network
from common.spike_trains import SpikeTrains

INPUT, EXCITATORY = "Input", "Excitatory"


class SpikingNetwork(Network):
    """A network whose excitatory neurons learn by what comes from its input, and are read out.

    Attributes:
        n_neurons: number of excitatory neurons.
        w_max: the largest weight from an input that learning reaches.
        theta_least: the least θ that there is.
    """

    w_max: float
    theta_least: ClassVar[float] = 0.0

    def __init__(self, n_neurons: int, dt: float) -> None:
        super().__init__(dt=dt)
        self.n_neurons = n_neurons

    @property
    def w(self) -> torch.Tensor:
        """Weights from input to excitatory neurons, ``[n_inputs, n_neurons]``."""
        return self.connections[INPUT, EXCITATORY].w

    @property
    def theta(self) -> torch.Tensor:
        """What the thresholds of the excitatory neurons have risen by, ``[n_neurons]``."""
        return self.layers[EXCITATORY].theta

    @property
    def arrays(self) -> dict[str, torch.Tensor]:
        """All that a trained network is, by the names of its file; tensors of the network itself."""
        return {"w": self.w, "theta": self.theta}

    @abstractmethod
    def answer(self, spike_trains: SpikeTrains, numbers: Sequence[int], seed: int, stream: int, **how: Any) -> Presentation:
        """What excitatory neurons answer to samples.

        Args:
            spike_trains: the samples.
            numbers: a number for each, on which random choices depend.
            seed: seed of random choices.
            stream: stream of random choices (:mod:`bindsnet.numbers.random`).
            how: engine, threads and what is returned, as :meth:`bindsnet.network.Network.present` takes it.
        """

    def calibrate(self, spike_trains: SpikeTrains) -> None:
        """Take from the training samples what must be known of them before; no label is looked at."""

    def end_map_formation(self) -> None:
        """Make the inhibition of a self-organising map uniform; nothing to do without one."""

    def summary(self) -> str:
        """The network in a line."""
        lateral = type(list(self.connections.values())[-1]).__name__
        layers = " → ".join(f"{name} {layer.n:,}" for name, layer in self.layers.items())
        return f"{layers}, {self.w.numel():,} plastic weights, inhibition by {lateral}"
