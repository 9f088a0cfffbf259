"""Neurons that gather evidence and decide at the end: once the time to decide has come, their threshold falls until one fires.

While a sample lasts v only gathers what comes in. Then the bound falls by the same part in every step, so that the neuron with
the largest v fires first whatever v is, and one of f times that v fires log f / log(1 − ramp) steps after it. Inhibition of all by the first spike
ends the decision: at once, or, if it takes some steps to arrive, after neurons that are nearly as near have fired, the less often
the farther.
Falling bounds: Drugowitsch et al. 2012 (J. Neurosci. 32:3612), eq. 1 with a bound that depends on time.

θ is relative: a neuron fires at (1 + θ) times the bound. It rises with each spike and fades (Diehl & Cook 2015, "Homoeostasis");
neurons that have never fired have a θ far below 0 and are the most excitable, so that none stays unused (a conscience: DeSieno
1988, "Adding a conscience to competitive learning").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.nodes import Nodes
from bindsnet.network.nodes.threshold import relax_threshold
from bindsnet.numbers.ops import f32, f64, flag, to_f32, where

UNUSED = -0.95  # θ of a neuron that has never fired: it does at a twentieth of the bound


class DecisionNodes(Nodes):
    """Neurons that gather their drive and decide once the time to decide has come.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        decides_at: when the bound begins to fall, ms after the reset.
        ceiling: the bound until then, mV.
        ramp: part of the bound that it loses in every step.
        theta_plus: what a spike adds to θ.
        tc_theta_decay: time constant with which θ fades, ms.
        tc_decay: time constant of the membrane, ms.
        one_spike: at most one neuron of the population spikes in a step.

    Raises:
        NetworkError: as :class:`Nodes`, or the ramp is no part of a whole.
    """

    state: ClassVar = {"v": 0.0, "age": 0.0, "bound": "ceiling"}
    adaptive_state: ClassVar = {"theta": UNUSED}
    decays: ClassVar = {"decay": "tc_decay", "theta_decay": "tc_theta_decay"}
    relax = staticmethod(relax_threshold)
    only_winners_adapt: ClassVar = True

    def __init__(
        self,
        n: int | None = None,
        shape: Iterable[int] | None = None,
        traces: bool = False,
        traces_additive: bool = False,
        tc_trace: float | torch.Tensor = 20.0,
        trace_scale: float | torch.Tensor = 1.0,
        sum_input: bool = False,
        decides_at: float | torch.Tensor = 100.0,
        ceiling: float | torch.Tensor = 10.0,
        ramp: float | torch.Tensor = 0.02,
        theta_plus: float | torch.Tensor = 0.0,
        tc_theta_decay: float | torch.Tensor = 1e7,
        tc_decay: float | torch.Tensor = float("inf"),
        one_spike: bool = False,
        winner: str = "highest",
        **kwargs,
    ) -> None:
        super().__init__(n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input, winner=winner, **kwargs)
        self.declare(decides_at=decides_at, ceiling=ceiling, ramp=ramp)
        self.declare(theta_plus=theta_plus, tc_theta_decay=tc_theta_decay, tc_decay=tc_decay)
        if not ((self.ramp > 0) & (self.ramp < 1)).all():
            raise NetworkError(f"{type(self).__name__}: the ramp is a part of the bound between 0 and 1, got {ramp}")
        self.one_spike = bool(one_spike)

    @staticmethod
    def threshold(theta: f64) -> f32:
        """The part of the bound at which a neuron fires."""
        return to_f32(1.0 + theta)

    @staticmethod
    def step(
        v: f32, age: f32, bound: f32, threshold: f32, drive: f32, decides_at: f32, ramp: f32, decay: f32, dt: f32
    ) -> tuple[f32, f32, f32, flag]:
        """One time step of every neuron; voltages in mV, times in ms."""
        v = v * decay + drive
        age = age + dt
        decides = age > decides_at
        bound = where(decides, bound - bound * ramp, bound)
        over = decides & (v >= bound * threshold)
        return v, age, bound, over

    @staticmethod
    def depolarisation(v: f32, age: f32, bound: f32, threshold: f32, drive: f32, decay: f32) -> f32:
        """How large v will be, as the neuron's own θ weighs it, mV: that of all who are over their bound."""
        return (v * decay + drive) / threshold

    @staticmethod
    def adapt(theta: f64, spikes: f64, theta_plus: f64) -> f64:
        """After this many spikes: a neuron that has fired is no longer unused."""
        return where(theta < 0.0, 0.0, theta) + theta_plus * spikes
