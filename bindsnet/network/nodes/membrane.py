"""What models with a membrane share: a voltage that stays above a lower bound, and a refractory period.

A refractory period of r ms: after a spike at step t the neuron takes no drive in steps t+1 ... t+ceil(r/dt). The time left of it
is counted down to 0.
"""

from __future__ import annotations

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.nodes import Nodes
from bindsnet.numbers.ops import at_least, f32, flag, where

SAME_TIME = 0.01  # of a time step: that much is left of a refractory period by rounding only


def leak(v: f32, rest: f32, decay: f32) -> f32:
    """One time step of a voltage (mV) that returns to rest: τ_m dv/dt = −(v − rest)."""
    return decay * (v - rest) + rest


def admit(v: f32, refrac_count: f32, drive: f32, dt: f32) -> f32:
    """The voltage (mV) with its drive, where the neuron is not refractory."""
    return where(refrac_count <= SAME_TIME * dt, v + drive, v)


def count_down(refrac_count: f32, dt: f32) -> f32:
    """The refractory time left (ms), a time step later."""
    return at_least(refrac_count - dt, 0.0)


def fire(over: flag, v: f32, refrac_count: f32, reset: f32, refrac: f32, lower_bound: f32) -> tuple[f32, f32]:
    """Reset v (mV) and start the refractory period (ms) of the neurons over threshold; keep v above its lower bound."""
    refrac_count = where(over, refrac, refrac_count)
    v = where(over, reset, v)
    return at_least(v, lower_bound), refrac_count


class MembraneNodes(Nodes):
    """A population of neurons with a membrane."""

    def declare_parameters(self, lbound: float | torch.Tensor | None = None, **parameters: float | torch.Tensor) -> None:
        """Keep the membrane's parameters, as :meth:`declare` does; ``lbound`` (mV) None is no lower bound.

        Raises:
            NetworkError: as :meth:`declare`, or the refractory period ``refrac`` is below 0.
        """
        self.declare(**parameters)
        if "refrac" in parameters and not (self.refrac >= 0).all():
            refrac = parameters["refrac"]
            raise NetworkError(f"{type(self).__name__}: the refractory period refrac is a time from 0 ms on, got {refrac}")
        self.declare(lower_bound=float("-inf") if lbound is None else lbound)
        for name in self.state:
            self.register_buffer(name, torch.zeros(1, *self.shape))
        self.reset_state_variables()

    @property
    def lbound(self) -> torch.Tensor | None:
        """Lower bound of the voltage, mV; None where there is none."""
        return None if torch.isneginf(self.lower_bound).all() else self.lower_bound
