"""What baselines see of a sample: how often each input spiked in all of it, brought to one length."""

from __future__ import annotations

import math

import torch

from common.spike_trains import SpikeTrains
from experiment.baselines.names import ACTIVE, ROOT

BLOCK = 1024  # samples counted together


def vectors_of(spikes: SpikeTrains, counts: str = ROOT) -> torch.Tensor:
    """Spike counts as vectors whose mean square is 1; zeros of a silent sample.

    Args:
        spikes: of all samples.
        counts: what is taken of an input, one of `COUNTS`. The square root keeps what fires most from outweighing the rest.

    Returns:
        float32 ``[n_samples, n_units]``.
    """
    found = torch.zeros(spikes.n_samples, spikes.n_units)
    for first in range(0, spikes.n_samples, BLOCK):
        block = found[first : first + BLOCK]
        block.copy_(spikes.select(torch.arange(first, first + len(block))).counts())
    if counts == ROOT:
        found.sqrt_()
    elif counts == ACTIVE:
        found.clamp_(max=1)
    lengths = torch.linalg.vector_norm(found, dim=1, keepdim=True)
    return found.mul_(math.sqrt(spikes.n_units)).div_(torch.where(lengths > 0, lengths, 1.0))
