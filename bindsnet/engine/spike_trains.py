"""Spikes in packed form: what :meth:`Network.present` takes, a few bytes a spike."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch

from bindsnet.errors import NetworkError, warn


class PackedSpikes(Protocol):
    """Anything with the five fields of :class:`SpikeTrains`."""

    pointers: torch.Tensor
    steps: torch.Tensor
    units: torch.Tensor
    n_steps: int
    n_units: int


class SpikeTrains(NamedTuple):
    """The spikes of a block of samples, sample after sample, within a sample by step and unit.

    Attributes:
        pointers: int64 ``[n_samples + 1]``; the spikes of sample i are those from ``pointers[i]`` to ``pointers[i + 1]``.
        steps: time step of each spike, ascending within a sample.
        units: unit of each spike; a unit spikes at most once in a step.
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

    @classmethod
    def of(cls, spikes: PackedSpikes) -> SpikeTrains:
        """The same spikes as :class:`SpikeTrains`, from anything that has its fields; checked.

        Raises:
            NetworkError: a field is missing, out of range or out of order.
        """
        try:
            trains = cls(
                spikes.pointers,
                spikes.steps,
                spikes.units,
                int(spikes.n_steps),
                int(spikes.n_units),
            )
        except AttributeError as error:
            raise NetworkError(
                f"expected spike trains (pointers, steps, units, n_steps, n_units), got {type(spikes).__name__}"
            ) from error
        trains._check()
        return trains

    @classmethod
    def from_dense(cls, spikes: torch.Tensor) -> SpikeTrains:
        """From a dense or sparse tensor ``[n_samples, n_steps, n_units]``; whatever is not 0 is a spike.

        Raises:
            NetworkError: the tensor has another number of dimensions.

        Warns:
            UserWarning: it has other numbers than 0 and 1, such as intensities.
        """
        if spikes.dim() != 3:
            raise NetworkError(f"spikes are [n_samples, n_steps, n_units], got the shape {list(spikes.shape)}")
        if spikes.layout == torch.strided:
            warn_of_numbers("spike trains", spikes)
            samples, steps, units = spikes.nonzero(as_tuple=True)
        else:
            entries = spikes.to_sparse_coo().coalesce()
            warn_of_numbers("spike trains", entries.values())
            samples, steps, units = entries.indices()[:, entries.values() != 0]
        pointers = torch.zeros(spikes.shape[0] + 1, dtype=torch.int64)
        pointers[1:] = torch.bincount(samples.cpu(), minlength=spikes.shape[0]).cumsum(0)
        return cls(pointers, steps.cpu().int(), units.cpu().int(), spikes.shape[1], spikes.shape[2])

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
            raise NetworkError(f"spike trains: {n_spikes} steps but {len(units)} units")
        if len(pointers) < 1 or pointers[0] != 0 or pointers[-1] != n_spikes or (pointers[1:] < pointers[:-1]).any():
            raise NetworkError(f"spike trains: pointers must rise from 0 to the number of spikes, {n_spikes}")
        if n_spikes == 0:
            return
        for name, values, limit in (("step", steps, self.n_steps), ("unit", units, self.n_units)):
            if values.min() < 0 or values.max() >= limit:
                raise NetworkError(f"spike trains: a {name} is outside 0 ... {limit - 1}")
        falls = (steps[1:] < steps[:-1]) | ((steps[1:] == steps[:-1]) & (units[1:] <= units[:-1]))
        borders = pointers[1:-1]
        falls[borders[(borders > 0) & (borders < n_spikes)] - 1] = False
        if falls.any():
            raise NetworkError("spike trains: within a sample spikes must be ordered by step and unit, none twice")


def warn_of_numbers(what: str, values: torch.Tensor) -> bool:
    """Say it where what shall be spikes, 0 and 1, is an image or counts.

    Args:
        what: what is given.
        values: it.

    Returns:
        Whether there was something to say.
    """
    if values.dtype is torch.bool or not (others := (values != 0) & (values != 1)).any():
        return False
    share = (values != 0).float().mean().item()
    warn(
        f"{what}: whatever is not 0 is a spike, and here are other numbers than 0 and 1, such as {values[others][0].item():.4g}: "
        f"{share:.1%} of all are spikes; make spikes of intensities first, such as torch.rand(n_steps, *image.shape) < image"
    )
    return True
