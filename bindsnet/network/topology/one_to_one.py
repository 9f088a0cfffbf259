"""Connection of each neuron to the one in the same place."""

from __future__ import annotations

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection

NO_DRIVE = torch.zeros(())


class OneToOneConnection(AbstractConnection):
    """Fixed weights from neuron i of the source to neuron i of the target: a diagonal matrix without its zeros.

    Args:
        source, target: populations of equal size.
        w: one weight for all, mV, or one for each neuron, ``[n]``.

    Raises:
        NetworkError: the populations differ in size, or there are neither one nor n weights.
    """

    drives_without_spikes = False

    def __init__(self, source: Nodes, target: Nodes, w: float | torch.Tensor) -> None:
        super().__init__(source, target)
        if source.n != target.n:
            raise NetworkError(f"one to one: source has {source.n} neurons, target {target.n}")
        w = torch.as_tensor(w, dtype=torch.float32)
        if w.numel() not in (1, source.n):
            raise NetworkError(f"one to one: one weight, or {source.n}; got {w.numel()}")
        self.w = torch.nn.Parameter(w.expand(source.n).clone(), requires_grad=False)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(source.n,)``."""
        return (self.source.n,)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`."""
        return self.scaled(torch.where(s.view(s.shape[0], -1), self._parameters["w"], NO_DRIVE))

    def dense(self) -> torch.Tensor:
        """The same connection as a matrix ``[n, n]``."""
        return torch.diag(self.w)
