"""The plasticity of Diehl & Cook 2015 ("Learning", with weight dependence).

When target neuron j fires, for every source neuron i: Δw_ij = ν (x_i − x_tar) (w_max − w_ij)^μ. Sources that fired shortly before
gain, all others lose; a weight near its maximum changes little.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import at_least, f32, pow

X_TAR = 0.4
MU = 0.2


class DiehlAndCook(LearningRule):
    """Post-synaptic STDP with a target trace and weight dependence. The source needs traces, the connection a ``wmax``.

    BindsNET 0.3.4 has the same rule under the same name and keywords, but with ``x_tar=0.0, mu=1.0`` where these are left out:
    a program written for it gives them.

    Args:
        connection, nu, reduction, weight_decay: as in :class:`LearningRule`; ν is the post-synaptic rate.
        x_tar: trace above which a source gains.
        mu: exponent of the weight dependence; 0 is none.
    """

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        x_tar: float = X_TAR,
        mu: float = MU,
        **kwargs,
    ) -> None:
        super().__init__(connection, nu, reduction, weight_decay, **kwargs)
        self.declare(x_tar=x_tar, mu=mu)

    def take_bounds(self) -> None:
        """See :meth:`LearningRule.take_bounds`.

        Raises:
            NetworkError: there is no largest weight.
        """
        if not self.connection.bounds.has_high:
            raise NetworkError("DiehlAndCook depends on the distance to the largest weight: give the connection a wmax")
        super().take_bounds()

    @staticmethod
    def on_post(w: f32, x_pre: f32, nu_post: f32, x_tar: f32, wmax: f32, mu: f32) -> f32:
        """Change of w when its target neuron fires."""
        return nu_post * (x_pre - x_tar) * pow(at_least(wmax - w, 0.0), mu)  # norm may make w larger
