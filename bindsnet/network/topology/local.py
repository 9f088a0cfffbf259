"""Local receptive fields, each with weights of its own."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import whole_number
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.fields import Fields, each_axis
from bindsnet.network.topology.masked import MaskedConnection


class LocalConnection(MaskedConnection):
    """Fields as those of a convolution, with weights that no two of them share, in a matrix as BindsNET has it.

    Target neuron ``filter · n_positions + position`` sees the field at its position, counted row by row.

    Args:
        source: a population on a plane: ``[rows, columns]``, ``[1, rows, columns]``, or by ``input_shape``.
        target: a population of ``n_filters · n_positions`` neurons.
        kernel_size: of a field, in inputs; a whole number, or a pair (rows, columns).
        stride: inputs from one field to the next, likewise.
        n_filters: number of neurons that see each field.
        nu, reduction, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments.
        w_dtype: as in :class:`StoredConnection`.
        input_shape: (rows, columns) of the source; by its shape, or else a square, when left out.
        w, b, wmin, wmax: as in :class:`MaskedConnection`, but weights are drawn from NumPy's generator, since BindsNET does so:
            ``numpy.random.seed`` reaches them, no seed of torch's, whose generator is left as it was.
        norm: the mean of the absolute weights of a field: those into a target sum to ``norm`` times the inputs of a field.

    Raises:
        NetworkError: the numbers do not fit the populations, or see :class:`MaskedConnection`.
    """

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int],
        n_filters: int,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        w_dtype: torch.dtype = torch.float32,
        input_shape: tuple[int, int] | None = None,
        **kwargs,
    ) -> None:
        shape = _plane(source) if input_shape is None else each_axis(input_shape, "input_shape", 1)
        if math.prod(shape) != source.n:
            raise NetworkError(f"local: an input_shape (rows, columns) of {source.n} source neurons is needed, got {shape}")
        fields = Fields(shape, each_axis(kernel_size, "kernel_size", 1), each_axis(stride, "stride", 1))
        n_filters = whole_number(n_filters, "n_filters", 1)
        if target.n != n_filters * fields.n_positions:
            expected = f"{n_filters} filters · {fields.positions[0]} · {fields.positions[1]} positions"
            raise NetworkError(f"local: the target has {expected} = {n_filters * fields.n_positions} neurons, got {target.n}")
        seen = fields.seen()
        mask = torch.zeros(source.n, n_filters, fields.n_positions, dtype=torch.bool)
        mask[seen.inputs, :, seen.positions] = True
        super().__init__(source, target, mask.view(source.n, -1), nu, reduction, weight_decay, w_dtype, **kwargs)
        self.kernel_size, self.stride, self.n_filters, self.input_shape = fields.size, fields.stride, n_filters, shape
        self.weights_per_norm = math.prod(fields.size)

    @property
    def conv_size(self) -> tuple[int, int]:
        """Number of positions along (rows, columns)."""
        return Fields(self.input_shape, self.kernel_size, self.stride).positions

    @property
    def locations(self) -> torch.Tensor:
        """Which inputs each position sees, int64 ``[inputs of a field, n_positions]``."""
        seen = self.mask.view(self.source.n, self.n_filters, -1)[:, 0]
        return seen.t().nonzero()[:, 1].view(seen.shape[1], -1).t()

    def drawn(self) -> torch.Tensor:
        """Numbers from 0 to 1, drawn target by target, source by source."""
        into = self.mask.t()
        numbers = np.random.rand(int(into.sum()))  # noqa: NPY002 - a seeded program for BindsNET gets the same weights
        return torch.zeros(into.shape).masked_scatter_(into, torch.from_numpy(numbers).float()).t()


def _plane(source: Nodes) -> tuple[int, int]:
    """Rows and columns of a population that has them, or of a square."""
    if len(source.shape) > 1:
        return tuple(source.shape[-2:])
    return math.isqrt(source.n), math.isqrt(source.n)
