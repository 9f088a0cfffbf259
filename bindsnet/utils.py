"""Reshaping: fields of weights and labels on lattices, as pictures show them, and images as columns of patches.

The shapes, the numbers and the type (torch's default, on the CPU) are BindsNET's; where it fills an array field by field, the
fields are laid out here at once, by :func:`on_lattice`.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch.nn import functional

Pair = int | tuple[int, int]


def on_lattice(tiles: np.ndarray, n_rows: int, n_columns: int, fill: float = 0.0, gap: int = 0) -> np.ndarray:
    """Tiles side by side, row by row.

    Args:
        tiles: ``[n, rows, columns]``; those beyond the last place are left out.
        n_rows, n_columns: of the lattice.
        fill: what stands where there is no tile, and in the gaps.
        gap: rows and columns between two tiles.

    Returns:
        ``[n_rows · (rows + gap) − gap, n_columns · (columns + gap) − gap]``.
    """
    tiles = tiles[: n_rows * n_columns]
    n, rows, columns = tiles.shape
    kind = tiles.dtype if np.isfinite(fill) else np.result_type(tiles, np.float16)  # whole numbers and bools have no NaN
    places = np.full((n_rows * n_columns, rows + gap, columns + gap), fill, kind)
    places[:n, :rows, :columns] = tiles
    picture = places.reshape(n_rows, n_columns, rows + gap, columns + gap).transpose(0, 2, 1, 3)
    picture = picture.reshape(n_rows * (rows + gap), n_columns * (columns + gap))
    return picture[: len(picture) - gap, : picture.shape[1] - gap]


def lattice_side(n: int) -> int:
    """Side of the smallest square lattice with room for so many."""
    return math.isqrt(max(n, 1) - 1) + 1


def get_square_weights(weights: torch.Tensor, n_sqrt: int, side: Pair) -> torch.Tensor:
    """The weights of every neuron as an image, laid out on a square lattice.

    Args:
        weights: ``[n_inputs, n_neurons]``; the first ``n_sqrt`` ** 2 neurons are shown.
        n_sqrt: side of the lattice.
        side: side of the (square) image, or its (rows, columns); they hold n_inputs.

    Returns:
        ``[n_sqrt * rows, n_sqrt * columns]``; 0 where the lattice has no neuron.
    """
    rows, columns = _pair(side)
    if weights.dim() != 2 or len(weights) != rows * columns:
        raise ValueError(f"weights of {rows} × {columns} inputs are expected, [{rows * columns}, n], got {list(weights.shape)}")
    return _tensor(on_lattice(_array(weights).T.reshape(-1, rows, columns), n_sqrt, n_sqrt))


def get_square_assignments(assignments: torch.Tensor, n_sqrt: int) -> torch.Tensor:
    """The labels of neurons on a square lattice.

    Args:
        assignments: ``[n_neurons]``; the first ``n_sqrt`` ** 2 are shown.
        n_sqrt: side of the lattice.

    Returns:
        ``[n_sqrt, n_sqrt]``; −1 where the lattice has no neuron.
    """
    return _tensor(on_lattice(_array(assignments).reshape(-1, 1, 1), n_sqrt, n_sqrt, -1.0))


def reshape_conv2d_weights(weights: torch.Tensor) -> torch.Tensor:
    """The filters of a convolution on square lattices: one lattice of output channels for each input channel.

    Args:
        weights: ``[n_out, n_in, rows, columns]``.

    Returns:
        ``[a * b * rows, a * b * columns]`` with a = ⌈√n_out⌉ and b = ⌈√n_in⌉; 0 where there is no filter.
    """
    return _tensor(lattices_of_filters(_array(weights)))


def lattices_of_filters(weights: np.ndarray, fill: float = 0.0) -> np.ndarray:
    """See :func:`reshape_conv2d_weights`; `fill` stands where there is no filter."""
    if weights.ndim != 4:
        raise ValueError(f"weights [n_out, n_in, rows, columns] are expected, got the shape {list(weights.shape)}")
    inner, outer = (lattice_side(n) for n in weights.shape[:2])
    lattices = [on_lattice(weights[:, channel], inner, inner, fill) for channel in range(weights.shape[1])]
    return on_lattice(np.stack(lattices), outer, outer, fill)


def reshape_locally_connected_weights(
    w: torch.Tensor, n_filters: int, kernel_size: Pair, conv_size: Pair, locations: torch.Tensor, input_sqrt: Pair
) -> torch.Tensor:
    """The weights of a local connection as an image: at each position the filters that see it, on a square lattice.

    Args:
        w: ``[n_inputs, n_filters · n_positions]``, as ``LocalConnection`` has it.
        n_filters: neurons that see each position.
        kernel_size: side of a field, or its (rows, columns), in inputs.
        conv_size: number of positions along a side, or along (rows, columns).
        locations: which inputs each position sees: their numbers ``[rows * columns, n_positions]``, or where they are as bool
            ``[n_inputs, n_positions]``.
        input_sqrt: side of the input, or its (rows, columns).

    Returns:
        ``[positions · a · rows, positions · a · columns]`` with a = ⌈√n_filters⌉; 0 where there is no filter.
    """
    return _tensor(filters_by_position(local_fields(w, n_filters, kernel_size, conv_size, locations, input_sqrt)))


def local_fields(
    w: torch.Tensor, n_filters: int, kernel_size: Pair, conv_size: Pair, locations: torch.Tensor, input_sqrt: Pair
) -> np.ndarray:
    """What :func:`filters_by_position` takes, from what :func:`reshape_locally_connected_weights` takes."""
    size, positions = _pair(kernel_size), _pair(conv_size)
    n_inputs, n_positions = math.prod(_pair(input_sqrt)), math.prod(positions)
    if list(w.shape) != [n_inputs, n_filters * n_positions]:
        raise ValueError(f"w [{n_inputs}, {n_filters} · {n_positions}] is expected, got the shape {list(w.shape)}")
    seen = torch.as_tensor(locations).cpu().numpy()
    if seen.dtype == bool:
        seen = np.nonzero(seen.T)[1].reshape(n_positions, -1).T
    if seen.shape != (math.prod(size), n_positions):
        raise ValueError(
            f"locations of {math.prod(size)} inputs for {n_positions} positions are expected, got {list(seen.shape)}"
        )
    by_filter = _array(w).reshape(n_inputs, n_filters, n_positions)
    fields = by_filter[seen, :, np.arange(n_positions)]  # [inputs of a field, n_positions, n_filters]
    return fields.T.reshape(n_filters, *positions, *size)


def reshape_local_connection_2d_weights(
    w: torch.Tensor, n_filters: int, kernel_size: Pair, conv_size: Pair, input_sqrt: Pair
) -> torch.Tensor:
    """The weights of a ``LocalConnection2D`` from one channel, laid out as by :func:`reshape_locally_connected_weights`.

    Args:
        w: ``[n_filters, position rows, position columns, rows, columns]``.
        n_filters, kernel_size, conv_size: as there.
        input_sqrt: as there; the picture does not depend on it.
    """
    shape = (n_filters, *_pair(conv_size), *_pair(kernel_size))
    if tuple(w.shape) != shape:
        raise ValueError(f"w {list(shape)} is expected, got the shape {list(w.shape)}")
    return _tensor(filters_by_position(_array(w)))


def filters_by_position(fields: np.ndarray, fill: float = 0.0) -> np.ndarray:
    """Fields ``[n_filters, position rows, position columns, rows, columns]``, at each position on a lattice, as one picture."""
    side, positions = lattice_side(len(fields)), fields.shape[1:3]
    lattices = [on_lattice(fields[:, row, column], side, side, fill) for row, column in np.ndindex(positions)]
    return on_lattice(np.stack(lattices), *positions, fill)


def im2col_indices(
    x: torch.Tensor, kernel_height: int, kernel_width: int, padding: Pair = (0, 0), stride: Pair = (1, 1)
) -> torch.Tensor:
    """The patches of images, a column each: ``torch.nn.functional.unfold``.

    Args:
        x: images ``[n, n_channels, rows, columns]``.
        kernel_height, kernel_width: rows and columns of a patch.
        padding: zeros around an image.
        stride: from one patch to the next.

    Returns:
        ``[n, n_channels · kernel_height · kernel_width, n_patches]``.
    """
    return functional.unfold(x, (kernel_height, kernel_width), padding=padding, stride=stride)


def col2im_indices(
    cols: torch.Tensor,
    x_shape: tuple[int, ...],
    kernel_height: int,
    kernel_width: int,
    padding: Pair = (0, 0),
    stride: Pair = (1, 1),
) -> torch.Tensor:
    """Images out of patches, added up where they overlap: ``torch.nn.functional.fold``.

    Args:
        cols: patches, as :func:`im2col_indices` makes them.
        x_shape: of the images, or their (rows, columns), which is all that BindsNET 0.3.4 takes.
        kernel_height, kernel_width, padding, stride: as there.
    """
    return functional.fold(cols, tuple(x_shape[-2:]), (kernel_height, kernel_width), padding=padding, stride=stride)


def _pair(number: Pair) -> tuple[int, int]:
    return (number, number) if isinstance(number, int) else tuple(number)


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().to(torch.get_default_dtype()).numpy()


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))
