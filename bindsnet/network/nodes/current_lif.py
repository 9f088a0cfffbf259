"""Leaky integrate-and-fire neurons whose drive arrives as a current that fades.

τ_i di/dt = −i, and a drive adds to i; τ_m dv/dt = −(v − rest), and i adds to v in every step in which the neuron is not
refractory (Gerstner et al. 2014, "Neuronal Dynamics", section 1.3, with a synaptic current of its own). At v >= threshold the
neuron fires and v := reset; i goes on. A refractory period of r ms, as in BindsNET: after a spike at step t, i adds nothing in
steps t+1 ... t+ceil(r/dt)−1, a step less than in other models.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.lif import LeakyNodes
from bindsnet.network.nodes.membrane import admit, count_down, fire, leak
from bindsnet.numbers.ops import f32, flag


class CurrentLIFNodes(LeakyNodes):
    """Leaky integrate-and-fire neurons with a synaptic current.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        thresh, rest, reset, refrac, tc_decay, lbound: as in :class:`LIFNodes`.
        tc_i_decay: time constant of the current, ms.
    """

    state: ClassVar = {"v": "rest", "i": 0.0, "refrac_count": 0.0}
    decays: ClassVar = {"decay": "tc_decay", "i_decay": "tc_i_decay"}

    @constructor
    def __init__(
        self,
        thresh: float | torch.Tensor = -52.0,
        rest: float | torch.Tensor = -65.0,
        reset: float | torch.Tensor = -65.0,
        refrac: int | torch.Tensor = 5,
        tc_decay: float | torch.Tensor = 100.0,
        tc_i_decay: float | torch.Tensor = 2.0,
        lbound: float | None = None,
    ) -> None:
        self.declare_membrane(thresh, rest, reset, refrac, tc_decay, lbound)
        self.declare(tc_i_decay=tc_i_decay)

    @staticmethod
    def step(
        v: f32, i: f32, refrac_count: f32, drive: f32,
        rest: f32, reset: f32, thresh: f32, refrac: f32, lower_bound: f32, decay: f32, i_decay: f32, dt: f32,
    ) -> tuple[f32, f32, f32, flag]:  # fmt: skip
        """One time step of every neuron; voltages in mV, the current in mV a step, times in ms."""
        refrac_count = count_down(refrac_count, dt)
        i = i * i_decay + drive
        v = admit(leak(v, rest, decay), refrac_count, i, dt)
        over = v >= thresh
        v, refrac_count = fire(over, v, refrac_count, reset, refrac, lower_bound)
        return v, i, refrac_count, over

    @staticmethod
    def depolarisation(
        v: f32, i: f32, refrac_count: f32, drive: f32, rest: f32, thresh: f32, decay: f32, i_decay: f32, dt: f32
    ) -> f32:
        """How far above its threshold the step will find a neuron, mV."""
        return admit(leak(v, rest, decay), count_down(refrac_count, dt), i * i_decay + drive, dt) - thresh
