"""Pooling: what happens anywhere in a region of the plane drives one neuron, as in models of complex cells.

Riesenhuber & Poggio 1999, Nature Neuroscience 2:1019. A target whose threshold one spike reaches fires if any neuron of its
region does: of spikes that is the maximum, which they take, where the sum would count them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.fields import Fields, each_axis
from bindsnet.network.topology.runs import Runs
from bindsnet.network.topology.stored import StoredConnection


class RegionConnection(StoredConnection):
    """From the neurons of a region in each channel of the source to the neuron in the region's place, with one weight for all.

    Args:
        source: a population ``[n_channels, rows, columns]``.
        target: a population ``[n_channels, *regions]``, or ``[n_copies, n_channels, *regions]``: each copy receives the same.
        size: of a region, in neurons; like ``stride`` a whole number, or a pair (rows, columns).
        stride: from one region to the next: regions overlap where it is smaller than they are. What is left at the end of the
            rows or columns, where no region fits any more, is in none.
        w: the weight, mV.
        nu, reduction, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments.

    Raises:
        NetworkError: populations have another shape, size and stride are no such numbers, or not one region fits, or there is
            more than one weight.
    """

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        size: int | tuple[int, int] = 1,
        stride: int | tuple[int, int] = 1,
        w: float | torch.Tensor = 1.0,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(source, target, nu, reduction, weight_decay, **kwargs)
        self.size, self.stride = each_axis(size, "size", 1), each_axis(stride, "stride", 1)
        if len(source.shape) != 3:
            raise NetworkError(f"regions: the source has the shape [n_channels, rows, columns], got {source.shape}")
        self.fields = Fields(tuple(source.shape[1:]), self.size, self.stride)
        one = [source.shape[0], *self.fields.positions]
        if target.shape[-3:] != one or len(target.shape) > 4:
            raise NetworkError(f"regions: the target has the shape {one}, or [n_copies, ...] of that, got {target.shape}")
        w = torch.as_tensor(w, dtype=torch.float32)
        if w.numel() != 1:
            raise NetworkError(f"regions: one weight for all, got the shape {list(w.shape)}")
        self.store(w.reshape(1), None)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(1,)``."""
        return (1,)

    def make_runs(self) -> Runs:
        """See :meth:`AbstractConnection.make_runs`."""
        n_channels, n_inputs = self.source.shape[0], math.prod(self.source.shape[1:])
        inputs, regions, _ = self.fields.seen()
        channels = np.arange(n_channels)[:, None]
        sources = (channels * n_inputs + inputs).reshape(-1)
        targets = (channels * self.fields.n_positions + regions).reshape(-1)
        n = n_channels * self.fields.n_positions
        copies = np.arange(self.target.n // n)[:, None] * n
        sources, targets = np.tile(sources, len(copies)), (copies + targets).reshape(-1)
        return Runs.of_synapses(sources, targets, np.zeros(len(sources)), self.source.n, self.target.n, 1)
