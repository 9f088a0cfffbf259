"""The spikes of many samples, packed: a few bytes a spike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch


class SpikeTrains(NamedTuple):
    """Spikes sample after sample, each sample's sorted by step and unit, none twice.

    Attributes:
        pointers: int64 `[n_samples + 1]`; the spikes of sample i are those from `pointers[i]` up to
            `pointers[i + 1]`.
        steps: time step of each spike, int16 or int32 `[n_spikes]`.
        units: input unit of each spike, int16 or int32 `[n_spikes]`.
        n_steps: time steps of every sample.
        n_units: input units.
    """

    pointers: torch.Tensor
    steps: torch.Tensor
    units: torch.Tensor
    n_steps: int
    n_units: int

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.pointers) - 1

    def sample(self, index: int) -> SpikeTrains:
        """One sample, as views; negative indices count from the end.

        Raises:
            IndexError: there is no such sample.
        """
        index = self._checked(index)
        start, stop = int(self.pointers[index]), int(self.pointers[index + 1])
        pointers = torch.tensor([0, stop - start])
        steps, units = self.steps[start:stop], self.units[start:stop]
        return SpikeTrains(pointers, steps, units, self.n_steps, self.n_units)

    def select(self, indices: Sequence[int] | np.ndarray | torch.Tensor) -> SpikeTrains:
        """Some samples in the given order, repeated if they are given repeatedly.

        Args:
            indices: whole numbers from 0 to n_samples − 1.

        Raises:
            IndexError: there is no such sample, or the indices are no whole numbers.
        """
        indices = torch.as_tensor(indices)
        if indices.numel() == 0:
            indices = indices.to(torch.int64)
        if indices.dim() != 1 or indices.is_floating_point() or indices.is_complex() or indices.dtype == torch.bool:
            raise IndexError("select takes a list of sample numbers")
        indices = indices.to(torch.int64)  # before they are compared, which torch cannot do with all unsigned types
        if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < self.n_samples:
            raise IndexError(f"a sample number is outside 0 … {self.n_samples - 1}")
        starts, stops = self.pointers[indices], self.pointers[indices + 1]
        pointers = torch.zeros(len(indices) + 1, dtype=torch.int64)
        pointers[1:] = (stops - starts).cumsum(0)
        spans = [slice(start, stop) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
        return SpikeTrains(pointers, _joined(self.steps, spans), _joined(self.units, spans), self.n_steps, self.n_units)

    def dense(self, index: int) -> torch.Tensor:
        """One sample as uint8 `[n_steps, n_units]` of zeros and ones.

        Raises:
            IndexError: there is no such sample.
        """
        index = self._checked(index)
        spikes = slice(int(self.pointers[index]), int(self.pointers[index + 1]))
        dense = torch.zeros(self.n_steps, self.n_units, dtype=torch.uint8)
        dense[self.steps[spikes].long(), self.units[spikes].long()] = 1
        return dense

    def _checked(self, index: int) -> int:
        if not -self.n_samples <= index < self.n_samples:
            raise IndexError(f"there is no sample {index}, only {self.n_samples}")
        return index % self.n_samples


def _joined(values: torch.Tensor, spans: list[slice]) -> torch.Tensor:
    """Spans of values one after the other: whole samples are copied faster than spike by spike."""
    array = values.numpy()
    return torch.from_numpy(np.concatenate([array[:0], *(array[span] for span in spans)]))
