"""Spike-timing-dependent plasticity of triplets (Pfister & Gerstner 2006, J. Neurosci. 26:9673, eqs. 2-4).

At a source spike Δw = −o₁(t) (A₂⁻ + A₃⁻ r₂(t − ε)), at a target spike Δw = r₁(t) (A₂⁺ + A₃⁺ o₂(t − ε)), with two traces of each
source, r₁ (τ₊) and r₂ (τ_x), and two of each target, o₁ (τ₋) and o₂ (τ_y), which a spike raises by 1 where all spikes interact
with all, or sets to 1 where only the nearest do; t − ε is before this step's spikes. ν scales the changes; 1 gives the paper's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch

from bindsnet.learning.rules.declared import Trace
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32


def four_traces(additive: bool) -> dict[str, Trace]:
    """r₁, r₂, o₁, o₂."""
    return {
        "r1": Trace("source", "tc_plus", additive, with_spikes=True),
        "r2": Trace("source", "tc_x", additive),
        "o1": Trace("target", "tc_minus", additive, with_spikes=True),
        "o2": Trace("target", "tc_y", additive),
    }


class TripletSTDP(LearningRule):
    """Triplet STDP, all spikes with all; constants of the full model of the visual cortex (the paper's table 3).

    Args:
        connection, nu, reduction, weight_decay: as in :class:`LearningRule`; ``nu = (ν_pre, ν_post)``.
        tc_plus, tc_minus, tc_x, tc_y: τ₊, τ₋, τ_x, τ_y, ms.
        a2_plus, a2_minus: A₂⁺, A₂⁻: amplitudes of pairs.
        a3_plus, a3_minus: A₃⁺, A₃⁻: amplitudes of triplets.
    """

    traces: ClassVar = four_traces(additive=True)
    weakening: ClassVar = ("on_pre",)

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        tc_plus: float = 16.8,
        tc_minus: float = 33.7,
        tc_x: float = 101.0,
        tc_y: float = 125.0,
        a2_plus: float = 5e-10,
        a2_minus: float = 7e-3,
        a3_plus: float = 6.2e-3,
        a3_minus: float = 2.3e-4,
        **kwargs,
    ) -> None:
        super().__init__(connection, nu, reduction, weight_decay, **kwargs)
        self.declare(tc_plus=tc_plus, tc_minus=tc_minus, tc_x=tc_x, tc_y=tc_y)
        self.declare(a2_plus=a2_plus, a2_minus=a2_minus, a3_plus=a3_plus, a3_minus=a3_minus)

    @staticmethod
    def on_pre(o1: f32, r2: f32, nu_pre: f32, a2_minus: f32, a3_minus: f32) -> f32:
        """Change of w when its source neuron fires."""
        return -nu_pre * o1 * (a2_minus + a3_minus * r2)

    @staticmethod
    def on_post(r1: f32, o2: f32, nu_post: f32, a2_plus: f32, a3_plus: f32) -> f32:
        """Change of w when its target neuron fires."""
        return nu_post * r1 * (a2_plus + a3_plus * o2)


class NearestTripletSTDP(TripletSTDP):
    """Triplet STDP of the nearest spikes, with the constants that the paper's table 3 gives for that."""

    traces: ClassVar = four_traces(additive=False)

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        tc_plus: float = 16.8,
        tc_minus: float = 33.7,
        tc_x: float = 714.0,
        tc_y: float = 40.0,
        a2_plus: float = 8.8e-11,
        a2_minus: float = 6.6e-3,
        a3_plus: float = 5.3e-2,
        a3_minus: float = 3.1e-3,
        **kwargs,
    ) -> None:
        constants = tc_plus, tc_minus, tc_x, tc_y, a2_plus, a2_minus, a3_plus, a3_minus
        super().__init__(connection, nu, reduction, weight_decay, *constants, **kwargs)
