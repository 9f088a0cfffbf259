"""All-to-all connection with a weight for every pair of neurons."""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.runs import Runs
from bindsnet.network.topology.stored import StoredConnection
from bindsnet.numbers.spikes import sum_in_order, sums_of_rows


def add_rows(drive, w, fired, first, last, factor):
    """Dense connection: add the weights of the units that fired, unit by unit; up to four in one pass over the drive."""
    while last - first > 4:
        a, b, c, d = w[fired[first]], w[fired[first + 1]], w[fired[first + 2]], w[fired[first + 3]]
        for j in range(len(drive)):
            drive[j] = (((drive[j] + a[j]) + b[j]) + c[j]) + d[j]
        first += 4
    n = last - first
    a, b, c, d = w[fired[first]], w[fired[first + (n > 1)]], w[fired[last - 1 - (n > 3)]], w[fired[last - 1]]
    if n == 4:
        for j in range(len(drive)):
            drive[j] = ((((drive[j] + a[j]) + b[j]) + c[j]) + d[j]) * factor
    elif n == 3:
        for j in range(len(drive)):
            drive[j] = (((drive[j] + a[j]) + b[j]) + c[j]) * factor
    elif n == 2:
        for j in range(len(drive)):
            drive[j] = ((drive[j] + a[j]) + b[j]) * factor
    else:
        for j in range(len(drive)):
            drive[j] = (drive[j] + a[j]) * factor


def add_depressed_rows(drive, w, fired, first, last, found, factor):
    """Dense connection whose spikes count by what they find of resources: add_rows of weights times that."""
    k, n = 0, last - first
    while n - k >= 4:
        a, b, c, d = w[fired[first + k]], w[fired[first + k + 1]], w[fired[first + k + 2]], w[fired[first + k + 3]]
        e, f, g, h = found[k], found[k + 1], found[k + 2], found[k + 3]
        for j in range(len(drive)):
            drive[j] = (((drive[j] + a[j] * e) + b[j] * f) + c[j] * g) + d[j] * h
        k += 4
    while k < n:
        a, e = w[fired[first + k]], found[k]
        for j in range(len(drive)):
            drive[j] += a[j] * e
        k += 1
    if factor != np.float32(1.0):
        for j in range(len(drive)):
            drive[j] *= factor


def normalize_columns(w, norms):
    """Scale the weights into each neuron so that their absolute values sum to its norm."""
    total = np.zeros(w.shape[1], np.float32)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            total[j] += abs(w[i, j])
    for j in range(w.shape[1]):
        total[j] = norms[j] / (np.float32(1.0) if total[j] == np.float32(0.0) else total[j])
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] *= total[j]


class Connection(StoredConnection):
    """Dense connection: the drive of target neuron j is the sum of w_ij over the source neurons i that fired.

    Args:
        source, target, nu, reduction, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments, and
        w_dtype: as in :class:`StoredConnection`.
        w: weights, ``[source.n, target.n]``; drawn evenly between the bounds (0 to 1 where there is none) when
            left out.
        b: bias, ``[target.n]`` or one number for all; none when left out.

    Raises:
        NetworkError: weights or bias have another shape.
    """

    all_to_all = True
    compiled_drive = staticmethod(add_rows)
    compiled_depressed_drive = staticmethod(add_depressed_rows)
    compiled_normalize = staticmethod(normalize_columns)

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        nu: float | tuple[float, float] | None = None,
        reduction: callable | None = None,
        weight_decay: float = 0.0,
        w_dtype: torch.dtype = torch.float32,
        **kwargs,
    ) -> None:
        w, b = kwargs.pop("w", None), kwargs.pop("b", None)
        super().__init__(source, target, nu, reduction, weight_decay, w_dtype=w_dtype, **kwargs)
        self.store(w, b)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(source.n, target.n)``."""
        return self.source.n, self.target.n

    def make_runs(self) -> Runs:
        """See :meth:`AbstractConnection.make_runs`: one run a source."""
        n, m = self.shape_of_weights
        return Runs(np.arange(n + 1), np.zeros(n), np.arange(n) * m, np.full(n, m), m, n * m)

    def drive_arguments(self, runs: Runs | None, places: np.ndarray | None) -> dict[str, object]:
        """See :meth:`AbstractConnection.drive_arguments`; the loop over rows takes none."""
        return {} if runs is None else super().drive_arguments(runs, places)

    def normalize_arguments(self) -> dict[str, object]:
        """See :meth:`AbstractConnection.normalize_arguments`."""
        return {}

    @property
    def n_norm_groups(self) -> int:
        """Number of target neurons."""
        return self.target.n

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`; sums run in ascending order of the source, one by one."""
        s = self.released(s)
        return self.scaled(sums_of_rows(self._parameters["w"].float(), s.view(s.shape[0], -1)))

    def compute_window(self, s: torch.Tensor) -> torch.Tensor:
        """The drive of many steps at once, ``[time, batch_size, *target.shape]`` for spikes ``[time, batch_size, ...]``."""
        return torch.stack([self.compute(step) for step in s])

    def normalize(self) -> None:
        """Scale the weights into each target neuron so that their absolute values sum to ``norm``."""
        if self.norm is None:
            return
        total = sum_in_order(self.w.abs().float().cpu().numpy())
        total[total == 0] = 1.0
        self.w *= torch.from_numpy(self.norms / total).to(self.w.device)
