"""What all populations of neurons share: state, traces, batches, and one way to take a time step.

A model is a subclass that declares its state and gives one pure function, ``step``; see :mod:`bindsnet.network.nodes.lif` for
a complete one. Where learning moves something that all samples share (an adaptive threshold), two more functions say how:
``relax`` before the step and ``adapt`` after it.
"""

from __future__ import annotations

import inspect
import math
from abc import ABC
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import torch

from bindsnet.engine.declarations import argument_types
from bindsnet.engine.ops import Array, as_array, as_tuple, to_f64, where
from bindsnet.engine.random import Randomness
from bindsnet.errors import NetworkError
from bindsnet.network.nodes.trace import additive_trace, set_trace


class Nodes(torch.nn.Module):
    """A population of neurons.

    Args:
        n: number of neurons; may be left out when ``shape`` is given.
        shape: shape of the population; ``(n,)`` when left out.
        traces: whether to keep a trace ``x`` of the spikes.
        traces_additive: a spike adds ``trace_scale`` to the trace; otherwise it sets the trace to it.
        tc_trace: time constant of the trace, ms.
        trace_scale: what a spike sets the trace to, or adds to it.
        sum_input: whether to keep the sum of all input in ``summed``.
        learning: whether what learning moves (an adaptive threshold) moves.

    Attributes:
        s: spikes of the last step, bool ``[batch_size, *shape]``.
        x: traces, float32 ``[batch_size, *shape]``, if kept.

    Raises:
        NetworkError: neither ``n`` nor ``shape`` is given, they contradict each other, a keyword is unknown, or a parameter is
            neither a number nor one for each neuron, or out of its range.
    """

    #: State of every neuron in every sample: its name, and its value after a reset (a number, or the name of a parameter).
    state: ClassVar[dict[str, float | str]] = {}
    #: State of every neuron that samples share and only learning moves: its name and first value.
    adaptive_state: ClassVar[dict[str, float]] = {}
    #: Decay factors exp(-dt / tc): their name, and the name of their time constant (ms).
    decays: ClassVar[dict[str, str]] = {}
    #: (state..., adaptive state..., drive, parameters...) -> (state..., spike), in this order
    step: ClassVar[Callable | None] = None
    #: (adaptive state..., parameters...) -> what ``step`` takes of it, in its place: computed once while nothing moves it
    threshold: ClassVar[Callable | None] = None
    #: (adaptive state..., parameters...) -> (adaptive state...), before the step, while learning
    relax: ClassVar[Callable | None] = None
    #: (adaptive state..., spikes, parameters...) -> (adaptive state...), after the step, while learning
    adapt: ClassVar[Callable | None] = None

    known: ClassVar[dict[str, type[Nodes]]] = {}

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        if cls.threshold is not None and list(inspect.signature(cls.step).parameters)[len(cls.state)] != "threshold":
            raise NetworkError(
                f"{cls.__name__}.step must take 'threshold' after its state, in place of the adaptive state, "
                "since the class has a function of that name (threshold = None takes it away)"
            )
        Nodes.known[cls.__name__] = cls

    def __init__(
        self,
        n: int | None = None,
        shape: Iterable[int] | None = None,
        traces: bool = False,
        traces_additive: bool = False,
        tc_trace: float | torch.Tensor = 20.0,
        trace_scale: float | torch.Tensor = 1.0,
        sum_input: bool = False,
        learning: bool = True,
        **kwargs,
    ) -> None:
        super().__init__()
        if kwargs:
            raise NetworkError(f"{type(self).__name__} takes no argument {', '.join(map(repr, kwargs))}")
        self.shape, self.n = _shape_and_size(n, shape)
        self.traces = traces
        self.traces_additive = traces_additive
        self.sum_input = sum_input
        self.learning = learning
        self.one_spike = False  # whether at most one neuron of the population spikes in a step
        self.register_buffer("dt", None, persistent=False)
        self.batch_size: int | None = None
        self.randomness = Randomness()
        self.first_neuron = 0  # this population's place among all neurons of its network
        self.clamp: torch.Tensor | None = None
        self.unclamp: torch.Tensor | None = None

        self.register_buffer("s", torch.zeros(1, *self.shape, dtype=torch.bool))
        if traces:
            self.register_buffer("x", torch.zeros(1, *self.shape))
            self.declare(tc_trace=tc_trace, trace_scale=trace_scale)
            self.register_buffer("trace_decay", torch.tensor(1.0))
        if sum_input:
            self.register_buffer("summed", torch.zeros(1, *self.shape))
        for name, first in self.adaptive_state.items():
            dtype = self._declared_types().get(name, torch.float32)
            self.register_buffer(name, torch.full(self.shape, float(first), dtype=dtype))

    def declare(self, **parameters: float | torch.Tensor) -> None:
        """Keep parameters as tensors of their own, of the type that the step functions declare (float32 where they do not say).

        Args:
            parameters: each a number, or one for every neuron: what broadcasts to the layer's shape.

        Raises:
            NetworkError: a parameter is neither, or a time constant is not above 0 ms.
        """
        types = self._declared_types()
        for name, given in parameters.items():
            value = self._one_or_each(name, given).to(types.get(name, torch.float32), copy=True)
            if name in self._time_constants().values() and not (value > 0).all():
                raise NetworkError(f"{type(self).__name__}: the time constant {name} is above 0 ms, got {given}")
            self.register_buffer(name, value)

    def _one_or_each(self, name: str, given: float | torch.Tensor) -> torch.Tensor:
        """A parameter as one number or in the layer's shape."""
        try:
            value = torch.as_tensor(given).detach()
        except (TypeError, ValueError, RuntimeError) as error:  # whatever torch makes no tensor of
            raise NetworkError(f"{type(self).__name__}: {name} is a number, or one for each neuron, got {given!r}") from error
        if value.numel() == 1:
            return value.reshape(())
        shape = [1] * (value.dim() - len(self.shape)) + self.shape
        try:
            return value.broadcast_to(shape).reshape(self.shape)
        except RuntimeError as error:
            raise NetworkError(
                f"{type(self).__name__}: {name} is a number, or one for each neuron in the layer's shape {self.shape}, "
                f"got the shape {list(value.shape)}"
            ) from error

    def forward(self, x: torch.Tensor) -> None:
        """One time step.

        Args:
            x: drive of this step (mV), or the spikes of an input layer, ``[batch_size, *shape]``.
        """
        self.bind()(x)

    def bind(self) -> Callable[[torch.Tensor], None]:
        """:meth:`forward` for many steps in a row: looks up the tensors once, and holds until one is replaced.

        (A tensor changed in place stays the same tensor; ``set_batch_size``, ``to`` and assignments replace tensors.)
        """
        step = self._bind_step() if self.step is not None else None
        follow_spikes = self._bind_trace() if self.traces else None

        def forward(x: torch.Tensor) -> None:
            if step is not None:
                step(x)
            if self.clamp is not None:
                self.s[:, self.clamp] = True
            if self.unclamp is not None:
                self.s[:, self.unclamp] = False
            if follow_spikes is not None:
                follow_spikes()
            if self.sum_input:
                self.summed += x.float()

        return forward

    @contextmanager
    def clamped(self, clamp: torch.Tensor | None, unclamp: torch.Tensor | None) -> Iterator[None]:
        """While this lasts, neurons under the bool masks ``clamp`` and ``unclamp`` (``[*shape]``) must and must not spike."""
        self.clamp, self.unclamp = clamp, unclamp
        try:
            yield
        finally:
            self.clamp = self.unclamp = None

    def select_winners(self, s: torch.Tensor) -> None:
        """In each sample leave the spike of one of the neurons over threshold, drawn evenly; all without ``one_spike``."""
        if not self.one_spike:
            return
        spikes = s.view(s.shape[0], -1)
        for sample, over in enumerate(spikes.cpu().numpy()):
            candidates = over.nonzero()[0]
            if len(candidates) > 1:
                winner = candidates[self.randomness.draw_below(len(candidates), sample, self.first_neuron)]
                spikes[sample] = False
                spikes[sample, winner] = True

    def reset_state_variables(self) -> None:
        """Between samples: no spikes, no traces, state at its first value. What learning moved stays."""
        self.s.zero_()
        if self.traces:
            self.x.zero_()
        if self.sum_input:
            self.summed.zero_()
        for name, first in self.state.items():
            buffer = self._buffers.get(name)
            if buffer is not None:
                buffer[:] = getattr(self, first) if isinstance(first, str) else first

    def compute_decays(self, dt: float | torch.Tensor) -> None:
        """Decay factors for this time step, computed in float64 and rounded once.

        Args:
            dt: time step, ms.
        """
        device = self.s.device
        self.dt = torch.as_tensor(dt, dtype=torch.float32, device=device)
        types = self._declared_types()
        for name, time_constant in self._time_constants().items():
            tc = getattr(self, time_constant).double()
            decay = torch.exp(-torch.as_tensor(dt, dtype=torch.float64, device=device) / tc)
            self.register_buffer(name, decay.to(types.get(name, torch.float32)))

    def set_batch_size(self, batch_size: int) -> None:
        """Make room for this many samples at a time, and reset."""
        self.batch_size = batch_size
        device = self.s.device
        kept = {"s": torch.bool} | {name: torch.float32 for name in ("x", "summed") if name in self._buffers}
        types = self._declared_types()
        kept |= {name: types.get(name, torch.float32) for name in self.state}
        for name, dtype in kept.items():
            self.register_buffer(name, torch.zeros(batch_size, *self.shape, dtype=dtype, device=device))
        self.register_buffer("no_drive", torch.zeros(batch_size, *self.shape, device=device), persistent=False)
        self.reset_state_variables()

    def train(self, mode: bool = True) -> Nodes:
        """Let learning move the adaptive state, or freeze it."""
        self.learning = mode
        return super().train(mode)

    def _time_constants(self) -> dict[str, str]:
        """Decay factors and their time constants, those of the trace with them."""
        return dict(self.decays, trace_decay="tc_trace") if self.traces else self.decays

    @classmethod
    def _declared_types(cls) -> dict[str, torch.dtype]:
        functions = (f for f in (cls.step, cls.threshold, cls.relax, cls.adapt) if f is not None)
        return {name: dtype for f in functions for name, dtype in argument_types(f).items()}

    def _arrays(self, names: Iterable[str]) -> list[Array]:
        return [as_array(self._buffers[name]) for name in names]

    def _parameters_of(self, function: Callable, n_leading: int) -> list[Array]:
        """What a step function takes after its first ``n_leading`` arguments: parameters, by name."""
        return self._arrays(list(argument_types(function))[n_leading:])

    def _bind_step(self) -> Callable[[torch.Tensor], None]:
        cls, spikes = type(self), as_array(self.s)
        state, adaptive = self._arrays(self.state), self._arrays(self.adaptive_state)
        taken = len(adaptive) if cls.threshold is None else 1
        parameters = self._parameters_of(cls.step, len(state) + taken + 1)
        threshold_parameters = [] if cls.threshold is None else self._parameters_of(cls.threshold, len(adaptive))
        relax = self._bind_relax(adaptive) if self.learning and cls.relax is not None else None
        adapt = self._bind_adapt(adaptive) if self.learning and cls.adapt is not None else None

        def advance(drive: torch.Tensor) -> None:
            if relax is not None:
                relax()
            shared = adaptive if cls.threshold is None else [cls.threshold(*adaptive, *threshold_parameters)]
            *after, over = cls.step(*state, *shared, as_array(drive), *parameters)
            for array, value in zip(state, after, strict=True):
                array[...] = value
            spikes[...] = over
            if over.any():
                if adapt is not None:
                    adapt(over)
                self.select_winners(self._buffers["s"])

        return advance

    def _bind_relax(self, adaptive: list[Array]) -> Callable[[], None]:
        relax = type(self).relax
        parameters = self._parameters_of(relax, len(adaptive))

        def apply() -> None:
            for array, value in zip(adaptive, as_tuple(relax(*adaptive, *parameters)), strict=True):
                array[...] = value

        return apply

    def _bind_adapt(self, adaptive: list[Array]) -> Callable[[Array], None]:
        adapt = type(self).adapt
        parameters = self._parameters_of(adapt, len(adaptive) + 1)

        def apply(over: Array) -> None:
            spikes = to_f64(over.sum(0))  # samples of a batch share the threshold: each spike moves it
            for array, value in zip(adaptive, as_tuple(adapt(*adaptive, spikes, *parameters)), strict=True):
                array[...] = where(spikes > 0, value, array)

        return apply

    def _bind_trace(self) -> Callable[[], None]:
        follow = additive_trace if self.traces_additive else set_trace
        x, *others = self._arrays(argument_types(follow))

        def apply() -> None:
            x[...] = follow(x, *others)

        return apply


class AbstractInput(ABC):  # noqa: B024 - a mark, as in BindsNET
    """Marks populations that take their spikes from outside and so accept no connection."""


def _shape_and_size(n: int | None, shape: Iterable[int] | None) -> tuple[list[int], int]:
    if n is None and shape is None:
        raise NetworkError("a population needs its number of neurons n, or its shape")
    shape = [int(n)] if shape is None else [int(side) for side in shape]
    size = math.prod(shape)
    if n is not None and size != n:
        raise NetworkError(f"a population of shape {tuple(shape)} has {size} neurons, not n={n}")
    if size < 1:
        raise NetworkError(f"a population needs at least one neuron, got shape {tuple(shape)}")
    return shape, size
