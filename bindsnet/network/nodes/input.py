"""A population whose spikes come from outside the network."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from bindsnet.network.nodes.nodes import AbstractInput, Nodes
from bindsnet.numbers.ops import f32, flag


class Input(Nodes, AbstractInput):
    """Spikes as they are given; arguments as in :class:`Nodes`."""

    told_of_numbers = False  # whether it was said that what is given are numbers, which it takes for spikes

    def __init__(
        self,
        n: int | None = None,
        shape: Iterable[int] | None = None,
        traces: bool = False,
        traces_additive: bool = False,
        tc_trace: float | torch.Tensor = 20.0,
        trace_scale: float | torch.Tensor = 1.0,
        sum_input: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input, **kwargs)

    @staticmethod
    def step(drive: f32) -> tuple[flag]:
        """The spikes of this step: whatever is not 0."""
        return (drive != 0,)
