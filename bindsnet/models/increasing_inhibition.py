"""A network whose neurons stand on a lattice, with lateral weights that grow with distance (Hazan et al. 2018, section II.C).

    w_ij = w_start + w_max √d_ij / max √d,  w_ii = w_start

with d the distance of neurons i and j on the lattice of side ⌊√n⌋, row by row. Neighbours come to learn similar things where
these weights inhibit, for which programs make them negative, as BindsNET leaves them to do: its defaults are above 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch

from bindsnet.models.parts import competing, inputs, plastic, strength
from bindsnet.network import Network
from bindsnet.network.topology import Connection


class IncreasingInhibitionNetwork(Network):
    """Layers X (inputs) and Y; X → Y learns by :class:`PostPre`, Y → Y grows with distance.

    Args:
        n_input, n_neurons: numbers of neurons in X and Y.
        start_inhib: lateral weight at distance 0, mV; negative inhibits.
        max_inhib: how much larger it is at the largest distance, mV; negative inhibits.
        dt: time step, ms.
        nu, reduction, wmin, wmax, norm: of X → Y, see :class:`Connection`.
        theta_plus, tc_theta_decay: of Y, see :class:`DiehlAndCookNodes`.
        inpt_shape: shape of X; ``[n_input]`` when left out.
        exc_thresh: threshold of Y without θ, mV.
    """

    def __init__(
        self,
        n_input: int,
        n_neurons: int = 100,
        start_inhib: float = 1.0,
        max_inhib: float = 100.0,
        dt: float = 1.0,
        nu: float | tuple[float, float] | None = (1e-4, 1e-2),
        reduction: Callable | None = None,
        wmin: float = 0.0,
        wmax: float = 1.0,
        norm: float | None = 78.4,
        theta_plus: float = 0.05,
        tc_theta_decay: float = 1e7,
        inpt_shape: Iterable[int] | None = None,
        exc_thresh: float = -52.0,
    ) -> None:
        super().__init__(dt=dt)
        self.n_input, self.inpt_shape, self.n_neurons = n_input, inpt_shape, n_neurons
        self.start_inhib = start_inhib = strength(start_inhib, "start_inhib")
        self.max_inhib = max_inhib = strength(max_inhib, "max_inhib")
        self.add_layer(inputs(n_input, inpt_shape), name="X")
        self.add_layer(competing(n_neurons, exc_thresh, theta_plus, tc_theta_decay), name="Y")
        self.n_sqrt = math.isqrt(self.Y.n)
        learned = plastic(self.X, self.Y, nu=nu, reduction=reduction, wmin=wmin, wmax=wmax, norm=norm)
        self.add_connection(learned, source="X", target="Y")
        w = self._roots_of_distances()
        lateral = Connection(self.Y, self.Y, w=w / w.max().clamp(min=1.0) * max_inhib + start_inhib)
        self.add_connection(lateral, source="Y", target="Y")

    def _roots_of_distances(self) -> torch.Tensor:
        """√d of each pair of neurons, ``[n_neurons, n_neurons]``; two that differ are 1 apart or more."""
        places = torch.arange(self.n_neurons)
        places = torch.stack([places // self.n_sqrt, places % self.n_sqrt], dim=1)
        squares = (places[:, None] - places).square().sum(-1)
        return squares.double().sqrt().sqrt().float()
