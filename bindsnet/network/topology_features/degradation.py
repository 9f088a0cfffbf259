"""Degradation: what every signal loses in every step, also where the source is silent."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.topology_features.feature import AbstractFeature, Number


class Degradation(AbstractFeature):
    """Signals less what is lost.

    Args:
        name, value_dtype, sparse, batch_size: as in :class:`AbstractFeature`.
        value: what is lost, mV, or what ``degrade_function`` takes: from -1 to 1.
        degrade_function: makes of the values what is lost, a number or one for each synapse; None takes them as they are. No file
            holds it, since it is any code.
        parent_feature: the feature whose values are taken in place of ``value`` (which fails in BindsNET).
    """

    op = "sub"
    acts_without_spikes = True

    def __init__(
        self,
        name: str,
        value: Number | None = None,
        value_dtype: torch.dtype = torch.float32,
        degrade_function: Callable[[torch.Tensor], Number] | None = None,
        parent_feature: AbstractFeature | None = None,
        sparse: bool = False,
        batch_size: int = 1,
    ) -> None:
        super().__init__(name, value, value_dtype, parent_feature=parent_feature, sparse=sparse, batch_size=batch_size)
        if degrade_function is not None and not callable(degrade_function):
            raise NetworkError(f"{self}: degrade_function is a function of the values, got {degrade_function!r}")
        self.degrade_function = degrade_function

    def compute(self, s: torch.Tensor) -> Number:
        """What is lost.

        Raises:
            NetworkError: the function gives neither a number nor one for each synapse.
        """
        if self.degrade_function is None:
            return self.values
        lost = self.degrade_function(self.values)
        if not isinstance(lost, torch.Tensor | float | int) or torch.as_tensor(lost).numel() not in (1, math.prod(self.ends)):
            got = list(lost.shape) if isinstance(lost, torch.Tensor) else repr(lost)
            raise NetworkError(f"{self}: degrade_function gives a number, or values {list(self.ends)}; it gave {got}")
        return lost
