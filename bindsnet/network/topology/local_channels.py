"""Local receptive fields in several channels, on a line, on a plane or in space, each with weights of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import whole_number
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.fields import Fields, each_axis, names_of_axes
from bindsnet.network.topology.runs import Runs
from bindsnet.network.topology.stored import StoredConnection


class LocalChannelsConnection(StoredConnection):
    """Fields as those of a convolution, with weights that no two of them share, as a list for each channel.

    Target neuron ``filter · n_positions + position`` sees the field at its position in every channel: from input ``place`` of the
    field in ``channel`` by ``w[channel, filter · n_positions + position, place]``. Positions and places are counted with the last
    axis fastest. Rules change a weight by the spikes of its own synapse (those of BindsNET 0.3.4, where there are several
    channels, by another's).

    Args:
        source: a population ``[n_channels, *plane]``: of as many axes as the kind says, such as rows and columns.
        target: a population of ``n_filters · n_positions`` neurons.
        kernel_size: of a field, in inputs; a whole number, or one for each axis, as (rows, columns).
        stride: inputs from one field to the next, likewise.
        n_filters: number of neurons that see each field.
        nu, reduction, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments, and
        w_dtype: as in :class:`StoredConnection`.
        w: weights, ``[n_channels, n_filters · n_positions, inputs of a field]``; drawn evenly from 0 to 1 and brought within the
            bounds when left out, as BindsNET does (other kinds are drawn between their bounds).
        b: bias, ``[target.n]`` or one number for all; none when left out (BindsNET heeds none).
        norm: here the sum of the absolute weights of each target neuron from each channel, ``w[channel, target]`` (BindsNET: of
            the weights with their signs, the same where none is negative).

    Raises:
        NetworkError: the numbers do not fit the populations, or weights or bias have another shape.
    """

    n_axes: ClassVar[int]

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...],
        n_filters: int,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        w_dtype: torch.dtype = torch.float32,
        **kwargs,
    ) -> None:
        w, b = kwargs.pop("w", None), kwargs.pop("b", None)
        super().__init__(source, target, nu, reduction, weight_decay, w_dtype=w_dtype, **kwargs)
        n = self.n_axes
        self.kernel_size, self.stride = each_axis(kernel_size, "kernel_size", 1, n), each_axis(stride, "stride", 1, n)
        self.n_filters = whole_number(n_filters, "n_filters", 1)
        if len(source.shape) != 1 + n:
            raise NetworkError(f"local: the source has the shape [n_channels, {names_of_axes(n)}], got {source.shape}")
        self.fields = Fields(tuple(source.shape[1:]), self.kernel_size, self.stride)
        n_targets = self.n_filters * self.fields.n_positions
        if target.n != n_targets:
            expected = " · ".join(map(str, self.fields.positions))
            raise NetworkError(
                f"local: the target has {self.n_filters} filters · {expected} positions = {n_targets} neurons, got {target.n}"
            )
        self.store(torch.rand(self.shape_of_weights) if w is None else w, b)

    @property
    def in_channels(self) -> int:
        """Number of channels of the source."""
        return self.source.shape[0]

    @property
    def conv_size(self) -> tuple[int, ...]:
        """Number of positions along each axis."""
        return self.fields.positions

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(n_channels, n_filters · n_positions, inputs of a field)``."""
        return self.in_channels, self.target.n, math.prod(self.kernel_size)

    def make_runs(self) -> Runs:
        """See :meth:`AbstractConnection.make_runs`."""
        n_channels, n_targets, size = self.shape_of_weights
        inputs, positions, places = self.fields.seen()
        channels, filters = np.arange(n_channels)[:, None, None], np.arange(self.n_filters)[:, None]
        targets = filters * self.fields.n_positions + positions
        sources = channels * math.prod(self.fields.shape) + inputs
        weights = (channels * n_targets + targets) * size + places
        each = (values.reshape(-1) for values in np.broadcast_arrays(sources, targets, weights))
        return Runs.of_synapses(*each, self.source.n, n_targets, n_channels * n_targets * size)

    @property
    def norm_groups(self) -> np.ndarray:
        """See :attr:`AbstractConnection.norm_groups`: the channel and the target neuron of each weight."""
        n_channels, n_targets, size = self.shape_of_weights
        return np.repeat(np.arange(n_channels * n_targets, dtype=np.int32), size)


class LocalConnection1D(LocalChannelsConnection):
    """Fields on a line: source ``[n_channels, columns]``."""

    n_axes = 1


class LocalConnection2D(LocalChannelsConnection):
    """Fields on a plane: source ``[n_channels, rows, columns]``."""

    n_axes = 2


class LocalConnection3D(LocalChannelsConnection):
    """Fields in space: source ``[n_channels, planes, rows, columns]``."""

    n_axes = 3
