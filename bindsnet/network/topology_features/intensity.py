"""Intensities: a signal is multiplied by that of its synapse, which nothing changes."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from bindsnet.network.topology_features.feature import AbstractFeature, Number


class Intensity(AbstractFeature):
    """Signals times intensities.

    Args:
        name, value_dtype, range, sparse, batch_size: as in :class:`AbstractFeature`.
        value: the intensities; each drawn from -1, 0 and 1, and brought within the range, when None.
    """

    def __init__(
        self,
        name: str,
        value: Number | None = None,
        value_dtype: torch.dtype = torch.float32,
        range: Sequence[Number] | None = None,
        sparse: bool = False,
        batch_size: int = 1,
    ) -> None:
        super().__init__(name, value, value_dtype, range, sparse=sparse, batch_size=batch_size)

    def drawn(self, n_source: int, n_target: int) -> torch.Tensor:
        """See :meth:`AbstractFeature.drawn`."""
        return torch.randint(-1, 2, (n_source, n_target)).float()

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """The intensities."""
        return self.values
