"""Connection of each neuron to the one in the same place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.network.topology.runs import Runs
from bindsnet.network.topology.synapses import add_depressed_runs, add_runs

NO_DRIVE = torch.zeros(())


class OneToOneConnection(AbstractConnection):
    """Weights from neuron i of the source to neuron i of the target: a diagonal matrix without its zeros.

    Args:
        source, target: populations of equal size.
        w: one weight for all, mV, or one for each neuron, ``[n]``.
        nu, reduction, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments.

    Raises:
        NetworkError: the populations differ in size, or there are neither one nor n weights.
    """

    drives_without_spikes = False
    compiled_drive = staticmethod(add_runs)
    compiled_depressed_drive = staticmethod(add_depressed_runs)

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        w: float | torch.Tensor,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(source, target, nu, reduction, weight_decay, **kwargs)
        if source.n != target.n:
            raise NetworkError(f"one to one: source has {source.n} neurons, target {target.n}")
        w = torch.as_tensor(w, dtype=torch.float32)
        if w.numel() not in (1, source.n):
            raise NetworkError(f"one to one: one weight, or {source.n}; got {w.numel()}")
        w = w.reshape(-1).expand(source.n)
        self.bounds.check(type(self).__name__, (source.n,))
        w = self.bounds.within(w)
        self.w = torch.nn.Parameter(w.clone(), requires_grad=False)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(source.n,)``."""
        return (self.source.n,)

    def make_runs(self) -> Runs:
        """See :meth:`AbstractConnection.make_runs`: runs of length 1."""
        n = self.source.n
        return Runs(np.arange(n + 1), np.arange(n), np.arange(n), np.ones(n), n, n)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`; no sum has more than one term."""
        flat, w = s.view(len(s), -1), self._parameters["w"]
        if self.resources is not None:
            w = w * self.released(flat)
        return self.scaled(torch.where(flat, w, NO_DRIVE))

    def dense(self) -> torch.Tensor:
        """The same connection as a matrix ``[n, n]``."""
        return torch.diag(self.w)
