"""Mean field: a target sees how many of the source fire, not which: its drive is w times the share of the source that fired."""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.runs import Runs
from bindsnet.network.topology.stored import StoredConnection


def add_mean(drive, w, n_sources, of_targets, fired, first, last, factor):
    """Mean field: the share of the source that fired, times the weight of each target."""
    share = np.float32(last - first) / np.float32(n_sources)
    for j in range(len(drive)):
        drive[j] = (share * of_targets[j]) * factor


class MeanFieldConnection(StoredConnection):
    """The share of the source neurons that fired, times a weight: one for all targets, or one for each.

    The share is each sample's own (BindsNET takes one of all samples of a batch together). The weight is of no synapse, so that
    no plasticity rule can change it; ``weight_decay`` does.

    Args:
        source, target: populations.
        nu, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments, but for ``norm``.
        w_dtype: as in :class:`StoredConnection`.
        w: the weight, a number, or one for each target neuron, in the shape of the target. When left out it is drawn as BindsNET
            does: (z + 1) / 10 with z of the normal distribution, between the bounds where there are both, else within them.

    Raises:
        NetworkError: there are other weights, a rule, or a norm.
    """

    compiled_drive = staticmethod(add_mean)

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        nu: float | tuple[float, float] | None = None,
        weight_decay: float = 0.0,
        w_dtype: torch.dtype = torch.float32,
        **kwargs,
    ) -> None:
        w = kwargs.pop("w", None)
        super().__init__(source, target, nu, weight_decay=weight_decay, w_dtype=w_dtype, **kwargs)
        if self.norm is not None:
            raise NetworkError("mean field: there is no sum of weights that norm could restore: leave it out")
        if w is None:
            w = self.bounds.spread((torch.randn(1)[0] + 1) / 10)
        self.of_each_target = torch.as_tensor(w).dim() > 0
        self.store(w, None)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``()``, or the shape of the target."""
        return tuple(self.target.shape) if self.of_each_target else ()

    @property
    def has_weight_of_each_synapse(self) -> bool:
        """None has, of however many neurons the target is."""
        return False

    def drive_arguments(self, runs: Runs | None, places: np.ndarray | None) -> dict[str, object]:
        """See :meth:`AbstractConnection.drive_arguments`."""
        return {"n_sources": self.source.n, "of_targets": self.w.expand(self.target.shape).reshape(-1).numpy()}

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`."""
        share = s.reshape(len(s), -1).sum(1, keepdim=True).float() / self.source.n
        return self.scaled((share * self.w.float().reshape(1, -1)).expand(-1, self.target.n))

    def dense(self) -> torch.Tensor:
        """The same connection as a matrix ``[source.n, target.n]``, whose drive may differ in the last bits."""
        return (self.w.float() / self.source.n).reshape(1, -1).expand(self.source.n, self.target.n).clone()
