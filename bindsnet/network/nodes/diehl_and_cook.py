"""Leaky integrate-and-fire neurons that compete, with an adaptive threshold (Diehl & Cook 2015).

The equations are those of :mod:`bindsnet.network.nodes.adaptive_lif`. With ``one_spike`` only one of the neurons over threshold,
drawn evenly, sends a spike; the others are reset, refractory and raise their θ like it, but send and learn nothing.
"""

from __future__ import annotations

import torch

from bindsnet.network.nodes.adaptive_lif import AdaptiveLIFNodes
from bindsnet.network.nodes.constructor import constructor


class DiehlAndCookNodes(AdaptiveLIFNodes):
    """Competing leaky integrate-and-fire neurons with an adaptive threshold.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        thresh, rest, reset, refrac, tc_decay, theta_plus, tc_theta_decay, lbound: as in :class:`AdaptiveLIFNodes`, whose
            constructor takes them from this one's.
        one_spike: at most one neuron of the population spikes in a step, or one of each group (``one_spike_per``).
    """

    @constructor
    def __init__(
        self,
        thresh: float | torch.Tensor = -52.0,
        rest: float | torch.Tensor = -65.0,
        reset: float | torch.Tensor = -65.0,
        refrac: int | torch.Tensor = 5,
        tc_decay: float | torch.Tensor = 100.0,
        theta_plus: float | torch.Tensor = 0.05,
        tc_theta_decay: float | torch.Tensor = 1e7,
        lbound: float | None = None,
        one_spike: bool = True,
    ) -> None:
        self.one_spike = bool(one_spike)
