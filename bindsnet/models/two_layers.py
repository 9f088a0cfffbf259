"""Inputs, and leaky integrate-and-fire neurons that learn from them, without competition."""

from __future__ import annotations

from collections.abc import Callable

from bindsnet.models.parts import TC_TRACE, inputs, plastic
from bindsnet.network import Network
from bindsnet.network.nodes import LIFNodes


class TwoLayerNetwork(Network):
    """Layers X (:class:`Input`) and Y (:class:`LIFNodes`), all-to-all X → Y with :class:`PostPre`.

    Args:
        n_inpt, n_neurons: numbers of neurons in X and Y.
        dt: time step, ms.
        wmin, wmax, nu, reduction, norm: of X → Y, see :class:`Connection`.
    """

    def __init__(
        self,
        n_inpt: int,
        n_neurons: int = 100,
        dt: float = 1.0,
        wmin: float = 0.0,
        wmax: float = 1.0,
        nu: float | tuple[float, float] | None = (1e-4, 1e-2),
        reduction: Callable | None = None,
        norm: float | None = 78.4,
    ) -> None:
        super().__init__(dt=dt)
        self.n_inpt, self.n_neurons = n_inpt, n_neurons
        self.add_layer(inputs(n_inpt), name="X")
        neurons = LIFNodes(
            n=n_neurons, traces=True, tc_trace=TC_TRACE, rest=-65.0, reset=-65.0, thresh=-52.0, refrac=5, tc_decay=100.0
        )
        self.add_layer(neurons, name="Y")
        learned = plastic(self.X, self.Y, nu=nu, reduction=reduction, wmin=wmin, wmax=wmax, norm=norm)
        self.add_connection(learned, source="X", target="Y")
