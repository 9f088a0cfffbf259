"""The simplified spike response model with escape noise.

τ_m dv/dt = −(v − rest), and a drive adds ε₀ times itself unless the neuron is refractory. It fires by chance, at the rate
ρ = ρ₀ exp((v − threshold) / d), in spikes a ms: within a time step with the probability 1 − exp(−ρ dt). Then v := reset, and the
neuron takes no drive for the refractory period; it may still fire. (Vasilaki et al. 2009, PLoS Comput. Biol. 5:e1000586, eqs. 1
and 2; Gerstner et al. 2014, "Neuronal Dynamics", section 9.1.) ``thresh`` is where the rate is ρ₀, no bound.

The chance of each neuron, sample and step is its own, of :mod:`bindsnet.numbers.random`, where BindsNET draws from torch's
generator.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.membrane import MembraneNodes, admit, count_down, fire, leak
from bindsnet.numbers.ops import exp, f32, flag


class SRM0Nodes(MembraneNodes):
    """Spike response neurons with escape noise.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        thresh, rest, reset, refrac, tc_decay, lbound: as in :class:`LIFNodes`.
        eps_0: what a drive is multiplied by.
        rho_0: rate at the threshold, spikes a ms.
        d_thresh: how far above the threshold the rate is e times that, mV.

    Attributes:
        s_prob: the probability with which each neuron fired in the last step.
    """

    state: ClassVar = {"v": "rest", "refrac_count": 0.0, "s_prob": 0.0}
    decays: ClassVar = {"decay": "tc_decay"}

    @constructor
    def __init__(
        self,
        thresh: float | torch.Tensor = -50.0,
        rest: float | torch.Tensor = -70.0,
        reset: float | torch.Tensor = -70.0,
        refrac: int | torch.Tensor = 5,
        tc_decay: float | torch.Tensor = 10.0,
        lbound: float | None = None,
        eps_0: float | torch.Tensor = 1.0,
        rho_0: float | torch.Tensor = 1.0,
        d_thresh: float | torch.Tensor = 5.0,
    ) -> None:
        self.declare_parameters(lbound, thresh=thresh, rest=rest, reset=reset, refrac=refrac, tc_decay=tc_decay)
        self.declare(eps_0=eps_0, rho_0=rho_0, d_thresh=d_thresh)

    @staticmethod
    def step(
        v: f32, refrac_count: f32, s_prob: f32, drive: f32, chance: f32,
        rest: f32, reset: f32, thresh: f32, refrac: f32, lower_bound: f32,
        eps_0: f32, rho_0: f32, d_thresh: f32, decay: f32, dt: f32,
    ) -> tuple[f32, f32, f32, flag]:  # fmt: skip
        """One time step of every neuron; voltages in mV, times in ms, rates in 1/ms."""
        v = admit(leak(v, rest, decay), refrac_count, eps_0 * drive, dt)
        rate = rho_0 * exp((v - thresh) / d_thresh)
        s_prob = 1.0 - exp(-rate * dt)
        fires = chance < s_prob
        v, refrac_count = fire(fires, v, count_down(refrac_count, dt), reset, refrac, lower_bound)
        return v, refrac_count, s_prob, fires

    @staticmethod
    def depolarisation(
        v: f32, refrac_count: f32, s_prob: f32, drive: f32,
        rest: f32, thresh: f32, eps_0: f32, decay: f32, dt: f32,
    ) -> f32:  # fmt: skip
        """How far above its threshold the step will find a neuron, mV."""
        return admit(leak(v, rest, decay), refrac_count, eps_0 * drive, dt) - thresh
