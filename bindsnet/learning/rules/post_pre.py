"""Pair-based spike-timing-dependent plasticity.

A source spike before a target spike strengthens, one after it weakens (Morrison et al. 2008, section 4.1):
at a source spike Δw_ij = −ν_pre x_j, at a target spike Δw_ij = ν_post x_i, with x the trace of the other side.
"""

from __future__ import annotations

from typing import ClassVar

from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32


class PostPre(LearningRule):
    """Pair-based STDP without weight dependence; ``nu = (ν_pre, ν_post)``. Source and target need traces."""

    weakening: ClassVar = ("on_pre",)

    @staticmethod
    def on_pre(x_post: f32, nu_pre: f32) -> f32:
        """Change of w when its source neuron fires."""
        return -nu_pre * x_post

    @staticmethod
    def on_post(x_pre: f32, nu_post: f32) -> f32:
        """Change of w when its target neuron fires."""
        return nu_post * x_pre
