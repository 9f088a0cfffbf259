"""Leaky integrate-and-fire neurons.

τ_m dv/dt = −(v − rest); a drive adds to v unless the neuron is refractory; at v >= threshold the neuron fires, v := reset, and
it takes no drive for the refractory period. One step of dt multiplies v − rest by exp(−dt / τ_m).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.nodes import Nodes
from bindsnet.numbers.ops import at_least, f32, flag, where

SAME_TIME = 0.01  # of a time step: that much is left of a refractory period by rounding only


def integrate(v: f32, refrac_count: f32, drive: f32, rest: f32, decay: f32, dt: f32) -> tuple[f32, f32]:
    """Leak, then drive where the neuron is not refractory; returns v (mV) and the refractory time left (ms)."""
    v = decay * (v - rest) + rest
    v = where(refrac_count <= SAME_TIME * dt, v + drive, v)
    return v, at_least(refrac_count - dt, 0.0)


def fire(over: flag, v: f32, refrac_count: f32, reset: f32, refrac: f32, lower_bound: f32) -> tuple[f32, f32]:
    """Reset v (mV) and start the refractory period (ms) of the neurons over threshold; keep v above its lower bound."""
    refrac_count = where(over, refrac, refrac_count)
    v = where(over, reset, v)
    return at_least(v, lower_bound), refrac_count


class LeakyNodes(Nodes):
    """What leaky neurons with a refractory period share: their parameters and their state.

    A refractory period of r ms: after a spike at step t the neuron takes no drive in steps t+1 ... t+ceil(r/dt).
    """

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
        self.declare(thresh=thresh, rest=rest, reset=reset, refrac=refrac, tc_decay=tc_decay)
        if not (self.refrac >= 0).all():
            raise NetworkError(f"{type(self).__name__}: the refractory period refrac is a time from 0 ms on, got {refrac}")
        self.declare(lower_bound=float("-inf") if lbound is None else lbound)
        for name in self.state:
            self.register_buffer(name, torch.zeros(1, *self.shape))
        self.reset_state_variables()

    @property
    def lbound(self) -> torch.Tensor | None:
        """Lower bound of the voltage, mV; None where there is none."""
        return None if torch.isneginf(self.lower_bound).all() else self.lower_bound


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
        lbound: float | None = None,
        **kwargs,
    ) -> None:
        super().__init__(n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input, **kwargs)
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
