"""Local receptive fields whose neurons compete: those that see the same field inhibit each other (Saunders et al. 2019)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from bindsnet.learning import PostPre
from bindsnet.models.parts import all_others, competing, inputs, strength
from bindsnet.network import Network
from bindsnet.network.topology import Connection, LocalConnection
from bindsnet.network.topology.fields import Fields, each_axis


class LocallyConnectedNetwork(Network):
    """Layers X (inputs) and Y; X → Y is a :class:`LocalConnection` that learns by :class:`PostPre`.

    Y → Y inhibits the neurons of all other filters at the same position. X → Y is drawn from NumPy's generator, see there.

    Args:
        n_inpt: number of inputs.
        input_shape: their rows and columns.
        kernel_size, stride, n_filters: of X → Y, see :class:`LocalConnection`.
        inh: weight Y → Y without its sign, mV.
        dt: time step, ms.
        nu, reduction, wmin, wmax, norm: of X → Y, likewise.
        theta_plus, tc_theta_decay: of Y, see :class:`DiehlAndCookNodes`.
        exc_thresh: threshold of Y without θ, mV.
    """

    def __init__(
        self,
        n_inpt: int,
        input_shape: Sequence[int],
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int],
        n_filters: int,
        inh: float = 25.0,
        dt: float = 1.0,
        nu: float | tuple[float, float] | None = (1e-4, 1e-2),
        reduction: Callable | None = None,
        theta_plus: float = 0.05,
        tc_theta_decay: float = 1e7,
        wmin: float = 0.0,
        wmax: float = 1.0,
        norm: float | None = 0.2,
        exc_thresh: float = -52.0,
    ) -> None:
        super().__init__(dt=dt)
        self.n_inpt, self.input_shape, self.n_filters = n_inpt, input_shape, n_filters
        self.inh = inh = strength(inh, "inh")
        self.kernel_size, self.stride = each_axis(kernel_size, "kernel_size", 1), each_axis(stride, "stride", 1)
        self.theta_plus, self.tc_theta_decay = theta_plus, tc_theta_decay
        self.wmin, self.wmax, self.norm = wmin, wmax, norm
        n_positions = Fields(each_axis(input_shape, "input_shape", 1), self.kernel_size, self.stride).n_positions
        self.add_layer(inputs(n_inpt), name="X")
        self.add_layer(competing(n_filters * n_positions, exc_thresh, theta_plus, tc_theta_decay), name="Y")
        learned = LocalConnection(
            self.X, self.Y, self.kernel_size, self.stride, n_filters, nu, reduction,
            input_shape=input_shape, update_rule=PostPre, wmin=wmin, wmax=wmax, norm=norm,
        )  # fmt: skip
        self.add_connection(learned, source="X", target="Y")
        lateral = torch.kron(all_others(n_filters, -inh), torch.eye(n_positions))
        self.add_connection(Connection(self.Y, self.Y, w=lateral), source="Y", target="Y")
