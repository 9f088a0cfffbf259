"""Delays that learning moves: each synapse has its own, a number of steps that need not be whole.

A spike takes the nearest whole number of steps, so what a rule changes little by little shows once it amounts to a step.
"""

from __future__ import annotations

import torch

from bindsnet.errors import NetworkError


def add_runs_of_delay(drive, w, pointers, targets, weights, lengths, steps, delay, fired, first, last):
    """Runs of synapses: add the weights of those with this delay, from the units that fired, unit by unit."""
    for k in range(first, last):
        for r in range(pointers[fired[k]], pointers[fired[k] + 1]):
            for s in range(lengths[r]):
                if steps[weights[r] + s] == delay:
                    drive[targets[r] + s] += w[weights[r] + s]


class MovingDelays(torch.nn.Module):
    """Delays of synapses, part of their connection: saved, loaded and moved with it.

    Args:
        delays: one for each weight, in the weights' shape, in steps.
        longest: what none may exceed, steps.

    Attributes:
        exact: the delays, float32 in the weights' shape.
    """

    def __init__(self, delays: torch.Tensor, longest: int) -> None:
        super().__init__()
        self.longest = longest
        self.register_buffer("exact", delays.to(torch.float32, copy=True))

    @property
    def steps(self) -> torch.Tensor:
        """The whole numbers of steps that spikes take, int32 in the weights' shape."""
        return (self.exact + 0.5).floor().to(torch.int32)

    @property
    def in_range(self) -> bool:
        """Whether they are all from 1 to the longest."""
        return bool(((self.exact >= 1) & (self.exact <= self.longest)).all())

    def check(self, shape: torch.Size) -> None:
        """See that the delays, which anyone may replace, are what they were.

        Raises:
            NetworkError: they have another shape or type, or one is out of range.
        """
        exact = self.exact
        if exact.shape != shape or exact.dtype != torch.float32 or not exact.is_contiguous():
            raise NetworkError(f"delays are contiguous float32 {list(shape)}, got {list(exact.shape)}, {exact.dtype}")
        if not self.in_range:
            raise NetworkError(f"delays are from 1 to {self.longest} steps, got {exact.min():g} to {exact.max():g}")
