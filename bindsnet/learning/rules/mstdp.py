"""Reward-modulated spike-timing-dependent plasticity (Florian 2007, Neural Computation 19:1468, section 3.1, eqs. 3.9-3.12).

Δw_ij(t + dt) = ν r(t + dt) ζ_ij(t): a reward r turns the eligibility that the step before has left into weight, where

    ζ_ij(t) = P⁺_i(t) f_j(t) + P⁻_j(t) f_i(t),

f being 1 where a neuron fires in the step. P⁺ of a source decays with τ₊ and rises by A₊ with its spikes, P⁻ of a target decays
with τ₋ and changes by A₋, both with this step's spikes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch

from bindsnet.learning.rules.declared import Trace
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32


def point_eligibility(p_plus: f32, p_minus: f32, s_pre: f32, s_post: f32) -> f32:
    """What the spikes of a step make a synapse eligible for: ζ."""
    return p_plus * s_post + p_minus * s_pre


class MSTDP(LearningRule):
    """Reward-modulated STDP: ν is the pre-synaptic rate ``nu[0]``, as in BindsNET. No layer needs a trace of its own.

    The reward is given to ``run`` or ``present``: a number, or one for each sample. A reset between samples clears eligibility
    and traces, which BindsNET keeps.

    Args:
        connection, nu, reduction, weight_decay: as in :class:`LearningRule`.
        tc_plus, tc_minus: τ₊, τ₋: time constants of P⁺ and P⁻, ms.
        a_plus, a_minus: A₊, A₋: what a spike adds to them. ``run`` takes them, too, for that run: a number, or for each
            connection one, by ``(source, target)``.
        zero_lag: let the reward meet this step's eligibility, not that of the step before.
    """

    traces: ClassVar = {
        "p_plus": Trace("source", "tc_plus", additive=True, scale="a_plus", with_spikes=True),
        "p_minus": Trace("target", "tc_minus", additive=True, scale="a_minus", with_spikes=True),
    }
    state: ClassVar = {"eligibility": 0.0}
    of_run: ClassVar = ("a_plus", "a_minus")

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        tc_plus: float = 20.0,
        tc_minus: float = 20.0,
        a_plus: float = 1.0,
        a_minus: float = -1.0,
        zero_lag: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(connection, nu, reduction, weight_decay, **kwargs)
        self.declare(tc_plus=tc_plus, tc_minus=tc_minus, a_plus=a_plus, a_minus=a_minus, zero_lag=zero_lag)

    @staticmethod
    def on_step(
        eligibility: f32,
        p_plus: f32,
        p_minus: f32,
        s_pre: f32,
        s_post: f32,
        reward: f32,
        nu_pre: f32,
        zero_lag: f32,
    ) -> tuple[f32, f32]:
        """Change of w in a step, and the eligibility that this leaves."""
        fresh = point_eligibility(p_plus, p_minus, s_pre, s_post)
        gain = nu_pre * reward
        return gain * zero_lag * fresh + gain * (1.0 - zero_lag) * eligibility, fresh
