"""Connection of each neuron to the others that depends on their distance on a lattice."""

from __future__ import annotations

import math

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.network.topology.runs import Runs

GROWTH = 0.75  # Hazan et al. 2018: how fast inhibition grows with the square root of the distance


def add_by_distance(drive, w, fired, first, last, factor):
    """Distance-dependent lateral connection: a window of the table of weights by offset, placed at the neuron that fired."""
    side = (w.shape[0] + 1) // 2
    for k in range(first, last):
        row, column = fired[k] // side, fired[k] % side
        for other_row in range(side):
            weights = w[side - 1 - row + other_row]
            start = other_row * side
            for j in range(start, min(start + side, len(drive))):
                drive[j] += weights[side - 1 - column + j - start]
    for j in range(len(drive)):
        drive[j] *= factor


class DistanceLateralConnection(AbstractConnection):
    """Inhibition that grows with distance: neighbours come to learn similar things (Hazan et al. 2018, SOM-SNN).

    The neurons stand on a square lattice of side ceil(sqrt(n)), row by row. Between neurons i ≠ j at the distance d,
    w_ij = max(w_far, w_near · 0.75 · √d). Only the weights by offset on the lattice are kept, (2 side − 1)² of them.

    Args:
        source, target: populations of equal size.
        w_near: scale of the inhibition, mV (negative).
        w_far: the strongest inhibition, mV (negative).
        delay: as in :class:`AbstractConnection`, one for all.

    Raises:
        NetworkError: the populations differ in size.
    """

    drives_without_spikes = False
    compiled_drive = staticmethod(add_by_distance)

    def __init__(self, source: Nodes, target: Nodes, w_near: float = -5.0, w_far: float = -17.5, delay: int = 1) -> None:
        super().__init__(source, target, delay=delay)
        if source.n != target.n:
            raise NetworkError(f"lateral: source has {source.n} neurons, target {target.n}")
        self.w_near, self.w_far = float(w_near), float(w_far)
        self.side = math.isqrt(source.n - 1) + 1
        offset = torch.arange(1 - self.side, self.side, dtype=torch.float64)
        distance = torch.sqrt(offset[:, None] ** 2 + offset[None, :] ** 2)
        w = torch.clamp(self.w_near * GROWTH * torch.sqrt(distance), min=self.w_far)
        w[self.side - 1, self.side - 1] = 0.0
        #: weight by (row, column) offset from source to target, the zero offset in the middle
        self.w = torch.nn.Parameter(w.float(), requires_grad=False)

    def make_uniform(self, w: float) -> None:
        """Give every pair of different neurons the same weight, mV: the second level of two-level inhibition."""
        self.w.fill_(w)
        self.w[self.side - 1, self.side - 1] = 0.0

    def from_neuron(self, i: int) -> torch.Tensor:
        """Weights ``[n]`` from source neuron i to every target neuron."""
        row, column = divmod(i, self.side)
        last = self.side - 1
        return self.w[last - row : last - row + self.side, last - column : last - column + self.side].reshape(-1)[: self.source.n]

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(2 side - 1, 2 side - 1)``: a table by distance in rows and columns."""
        return 2 * self.side - 1, 2 * self.side - 1

    def drive_arguments(self, runs: Runs | None, places: np.ndarray | None) -> dict[str, object]:
        """See :meth:`AbstractConnection.drive_arguments`."""
        return {}

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`; sums run in ascending order of the source, one by one."""
        flat = s.view(s.shape[0], -1)
        drive = torch.zeros(flat.shape, device=s.device)
        for sample, i in flat.nonzero().tolist():
            drive[sample] += self.from_neuron(i)
        return self.scaled(drive)

    def dense(self) -> torch.Tensor:
        """The same connection as a matrix ``[n, n]``."""
        return torch.stack([self.from_neuron(i) for i in range(self.source.n)])
