"""Probabilities: in every step a signal passes its synapse with that of this synapse, or not at all."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.learning.MCC_learning import MCC_LearningRule
from bindsnet.network.topology_features.feature import AbstractFeature, Number


class Probability(AbstractFeature):
    """Signals that pass by chance: of each synapse, step and sample its own, of :mod:`bindsnet.numbers.random`.

    (BindsNET draws from torch's generator, and once for all samples of a batch.)

    Args:
        name, value_dtype, norm, learning_rule, nu, reduction, decay, parent_feature, sparse, batch_size: as in
            :class:`AbstractFeature`.
        value: the probabilities; drawn evenly from 0 to 1, and brought within the range, when None.
        range: their bounds, within 0 and 1, which are those by default.

    Raises:
        NetworkError: see :class:`AbstractFeature`, or the range is not within 0 and 1.
    """

    default_range = (0.0, 1.0)

    def __init__(
        self,
        name: str,
        value: Number | None = None,
        value_dtype: torch.dtype = torch.float32,
        range: Sequence[Number] | None = None,
        norm: Number | None = None,
        learning_rule: type[MCC_LearningRule] | None = None,
        nu: float | Sequence[float] | None = None,
        reduction: Callable | None = None,
        decay: float = 0.0,
        parent_feature: AbstractFeature | None = None,
        sparse: bool = False,
        batch_size: int = 1,
    ) -> None:
        super().__init__(
            name,
            value,
            value_dtype,
            range,
            norm=norm,
            learning_rule=learning_rule,
            nu=nu,
            reduction=reduction,
            decay=decay,
            parent_feature=parent_feature,
            sparse=sparse,
            batch_size=batch_size,
        )

    def drawn(self, n_source: int, n_target: int) -> torch.Tensor:
        """See :meth:`AbstractFeature.drawn`."""
        return torch.rand(n_source, n_target)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """Which signals pass, 0 or 1: ``[source.n, target.n]``, in a batch ``[batch_size, source.n, target.n]``."""
        passed = self.factor(s, torch.arange(self.ends[0], device=s.device))
        return passed[0] if len(passed) == 1 else passed

    def factor(self, s: torch.Tensor, rows: torch.Tensor, silent: bool = True) -> torch.Tensor:
        """See :meth:`Part.factor`; nothing is drawn for other sources."""
        source, target = self.between
        where = target.first_neuron, source.first_neuron, zlib.crc32(self.name.encode())
        needed = s.index_select(1, rows)
        samples, places = (torch.ones_like(needed) if silent else needed).nonzero(as_tuple=True)
        sources = rows[places]
        numbers = sources.cpu().numpy()[:, None] * target.n + np.arange(target.n)
        chances = target.randomness.chances_of_synapses(samples.cpu().numpy(), where, numbers)
        passed = torch.zeros(len(s), len(rows), target.n, device=s.device)
        passed[samples, places] = (torch.from_numpy(chances).to(s.device) < self.values[sources]).float()
        return passed

    def sparse_bernoulli(self) -> torch.Tensor:
        """Which signals of a sample pass, as a sparse tensor ``[1, source.n, target.n]``."""
        silent = torch.zeros(1, self.ends[0], dtype=torch.bool, device=self.values.device)
        return self.factor(silent, torch.arange(self.ends[0], device=silent.device)).to_sparse()

    def assert_valid_range(self) -> None:
        """See :meth:`AbstractFeature.assert_valid_range`.

        Raises:
            NetworkError: it is no pair of bounds, or not within 0 and 1.
        """
        super().assert_valid_range()
        low, high = map(torch.as_tensor, self.range)
        if (low < 0).any() or (high > 1).any():
            raise NetworkError(f"{self}: probabilities are within 0 and 1, got the range {self.range!r}")
