"""Receptive fields on a plane: which inputs each position sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import whole_number


def pair(value: int | Iterable[int], name: str, least: int) -> tuple[int, int]:
    """A number for rows and one for columns, of such a pair or of one number for both.

    Raises:
        NetworkError: it is neither, or less than ``least``.
    """
    if isinstance(value, torch.Tensor | np.ndarray):
        value = value.tolist()
    numbers = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value, value]
    if len(numbers) != 2:
        raise NetworkError(f"{name} is a whole number or a pair of them (rows, columns), got {value!r}")
    rows, columns = (whole_number(number, name, least) for number in numbers)
    return rows, columns


class Seen(NamedTuple):
    """Inputs that positions see, pair by pair: the input, the position, and the place in the field, counted row by row."""

    inputs: np.ndarray
    positions: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class Fields:
    """Receptive fields of one size that stand on a plane at equal distances.

    All are pairs (rows, columns), as for ``torch.nn.functional.conv2d``.

    Args:
        shape: of the plane.
        size: of a field: how many inputs it sees.
        stride: from one field to the next.
        padding: how far fields stand out over the edge of the plane, on each side.
        dilation: from one input of a field to the next.

    Raises:
        NetworkError: not one field fits into the plane.
    """

    shape: tuple[int, int]
    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if min(self.positions) < 1:
            raise NetworkError(f"a field of {self.size} inputs, dilation {self.dilation}, fits not once into {self.shape}")

    @property
    def positions(self) -> tuple[int, int]:
        """Numbers of fields along the rows and the columns of the plane."""
        rows, columns = (
            (n + 2 * padding - dilation * (size - 1) - 1) // stride + 1
            for n, size, stride, padding, dilation in zip(*self._by_axis, strict=True)
        )
        return rows, columns

    @property
    def n_positions(self) -> int:
        """Number of fields."""
        return self.positions[0] * self.positions[1]

    def seen(self) -> Seen:
        """What each position sees, int64 ``[n_pairs]`` each; inputs and positions are counted row by row."""
        along_rows, along_columns = (self._along(axis) for axis in (0, 1))
        widths = self.shape[1], self.positions[1], self.size[1]
        both = zip(along_rows, along_columns, widths, strict=True)
        return Seen(*((rows[:, None] * width + columns).reshape(-1) for rows, columns, width in both))

    def _along(self, axis: int) -> Seen:
        n, size, stride, padding, dilation = (pair[axis] for pair in self._by_axis)
        positions, places = np.indices((self.positions[axis], size)).reshape(2, -1)
        inputs = positions * stride - padding + places * dilation
        inside = (inputs >= 0) & (inputs < n)
        return Seen(inputs[inside], positions[inside], places[inside])

    @property
    def _by_axis(self) -> tuple[tuple[int, int], ...]:
        return self.shape, self.size, self.stride, self.padding, self.dilation
