"""What connections share that store their weights."""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.topology.abstract import AbstractConnection, checked_dtype
from bindsnet.network.topology.pipeline import WeightsOfConnection

OF_SYNAPSES = ("runs", "runs_by_delay", "norm_groups", "alike_in_order")  # what is found out once from which synapses there are


def forget_synapses(connection: AbstractConnection, *_) -> None:
    """Find out again which synapses there are: after what says it was loaded."""
    for name in OF_SYNAPSES:
        connection.__dict__.pop(name, None)


class StoredConnection(AbstractConnection):
    """A connection that stores its weights, and a bias if it has one.

    A kind says of which shape they are, ``shape_of_weights``, and calls :meth:`store` as soon as it knows that itself.

    Args:
        w_dtype: the type in which weights are kept: float32, float64, float16 or bfloat16. All is computed in float32, and what a
            rule changed is rounded once. The fused engine takes float32 only.

    Attributes:
        w: the weights, mV.
        b: the bias, mV; None is none.
    """

    def __init__(self, *args, w_dtype: torch.dtype = torch.float32, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.w_dtype = checked_dtype(w_dtype)

    def __setattr__(self, name: str, value: object) -> None:
        """Keep what is given; another mask, or other indices, are other synapses."""
        super().__setattr__(name, value)
        if name in self.__dict__.get("_buffers", ()):
            forget_synapses(self)

    def drawn(self) -> torch.Tensor:
        """Numbers from 0 to 1 for the weights, drawn as BindsNET draws them: from torch's generator."""
        return torch.rand(self.shape_of_weights)

    def store(self, w: torch.Tensor | None, b: float | torch.Tensor | None) -> None:
        """Keep weights and bias.

        Args:
            w: weights, brought within the bounds; drawn evenly between them (0 to 1 where one is missing) when None.
            b: bias, one for each place of ``n_biases`` or one number for all; None is none.

        Raises:
            NetworkError: they have another shape, or a weight is no number.
        """
        if w is None:
            self.bounds.check(type(self).__name__, self.shape_of_weights)
            w = self.bounds.spread(self.drawn())
        w = torch.as_tensor(w, dtype=torch.float32 if not isinstance(w, torch.Tensor) else None)
        w = self.cast_dtype_if_needed(w.detach(), self.w_dtype)
        self.bounds.check(type(self).__name__, tuple(w.shape))
        if w.isnan().any():
            raise NetworkError(f"{type(self).__name__}: weights are numbers, got some that are NaN")
        self.w = torch.nn.Parameter(self.bounds.within(w), requires_grad=False)
        self.b = None if b is None else torch.nn.Parameter(torch.as_tensor(b).float(), requires_grad=False)
        if b is not None and self.b.numel() == 1:
            self.b.data = self.b.data.reshape(1).repeat(self.n_biases)
        self.check_weights()

    @property
    def pipeline(self) -> list[WeightsOfConnection]:
        """The weights as the only feature of a pipeline, where BindsNET 0.3.4 has one in place of ``w``."""
        return [WeightsOfConnection(self)]

    @property
    def n_biases(self) -> int:
        """Number of biases: one for each target neuron, unless they share them."""
        return self.target.n

    def check_weights(self) -> None:
        """See :meth:`AbstractConnection.check_weights`; the bias too, and let the weights lie as they should."""
        super().check_weights()
        if self.b is not None and (self.b.numel() != self.n_biases or self.b.dtype != torch.float32):
            raise NetworkError(f"a bias is float32 of shape [{self.n_biases}], got {list(self.b.shape)}, {self.b.dtype}")
        self._lay_out()

    def laid_out(self, w: torch.Tensor) -> torch.Tensor:
        """Weights as they must lie in memory, where :meth:`flat` gives a view: the same ones, or a copy if they lie otherwise."""
        return w.contiguous()

    def _lay_out(self) -> None:
        w = self._parameters["w"]
        laid = self.laid_out(w.data)
        if laid.data_ptr() != w.data.data_ptr():
            w.data = laid

    @property
    def flat_weights(self) -> torch.Tensor:
        """See :attr:`AbstractConnection.flat_weights`; a view of ``w`` also where that was replaced by what lies otherwise."""
        self._lay_out()
        return super().flat_weights

    @property
    def drives_without_spikes(self) -> bool:
        """Only a bias drives without spikes."""
        return self.b is not None

    @property
    def bias(self) -> torch.Tensor | None:
        """See :attr:`AbstractConnection.bias`."""
        return None if self.b is None else self.b.view(-1)

    def dense(self) -> torch.Tensor:
        """The same connection as a matrix ``[source.n, target.n]``, without its bias."""
        found, w = self.runs.from_sources(np.arange(self.source.n)), self.flat_weights.float()
        targets = found.targets if self.order_of_targets is None else self.order_of_targets[found.targets]
        matrix = torch.zeros(self.source.n, self.target.n, device=w.device)
        matrix[torch.from_numpy(found.sources), torch.from_numpy(targets)] = w[torch.from_numpy(found.weights)]
        return matrix
