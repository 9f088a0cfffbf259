"""R-max: plasticity that maximises reward, of neurons that fire by chance (Vasilaki et al. 2009, PLoS Comput. Biol. 5:e1000586).

A synapse's eligibility follows what its target does beyond what was to be expected of it, and a reward R turns it into weight:

    e_ij := (1 − dt/τ_e) e_ij + (f_j − p_j / (1 + p_j τ_c / dt)) x_i,    Δw_ij = ν R e_ij,

with f_j 1 where the target fires, p_j the probability that it would, and x_i the trace of the source's spikes. τ_c lies between
the strict policy gradient (0) and a naive Hebbian rule (inf): eq. 8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32, where


class Rmax(LearningRule):
    """R-max; ν is the pre-synaptic rate ``nu[0]``, as in BindsNET. The plain engine alone runs it.

    The source needs additive traces; the target are neurons that tell with which probability they fire in a step, as
    ``SRM0Nodes`` do in ``s_prob``. A batch and a reset between samples, which clears eligibility, go beyond BindsNET.

    Args:
        connection, nu, reduction, weight_decay: as in :class:`LearningRule`.
        tc_c: τ_c, ms, from 0 to inf.
        tc_e_trace: τ_e: time constant of the eligibility, ms.

    Raises:
        NetworkError: as :class:`LearningRule`; the source has no additive traces, or the target no such probability.
    """

    state: ClassVar = {"eligibility_trace": 0.0}
    of_target: ClassVar = ("s_prob",)

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        tc_c: float = 5.0,
        tc_e_trace: float = 25.0,
        **kwargs,
    ) -> None:
        super().__init__(connection, nu, reduction, weight_decay, **kwargs)
        self.declare(tc_c=tc_c, tc_e_trace=tc_e_trace)
        if not connection.source.traces_additive:
            raise NetworkError("Rmax needs additive traces of its source: create that layer with traces_additive=True")

    @staticmethod
    def on_step(
        eligibility_trace: f32,
        x_pre: f32,
        s_post: f32,
        s_prob: f32,
        reward: f32,
        nu_pre: f32,
        dt: f32,
        tc_c: f32,
        tc_e_trace: f32,
    ) -> tuple[f32, f32]:
        """Change of w in a step, and its eligibility."""
        expected = where(s_prob > 0.0, s_prob / (1.0 + tc_c / dt * s_prob), 0.0)
        trace = (1.0 - dt / tc_e_trace) * eligibility_trace + (s_post - expected) * x_pre
        return nu_pre * reward * trace, trace
