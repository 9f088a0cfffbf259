"""The resources of depressing synapses."""

from __future__ import annotations

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import real_number
from bindsnet.numbers.decay import decay_factor
from bindsnet.numbers.depression import recover, use_up
from bindsnet.numbers.ops import as_array, where


class Resources(torch.nn.Module):
    """What is left of the resources of each source neuron's synapses: part of its connection, saved, loaded and moved with it.

    Args:
        n_sources: number of source neurons.
        depression: the part of them that a spike uses up, from 0 to 1.
        tc_recovery: time constant of their recovery, ms; inf is none.

    Attributes:
        left: the share that is left, float32 ``[batch_size, n_sources]``, 1 after a reset.
        used: ``depression`` as functions take it.
        recovery: the share of what is missing that a time step brings back.
    """

    def __init__(self, n_sources: int, depression: float, tc_recovery: float) -> None:
        super().__init__()
        self.depression, self.tc_recovery = depression, tc_recovery
        self.used = torch.tensor(depression, dtype=torch.float32)
        self.register_buffer("left", torch.ones(1, n_sources))
        self.compute_recovery(1.0)

    def compute_recovery(self, dt: float) -> None:
        """Reckon with this time step, ms; computed in float64 and rounded once."""
        self.recovery = (1.0 - decay_factor(dt, torch.tensor(self.tc_recovery))).float()

    def set_batch_size(self, batch_size: int) -> None:
        """Have room for this many samples at a time; where there was for another number, all is there again."""
        if len(self.left) != batch_size:
            self.left = torch.ones(batch_size, self.left.shape[1], device=self.left.device)

    def reset(self) -> None:
        """Between samples: all is there again."""
        self.left.fill_(1.0)

    @property
    def at_rest(self) -> bool:
        """Whether all is there."""
        return bool((self.left == 1.0).all())

    def check(self, n_sources: int) -> None:
        """See that what is left, which anyone may replace, is of these source neurons.

        Raises:
            NetworkError: it has another shape or type.
        """
        left = self.left
        if left.dim() != 2 or left.shape[1] != n_sources or left.dtype != torch.float32 or not left.is_contiguous():
            expected = f"[batch_size, {n_sources}] of {torch.float32}"
            raise NetworkError(f"resources are a contiguous tensor {expected}, got {list(left.shape)}, {left.dtype}")

    def release(self, s: torch.Tensor) -> torch.Tensor:
        """One time step on: what the spikes that arrive count for, float32 in the shape of ``s``; 0 where there is none.

        Args:
            s: spikes of the source, bool ``[batch_size, *shape]``.
        """
        self.set_batch_size(len(s))
        left, spikes = as_array(self.left), as_array(s).reshape(self.left.shape)
        found = recover(left, as_array(self.recovery))
        left[...] = where(spikes, use_up(found, as_array(self.used)), found)
        return torch.as_tensor(where(spikes, found, 0.0)).view(s.shape)


def checked(depression: float, tc_recovery: float) -> tuple[float, float]:
    """Both as numbers in their range.

    Raises:
        NetworkError: one is none.
    """
    used, tc = real_number(depression), real_number(tc_recovery)
    if used is None or not 0 <= used <= 1:
        raise NetworkError(f"depression is the part of its resources that a spike uses up, from 0 to 1, got {depression!r}")
    if tc is None or not tc > 0:
        raise NetworkError(f"tc_recovery is a time constant above 0 ms, inf if nothing recovers, got {tc_recovery!r}")
    return float(used), float(tc)
