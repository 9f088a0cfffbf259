"""Leaky integrate-and-fire neurons.

τ_m dv/dt = −(v − rest); a drive adds to v unless the neuron is refractory; at v >= threshold the neuron fires, v := reset, and
it takes no drive for the refractory period. One step of dt multiplies v − rest by exp(−dt / τ_m).
"""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.membrane import MembraneNodes, admit, count_down, fire, leak
from bindsnet.numbers.ops import f32, flag


def integrate(v: f32, refrac_count: f32, drive: f32, rest: f32, decay: f32, dt: f32) -> tuple[f32, f32]:
    """Leak, then drive where the neuron is not refractory; returns v (mV) and the refractory time left (ms)."""
    v = admit(leak(v, rest, decay), refrac_count, drive, dt)
    return v, count_down(refrac_count, dt)


class LeakyNodes(MembraneNodes):
    """What leaky neurons with a refractory period share: their parameters and their state."""

    state: ClassVar = {"v": "rest", "refrac_count": 0.0}
    decays: ClassVar = {"decay": "tc_decay"}

    def declare_membrane(
        self,
        thresh: float | torch.Tensor,
        rest: float | torch.Tensor,
        reset: float | torch.Tensor,
        refrac: float | torch.Tensor,
        tc_decay: float | torch.Tensor,
        lbound: float | None,
    ) -> None:
        """Keep the membrane's parameters: mV, but ``refrac`` and ``tc_decay`` ms; ``lbound`` None is no lower bound.

        Raises:
            NetworkError: as :meth:`declare`, or the refractory period is below 0.
        """
        self.declare_parameters(lbound, thresh=thresh, rest=rest, reset=reset, refrac=refrac, tc_decay=tc_decay)


class LIFNodes(LeakyNodes):
    """Leaky integrate-and-fire neurons.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        thresh: threshold, mV.
        rest: resting voltage, mV.
        reset: voltage after a spike, mV.
        refrac: refractory period, ms.
        tc_decay: time constant of the membrane, ms.
        lbound: lower bound of the voltage, mV; None is none.
    """

    @constructor
    def __init__(
        self,
        thresh: float | torch.Tensor = -52.0,
        rest: float | torch.Tensor = -65.0,
        reset: float | torch.Tensor = -65.0,
        refrac: int | torch.Tensor = 5,
        tc_decay: float | torch.Tensor = 100.0,
        lbound: float | None = None,
    ) -> None:
        self.declare_membrane(thresh, rest, reset, refrac, tc_decay, lbound)

    @staticmethod
    def step(
        v: f32, refrac_count: f32, drive: f32,
        rest: f32, reset: f32, thresh: f32, refrac: f32, lower_bound: f32, decay: f32, dt: f32,
    ) -> tuple[f32, f32, flag]:  # fmt: skip
        """One time step of every neuron; voltages in mV, times in ms."""
        v, refrac_count = integrate(v, refrac_count, drive, rest, decay, dt)
        over = v >= thresh
        v, refrac_count = fire(over, v, refrac_count, reset, refrac, lower_bound)
        return v, refrac_count, over

    @staticmethod
    def depolarisation(v: f32, refrac_count: f32, drive: f32, rest: f32, thresh: f32, decay: f32, dt: f32) -> f32:
        """How far above its threshold the step will find a neuron, mV."""
        v, refrac_count = integrate(v, refrac_count, drive, rest, decay, dt)
        return v - thresh
