"""A mask: a signal passes the synapses that it names, and no others."""

from __future__ import annotations

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.topology_features.feature import AbstractFeature


class Mask(AbstractFeature):
    """Signals where there is a synapse.

    Args:
        name, sparse, batch_size: as in :class:`AbstractFeature`.
        value: bool ``[source.n, target.n]``, or one for all synapses; when None each is there with a probability of 1 %.

    Raises:
        NetworkError: the value is not bool.
    """

    linkable = False

    def __init__(self, name: str, value: torch.Tensor | bool | None = None, sparse: bool = False, batch_size: int = 1) -> None:
        super().__init__(name, value, torch.bool, sparse=sparse, batch_size=batch_size)

    def drawn(self, n_source: int, n_target: int) -> torch.Tensor:
        """See :meth:`AbstractFeature.drawn`."""
        return torch.rand(n_source, n_target) > 0.99

    def keep(self, value: torch.Tensor, connection: torch.nn.Module, device: torch.device | str, **kwargs) -> None:
        """See :meth:`AbstractFeature.keep`; no rule changes it."""
        self.register_buffer("kept", value.to(device, copy=True))

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """The mask."""
        return self.values

    def checked(self, value: torch.Tensor | bool) -> torch.Tensor:
        """See :meth:`AbstractFeature.checked`."""
        given = value.dtype if isinstance(value, torch.Tensor) else type(value)
        if given not in (torch.bool, bool):
            raise NetworkError(f"{self}: value is a bool tensor, or one bool for all synapses; got {given}")
        return super().checked(value)
