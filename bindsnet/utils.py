"""Reshaping of weights and labels for pictures."""

from __future__ import annotations

import math

import torch


def get_square_weights(weights: torch.Tensor, n_sqrt: int, side: int | tuple[int, int]) -> torch.Tensor:
    """The weights of every neuron as an image, laid out on a square lattice.

    Args:
        weights: ``[n_inputs, n_neurons]``; at most ``n_sqrt`` ** 2 neurons.
        n_sqrt: side of the lattice.
        side: side of the (square) image, or its (rows, columns); they hold n_inputs.

    Returns:
        ``[n_sqrt * rows, n_sqrt * columns]``; NaN where the lattice has no neuron.
    """
    rows, columns = (side, side) if isinstance(side, int) else side
    n_inputs, n_neurons = weights.shape
    if n_inputs != rows * columns or n_neurons > n_sqrt**2:
        raise ValueError(f"weights [{n_inputs}, {n_neurons}] do not fill a {n_sqrt} × {n_sqrt} lattice of {rows} × {columns}")
    fields = torch.full((n_sqrt**2, n_inputs), float("nan"), dtype=weights.dtype, device=weights.device)
    fields[:n_neurons] = weights.T
    return fields.view(n_sqrt, n_sqrt, rows, columns).transpose(1, 2).reshape(n_sqrt * rows, n_sqrt * columns)


def get_square_assignments(assignments: torch.Tensor, n_sqrt: int) -> torch.Tensor:
    """The labels of neurons on a square lattice.

    Args:
        assignments: ``[n_neurons]``; at most ``n_sqrt`` ** 2.
        n_sqrt: side of the lattice.

    Returns:
        ``[n_sqrt, n_sqrt]``; −1 where the lattice has no neuron.
    """
    if len(assignments) > n_sqrt**2:
        raise ValueError(f"{len(assignments)} neurons do not fit on a lattice of side {n_sqrt}")
    lattice = torch.full((n_sqrt**2,), -1, dtype=assignments.dtype, device=assignments.device)
    lattice[: len(assignments)] = assignments
    return lattice.view(n_sqrt, n_sqrt)


def reshape_conv2d_weights(weights: torch.Tensor) -> torch.Tensor:
    """The filters of a convolution on square lattices: one lattice of output channels for each input channel.

    Args:
        weights: ``[n_out, n_in, rows, columns]``.

    Returns:
        ``[a * b * rows, a * b * columns]`` with a = ⌈√n_out⌉ and b = ⌈√n_in⌉; NaN where there is no filter.
    """
    n_out, n_in, rows, columns = weights.shape
    n_sqrt_out, n_sqrt_in = (math.ceil(math.sqrt(n)) for n in (n_out, n_in))
    lattices = [get_square_weights(weights[:, i].reshape(n_out, -1).T, n_sqrt_out, (rows, columns)) for i in range(n_in)]
    fields = torch.stack(lattices).view(n_in, -1).T
    return get_square_weights(fields, n_sqrt_in, (n_sqrt_out * rows, n_sqrt_out * columns))
