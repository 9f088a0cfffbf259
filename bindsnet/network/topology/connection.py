"""All-to-all connection with a weight for every pair of neurons."""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.numbers.spikes import fired, sum_in_order


class Connection(AbstractConnection):
    """Dense connection: the drive of target neuron j is the sum of w_ij over the source neurons i that fired.

    Args:
        source, target, nu, reduction, weight_decay: as in :class:`AbstractConnection`, with its keyword arguments, and
        w: weights, float32 ``[source.n, target.n]``; drawn evenly between the bounds (0 to 1 where there is none) when
            left out.
        b: bias, ``[target.n]`` or one number for all; none when left out.

    Raises:
        NetworkError: weights or bias have another shape.
    """

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        nu: float | tuple[float, float] | None = None,
        reduction: callable | None = None,
        weight_decay: float = 0.0,
        **kwargs,
    ) -> None:
        w, b = kwargs.pop("w", None), kwargs.pop("b", None)
        super().__init__(source, target, nu, reduction, weight_decay, **kwargs)
        if w is None:
            w = torch.rand(source.n, target.n)
            if self.wmin != float("-inf") and self.wmax != float("inf"):
                w = self.wmin + w * (self.wmax - self.wmin)
        w = torch.as_tensor(w, dtype=torch.float32).contiguous()
        self.w = torch.nn.Parameter(w.clamp(self.wmin, self.wmax), requires_grad=False)
        self.b = None if b is None else torch.nn.Parameter(torch.as_tensor(b).float(), requires_grad=False)
        if b is not None and self.b.numel() == 1:
            self.b.data = self.b.data.reshape(1).repeat(target.n)
        self.check_weights()

    @property
    def shape_of_weights(self) -> tuple[int, ...]:
        """``(source.n, target.n)``."""
        return self.source.n, self.target.n

    def check_weights(self) -> None:
        """See :meth:`AbstractConnection.check_weights`; the bias too."""
        super().check_weights()
        if self.b is not None and (self.b.numel() != self.target.n or self.b.dtype != torch.float32):
            raise NetworkError(f"a bias is float32 of shape [{self.target.n}], got {list(self.b.shape)}, {self.b.dtype}")

    @property
    def drives_without_spikes(self) -> bool:
        """Only a bias drives without spikes."""
        return self.b is not None

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`; sums run in ascending order of the source, one by one."""
        if s.shape[0] == 1 and not s.is_cuda:
            drive = self.scaled(self._one_by_one(s))
        else:
            drive = self.scaled(s.view(s.shape[0], -1).float() @ self.w)
        return drive if self.b is None else drive + self.b.view(self.target.shape)

    def _one_by_one(self, s: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(sum_in_order(self._parameters["w"].numpy()[fired(s).numpy()]))

    def compute_window(self, s: torch.Tensor) -> torch.Tensor:
        """The drive of many steps at once, ``[time, batch_size, *target.shape]`` for spikes ``[time, batch_size, ...]``."""
        return torch.stack([self.compute(step) for step in s])

    def normalize(self) -> None:
        """Scale the weights into each target neuron so that their absolute values sum to ``norm``."""
        if self.norm is None:
            return
        total = sum_in_order(self.w.abs().cpu().numpy())
        total[total == 0] = 1.0
        self.w *= torch.from_numpy(np.float32(self.norm) / total).to(self.w.device)
