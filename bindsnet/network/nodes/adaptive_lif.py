"""Leaky integrate-and-fire neurons with an adaptive threshold.

The equations are those of :mod:`bindsnet.network.nodes.lif`, with threshold + θ in place of the threshold, θ being that of
:mod:`bindsnet.network.nodes.threshold`.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.lif import LeakyNodes, integrate
from bindsnet.network.nodes.membrane import fire
from bindsnet.network.nodes.threshold import raise_threshold, raised_threshold, relax_threshold
from bindsnet.numbers.ops import f32, flag


class AdaptiveLIFNodes(LeakyNodes):
    """Leaky integrate-and-fire neurons with an adaptive threshold.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        rest, reset, thresh, refrac, tc_decay, lbound: as in :class:`LIFNodes`.
        theta_plus: what a spike adds to the threshold, mV.
        tc_theta_decay: time constant of the threshold's decay, ms.
    """

    adaptive_state: ClassVar = {"theta": 0.0}
    decays: ClassVar = {"decay": "tc_decay", "theta_decay": "tc_theta_decay"}
    threshold = staticmethod(raised_threshold)
    relax = staticmethod(relax_threshold)
    adapt = staticmethod(raise_threshold)

    @constructor
    def __init__(
        self,
        rest: float | torch.Tensor = -65.0,
        reset: float | torch.Tensor = -65.0,
        thresh: float | torch.Tensor = -52.0,
        refrac: int | torch.Tensor = 5,
        tc_decay: float | torch.Tensor = 100.0,
        theta_plus: float | torch.Tensor = 0.05,
        tc_theta_decay: float | torch.Tensor = 1e7,
        lbound: float | None = None,
    ) -> None:
        self.declare_membrane(thresh, rest, reset, refrac, tc_decay, lbound)
        self.declare(theta_plus=theta_plus, tc_theta_decay=tc_theta_decay)

    @property
    def rests_while_relaxing(self) -> bool:
        """See :attr:`Population.rests_while_relaxing`: at rest below the threshold, which θ >= 0 only raises.

        A model that is made of this one promises it by a property of its own, if it has other functions.
        """
        kind, functions = type(self), ("step", "threshold", "relax", "adapt")
        alike = all(getattr(kind, role) is getattr(AdaptiveLIFNodes, role) for role in functions)
        return alike and bool(
            (self.thresh.float() > self.rest).all() and (self.theta >= 0).all() and (self.theta_plus >= 0).all()
        )

    @staticmethod
    def step(
        v: f32, refrac_count: f32, threshold: f32, drive: f32,
        rest: f32, reset: f32, refrac: f32, lower_bound: f32, decay: f32, dt: f32,
    ) -> tuple[f32, f32, flag]:  # fmt: skip
        """One time step of every neuron; voltages in mV, times in ms."""
        v, refrac_count = integrate(v, refrac_count, drive, rest, decay, dt)
        over = v >= threshold
        v, refrac_count = fire(over, v, refrac_count, reset, refrac, lower_bound)
        return v, refrac_count, over

    @staticmethod
    def depolarisation(v: f32, refrac_count: f32, threshold: f32, drive: f32, rest: f32, decay: f32, dt: f32) -> f32:
        """How far above its threshold the step will find a neuron, mV."""
        v, refrac_count = integrate(v, refrac_count, drive, rest, decay, dt)
        return v - threshold
