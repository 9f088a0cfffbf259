"""Mean field: every signal counts by the share of the source that fires."""

from __future__ import annotations

import torch

from bindsnet.network.topology_features.feature import AbstractFeature


class MeanField(AbstractFeature):
    """Signals times the share of the source neurons that fired in this step, each sample's own.

    (BindsNET's takes no name, fails in a pipeline, and computes one share of all samples of a batch.)

    Args:
        name: as in :class:`AbstractFeature`.
    """

    linkable = False

    def __init__(self, name: str = "mean_field") -> None:
        super().__init__(name)

    def drawn(self, n_source: int, n_target: int) -> torch.Tensor:
        """See :meth:`AbstractFeature.drawn`; nothing is."""
        return torch.zeros(())

    def keep(self, value: torch.Tensor, connection: torch.nn.Module, device: torch.device | str, **kwargs) -> None:
        """See :meth:`AbstractFeature.keep`; there are no values to be kept."""

    def factor(self, s: torch.Tensor, rows: torch.Tensor, silent: bool = True) -> torch.Tensor:
        """See :meth:`Part.factor`; one number for each sample."""
        return s.float().mean(1).view(-1, 1, 1)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """The share, for every synapse: ``[source.n, target.n]``, in a batch ``[batch_size, source.n, target.n]``."""
        share = self.factor(s, torch.arange(0)).expand(-1, *self.ends)
        return share[0] if len(share) == 1 else share
