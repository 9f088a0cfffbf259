"""Pair-based plasticity with soft bounds.

At a source spike Δw_ij = −ν_pre x_j (w_ij − w_min), at a target spike Δw_ij = ν_post x_i (w_max − w_ij), with x the trace of the
other side: linear ("multiplicative") weight dependence (Morrison et al. 2008, section 4.1; van Rossum, Bi & Turrigiano 2000,
J. Neurosci. 20:8812). Where both ends fire, both changes start from the same weight.
"""

from __future__ import annotations

from typing import ClassVar

from bindsnet.errors import NetworkError
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32


class WeightDependentPostPre(LearningRule):
    """Pair-based STDP that slows towards the bounds; ``nu = (ν_pre, ν_post)``.

    Source and target need traces, the connection both bounds.
    """

    at_once: ClassVar = True
    weakening: ClassVar = ("on_pre",)

    def take_bounds(self) -> None:
        """See :meth:`LearningRule.take_bounds`.

        Raises:
            NetworkError: a weight has no smallest or no largest value.
        """
        bounds = self.connection.bounds
        if not (bounds.has_low and bounds.has_high):
            got = "" if bounds.each else f", got {bounds.low:g} and {bounds.high:g}"
            raise NetworkError(f"{type(self).__name__} needs a finite wmin and wmax{got}")
        super().take_bounds()

    @staticmethod
    def on_pre(w: f32, x_post: f32, nu_pre: f32, wmin: f32) -> f32:
        """Change of w when its source neuron fires."""
        return -nu_pre * x_post * (w - wmin)

    @staticmethod
    def on_post(w: f32, x_pre: f32, nu_post: f32, wmax: f32) -> f32:
        """Change of w when its target neuron fires."""
        return nu_post * x_pre * (wmax - w)
