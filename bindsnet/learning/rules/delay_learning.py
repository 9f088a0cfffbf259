"""Learning of delays: spikes of many sources come to arrive together with the spike of their target.

When target neuron j fires a steps after the last spike of source i, a from 1 to the longest delay: Δd_ij = ν_d (a − d_ij).
With the delay a the spike would have arrived in the very step in which j fired. One that came too early (d < a) takes longer
from now on, one that was still under way (d > a) less long. A delay follows the mean of the last 1/ν_d such a, and what is a
pattern in time at the sources becomes a coincidence at the target. (Delay shift: Huening, Gluender & Palm 1998, Neural
Computation 10:555; Eurich, Pawelzik, Ernst, Cowan & Milton 1999, Phys. Rev. Lett. 82:1594; here with a window that is linear.)
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from bindsnet.learning.rules.declared_rule import checked_share
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32

DELAY_RATE = 0.1  # ν_d: within ten spikes of the target two thirds of the way


class DelayLearning(LearningRule):
    """Delays move towards those with which spikes arrive as their target fires; weights stay as they are.

    To learn both, give the class of a rule for weights this one's ``shift``: ``class Both(DelayLearning, PostPre)``.

    Args:
        connection: the connection, with a weight for each synapse; its ``delay`` is where learning begins.
        nu, reduction, weight_decay: as in :class:`LearningRule`; the learning rates are those of weights.
        delay_rate: ν_d, the share of what is missing that a spike of the target makes up for, from 0 to 1.
        longest_delay: what delays may become, steps; the shortest is 1. Those given may be longer, and bound it then.

    Raises:
        NetworkError: as :class:`LearningRule`, one of the two is out of its range, or, when the connection is added to a network,
            synapses share weights.
    """

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        delay_rate: float = DELAY_RATE,
        longest_delay: int = 20,
        **kwargs,
    ) -> None:
        super().__init__(connection, nu, reduction, weight_decay, **kwargs)
        self.declare(delay_rate=checked_share("delay_rate", delay_rate))
        self.longest_delay = longest_delay

    @staticmethod
    def shift(delay: f32, elapsed: f32, delay_rate: f32) -> f32:
        """Change of a delay, steps, when its target fires ``elapsed`` steps after its source."""
        return delay_rate * (elapsed - delay)
