"""A population whose spikes come from outside the network."""

from __future__ import annotations

from bindsnet.network.nodes.nodes import AbstractInput, Nodes
from bindsnet.numbers.ops import f32, flag


class Input(Nodes, AbstractInput):
    """Spikes as they are given; arguments as in :class:`Nodes`."""

    told_of_numbers = False  # whether it was said that what is given are numbers, which it takes for spikes

    @staticmethod
    def step(drive: f32) -> tuple[flag]:
        """The spikes of this step: whatever is not 0."""
        return (drive != 0,)
