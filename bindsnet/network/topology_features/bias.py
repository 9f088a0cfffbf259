"""A bias: it is added to the signal of its synapse in every step, also where the source is silent."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from bindsnet.network.topology_features.feature import AbstractFeature, Number


class Bias(AbstractFeature):
    """Signals plus a bias. A target takes the sum of those of its synapses, times the features that come after.

    Args:
        name, value_dtype, norm, sparse, batch_size: as in :class:`AbstractFeature`.
        value: the bias of each synapse, mV; drawn evenly from 0 to 1 when None.
        range: its bounds; none by default.
    """

    op = "add"
    acts_without_spikes = True
    default_range = (-torch.inf, torch.inf)

    def __init__(
        self,
        name: str,
        value: Number | None = None,
        value_dtype: torch.dtype = torch.float32,
        range: Sequence[Number] | None = None,
        norm: Number | None = None,
        sparse: bool = False,
        batch_size: int = 1,
    ) -> None:
        super().__init__(name, value, value_dtype, range, norm=norm, sparse=sparse, batch_size=batch_size)

    def drawn(self, n_source: int, n_target: int) -> torch.Tensor:
        """See :meth:`AbstractFeature.drawn`."""
        return torch.rand(n_source, n_target)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """The bias."""
        return self.values
