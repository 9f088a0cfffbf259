"""Connection of each neuron to all but the one in the same place, with one weight."""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection


class UniformLateralConnection(AbstractConnection):
    """One fixed weight from neuron i of the source to every neuron of the target but i.

    The drive takes as many additions as neurons fired, not n times as many: neuron j receives as many equal terms as source
    neurons other than j fired.

    Args:
        source, target: populations of equal size.
        w: the weight, mV (negative inhibits).

    Raises:
        NetworkError: the populations differ in size.
    """

    drives_without_spikes = False

    def __init__(self, source: Nodes, target: Nodes, w: float) -> None:
        super().__init__(source, target)
        if source.n != target.n:
            raise NetworkError(f"lateral: source has {source.n} neurons, target {target.n}")
        self.w = torch.nn.Parameter(torch.tensor(float(w)), requires_grad=False)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``()``."""
        return ()

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`; equal to the dense connection bit for bit."""
        flat = s.view(s.shape[0], -1)
        n_fired = flat.sum(1, keepdim=True).cpu().numpy()
        # k equal terms added one by one are not k times the term: hence the partial sums.
        terms = np.full(n_fired.max() + 1, self.w.item(), dtype=np.float32)
        terms[0] = 0.0
        partial_sums = np.add.accumulate(terms)
        drive_of_others = torch.from_numpy(partial_sums[n_fired]).to(s.device)
        drive_of_fired = torch.from_numpy(partial_sums[np.maximum(n_fired - 1, 0)]).to(s.device)
        drive = torch.where(flat, drive_of_fired, drive_of_others)
        return self.scaled(drive)

    def dense(self) -> torch.Tensor:
        """The same connection as a matrix ``[n, n]``."""
        n = self.source.n
        return self.w * (1.0 - torch.eye(n, device=self.w.device))
