"""Hebbian plasticity: whichever neuron fires second, the synapse gains (Gerstner & Kistler 2002, section 10.2, a pair rule).

At a source spike Δw_ij = ν_pre x_j, at a target spike Δw_ij = ν_post x_i, with x the trace of the other side.
"""

from __future__ import annotations

from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32


class Hebbian(LearningRule):
    """Spikes of both ends strengthen; ``nu = (ν_pre, ν_post)``. Source and target need traces."""

    @staticmethod
    def on_pre(w: f32, x_post: f32, nu_pre: f32) -> f32:
        """Change of w when its source neuron fires."""
        return nu_pre * x_post

    @staticmethod
    def on_post(w: f32, x_pre: f32, nu_post: f32) -> f32:
        """Change of w when its target neuron fires."""
        return nu_post * x_pre
