"""Maximum pooling of spikes: of each field the neuron with the highest firing rate passes on its spikes.

The rate r of a source neuron follows its spikes s step by step, r := r − decay · r + s, and the neuron with the highest r of a
field drives the field's target by 1 when it fires (Rueckauer et al. 2017, Frontiers in Neuroscience 11:682, section 2.2.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from torch.nn import functional

from bindsnet.errors import NetworkError
from bindsnet.network.checks import real_number
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.network.topology.fields import Fields, each_axis, names_of_axes


class MaxPoolConnection(AbstractConnection):
    """From every field of each channel of the source to the neuron in its place: the spikes of the one that fires most.

    It has no weights: nothing learns. Of equal rates the first neuron counts, the last axis fastest. Only the plain engine runs
    it: what it passes on is no sum over synapses.

    Args:
        source: a population ``[n_channels, *plane]``: of as many axes as the kind says, such as rows and columns.
        target: a population ``[n_channels, *positions]``.
        kernel_size: of a field, in inputs; like the next three a whole number, or one for each axis, as (rows, columns).
        stride: inputs from one field to the next: 1 when left out, as in BindsNET.
        padding: inputs by which fields stand out over each edge, where nothing fires: at most half of a field.
        dilation: inputs from one of a field to the next.
        decay: the share of its rate that a neuron loses in a step; 0 (default) counts all of its spikes.
        delay: as in :class:`AbstractConnection`, one for all.

    Attributes:
        firing_rates: float32 ``[batch_size, *source.shape]``, each sample's own; 0 after a reset.

    Raises:
        NetworkError: populations have another shape, or the numbers are none of these.
    """

    n_axes: ClassVar[int]
    pool: ClassVar[Callable]

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        decay: float | None = 0.0,
        delay: int = 1,
        **kwargs,
    ) -> None:
        super().__init__(source, target, delay=delay, **kwargs)
        n, names = self.n_axes, names_of_axes(self.n_axes)
        self.kernel_size, self.stride = each_axis(kernel_size, "kernel_size", 1, n), each_axis(stride, "stride", 1, n)
        self.padding, self.dilation = each_axis(padding, "padding", 0, n), each_axis(dilation, "dilation", 1, n)
        if any(2 * edge > size for edge, size in zip(self.padding, self.kernel_size, strict=True)):
            raise NetworkError(f"pooling: padding is at most half of kernel_size {self.kernel_size}, got {self.padding}")
        if len(source.shape) != 1 + n:
            raise NetworkError(f"pooling: the source has the shape [n_channels, {names}], got {source.shape}")
        fields = Fields(tuple(source.shape[1:]), self.kernel_size, self.stride, self.padding, self.dilation)
        expected = [source.shape[0], *fields.positions]
        if target.shape != expected:
            raise NetworkError(f"pooling: the target has the shape {expected}, got {target.shape}")
        number = real_number(0.0 if decay is None else decay)
        if number is None or not 0 <= number <= 1:
            raise NetworkError(f"pooling: decay is the share of a rate that a step loses, from 0 to 1, got {decay!r}")
        if self.update_rule.weight_decay:
            raise NetworkError("pooling: there are no weights that could decay: leave weight_decay out")
        self.decay = float(number)
        self.register_buffer("firing_rates", torch.zeros(1, *source.shape))

    @property
    def has_weight_of_each_synapse(self) -> bool:
        """There are no weights."""
        return False

    def prepare(self, dt: float, batch_size: int) -> None:
        """See :meth:`AbstractConnection.prepare`; where there was room for another number of samples, all rates are 0 again."""
        super().prepare(dt, batch_size)
        self._set_batch_size(batch_size)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`; a step of the rates, which these spikes enter first."""
        self._set_batch_size(len(s))
        rates, spikes = self.firing_rates, s.float()
        rates -= self.decay * rates
        rates += spikes
        found = self.pool(rates, self.kernel_size, self.stride, self.padding, self.dilation, return_indices=True)[1]
        return self.scaled(spikes.flatten(2).gather(2, found.flatten(2)).view(len(s), -1))

    def reset_state_variables(self) -> None:
        """See :meth:`AbstractConnection.reset_state_variables`."""
        super().reset_state_variables()
        self.firing_rates.zero_()

    def _set_batch_size(self, batch_size: int) -> None:
        if len(self.firing_rates) != batch_size:
            self.firing_rates = torch.zeros(batch_size, *self.source.shape, device=self.firing_rates.device)


class MaxPool1dConnection(MaxPoolConnection):
    """Maximum pooling on a line: source ``[n_channels, columns]``."""

    n_axes, pool = 1, staticmethod(functional.max_pool1d)


class MaxPool2dConnection(MaxPoolConnection):
    """Maximum pooling on a plane: source ``[n_channels, rows, columns]``."""

    n_axes, pool = 2, staticmethod(functional.max_pool2d)


class MaxPool3dConnection(MaxPoolConnection):
    """Maximum pooling in space: source ``[n_channels, planes, rows, columns]``."""

    n_axes, pool = 3, staticmethod(functional.max_pool3d)


MaxPoo3dConnection = MaxPool3dConnection  # as BindsNET calls it
