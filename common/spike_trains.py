"""The spikes of many samples, packed: a few bytes a spike. What data sets prepare and networks are presented."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from common.warn import warn


class SpikeTrainsError(ValueError):
    """What should be spike trains is none; the message says why."""


class SpikeTrainsWarning(UserWarning):
    """What should be spikes may not be what was meant."""


class SpikeTrains(NamedTuple):
    """Spikes sample after sample, each sample's sorted by step and unit, none twice.

    Attributes:
        pointers: int64 ``[n_samples + 1]``; the spikes of sample i are those from ``pointers[i]`` up to
            ``pointers[i + 1]``.
        steps: time step of each spike, whole numbers ``[n_spikes]``.
        units: unit of each spike, whole numbers ``[n_spikes]``; a unit spikes at most once in a step.
        n_steps: number of time steps of every sample.
        n_units: number of units.
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
        index = _sample_number(index, self.n_samples)
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
        return self._taken(_sample_numbers(indices, self.n_samples))

    def _taken(self, indices: torch.Tensor) -> SpikeTrains:
        """The samples of these numbers, which have been checked."""
        starts, stops = self.pointers[indices], self.pointers[indices + 1]
        pointers = torch.zeros(len(indices) + 1, dtype=torch.int64)
        pointers[1:] = (stops - starts).cumsum(0)
        spans = [slice(start, stop) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
        return SpikeTrains(pointers, _joined(self.steps, spans), _joined(self.units, spans), self.n_steps, self.n_units)

    def dense(self, index: int) -> torch.Tensor:
        """One sample as uint8 ``[n_steps, n_units]`` of zeros and ones.

        Raises:
            IndexError: there is no such sample.
        """
        return self.sample(index).to_dense()[0].to(torch.uint8)

    def counts(self) -> torch.Tensor:
        """Number of spikes of each unit, int32 ``[n_samples, n_units]``."""
        samples = torch.repeat_interleave(torch.arange(self.n_samples), self.pointers.diff())
        places = samples * self.n_units + self.units.long()
        return torch.bincount(places, minlength=self.n_samples * self.n_units).int().view(self.n_samples, self.n_units)

    @classmethod
    def of(cls, spikes: Any) -> SpikeTrains:
        """The same spikes as :class:``SpikeTrains``, from anything that has its fields; checked.

        Raises:
            SpikeTrainsError: a field is missing, out of range or out of order.
        """
        spikes = spikes.whole() if isinstance(spikes, ChosenTrains) else spikes  # one copy for all fields
        try:
            trains = cls(spikes.pointers, spikes.steps, spikes.units, int(spikes.n_steps), int(spikes.n_units))
        except AttributeError as error:
            raise SpikeTrainsError(
                f"expected spike trains (pointers, steps, units, n_steps, n_units), got {type(spikes).__name__}"
            ) from error
        trains._check()
        return trains

    @classmethod
    def from_dense(cls, spikes: torch.Tensor) -> SpikeTrains:
        """From a dense or sparse tensor ``[n_samples, n_steps, n_units]``; whatever is not 0 is a spike.

        Raises:
            SpikeTrainsError: the tensor has another number of dimensions.

        Warns:
            SpikeTrainsWarning: it has other numbers than 0 and 1, such as intensities.
        """
        if spikes.dim() != 3:
            raise SpikeTrainsError(f"spikes are [n_samples, n_steps, n_units], got the shape {list(spikes.shape)}")
        n_samples, n_steps, n_units = spikes.shape
        if spikes.layout == torch.strided:
            warn_of_numbers("spike trains", spikes)
            places = np.flatnonzero(spikes.detach().bool().cpu().numpy())  # a fifth of the time that torch takes
        else:
            entries = spikes.to_sparse_coo().coalesce()
            warn_of_numbers("spike trains", entries.values())
            samples, steps, units = entries.indices()[:, entries.values() != 0].cpu().numpy()
            places = (samples * n_steps + steps) * n_units + units
        pointers = np.searchsorted(places, np.arange(n_samples + 1) * (n_steps * n_units))
        places = places.astype(np.int32 if spikes.numel() < 2**31 else np.int64)  # the smaller, the quicker to divide
        rows = places // max(n_units, 1)
        steps, units = rows % n_steps if n_samples > 1 else rows, places - rows * n_units
        return cls(torch.from_numpy(pointers), *(torch.from_numpy(each).int() for each in (steps, units)), n_steps, n_units)

    def to_dense(self) -> torch.Tensor:
        """Dense bool tensor ``[n_samples, n_steps, n_units]``."""
        dense = torch.zeros(self.n_samples, self.n_steps, self.n_units, dtype=torch.bool)
        samples = torch.repeat_interleave(torch.arange(self.n_samples), self.pointers.diff())
        dense[samples, self.steps.long(), self.units.long()] = True
        return dense

    def to_sparse(self) -> torch.Tensor:
        """Sparse (COO) bool tensor ``[n_samples, n_steps, n_units]``."""
        samples = torch.repeat_interleave(torch.arange(self.n_samples), self.pointers.diff())
        indices = torch.stack([samples, self.steps.long(), self.units.long()])
        values = torch.ones(len(self.steps), dtype=torch.bool)
        shape = (self.n_samples, self.n_steps, self.n_units)
        return torch.sparse_coo_tensor(indices, values, shape, check_invariants=False).coalesce()

    def _check(self) -> None:
        pointers, steps, units = (tensor.numpy() for tensor in (self.pointers, self.steps, self.units))
        n_spikes = len(steps)
        if len(units) != n_spikes:
            raise SpikeTrainsError(f"spike trains: {n_spikes} steps but {len(units)} units")
        if len(pointers) < 1 or pointers[0] != 0 or pointers[-1] != n_spikes or (pointers[1:] < pointers[:-1]).any():
            raise SpikeTrainsError(f"spike trains: pointers must rise from 0 to the number of spikes, {n_spikes}")
        if n_spikes == 0:
            return
        for name, values, limit in (("step", steps, self.n_steps), ("unit", units, self.n_units)):
            if values.min() < 0 or values.max() >= limit:
                raise SpikeTrainsError(f"spike trains: a {name} is outside 0 ... {limit - 1}")
        falls = (steps[1:] < steps[:-1]) | ((steps[1:] == steps[:-1]) & (units[1:] <= units[:-1]))
        borders = pointers[1:-1]
        falls[borders[(borders > 0) & (borders < n_spikes)] - 1] = False
        if falls.any():
            raise SpikeTrainsError("spike trains: within a sample spikes must be ordered by step and unit, none twice")


class ChosenTrains:
    """Some samples of spike trains, which stay where they are: only what is selected of these is copied.

    Whatever takes spike trains takes them, too. `pointers`, `steps` and `units` are those of a copy, made when one asks for them.

    Args:
        trains: all samples.
        indices: the places of those chosen, whole numbers, in the order in which they come.

    Raises:
        IndexError: there is no such sample, or the indices are no whole numbers.
    """

    def __init__(self, trains: SpikeTrains | ChosenTrains, indices: Sequence[int] | np.ndarray | torch.Tensor) -> None:
        indices = _sample_numbers(indices, trains.n_samples)
        if isinstance(trains, ChosenTrains):
            trains, indices = trains._trains, trains._indices[indices]
        self._trains, self._indices = trains, indices
        self.n_steps, self.n_units = trains.n_steps, trains.n_units

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self._indices)

    def sample(self, index: int) -> SpikeTrains:
        """One sample, as :meth:`SpikeTrains.sample`."""
        return self._trains.sample(int(self._indices[_sample_number(index, self.n_samples)]))

    def select(self, indices: Sequence[int] | np.ndarray | torch.Tensor) -> SpikeTrains:
        """Some samples in the given order, as :meth:`SpikeTrains.select`."""
        return self._trains._taken(self._indices[_sample_numbers(indices, self.n_samples)])

    def whole(self) -> SpikeTrains:
        """A copy of all."""
        return self._trains._taken(self._indices)

    def dense(self, index: int) -> torch.Tensor:
        """One sample, as :meth:`SpikeTrains.dense`."""
        return self.sample(index).dense(0)

    def counts(self) -> torch.Tensor:
        """Number of spikes of each unit, as :meth:`SpikeTrains.counts`."""
        return self.whole().counts()

    def to_dense(self) -> torch.Tensor:
        """All samples, as :meth:`SpikeTrains.to_dense`."""
        return self.whole().to_dense()

    @property
    def pointers(self) -> torch.Tensor:
        """As :class:`SpikeTrains` has them."""
        return self.whole().pointers

    @property
    def steps(self) -> torch.Tensor:
        """As :class:`SpikeTrains` has them."""
        return self.whole().steps

    @property
    def units(self) -> torch.Tensor:
        """As :class:`SpikeTrains` has them."""
        return self.whole().units


