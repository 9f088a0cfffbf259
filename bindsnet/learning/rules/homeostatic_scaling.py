"""Synaptic scaling: the weights into a neuron grow in proportion while it fires less than it should, and shrink while more.

dw_ij/dt = β w_ij (a_goal − a_j)  and  τ da_j/dt = −a_j + Σ δ(t − t_j): a_j is the neuron's own slow estimate of its firing rate
(van Rossum, Bi & Turrigiano 2000, J. Neurosci. 20:8812, "activity-dependent scaling", without the integral; Turrigiano et al.
1998, Nature 391:892). No voltage enters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch

from bindsnet.learning.rules.declared import Trace
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32

MS = 1000.0  # in a second


class HomeostaticScaling(LearningRule):
    """Weights are scaled until their target neuron fires at a target rate; ``nu`` has no part in it.

    It changes all weights in every step, and keeps its estimate of rates between samples: only a run of many tells how often a
    neuron fires. Together with a rule that acts at spikes it is one class: ``class Both(HomeostaticScaling, PostPre): pass``. It
    takes the keywords of both; if both have traces, ``traces = HomeostaticScaling.traces | TripletSTDP.traces`` in it.

    Args:
        connection, nu, reduction, weight_decay: as in :class:`LearningRule`.
        target_rate: a_goal, Hz.
        beta: β, how fast: 1 / (s · Hz).
        tc_rate: τ, over which a rate is estimated, ms.
        kwargs: for the rule beside it.
    """

    traces: ClassVar = {"activity": Trace("target", "tc_rate", additive=True, with_spikes=True, lasting=True)}
    #: A step's change may be less than float32 resolves of w: what it has not taken yet (Kahan 1965, Commun. ACM 8:40).
    state: ClassVar = {"missing": 0.0}

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        target_rate: float = 5.0,
        beta: float = 4e-5,
        tc_rate: float = 1e5,
        **kwargs,
    ) -> None:
        super().__init__(connection, nu, reduction, weight_decay, **kwargs)
        self.declare(target_rate=target_rate, beta=beta, tc_rate=tc_rate)

    @staticmethod
    def on_step(w: f32, missing: f32, activity: f32, dt: f32, target_rate: f32, beta: f32, tc_rate: f32) -> tuple[f32, f32]:
        """Change of w in a step as far as float32 resolves it, and the rest."""
        rate = activity * MS / tc_rate
        change = missing + w * (beta * (target_rate - rate) * (dt / MS))
        resolved = (w + change) - w
        return resolved, change - resolved
