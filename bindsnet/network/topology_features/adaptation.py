"""Adaptation: a small network of fixed weights looks at the last spikes of a source, and opens or closes its synapses.

h = tanh(V₂ relu(V₁ b)), with b the source's spikes in the last K recorded steps, as they lie in a ring, and every synapse of the
source follows it: m := clip(m + r h + c, −1, 1), open where m > 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import real_number
from bindsnet.network.topology_features.feature import AbstractFeature


class AdaptationBaseSynapsHistory(AbstractFeature):
    """Signals where a synapse is open, by what its source did. One sample at a time.

    A step is recorded if any source neuron fires in it, and the first after a reset; synapses open and close in every step,
    silent or not, when the number of recorded steps is a multiple of K. Until then, and after a reset, they are as ``value`` says
    (in BindsNET only after a reset: at first all are closed). What they follow, ``mask``, is not reset.

    Args:
        name, value_dtype, sparse, batch_size: as in :class:`AbstractFeature`.
        value: by what signals are multiplied at first, and where m begins, ``[source.n, target.n]``, from -1 to 1.
        ann_values: V₁, ``[n_hidden, K]``, and V₂, ``[1, n_hidden]``.
        const_update_rate: r.
        const_decay: c.

    Raises:
        NetworkError: see :class:`AbstractFeature`, or there are no such weights.
    """

    linkable = False
    acts_without_spikes = True

    def __init__(
        self,
        name: str,
        value: torch.Tensor | None = None,
        value_dtype: torch.dtype = torch.float32,
        ann_values: Sequence[torch.Tensor] | None = None,
        const_update_rate: float = 0.1,
        const_decay: float = 0.001,
        sparse: bool = False,
        batch_size: int = 1,
    ) -> None:
        super().__init__(name, value, value_dtype, sparse=sparse, batch_size=batch_size)
        are_tensors = isinstance(ann_values, list | tuple) and all(isinstance(v, torch.Tensor) for v in ann_values)
        shapes = [list(v.shape) for v in ann_values] if are_tensors else ann_values
        if not (are_tensors and len(shapes) == 2 and len(shapes[0]) == 2 and shapes[1] == [1, shapes[0][0]]):
            raise NetworkError(f"{self}: ann_values is a pair of tensors [n_hidden, K] and [1, n_hidden]; got {shapes}")
        self.ann_values = [v.detach().float() for v in ann_values]
        for what, number in (("const_update_rate", const_update_rate), ("const_decay", const_decay)):
            if not math.isfinite(math.nan if (real := real_number(number)) is None else real):
                raise NetworkError(f"{self}: {what} is a number, got {number!r}")
        self.const_update_rate, self.const_decay = const_update_rate, const_decay

    def keep(self, value: torch.Tensor, connection: torch.nn.Module, device: torch.device | str, **kwargs) -> None:
        """See :meth:`AbstractFeature.keep`; no rule changes it."""
        value = value.detach().float().to(device)
        for name in ("kept", "mask", "init_value"):
            self.register_buffer(name, value.clone())
        for name, weights in zip(("into_hidden", "into_output"), self.ann_values, strict=True):
            self.register_buffer(name, weights.to(device, copy=True))
        self.register_buffer("spike_buffer", torch.zeros(len(value), self.into_hidden.shape[1], device=device))
        self.register_buffer("counter", torch.zeros((), dtype=torch.int64))

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """By what signals are multiplied, once this step was recorded.

        Raises:
            NetworkError: there is more than one sample.
        """
        if len(s) != 1:
            raise NetworkError(f"{self}: the history of a synapse is of one sample at a time, got a batch of {len(s)}")
        n_steps, counter = self.spike_buffer.shape[1], int(self.counter)
        if counter == 0 or s.any():
            self.spike_buffer[:, counter % n_steps] = s[0].float()
            counter += 1
            self.counter.fill_(counter)
        if counter % n_steps == 0:
            hidden = torch.relu(self.spike_buffer @ self.into_hidden.T)
            change = torch.tanh(hidden @ self.into_output.T) * self.const_update_rate
            self.mask.add_(change).add_(self.const_decay).clamp_(-1.0, 1.0)
            self.kept.copy_(self.mask > 0)
        return self.kept

    def reset_state_variables(self) -> None:
        """See :meth:`Part.reset_state_variables`."""
        self.spike_buffer.zero_()
        self.counter.zero_()
        self.kept.copy_(self.init_value)

    @property
    def at_rest(self) -> bool:
        """See :attr:`Part.at_rest`."""
        return int(self.counter) == 0 and torch.equal(self.kept, self.init_value)


class AdaptationBaseOtherSynaps(AdaptationBaseSynapsHistory):
    """The same with another ``const_decay`` by default, as in BindsNET: 0.01."""

    def __init__(
        self,
        name: str,
        value: torch.Tensor | None = None,
        value_dtype: torch.dtype = torch.float32,
        ann_values: Sequence[torch.Tensor] | None = None,
        const_update_rate: float = 0.1,
        const_decay: float = 0.01,
        sparse: bool = False,
        batch_size: int = 1,
    ) -> None:
        super().__init__(name, value, value_dtype, ann_values, const_update_rate, const_decay, sparse, batch_size)
