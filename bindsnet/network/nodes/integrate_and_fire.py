"""Integrate-and-fire neurons that do not leak.

A drive adds to v unless the neuron is refractory; at v >= threshold the neuron fires, v := reset, and it takes no drive for the
refractory period (Lapicque 1907; Gerstner et al. 2014, "Neuronal Dynamics", section 1.3, with an infinite time constant).
"""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.membrane import MembraneNodes, admit, count_down, fire
from bindsnet.numbers.ops import f32, flag


class IFNodes(MembraneNodes):
    """Integrate-and-fire neurons, which begin at their reset voltage.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        thresh, reset, refrac, lbound: as in :class:`LIFNodes`.
    """

    state: ClassVar = {"v": "reset", "refrac_count": 0.0}

    @constructor
    def __init__(
        self,
        thresh: float | torch.Tensor = -52.0,
        reset: float | torch.Tensor = -65.0,
        refrac: int | torch.Tensor = 5,
        lbound: float | None = None,
    ) -> None:
        self.declare_parameters(lbound, thresh=thresh, reset=reset, refrac=refrac)

    @staticmethod
    def step(
        v: f32, refrac_count: f32, drive: f32, reset: f32, thresh: f32, refrac: f32, lower_bound: f32, dt: f32
    ) -> tuple[f32, f32, flag]:
        """One time step of every neuron; voltages in mV, times in ms."""
        v = admit(v, refrac_count, drive, dt)
        over = v >= thresh
        v, refrac_count = fire(over, v, count_down(refrac_count, dt), reset, refrac, lower_bound)
        return v, refrac_count, over

    @staticmethod
    def depolarisation(v: f32, refrac_count: f32, drive: f32, thresh: f32, dt: f32) -> f32:
        """How far above its threshold the step will find a neuron, mV."""
        return admit(v, refrac_count, drive, dt) - thresh
