"""The network of Diehl & Cook 2015 without its inhibitory neurons: the excitatory ones inhibit each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bindsnet.models.parts import all_others, competing, inputs, plastic, strength
from bindsnet.network import Network
from bindsnet.network.topology import Connection


class DiehlAndCook2015v2(Network):
    """Layers X (inputs) and Y; X → Y learns by :class:`PostPre`, and Y → Y inhibits all others.

    Args:
        n_inpt, n_neurons: numbers of neurons in X and Y.
        inh: weight Y → Y without its sign, mV.
        dt: time step, ms.
        nu, reduction, wmin, wmax, norm: of X → Y, see :class:`Connection`.
        theta_plus, tc_theta_decay: of Y, see :class:`DiehlAndCookNodes`.
        inpt_shape: shape of X; ``[n_inpt]`` when left out.
        exc_thresh: threshold of Y without θ, mV.
    """

    def __init__(
        self,
        n_inpt: int,
        n_neurons: int = 100,
        inh: float = 17.5,
        dt: float = 1.0,
        nu: float | tuple[float, float] | None = (1e-4, 1e-2),
        reduction: Callable | None = None,
        wmin: float | None = 0.0,
        wmax: float | None = 1.0,
        norm: float | None = 78.4,
        theta_plus: float = 0.05,
        tc_theta_decay: float = 1e7,
        inpt_shape: Iterable[int] | None = None,
        exc_thresh: float = -52.0,
    ) -> None:
        super().__init__(dt=dt)
        self.n_inpt, self.inpt_shape, self.n_neurons = n_inpt, inpt_shape, n_neurons
        self.inh = inh = strength(inh, "inh")
        self.add_layer(inputs(n_inpt, inpt_shape), name="X")
        self.add_layer(competing(n_neurons, exc_thresh, theta_plus, tc_theta_decay), name="Y")
        learned = plastic(self.X, self.Y, nu=nu, reduction=reduction, wmin=wmin, wmax=wmax, norm=norm)
        self.add_connection(learned, source="X", target="Y")
        lateral = Connection(self.Y, self.Y, w=all_others(n_neurons, -inh), wmin=-inh, wmax=0.0)
        self.add_connection(lateral, source="Y", target="Y")
