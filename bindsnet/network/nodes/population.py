"""What a population of neurons keeps: state, traces, parameters, and the spikes that are still on their way."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.functions import declared_types, leading_arguments
from bindsnet.network.nodes.given import Window, names_given, types_given
from bindsnet.numbers.decay import decay_factor
from bindsnet.numbers.declarations import check_leading, check_names
from bindsnet.numbers.ops import any_in, as_array
from bindsnet.numbers.random import Randomness

#: which neurons compete where at most one of them spikes: all of the layer, or those at one position in all of its maps
GROUPS = ("layer", "position")
#: which of the neurons of a group over threshold spikes: one drawn evenly, or the one furthest above its threshold
WINNERS = ("drawn", "highest")
#: what every layer keeps besides parameters and the state of its model, and what of it steps move
MOVING = ("s", "x", "summed", "past", "no_drive", "chance")
RESERVED = (*MOVING, "dt")


class Population(torch.nn.Module):
    """What a population of neurons keeps.

    Args:
        n: number of neurons; may be left out when ``shape`` is given.
        shape: shape of the population; ``(n,)`` when left out.
        traces: whether to keep a trace ``x`` of the spikes.
        traces_additive: a spike adds ``trace_scale`` to the trace; otherwise it sets the trace to it.
        tc_trace: time constant of the trace, ms.
        trace_scale: what a spike sets the trace to, or adds to it.
        sum_input: whether to keep the sum of all input in ``summed``.
        learning: whether what learning moves (an adaptive threshold) moves; None does as its network does.
        one_spike_per: where models let at most one neuron spike in a step (``one_spike``): ``"layer"``, one of all, or
            ``"position"``, one of those at the same place in all maps of a layer of the shape ``[n_maps, *positions]``.
        winner: which one: ``"drawn"`` evenly of those over threshold, or ``"highest"``, the one furthest above it (drawn evenly
            of those that are equally far).

    Attributes:
        s: spikes of the last step, bool ``[batch_size, *shape]``.
        past: spikes of the steps before that, the latest first, bool ``[n_steps, batch_size, *shape]``, as many as the longest
            delay of a connection from here needs; none where no spike takes longer than one step.
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
    #: Sums over the last steps that ``step`` and ``depolarisation`` may take by name.
    windows: ClassVar[dict[str, Window]] = {}
    #: The buffer ``[n, n]``, target by source, through which the spikes of the last step drive the layer itself.
    within: ClassVar[str | None] = None
    #: (state..., adaptive state..., drive, parameters...) -> (state..., spike), in this order
    step: ClassVar[Callable | None] = None
    #: (adaptive state..., parameters...) -> what ``step`` takes of it, in its place: computed once while nothing moves it
    threshold: ClassVar[Callable | None] = None
    #: (adaptive state..., parameters...) -> (adaptive state...), before the step, while learning
    relax: ClassVar[Callable | None] = None
    #: (adaptive state..., spikes, parameters...) -> (adaptive state...), after the step, while learning
    adapt: ClassVar[Callable | None] = None
    #: whether neurons that were over threshold and may not spike leave their adaptive state as it is
    only_winners_adapt: ClassVar[bool] = False
    #: what ``step`` takes -> how far above its threshold the step will find a neuron, mV; for ``winner="highest"``
    depolarisation: ClassVar[Callable | None] = None

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
        one_spike_per: str = "layer",
        winner: str = "drawn",
        **kwargs,
    ) -> None:
        super().__init__()
        if kwargs:
            raise NetworkError(f"{type(self).__name__} takes no argument {', '.join(map(repr, kwargs))}")
        self.shape, self.n = _shape_and_size(n, shape)
        taken = {*RESERVED, *self.state}.intersection(self.adaptive_state) | {*RESERVED}.intersection(self.state)
        if taken:
            kept = ", ".join(sorted(taken))
            raise NetworkError(f"{type(self).__name__}: the layer keeps {kept} itself; call the state otherwise")
        self.traces = traces
        self.traces_additive = traces_additive
        self.sum_input = sum_input
        self.learning = learning is None or bool(learning)
        self.one_spike = False  # whether at most one neuron of the population, or of a group of it, spikes in a step
        self.one_spike_per, self.winner = one_spike_per, winner
        self.check_winners()
        self.register_buffer("dt", None, persistent=False)
        self.batch_size: int | None = None
        self.randomness = Randomness(alone=True)
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
            NetworkError: a parameter is neither, has the name of something that the layer keeps itself, or is a time constant
                that is not above 0 ms.
        """
        types = self._declared_types()
        taken = {*RESERVED, *self.state, *self.adaptive_state, *self.windows, *self._time_constants()}
        for name, given in parameters.items():
            if name in taken or (name not in self._buffers and hasattr(self, name)):
                raise NetworkError(f"{type(self).__name__}: the layer keeps {name} itself; call the parameter otherwise")
            value = self._one_or_each(name, given).to(types.get(name, torch.float32), copy=True)
            if name in self._time_constants().values() and not (value > 0).all():
                raise NetworkError(f"{type(self).__name__}: the time constant {name} is above 0 ms, got {given}")
            if value.isnan().any():
                raise NetworkError(f"{type(self).__name__}: {name} is a number, or one for each neuron, got {given}")
            self.register_buffer(name, value)

    def _one_or_each(self, name: str, given: float | torch.Tensor) -> torch.Tensor:
        """A parameter as one number or in the layer's shape."""
        try:
            value = torch.as_tensor(given).detach()
        except (TypeError, ValueError, RuntimeError) as error:  # whatever torch makes no tensor of
            raise NetworkError(f"{type(self).__name__}: {name} is a number, or one for each neuron, got {given!r}") from error
        if value.is_complex():
            raise NetworkError(f"{type(self).__name__}: {name} is a real number, or one for each neuron, got {value.dtype}")
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

    def n_groups(self, per: str) -> int:
        """Number of groups of neurons: neuron i is of group ``i % n_groups``.

        Raises:
            NetworkError: there are no such groups.
        """
        if per not in GROUPS:
            raise NetworkError(f"neurons compete per {' or '.join(GROUPS)}, not per {per!r}")
        if per == "position" and len(self.shape) < 2:
            raise NetworkError(f"a layer with positions has the shape [n_maps, *positions], not {self.shape}")
        return 1 if per == "layer" else math.prod(self.shape[1:])

    def check_winners(self) -> None:
        """See that the population can tell who wins.

        Raises:
            NetworkError: it has no such groups, there is no such winner, or the model cannot say how far above threshold a neuron
                is.
        """
        self.n_groups(self.one_spike_per)
        if self.winner not in WINNERS:
            raise NetworkError(f"a winner is {' or '.join(WINNERS)}, not {self.winner!r}")
        if self.winner == "highest" and type(self).depolarisation is None:
            raise NetworkError(f'{type(self).__name__} gives no function depolarisation, which winner="highest" needs')

    @property
    def highest_wins(self) -> bool:
        """Whether it matters how far above threshold neurons are; then the model's ``depolarisation`` is asked.

        Raises:
            NetworkError: it cannot be asked.
        """
        if not self.one_spike:
            return False
        self.check_winners()
        if self.winner == "drawn":
            return False
        where, function, leading = self.name_of("depolarisation"), type(self).depolarisation, self.leading_arguments()["step"]
        check_leading(where, function, leading)
        check_names(where, function, types_given(self.windows), self._buffers, len(leading))
        return True

    @property
    def given(self) -> tuple[str, ...]:
        """What the model's functions take of a chance, the spikes of the last step, and sums over windows."""
        return names_given(type(self), self.step, type(self).depolarisation)

    @property
    def rests_while_relaxing(self) -> bool:
        """Whether a neuron that without drive stays as it was reset goes on so while learning moves the adaptive state.

        It is for a model to promise: the fused engine then advances only neurons that some drive has reached.
        """
        return False

    def remember(self, n_steps: int) -> None:
        """Keep the spikes of this many steps before the last one, for connections that take longer."""
        before = self._buffers.get("past", ())
        if n_steps > len(before):
            past = torch.zeros(n_steps, *self.s.shape, dtype=torch.bool, device=self.s.device)
            past[: len(before)] = before if len(before) else False
            self.register_buffer("past", past)

    def check_past(self, n_steps: int) -> None:
        """See that the spikes of so many steps before the last one are kept.

        Raises:
            NetworkError: ``past`` was replaced by something else.
        """
        past = self._buffers.get("past")
        if n_steps == 0 and past is None:
            return
        found = None if past is None else (past.shape[1:], past.dtype, past.is_contiguous())
        if found != (self.s.shape, torch.bool, True) or len(past) < n_steps:
            got = "nothing" if past is None else f"{list(past.shape)}, {past.dtype}"
            raise NetworkError(f"past must be a contiguous bool tensor {[n_steps, *self.s.shape]} or longer, got {got}")

    def pass_on(self) -> None:
        """The spikes of the last step become past: before those of a new one take their place."""
        past = self._buffers.get("past")
        if past is not None:
            past.copy_(torch.cat([self.s.view(past[:1].shape), past[:-1]]))

    def spikes_before(self, n_steps: int) -> torch.Tensor:
        """Spikes ``[batch_size, *shape]`` so many steps ago; 1 is the last step."""
        return self.s if n_steps == 1 else self.past[n_steps - 2]

    def reset_state_variables(self) -> None:
        """Between samples: no spikes, no traces, state at its first value. What learning moved stays."""
        for buffer in self._cleared():
            buffer.zero_()
        if self.sum_input:
            self.summed.zero_()
        for name, first in self.state.items():
            buffer = self._buffers.get(name)
            if buffer is not None:
                self._set_first(buffer, name, first)

    def bind_rest(self) -> Callable[[], bool]:
        """Tells whether all is as a reset leaves it, but for a sum of input; looks up the tensors once, as :meth:`bind` does."""
        cleared = [as_array(buffer) for buffer in self._cleared()]
        firsts = [getattr(self, first) if isinstance(first, str) else first for first in self.state.values()]
        firsts = [as_array(first) if isinstance(first, torch.Tensor) else first for first in firsts]
        begun = list(zip([as_array(self._buffers[name]) for name in self.state], firsts, strict=True))
        return lambda: not any(map(any_in, cleared)) and not any(any_in(array != first) for array, first in begun)

    def _cleared(self) -> list[torch.Tensor]:
        """What a reset sets to 0 and steps then move: spikes, trace and what lies in windows."""
        names = ("s", "past", "x", *map(Window.values_of, self.windows))
        return [buffer for name in names if (buffer := self._buffers.get(name)) is not None]

    def _set_first(self, buffer: torch.Tensor, name: str, first: float | str) -> None:
        value = getattr(self, first, None) if isinstance(first, str) else first
        try:
            buffer.copy_(value) if isinstance(value, torch.Tensor) else buffer.fill_(value)
        except (TypeError, ValueError, RuntimeError) as error:  # whatever torch cannot fill a state with
            what = "which nobody declared" if isinstance(first, str) and value is None else "neither a number nor a parameter"
            raise NetworkError(f"{type(self).__name__}: the first value of {name} is {first!r}, {what}") from error

    def compute_decays(self, dt: float | torch.Tensor) -> None:
        """Decay factors for this time step, computed in float64 and rounded once.

        Args:
            dt: time step, ms.
        """
        device = self.s.device
        self.dt = torch.as_tensor(dt, dtype=torch.float32, device=device)
        types = self._declared_types()
        for name, time_constant in self._time_constants().items():
            tc = getattr(self, time_constant, None)
            if not isinstance(tc, torch.Tensor):
                raise NetworkError(f"{type(self).__name__}: {name} decays by {time_constant!r}, which nobody declared")
            self.register_buffer(name, decay_factor(dt, tc).to(types.get(name, torch.float32)))
        for name, window in self.windows.items():
            self.register_buffer(Window.kernel_of(name), getattr(self, window.kernel)(dt).to(torch.float32))

    def set_batch_size(self, batch_size: int) -> None:
        """Make room for this many samples at a time, and reset."""
        self.batch_size = batch_size
        device = self.s.device
        expected = {"s": torch.bool} | {name: torch.float32 for name in ("x", "summed") if name in self._buffers}
        types = self._declared_types()
        expected |= {name: types.get(name, torch.float32) for name in self.state}
        for name, dtype in expected.items():
            self.register_buffer(name, torch.zeros(batch_size, *self.shape, dtype=dtype, device=device))
        if "past" in self._buffers:
            self.past = torch.zeros(len(self.past), batch_size, *self.shape, dtype=torch.bool, device=device)
        for name in self.windows:
            shape = (len(self.get_buffer(Window.kernel_of(name))), batch_size, *self.shape)
            self.register_buffer(Window.values_of(name), torch.zeros(shape, device=device))
        for name in {"no_drive", *self.given, *self.windows} - {"s"}:
            self.register_buffer(name, torch.zeros(batch_size, *self.shape, device=device), persistent=False)
        self.reset_state_variables()

    def train(self, mode: bool = True) -> Population:
        """Let learning move the adaptive state, or freeze it."""
        self.learning = mode
        return super().train(mode)

    def _time_constants(self) -> dict[str, str]:
        """Decay factors and their time constants, those of the trace with them."""
        return dict(self.decays, trace_decay="tc_trace") if self.traces else self.decays

    @classmethod
    def _declared_types(cls) -> Mapping[str, torch.dtype]:
        return declared_types(cls, cls.step, cls.threshold, cls.relax, cls.adapt)

    @classmethod
    def leading_arguments(cls) -> Mapping[str, Mapping[str, torch.dtype | None]]:
        """What each function of the model takes first, by its place, with its type; parameters follow, by their names.

        (The type of ``threshold`` is for ``step`` to say.)

        Raises:
            NetworkError: a function takes less, or with another type.
        """
        return leading_arguments(cls, cls.step, cls.threshold, cls.relax, cls.adapt)

    def check_functions(self) -> None:
        """See that all is there which the model's functions take.

        Raises:
            NetworkError: it is not, or declared with another type.
        """
        for role, leading in self.leading_arguments().items():
            given = types_given(self.windows) if role == "step" else {}
            check_names(self.name_of(role), getattr(type(self), role), given, self._buffers, len(leading))

    def variable(self, name: str, whose: str) -> torch.Tensor:
        """Spikes, trace or a state: a value of each neuron, in each sample unless samples share it.

        Raises:
            NetworkError: it was replaced by something else; the message begins with ``whose``.
        """
        dtype = torch.bool if name == "s" else self._declared_types().get(name, torch.float32)
        value, n = self._buffers.get(name), self.n * (1 if name in self.adaptive_state else self.batch_size or 1)
        if value is None or value.numel() != n or value.dtype != dtype:
            samples = "" if n == self.n else f" in each of {n // self.n} samples"
            got = "nothing" if value is None else f"the shape {list(value.shape)} and {value.dtype}"
            raise NetworkError(
                f"{whose}: {name} must be a contiguous tensor of its {self.n} neurons{samples}, got {got} in place of {dtype}"
            )
        return value

    def parameter(self, name: str) -> torch.Tensor:
        """A parameter, or an attribute that is made of some, as functions take it: of the type they declare, one number or many.

        Raises:
            NetworkError: it was replaced by something else.
        """
        value = self._buffers[name] if name in self._buffers else getattr(self, name)
        dtype = self._declared_types().get(name, torch.float32)
        if value is not None and value.dtype == dtype and (not value.dim() or list(value.shape) == self.shape):
            return value  # as it mostly is
        moves = name in (*MOVING, *self.state, *self.adaptive_state, *self.windows)
        return value if moves else self._one_or_each(name, value).to(dtype)

    def name_of(self, role: str) -> str:
        """Class and function, as the user knows them."""
        return f"{type(self).__name__}.{role}"


def _shape_and_size(n: int | None, shape: Iterable[int] | None) -> tuple[list[int], int]:
    try:
        shape = [int(n)] if shape is None else [int(side) for side in shape]
    except (TypeError, ValueError):
        raise NetworkError(f"a population needs its number of neurons n, or its shape; got n={n!r}, shape={shape!r}") from None
    size = math.prod(shape)
    if n is not None and size != n:
        raise NetworkError(f"a population of shape {tuple(shape)} has {size} neurons, not n={n}")
    if size < 1:
        raise NetworkError(f"a population needs at least one neuron, got shape {tuple(shape)}")
    return shape, size
