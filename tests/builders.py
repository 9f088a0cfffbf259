"""What several tests build."""

from __future__ import annotations

import torch

from bindsnet.engine import SpikeTrains
from experiment.network import SpikingNetwork


def small_network(n_inputs: int = 20, n_neurons: int = 6, **options) -> SpikingNetwork:
    """The standard network, small, with weights large enough that a few inputs make it fire."""
    network = SpikingNetwork(n_inputs, n_neurons, **options)
    network.w.uniform_(0.5, 1.0, generator=torch.Generator().manual_seed(1))
    return network


def random_trains(n_samples: int = 5, n_steps: int = 60, n_units: int = 20, rate: float = 0.15, seed: int = 0) -> SpikeTrains:
    """Spike trains in which every unit fires with the same probability in every step."""
    generator = torch.Generator().manual_seed(seed)
    return SpikeTrains.from_dense(torch.rand(n_samples, n_steps, n_units, generator=generator) < rate)
