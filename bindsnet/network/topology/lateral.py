"""Connection of each neuron to all others, and to the one in the same place if it shall be, with one weight."""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.network.topology.runs import Runs


def add_uniform(drive, w, places, n_groups, itself, fired, first, last, factor):
    """Uniform lateral connection: as many equal terms as others of the group fired, added one by one."""
    if n_groups == 1:
        others, total = np.float32(0.0), np.float32(0.0)
        for _ in range(first, last):
            others = total
            total += w
        for j in range(len(drive)):
            drive[j] = total * factor
        if not itself:
            for k in range(first, last):
                drive[places[fired[k]]] = others * factor
    else:
        for k in range(first, last):
            for j in range(fired[k] % n_groups, len(drive), n_groups):
                if itself or j != fired[k]:
                    drive[places[j]] += w
        if factor != np.float32(1.0):
            for j in range(len(drive)):
                drive[j] *= factor


class UniformLateralConnection(AbstractConnection):
    """One fixed weight from neuron i of the source to every neuron of the target, or of its group, but i (or with it).

    The drive takes as many additions as neurons fired, not n times as many: neuron j receives as many equal terms as source
    neurons other than j fired.

    Args:
        source, target: populations of equal size.
        w: the weight, mV (negative inhibits).
        within: ``"layer"``, or ``"position"``: only the neurons at the same place in all maps of a population
            ``[n_maps, *positions]`` are connected.
        itself: whether neuron i drives the neuron i, too.
        delay: as in :class:`AbstractConnection`, one for all.

    Raises:
        NetworkError: the populations differ in size, or ``within`` is another word.
    """

    drives_without_spikes = False
    drives_in_places = True
    compiled_drive = staticmethod(add_uniform)

    def __init__(
        self, source: Nodes, target: Nodes, w: float, within: str = "layer", itself: bool = False, delay: int = 1
    ) -> None:
        super().__init__(source, target, delay=delay)
        if source.n != target.n:
            raise NetworkError(f"lateral: source has {source.n} neurons, target {target.n}")
        self.within, self.n_groups, self.itself = within, target.n_groups(within), bool(itself)
        self.w = torch.nn.Parameter(torch.tensor(float(w)), requires_grad=False)

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``()``."""
        return ()

    def drive_arguments(self, runs: Runs | None, places: np.ndarray | None) -> dict[str, object]:
        """See :meth:`AbstractConnection.drive_arguments`."""
        return {"places": places, "n_groups": self.n_groups, "itself": self.itself}

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`; equal to the dense connection bit for bit."""
        flat = s.view(len(s), -1, self.n_groups)
        n_fired = flat.sum(1, keepdim=True).cpu().numpy()
        # k equal terms added one by one are not k times the term: hence the partial sums.
        terms = np.full(n_fired.max() + 1, self.w.item(), dtype=np.float32)
        terms[0] = 0.0
        partial_sums = np.add.accumulate(terms)
        drive_of_others = torch.from_numpy(partial_sums[n_fired]).to(s.device)
        drive_of_fired = torch.from_numpy(partial_sums[np.maximum(n_fired - 1, 0)]).to(s.device)
        drive = drive_of_others.expand(flat.shape) if self.itself else torch.where(flat, drive_of_fired, drive_of_others)
        return self.scaled(drive.reshape(len(s), -1))

    def dense(self) -> torch.Tensor:
        """The same connection as a matrix ``[n, n]``."""
        group = torch.arange(self.source.n, device=self.w.device) % self.n_groups
        alike = (group[:, None] == group).float()
        return self.w * (alike if self.itself else alike - torch.eye(self.source.n, device=self.w.device))
