"""Neurons that gather evidence and decide at the end: once the time to decide has come, a bound falls until one of them fires.

While a sample lasts v only gathers what comes in. Then the bound, which all share, falls by the same part in every step, so that
the neuron with the largest v fires first whatever v is, and one of f times that v fires log f / log(1 − ramp) steps after it.
(Bounds that fall with time: Drugowitsch et al. 2012, J. Neurosci. 32:3612.) A spike leaves v as it is, and so its neuron would
fire on: inhibition of all by the first spike, the neuron itself among them, ends the decision. It does so at once, or, where it
takes some steps to arrive, after neurons that are nearly as near have fired, each the more often the nearer it is.

θ is relative: a neuron fires at (1 + θ) times the bound. It rises with each spike and fades (Diehl & Cook 2015, "Homoeostasis").
That of a neuron which has never fired is far below 0 and stays there, so that it is the most excitable and none is left unused:
what a conscience is for (DeSieno 1988, "Adding a conscience to competitive learning").
"""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.membrane import SAME_TIME
from bindsnet.network.nodes.nodes import Nodes
from bindsnet.network.nodes.threshold import relax_threshold
from bindsnet.numbers.ops import f32, f64, flag, to_f32, where

UNUSED = -0.95  # θ of a neuron that has never fired: it does at a twentieth of the bound


class DecisionNodes(Nodes):
    """Neurons that gather their drive and decide once the time to decide has come.

    With ``one_spike`` the most depolarised of those at their bound sends the spike, and it alone adapts.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        decides_at: when the bound begins to fall, ms after the reset.
        ceiling: where it begins, mV.
        ramp: part of the bound that it loses in every step.
        theta_plus: what a spike adds to θ, as a part of the bound.
        tc_theta_decay: time constant with which θ fades, ms.
        tc_decay: time constant of the membrane, ms; inf keeps all that comes in.
        one_spike: at most one neuron of the population spikes in a step.
        winner: which one, as in :class:`Nodes`.

    Raises:
        NetworkError: as :class:`Nodes`, or ``decides_at``, ``ceiling`` and ``ramp`` are not a number each in its range.
    """

    state: ClassVar = {"v": 0.0, "age": 0.0, "bound": "ceiling"}
    adaptive_state: ClassVar = {"theta": UNUSED}
    decays: ClassVar = {"decay": "tc_decay", "theta_decay": "tc_theta_decay"}
    only_winners_adapt: ClassVar = True

    @constructor
    def __init__(
        self,
        decides_at: float = 100.0,
        ceiling: float = 10.0,
        ramp: float = 0.02,
        theta_plus: float | torch.Tensor = 0.0,
        tc_theta_decay: float | torch.Tensor = 1e7,
        tc_decay: float | torch.Tensor = float("inf"),
        one_spike: bool = False,
        winner: str = "highest",
    ) -> None:
        self.declare(decides_at=decides_at, ceiling=ceiling, ramp=ramp)
        self.declare(theta_plus=theta_plus, tc_theta_decay=tc_theta_decay, tc_decay=tc_decay)
        self._check_bound()
        self.one_spike = bool(one_spike)

    def _check_bound(self) -> None:
        for name in ("decides_at", "ceiling", "ramp"):
            if getattr(self, name).dim():
                raise NetworkError(f"{type(self).__name__}: {name} is one number, of the bound that all neurons share")
        if not self.ceiling > 0:
            raise NetworkError(f"{type(self).__name__}: the ceiling of the bound is above 0 mV, got {self.ceiling:g}")
        if not 0 < self.ramp < 1:
            raise NetworkError(f"{type(self).__name__}: the ramp is a part of the bound between 0 and 1, got {self.ramp:g}")

    @staticmethod
    def relax(theta: f64, theta_decay: f64) -> f64:
        """One time step of decay; a neuron that has never fired stays as excitable as it is."""
        return where(theta < 0.0, theta, relax_threshold(theta, theta_decay))

    @staticmethod
    def threshold(theta: f64) -> f32:
        """The part of the bound at which a neuron fires."""
        return to_f32(1.0 + theta)

    @staticmethod
    def step(
        v: f32, age: f32, bound: f32, threshold: f32, drive: f32, decides_at: f32, ramp: f32, decay: f32, dt: f32
    ) -> tuple[f32, f32, f32, flag]:
        """One time step of every neuron; voltages in mV, times in ms, but the age, which counts steps and so is exact."""
        v = v * decay + drive
        age = age + 1.0
        decides = (age - SAME_TIME) * dt > decides_at
        bound = where(decides, bound - bound * ramp, bound)
        return v, age, bound, decides & (v > 0.0) & (v >= bound * threshold)

    @staticmethod
    def depolarisation(v: f32, age: f32, bound: f32, threshold: f32, drive: f32, decay: f32) -> f32:
        """The bound, mV, that v will just reach: of all who are over their own, whoever has the highest was the first to be."""
        return (v * decay + drive) / threshold

    @staticmethod
    def adapt(theta: f64, spikes: f64, theta_plus: f64) -> f64:
        """After this many spikes: a neuron that has fired is no longer unused."""
        return where(theta < 0.0, 0.0, theta) + theta_plus * spikes
