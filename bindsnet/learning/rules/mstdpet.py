"""Reward-modulated plasticity with an eligibility trace (Florian 2007, Neural Computation 19:1468, sections 2 and 3.2).

Δw_ij(t + dt) = ν dt r(t + dt) z_ij(t + dt)  and  z_ij(t + dt) = β z_ij(t) + ζ_ij(t) / τ_z  (eqs. 2.7 and 2.8), β = exp(−dt/τ_z),
with ζ as in :mod:`bindsnet.learning.rules.mstdp`: a reward counts for the spikes of the last τ_z, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch

from bindsnet.learning.rules.mstdp import MSTDP, point_eligibility
from bindsnet.numbers.ops import f32


class MSTDPET(MSTDP):
    """Reward-modulated STDP with eligibility trace.

    Args:
        connection, nu, reduction, weight_decay, tc_plus, tc_minus, a_plus, a_minus, zero_lag: as in :class:`MSTDP`.
        tc_e_trace: τ_z: time constant of the eligibility trace, ms.
    """

    state: ClassVar = {"eligibility": 0.0, "eligibility_trace": 0.0}
    decays: ClassVar = {"e_trace_decay": "tc_e_trace"}

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        tc_plus: float = 20.0,
        tc_minus: float = 20.0,
        tc_e_trace: float = 25.0,
        a_plus: float = 1.0,
        a_minus: float = -1.0,
        zero_lag: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(connection, nu, reduction, weight_decay, tc_plus, tc_minus, a_plus, a_minus, zero_lag, **kwargs)
        self.declare(tc_e_trace=tc_e_trace)

    @staticmethod
    def on_step(
        eligibility: f32,
        eligibility_trace: f32,
        p_plus: f32,
        p_minus: f32,
        s_pre: f32,
        s_post: f32,
        reward: f32,
        nu_pre: f32,
        dt: f32,
        tc_e_trace: f32,
        e_trace_decay: f32,
        zero_lag: f32,
    ) -> tuple[f32, f32, f32]:
        """Change of w in a step, and the eligibility and its trace that this leaves."""
        fresh = point_eligibility(p_plus, p_minus, s_pre, s_post)
        trace = eligibility_trace * e_trace_decay
        trace = trace + zero_lag / tc_e_trace * fresh + (1.0 - zero_lag) / tc_e_trace * eligibility
        return nu_pre * dt * reward * trace, fresh, trace
