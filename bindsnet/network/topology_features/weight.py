"""Weights: a signal is multiplied by that of its synapse. Alone in a pipeline they are a dense connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning.MCC_learning import MCC_LearningRule
from bindsnet.network.topology_features.feature import AbstractFeature, Number

if TYPE_CHECKING:
    from bindsnet.network.topology.connection import Connection

FREQUENCIES = ("sample", "time step")


class Weight(AbstractFeature):
    """Signals times weights.

    Args:
        name, value_dtype, norm, learning_rule, nu, reduction, enforce_polarity, decay, sparse, batch_size, kwargs: as in
            :class:`AbstractFeature`.
        value: the weights, mV; drawn evenly from 0 to 1, and brought within the range, when None.
        range: bounds of the weights; none by default.
        norm_frequency: when the sum ``norm`` is restored: after each ``"sample"``, which is a run, or each ``"time step"``, which
            only the plain engine does.

    Raises:
        NetworkError: see :class:`AbstractFeature`, or there is no such frequency.
    """

    weighs = True
    default_range = (-torch.inf, torch.inf)

    def __init__(
        self,
        name: str,
        value: Number | None = None,
        value_dtype: torch.dtype = torch.float32,
        range: Sequence[Number] | None = None,
        norm: Number | None = None,
        norm_frequency: str = "sample",
        learning_rule: type[MCC_LearningRule] | None = None,
        nu: float | Sequence[float] | None = None,
        reduction: Callable | None = None,
        enforce_polarity: bool = False,
        decay: float = 0.0,
        sparse: bool = False,
        batch_size: int = 1,
        **kwargs,
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
            enforce_polarity=enforce_polarity,
            decay=decay,
            sparse=sparse,
            batch_size=batch_size,
            **kwargs,
        )
        if norm_frequency not in FREQUENCIES:
            raise NetworkError(f"{self}: norm_frequency is one of {', '.join(map(repr, FREQUENCIES))}, got {norm_frequency!r}")
        self.norm_frequency = norm_frequency

    def drawn(self, n_source: int, n_target: int) -> torch.Tensor:
        """See :meth:`AbstractFeature.drawn`."""
        return torch.rand(n_source, n_target)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """The weights."""
        return self.values

    @property
    def alone(self) -> Connection | None:
        """See :attr:`Part.alone`; what a class of the user's own does is for the pipeline to do."""
        usual = type(self) is Weight and not self.acts_without_spikes and self.synapses is not None
        return self.learning_rule.alone if usual else None

    @property
    def acts_without_spikes(self) -> bool:
        """See :attr:`Part.acts_without_spikes`."""
        return self.norm_frequency == "time step" and self.norm is not None

    def defer(self) -> None:
        """See :meth:`Part.defer`."""
        self.normalize(time_step_norm=True)

    def normalize(self, time_step_norm: bool = False) -> None:
        """See :meth:`Part.normalize`.

        Args:
            time_step_norm: whether a time step is over, and not a sample.
        """
        if (self.norm_frequency == "time step") == time_step_norm:
            super().normalize()
