"""Connection of some pairs of neurons, with a list of weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import real_number
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.runs import Runs
from bindsnet.network.topology.stored import StoredConnection, forget_synapses


class SparseConnection(StoredConnection):
    """Weights between some pairs of neurons, kept as a list of those: memory grows with the number of synapses, not of pairs.

    Args:
        source, target: populations.
        nu, reduction, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments.
        w_dtype: as in :class:`StoredConnection`.
        indices: sources and targets of the synapses, ``[2, n_synapses]``; ``w`` is a weight for each then.
        w: a matrix ``[source.n, target.n]``, sparse (COO; all that it lists are synapses, those listed twice are summed) or dense
            (what is not 0 is a synapse); with ``indices`` or ``sparsity`` drawn evenly between the bounds (0 to 1 where one is
            missing).
        sparsity: where nothing else says which pairs have a synapse: the share of those without, from 0 (default) to below 1.
            Each has one with the probability 1 − sparsity. Only for synapses numbers are drawn (BindsNET 0.2.9 draws two for each
            pair; 0.3.4 heeds no sparsity).
        b: bias, ``[target.n]`` or one number for all; none when left out.

    Attributes:
        w: weights, ``[n_synapses]``, by source, then target.
        indices: sources and targets of the synapses, int64 ``[2, n_synapses]``, a buffer.

    Raises:
        NetworkError: ``sparsity`` is given beside ``indices`` or ``w``, or one of them is none.
    """

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        w_dtype: torch.dtype = torch.float32,
        indices: torch.Tensor | None = None,
        **kwargs,
    ) -> None:
        w, b, sparsity = kwargs.pop("w", None), kwargs.pop("b", None), kwargs.pop("sparsity", None)
        super().__init__(source, target, nu, reduction, weight_decay, w_dtype=w_dtype, **kwargs)
        if sparsity is not None and (indices is not None or w is not None):
            raise NetworkError("a sparse connection takes w or sparsity, one of them")
        if indices is None and w is None:
            sparsity = 0.0 if sparsity is None else sparsity
        if sparsity is not None:
            pairs = _drawn(source.n * target.n, _share(sparsity))
            indices = torch.stack([pairs // target.n, pairs % target.n])
        matrix = self._matrix(indices, w)
        self.register_buffer("indices", matrix.indices().clone())
        self.register_load_state_dict_post_hook(forget_synapses)
        self.store(None if w is None else matrix.values(), b)

    def _matrix(self, indices: torch.Tensor | None, w: torch.Tensor | None) -> torch.Tensor:
        """What is given as a sparse matrix, its synapses by source, then target."""
        shape = self.source.n, self.target.n
        try:
            matrix = None if w is None else torch.as_tensor(w).detach().to(self.w_dtype)
            if indices is not None:
                indices = torch.as_tensor(indices)
                if indices.is_floating_point():
                    raise TypeError(f"indices are whole numbers, not {indices.dtype}")
                values = torch.ones(indices.shape[1], dtype=self.w_dtype) if matrix is None else matrix
                matrix = torch.sparse_coo_tensor(indices, values, shape, check_invariants=True)
        except (TypeError, ValueError, RuntimeError, IndexError) as error:  # whatever torch makes no matrix of
            reason = str(error).partition("\n")[0]
            raise NetworkError(f"a sparse connection takes n indices within {list(shape)} and n weights: {reason}") from error
        if tuple(matrix.shape) != shape:
            raise NetworkError(f"the weights of a sparse connection are a matrix {list(shape)}, got {list(matrix.shape)}")
        return matrix.to_sparse().coalesce()

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(n_synapses,)``."""
        return (self.indices.shape[1],)

    def make_runs(self) -> Runs:
        """See :meth:`AbstractConnection.make_runs`."""
        n_synapses = self.indices.shape[1]
        ends = self.source.n, self.target.n, n_synapses
        return Runs.of_synapses(*self.indices.cpu().numpy(), np.arange(n_synapses), *ends)


def _share(sparsity: float) -> float:
    number = real_number(sparsity)
    if number is None or not 0 <= number < 1:
        raise NetworkError(f"sparsity is a share of pairs from 0 to below 1, got {sparsity!r}")
    return float(number)


def _drawn(n: int, sparsity: float) -> torch.Tensor:
    """Each of n pairs with the probability 1 − sparsity, ascending, drawn from torch's generator.

    Not each pair is drawn, but how far it is from one synapse to the next: the geometric distribution says.
    """
    if sparsity == 0.0:
        return torch.arange(n)
    expected = n * (1.0 - sparsity)
    n_at_once = int(expected + 4.0 * expected**0.5) + 1
    pairs = torch.empty(0, dtype=torch.int64)
    last = -1
    while last < n:
        gaps = torch.empty(n_at_once, dtype=torch.float64).geometric_(1.0 - sparsity).long()
        pairs = torch.cat([pairs, last + gaps.cumsum(0)])
        last = int(pairs[-1])
    return pairs[pairs < n]
