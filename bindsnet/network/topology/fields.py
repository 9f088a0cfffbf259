"""Receptive fields on a line, a plane or in space: which inputs each position sees."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import whole_number

HOW_MANY = {1: "one in a tuple", 2: "a pair of them", 3: "three of them"}


def names_of_axes(n_axes: int) -> str:
    """How messages call the axes of a line, a plane or a space."""
    return ", ".join(("planes", "rows", "columns")[-n_axes:])


def each_axis(value: int | Iterable[int], name: str, least: int, n_axes: int = 2) -> tuple[int, ...]:
    """A number for each axis, of as many or of one number for all.

    Raises:
        NetworkError: it is neither, or less than ``least``.
    """
    if isinstance(value, torch.Tensor | np.ndarray):
        value = value.tolist()
    numbers = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value] * n_axes
    if len(numbers) != n_axes:
        raise NetworkError(f"{name} is a whole number or {HOW_MANY[n_axes]} ({names_of_axes(n_axes)}), got {value!r}")
    return tuple(whole_number(number, name, least) for number in numbers)


class Seen(NamedTuple):
    """Inputs that positions see, pair by pair: the input, the position, and the place in the field, the last axis fastest."""

    inputs: np.ndarray
    positions: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class Fields:
    """Receptive fields of one size that stand on a line, on a plane or in space, at equal distances.

    All have a number for each axis, such as (rows, columns), as for ``torch.nn.functional.conv2d``.

    Args:
        shape: of the plane, or what has more or fewer axes.
        size: of a field: how many inputs it sees.
        stride: from one field to the next.
        padding: how far fields stand out over the edge of the plane, on each side.
        dilation: from one input of a field to the next.

    Raises:
        NetworkError: not one field fits into the plane.
    """

    shape: tuple[int, ...]
    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...] | None = None
    dilation: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for name, otherwise in {"padding": 0, "dilation": 1}.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, (otherwise,) * len(self.shape))
        if min(self.positions) < 1:
            raise NetworkError(f"a field of {self.size} inputs, dilation {self.dilation}, fits not once into {self.shape}")

    @property
    def positions(self) -> tuple[int, ...]:
        """Number of fields along each axis."""
        return tuple(
            (n + 2 * padding - dilation * (size - 1) - 1) // stride + 1
            for n, size, stride, padding, dilation in zip(*self._by_axis, strict=True)
        )

    @property
    def n_positions(self) -> int:
        """Number of fields."""
        return math.prod(self.positions)

    def seen(self) -> Seen:
        """What each position sees, int64 ``[n_pairs]`` each; inputs and positions are counted with the last axis fastest."""
        found = self._along(0)
        for axis in range(1, len(self.shape)):
            widths = self.shape[axis], self.positions[axis], self.size[axis]
            both = zip(found, self._along(axis), widths, strict=True)
            found = Seen(*((outer[:, None] * width + inner).reshape(-1) for outer, inner, width in both))
        return found

    def _along(self, axis: int) -> Seen:
        n, size, stride, padding, dilation = (numbers[axis] for numbers in self._by_axis)
        positions, places = np.indices((self.positions[axis], size)).reshape(2, -1)
        inputs = positions * stride - padding + places * dilation
        inside = (inputs >= 0) & (inputs < n)
        return Seen(inputs[inside], positions[inside], places[inside])

    @property
    def _by_axis(self) -> tuple[tuple[int, ...], ...]:
        return self.shape, self.size, self.stride, self.padding, self.dilation
