"""What a plasticity rule keeps from step to step: traces, state of synapses, adaptive state of target neurons."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning.rules.declared import Trace
from bindsnet.numbers.ops import Array, as_array

UNCHANGED = torch.ones(())  # decay of a trace that has decayed already


class Memory(torch.nn.Module):
    """Buffers of a rule: part of its connection, so that they are saved, loaded and moved with it.

    They are one for each trace, float32 ``[batch_size, n_sources or n_targets]``, one for each state, float32
    ``[batch_size, n_synapses]``, and one for each adaptive state, ``[n_targets]``.

    Args:
        traces, state, adaptive_state: what the rule declares.
        types: type of each adaptive state; float32 where there is none.
        sizes: numbers of ``source`` and ``target`` neurons and of ``synapses``.
        device: where the buffers lie.
    """

    def __init__(
        self,
        traces: Mapping[str, Trace],
        state: Mapping[str, float],
        adaptive_state: Mapping[str, float],
        types: Mapping[str, torch.dtype],
        sizes: Mapping[str, int],
        device: torch.device,
    ) -> None:
        super().__init__()
        self.traces, self.state = dict(traces), dict(state)
        self.sizes = {name: sizes[trace.side] for name, trace in traces.items()} | dict.fromkeys(state, sizes["synapses"])
        self.adaptive = {name: ([sizes["target"]], types.get(name, torch.float32)) for name in adaptive_state}
        for name, first in adaptive_state.items():
            _, dtype = self.adaptive[name]
            self._keep(name, torch.full((sizes["target"],), float(first), dtype=dtype, device=device))
        self.set_batch_size(1, device)

    def set_batch_size(self, batch_size: int, device: torch.device) -> None:
        """Make room for this many samples at a time, and reset; lasting traces begin at the mean of what they were."""
        self.batch_size = batch_size
        for name, n in self.sizes.items():
            before = self._buffers.get(name)
            kept = self._lasts(name) and before is not None
            self._keep(name, before.mean(0).repeat(batch_size, 1) if kept else torch.zeros(batch_size, n, device=device))
        self.reset()

    def reset(self) -> None:
        """Between samples: traces to 0, but for lasting ones, and the state of synapses to its first values."""
        for name, first in self._firsts.items():
            self._buffers[name].fill_(first)

    @property
    def at_rest(self) -> bool:
        """Whether all is as a reset leaves it."""
        return all(bool((self._buffers[name] == first).all()) for name, first in self._firsts.items())

    @property
    def _firsts(self) -> dict[str, float]:
        """What a reset sets, and to what."""
        return {name: 0.0 for name in self.traces if not self._lasts(name)} | self.state

    def check(self, n_synapses: int) -> None:
        """See that buffers, which anyone may replace, are what they were.

        Args:
            n_synapses: how many synapses the connection has now.

        Raises:
            NetworkError: one has another shape or type, or the connection other synapses.
        """
        sizes = self.sizes | dict.fromkeys(self.state, n_synapses)
        expected = {name: ([self.batch_size, n], torch.float32) for name, n in sizes.items()} | self.adaptive
        for name, (shape, dtype) in expected.items():
            value = self._buffers.get(name)
            if value is None or list(value.shape) != shape or value.dtype != dtype or not value.is_contiguous():
                got = "nothing" if value is None else f"{list(value.shape)}, {value.dtype}"
                raise NetworkError(f"{name} of a plasticity rule is a contiguous tensor {shape} of {dtype}, got {got}")

    def bind_traces(
        self, spikes: Mapping[str, torch.Tensor], parameters: Mapping[str, torch.Tensor]
    ) -> tuple[list[Callable[[], None]], list[Callable[[], None]]]:
        """What lets the traces follow the spikes of a step, for many in a row: looks up tensors once.

        Args:
            spikes: of ``source`` and ``target``, bool ``[batch_size, n]``.
            parameters: the rule's; of a trace ``a`` the factor ``a_decay`` and the number ``a_scale``.

        Returns:
            What comes before functions see the traces: one step on, with this step's spikes where these shall be seen; and what
            comes after that, this step's spikes where functions should not see them.
        """
        before, after = [], []
        for name, trace in self.traces.items():
            s, decay, scale = (as_array(given) for given in (spikes[trace.side], *_of_trace(name, parameters)))
            now = s if trace.with_spikes else as_array(torch.zeros_like(spikes[trace.side]))
            before.append(self._bound_trace(name, now, decay, scale))
            if not trace.with_spikes:
                after.append(self._bound_trace(name, s, as_array(UNCHANGED), scale))
        return before, after

    def _lasts(self, name: str) -> bool:
        return name in self.traces and self.traces[name].lasting

    def _keep(self, name: str, value: torch.Tensor) -> None:
        # As register_buffer does, but for names, too, that every module has for something else, such as "decay" or "type".
        self._buffers[name] = value

    def _bound_trace(self, name: str, *given: Array) -> Callable[[], None]:
        x, equation = as_array(self._buffers[name]), self.traces[name].equation

        def follow() -> None:
            x[...] = equation(x, *given)

        return follow


def _of_trace(name: str, parameters: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    return parameters[f"{name}_decay"], parameters[f"{name}_scale"]
