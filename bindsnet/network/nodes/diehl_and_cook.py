"""Leaky integrate-and-fire neurons that compete, with an adaptive threshold (Diehl & Cook 2015).

The equations are those of :mod:`bindsnet.network.nodes.lif`, with threshold + θ in place of the threshold, θ being that of
:mod:`bindsnet.network.nodes.threshold`. With ``one_spike`` only one of the neurons over threshold, drawn evenly, sends a spike;
the others are reset, refractory and raise their θ like it, but send and learn nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import torch

from bindsnet.network.nodes.lif import LeakyNodes, fire, integrate
from bindsnet.network.nodes.threshold import raise_threshold, raised_threshold, relax_threshold
from bindsnet.numbers.ops import f32, flag


class DiehlAndCookNodes(LeakyNodes):
    """Competing leaky integrate-and-fire neurons with an adaptive threshold.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        thresh, rest, reset, refrac, tc_decay, lbound: as in :class:`LIFNodes`.
        theta_plus: what a spike adds to the threshold, mV.
        tc_theta_decay: time constant of the threshold's decay, ms.
        one_spike: at most one neuron of the population spikes in a step, or one of each group (``one_spike_per``).
    """

    adaptive_state: ClassVar = {"theta": 0.0}
    decays: ClassVar = {"decay": "tc_decay", "theta_decay": "tc_theta_decay"}
    threshold = staticmethod(raised_threshold)
    relax = staticmethod(relax_threshold)
    adapt = staticmethod(raise_threshold)

    def __init__(
        self,
        n: int | None = None,
        shape: Iterable[int] | None = None,
        traces: bool = False,
        traces_additive: bool = False,
        tc_trace: float | torch.Tensor = 20.0,
        trace_scale: float | torch.Tensor = 1.0,
        sum_input: bool = False,
        thresh: float | torch.Tensor = -52.0,
        rest: float | torch.Tensor = -65.0,
        reset: float | torch.Tensor = -65.0,
        refrac: int | torch.Tensor = 5,
        tc_decay: float | torch.Tensor = 100.0,
        theta_plus: float | torch.Tensor = 0.05,
        tc_theta_decay: float | torch.Tensor = 1e7,
        lbound: float | None = None,
        one_spike: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input, **kwargs)
        self.declare_membrane(thresh, rest, reset, refrac, tc_decay, lbound)
        self.declare(theta_plus=theta_plus, tc_theta_decay=tc_theta_decay)
        self.one_spike = bool(one_spike)

    @property
    def rests_while_relaxing(self) -> bool:
        """See :attr:`Population.rests_while_relaxing`: at rest below the threshold, which θ >= 0 only raises.

        A model that is made of this one promises it by a property of its own, if it has other functions.
        """
        kind, functions = type(self), ("step", "threshold", "relax", "adapt")
        alike = all(getattr(kind, role) is getattr(DiehlAndCookNodes, role) for role in functions)
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