def warn_of_numbers(what: str, values: torch.Tensor) -> bool:
    """Say it where what shall be spikes, 0 and 1, is an image or counts.

    Args:
        what: what is given.
        values: it.

    Returns:
        Whether there was something to say.
    """
    if values.dtype is torch.bool:
        return False
    # NumPy takes a tenth of torch's time, but knows not all of its types.
    numbers = values.detach().numpy() if values.is_cpu and values.dtype is not torch.bfloat16 else values
    if not ((numbers != 0) & (numbers != 1)).any():
        return False
    others = (values != 0) & (values != 1)
    share = (values != 0).float().mean().item()
    warn(
        f"{what}: whatever is not 0 is a spike, and here are other numbers than 0 and 1, such as {values[others][0].item():.4g}: "
        f"{share:.1%} of all are spikes; make spikes of intensities first, such as torch.rand(n_steps, *image.shape) < image",
        SpikeTrainsWarning,
    )
    return True


def _sample_numbers(indices: Sequence[int] | np.ndarray | torch.Tensor, n_samples: int) -> torch.Tensor:
    """Numbers of samples, checked, int64."""
    indices = torch.as_tensor(indices)
    if indices.numel() == 0:
        indices = indices.to(torch.int64)
    if indices.dim() != 1 or indices.is_floating_point() or indices.is_complex() or indices.dtype == torch.bool:
        raise IndexError("select takes a list of sample numbers")
    indices = indices.to(torch.int64)  # before they are compared, which torch cannot do with all unsigned types
    if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < n_samples:
        raise IndexError(f"a sample number is outside 0 … {n_samples - 1}")
    return indices


def _sample_number(index: int, n_samples: int) -> int:
    """The number of a sample, checked; a negative one counts from the end."""
    if not -n_samples <= index < n_samples:
        raise IndexError(f"there is no sample {index}, only {n_samples}")
    return index % n_samples


def _joined(values: torch.Tensor, spans: list[slice]) -> torch.Tensor:
    """Spans of values one after the other: whole samples are copied faster than spike by spike."""
    array = values.numpy()
    return torch.from_numpy(np.concatenate([array[:0], *(array[span] for span in spans)]))
