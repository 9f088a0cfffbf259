"""Connection of some pairs of neurons, with a matrix of weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.bounds import Bounds
from bindsnet.network.topology.runs import Runs
from bindsnet.network.topology.stored import StoredConnection, forget_synapses


class MaskedConnection(StoredConnection):
    """Weights between the pairs of neurons that a mask names; between all others there is no synapse, and the weight stays 0.

    Args:
        source, target: populations.
        mask: bool ``[source.n, target.n]``: where there is a synapse.
        nu, reduction, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments, and
        w_dtype: as in :class:`StoredConnection`.
        w: weights, ``[source.n, target.n]``; drawn evenly between the bounds (0 to 1 where one is missing) when left out.
        b: bias, ``[target.n]`` or one number for all; none when left out.
        wmin, wmax: bounds with 0 between them, or one of them 0.

    Attributes:
        mask: the mask, a buffer; another one is loaded by ``load_state_dict``.

    Raises:
        NetworkError: mask, weights or bias have another shape or type, or bounds exclude 0.
    """

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        mask: torch.Tensor,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        w_dtype: torch.dtype = torch.float32,
        **kwargs,
    ) -> None:
        w, b = kwargs.pop("w", None), kwargs.pop("b", None)
        super().__init__(source, target, nu, reduction, weight_decay, w_dtype=w_dtype, **kwargs)
        self.register_buffer("mask", torch.as_tensor(mask).clone())
        self.register_load_state_dict_post_hook(forget_synapses)
        self.store(w, b)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(source.n, target.n)``."""
        return self.source.n, self.target.n

    def check_bounds(self, bounds: Bounds) -> None:
        """See :meth:`AbstractConnection.check_bounds`; 0 must be within them."""
        if not ((torch.as_tensor(bounds.low) <= 0.0).all() and (torch.as_tensor(bounds.high) >= 0.0).all()):
            got = "" if bounds.each else f" wmin {bounds.low} and wmax {bounds.high}"
            raise NetworkError(f"{type(self).__name__}: 0, the weight without a synapse, is not between{got or ' all bounds'}")

    def check_weights(self) -> None:
        """See :meth:`AbstractConnection.check_weights`; where there is no synapse they become 0."""
        super().check_weights()
        mask = self.mask
        if mask.dtype is not torch.bool or tuple(mask.shape) != self.shape_of_weights:
            raise NetworkError(f"a mask is bool of shape {list(self.shape_of_weights)}, got {mask.dtype}, {list(mask.shape)}")
        self._parameters["w"].data.masked_fill_(~self.mask, 0.0)

    def make_runs(self) -> Runs:
        """See :meth:`AbstractConnection.make_runs`: one for each stretch of neighbours in a row of the mask."""
        n, m = self.shape_of_weights
        steps = np.diff(self.mask.cpu().numpy().astype(np.int8), axis=1, prepend=0, append=0)
        (sources, begins), (_, ends) = (steps == 1).nonzero(), (steps == -1).nonzero()
        pointers = np.searchsorted(sources, np.arange(n + 1))
        return Runs(pointers, begins, sources * m + begins, ends - begins, m, n * m)
