"""Convolution: fields of one size everywhere on a line, on a plane or in space, which share their weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.fields import Fields, each_axis, names_of_axes
from bindsnet.network.topology.runs import Runs
from bindsnet.network.topology.stored import StoredConnection


class ConvolutionalConnection(StoredConnection):
    """Convolution: from every field of the source to the neurons in its place in all maps of the target, with the map's kernel.

    ``w`` is shown as BindsNET and torch's convolutions have it, ``[n_maps, n_channels, *kernel]``, and lies in memory with the
    maps last: a spike reaches a position in all maps by one run of neighbouring weights. Runs count targets by position, then
    map. Rules change a weight by the spikes of its own synapses (those of BindsNET 0.3.4, on a line and in space, by others').

    Args:
        source: a population ``[n_channels, *plane]``: of as many axes as the kind says, such as rows and columns.
        target: a population ``[n_maps, *positions]``.
        kernel_size: of a field, in inputs; like the next three a whole number, or one for each axis, as (rows, columns).
        stride: inputs from one field to the next.
        padding: inputs by which fields stand out over each edge, where nothing fires.
        dilation: inputs from one of a field to the next.
        nu, reduction, weight_decay, w_dtype: as in :class:`AbstractConnection`, with its keyword arguments, and
        w: weights of the shape above; drawn evenly between the bounds (0 to 1 where one is missing) when left out.
        b: bias, one for each map or one number for all; none when left out (BindsNET then has one of 0).
        norm: here the sum of the absolute weights of each kernel, ``w[map, channel]`` (BindsNET: of the weights with their signs,
            the same where none is negative).

    Raises:
        NetworkError: populations, weights or bias have another shape, or kernel, stride, padding, dilation are no such numbers.
    """

    n_axes: ClassVar[int]

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        w_dtype: torch.dtype = torch.float32,
        **kwargs,
    ) -> None:
        w, b = kwargs.pop("w", None), kwargs.pop("b", None)
        super().__init__(source, target, nu, reduction, weight_decay, w_dtype=w_dtype, **kwargs)
        n, names = self.n_axes, names_of_axes(self.n_axes)
        self.kernel_size, self.stride = each_axis(kernel_size, "kernel_size", 1, n), each_axis(stride, "stride", 1, n)
        self.padding, self.dilation = each_axis(padding, "padding", 0, n), each_axis(dilation, "dilation", 1, n)
        if len(source.shape) != 1 + n:
            raise NetworkError(f"convolution: the source has the shape [n_channels, {names}], got {source.shape}")
        self.fields = Fields(tuple(source.shape[1:]), self.kernel_size, self.stride, self.padding, self.dilation)
        positions = list(self.fields.positions)
        if len(target.shape) != 1 + n or target.shape[1:] != positions:
            raise NetworkError(f"convolution: the target has the shape [n_maps, {str(positions)[1:-1]}], got {target.shape}")
        self.in_channels, self.out_channels = source.shape[0], target.shape[0]
        self.store(w, b)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(n_maps, n_channels, *kernel_size)``."""
        return self.target.shape[0], self.source.shape[0], *self.kernel_size

    @property
    def n_biases(self) -> int:
        """Number of maps."""
        return self.target.shape[0]

    @property
    def bias(self) -> torch.Tensor | None:
        """See :attr:`AbstractConnection.bias`."""
        return None if self.b is None else self.b.view(-1).repeat(self.fields.n_positions)

    @cached_property
    def order_of_targets(self) -> np.ndarray:
        """See :attr:`AbstractConnection.order_of_targets`: all maps of the first position, then of the second, ..."""
        return np.arange(self.target.n, dtype=np.int32).reshape(self.n_biases, -1).T.reshape(-1)

    def make_runs(self) -> Runs:
        """See :meth:`AbstractConnection.make_runs`: one run for each position that a source neuron reaches."""
        n_maps, n_channels, *size = self.shape_of_weights
        inputs, positions, places = self.fields.seen()
        channels = np.arange(n_channels)[:, None]
        sources = (channels * np.prod(self.fields.shape) + inputs).reshape(-1)
        firsts = (channels * np.prod(size) + places).reshape(-1) * n_maps
        targets = np.tile(positions, n_channels) * n_maps
        order = np.lexsort((targets, sources))
        pointers = np.searchsorted(sources[order], np.arange(self.source.n + 1))
        lengths = np.full(len(order), n_maps)
        return Runs(pointers, targets[order], firsts[order], lengths, self.target.n, self.w.numel())

    def flat(self, values: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.flat`: maps last."""
        return values.movedim(0, -1).reshape(-1)

    def laid_out(self, w: torch.Tensor) -> torch.Tensor:
        """See :meth:`StoredConnection.laid_out`: maps last."""
        return w.movedim(0, -1).contiguous().movedim(-1, 0)

    @cached_property
    def norm_groups(self) -> np.ndarray:
        """See :attr:`AbstractConnection.norm_groups`: the kernel of each weight, of a map and a channel."""
        shape = self.shape_of_weights
        kernels = torch.arange(shape[0] * shape[1], dtype=torch.int32).view(*shape[:2], *[1] * self.n_axes)
        return self.flat(kernels.expand(shape)).numpy()


class Conv1dConnection(ConvolutionalConnection):
    """Convolution on a line: source ``[n_channels, columns]``, weights as torch's ``conv1d`` has them."""

    n_axes = 1


class Conv2dConnection(ConvolutionalConnection):
    """Convolution on a plane: source ``[n_channels, rows, columns]``, weights as torch's ``conv2d`` has them."""

    n_axes = 2


class Conv3dConnection(ConvolutionalConnection):
    """Convolution in space: source ``[n_channels, planes, rows, columns]``, weights as torch's ``conv3d`` has them."""

    n_axes = 3
