"""What a plasticity rule declares.

A rule is a subclass that gives pure functions of numbers: ``on_pre`` is the change of a weight when its source neuron fires,
``on_post`` when its target neuron does, ``on_step`` in every step. The first two are evaluated only for synapses of neurons that
fired. What a rule keeps besides weights it declares: traces of its own, a state of every synapse, an adaptive state of every
target.
"""

from __future__ import annotations

import inspect
import weakref
from abc import ABC
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from itertools import takewhile
from numbers import Real
from typing import Any, ClassVar

import torch

from bindsnet.errors import NetworkError, warn
from bindsnet.learning.rules.declared import Field, Trace
from bindsnet.learning.rules.memory import Memory
from bindsnet.numbers.decay import decay_factor
from bindsnet.numbers.declarations import argument_types, check_names, types_in
from bindsnet.numbers.ops import as_array

CHANGES = ("on_pre", "on_post", "on_step")
FUNCTIONS = (*CHANGES, "shift", "adapt")
#: the learning rates as functions of a rule take them, in the order of ``nu``
RATES = ("nu_pre", "nu_post")
#: names that no rule may declare: of its learning rates and bounds, and of what its memory is told
EVERY_RULES = (*RATES, "wmin", "wmax", "dt", "batch_size", "training")
#: what each spike gives the functions of a rule, and its type
GIVEN = dict.fromkeys(("w", "x_pre", "x_post", "s_pre", "s_post", "reward"), torch.float32)
#: what a spike of the target gives ``shift``: a synapse's delay and the steps since its source fired
SHIFTED = dict.fromkeys(("delay", "elapsed"), torch.float32)
WORDS = {Trace: "Trace", Field: "Field", Real: "number", str: "name of a parameter"}  # for what is declared
PARTS = ("decay", "scale")  # of a declared trace
SPIKES = {"spikes": torch.float64}  # of a target neuron in all samples of a batch, for ``adapt``


class DeclaredRule(ABC):  # noqa: B024 - rules differ by functions, not by methods
    """What a rule declares: its functions, parameters and learning rates, and what it keeps of synapses and neurons."""

    #: Traces of source or target neurons beside the layers' own ``x``; they move while the rule learns.
    traces: ClassVar[dict[str, Trace]] = {}
    #: State of every synapse in every sample: its name and its value after a reset.
    state: ClassVar[dict[str, float]] = {}
    #: Decay factors exp(-dt / tc): their name, and the parameter that is their time constant (ms).
    decays: ClassVar[dict[str, str]] = {}
    #: State of every target neuron that samples share and only learning moves: its name and first value.
    adaptive_state: ClassVar[dict[str, float]] = {}
    #: Quantities of all synapses into a target neuron, computed when a function that takes them is called.
    fields: ClassVar[dict[str, Field]] = {}
    #: What functions take of each target neuron: names of tensors that it keeps. The plain engine alone runs such a rule.
    of_target: ClassVar[tuple[str, ...]] = ()
    #: Parameters that are keywords of ``Network.run``, too, and then hold for that run.
    of_run: ClassVar[tuple[str, ...]] = ()
    #: Whether ``on_post`` is given the weights before the step, as ``on_pre`` is, not what that left.
    at_once: ClassVar[bool] = False
    #: Functions whose change is a loss: of samples the largest loss counts where the reduction is ``torch.amax``.
    weakening: ClassVar[tuple[str, ...]] = ()
    #: (what it names) -> (change of w, state...), at a spike of the source
    on_pre: ClassVar[Callable | None] = None
    #: the same, at a spike of the target
    on_post: ClassVar[Callable | None] = None
    #: the same, in every step, for every synapse
    on_step: ClassVar[Callable | None] = None
    #: (what it names of delay, elapsed steps and parameters) -> change of the delay, steps, at a spike of the target
    shift: ClassVar[Callable | None] = None
    #: the longest delay that it may learn, steps
    longest_delay = 1
    #: (adaptive state, spikes and parameters that it names) -> (adaptive state...), of a target that fired, after all changes
    adapt: ClassVar[Callable | None] = None

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        **kwargs,
    ) -> None:
        if kwargs and not any(_reads_any_keyword(type(part)) for part in (self, connection)):
            raise NetworkError(f"{type(self).__name__} takes no argument {', '.join(map(repr, kwargs))}")
        self.connection = connection
        self.reduction = torch.sum if reduction is None else reduction
        if not callable(self.reduction):
            raise NetworkError(f"reduction is a function of a tensor and dim, such as torch.mean; got {reduction!r}")
        self.weight_decay = 0.0 if weight_decay is None else checked_share("weight_decay", weight_decay)
        self.parameters: dict[str, torch.Tensor] = {}
        self.keeps = bool(self.traces or self.state or self.adaptive_state)  # anything besides weights, in ``memory``
        self.memory: Memory | None = None
        self.dt = 1.0
        self._check_declarations()
        self.take_bounds()
        self.nu = nu
        taken = [name for name in RATES if name in types_in(type(self), CHANGES)]
        if taken and not (self.acts_on_pre or self.acts_on_post or self.acts_on_step):
            rates = ", ".join(f"{rate:g}" for rate in self.nu.tolist())
            warn(
                f"{type(self).__name__} with nu = ({rates}) learns nothing: of (nu_pre, nu_post) it takes {' and '.join(taken)}; "
                "give nu, such as nu=(1e-4, 1e-2)"
            )
        self._require_weights_and_traces()

    @property
    def connection(self) -> torch.nn.Module:
        """The connection whose weights learn.

        Raises:
            NetworkError: it is gone: a connection holds its rule, not the other way round.
        """
        found = self.__dict__["connection"]
        connection = found() if isinstance(found, weakref.ref) else found
        if connection is None:
            raise NetworkError(f"{type(self).__name__}: its connection is gone; keep the connection, not only its rule")
        return connection

    @connection.setter
    def connection(self, connection: torch.nn.Module) -> None:
        self.__dict__["connection"] = connection

    @property
    def source(self) -> torch.nn.Module:
        """The population whose spikes drive."""
        return self.connection.source

    @property
    def target(self) -> torch.nn.Module:
        """The population that is driven."""
        return self.connection.target

    def belong_to(self, connection: torch.nn.Module) -> None:
        """Let this connection hold the rule, which lets go of it: two that hold each other wait for the garbage collector."""
        if self.__dict__.get("connection") is connection:
            self.__dict__["connection"] = weakref.ref(connection)

    def __getstate__(self) -> dict[str, Any]:
        """What is copied and pickled: the connection in place of a reference to it, None if it is gone."""
        found = self.__dict__["connection"]
        return self.__dict__ | {"connection": found() if isinstance(found, weakref.ref) else found}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what was pickled, where the learning rates have lost the memory that they share with ``nu``."""
        self.__dict__.update(state)
        for name, rate in zip(RATES, self._nu, strict=True):
            if torch.equal(self.parameters[name], rate):  # not one that was declared apart, such as a rate for each synapse
                self.parameters[name] = rate

    @property
    def nu(self) -> torch.Tensor:
        """Learning rates (pre, post), ``[2]`` or ``[2, *shape]``; what is written into it counts from the next update on."""
        return self._nu

    @nu.setter
    def nu(self, nu: float | tuple[float, float] | torch.Tensor | None) -> None:
        rates = _pair(nu)
        if rates is None or not (rates >= 0).all():
            raise NetworkError(
                f"nu is a learning rate >= 0, or a pair (pre, post) of them, each a number or one for each weight; got {nu!r}"
            )
        types = {t for name, t in types_in(type(self), FUNCTIONS).items() if name in RATES}
        if len(types) > 1:
            raise NetworkError(f"{type(self).__name__} declares {' and '.join(RATES)} with different types; they share a tensor")
        self._nu = rates.to(next(iter(types), torch.float32), copy=True)
        self.declare(**dict(zip(RATES, self._nu, strict=True)))

    @property
    def acts_on_pre(self) -> bool:
        """Whether a spike of the source changes anything."""
        return self.bind_acts("on_pre", "nu_pre")()

    @property
    def acts_on_post(self) -> bool:
        """Whether a spike of the target changes anything."""
        return self.bind_acts("on_post", "nu_post")()

    @property
    def acts_on_step(self) -> bool:
        """Whether every step changes something."""
        return type(self).on_step is not None

    @property
    def takes_reward(self) -> bool:
        """Whether one of its functions takes the reward of a step."""
        return "reward" in types_in(type(self), FUNCTIONS)

    @classmethod
    def declared(cls) -> dict[str, torch.dtype]:
        """What the rule declares beside parameters, with its types."""
        types = types_in(cls, FUNCTIONS)
        adaptive = {name: types.get(name, torch.float32) for name in cls.adaptive_state}
        return dict.fromkeys((*cls.traces, *cls.state, *cls.fields, *cls.of_target), torch.float32) | adaptive

    def declare(self, **parameters: float | torch.Tensor) -> None:
        """Keep parameters of the rule's functions as tensors of the type these declare.

        Args:
            parameters: each a number, or one for every weight: what broadcasts to ``w``.

        Raises:
            NetworkError: a parameter is neither, or has the name of what a spike gives, or of what is computed.
        """
        types, computed = types_in(type(self), FUNCTIONS), ("dt", *self._computed())
        for name, given in parameters.items():
            if name in computed:
                raise NetworkError(f"{type(self).__name__}: {name} is computed for the time step; call the parameter otherwise")
            if name in GIVEN or name in SHIFTED or name in SPIKES or name in self.declared():
                raise NetworkError(f"{type(self).__name__}: {name} is given by each spike; call the parameter otherwise")
            try:
                value = torch.as_tensor(given)
            except (TypeError, ValueError, RuntimeError) as error:  # whatever torch makes no tensor of
                raise NetworkError(f"{self._number_or_each(name)}, got {given!r}") from error
            if not value.numel() or value.is_complex():
                raise NetworkError(f"{self._number_or_each(name)}, got {value.dtype} {list(value.shape)}")
            value = value.to(types.get(name, torch.float32))
            self.parameters[name] = value.reshape(()) if value.numel() == 1 else value

    @contextmanager
    def told(self, **parameters: float | torch.Tensor) -> Iterator[None]:
        """For a while other values of declared parameters.

        Raises:
            NetworkError: see :meth:`declare` and :meth:`compute_decays`.
        """
        before = self.parameters
        self.parameters = dict(before)
        try:
            self.declare(**parameters)
            self.compute_decays(self.dt)
            yield
        finally:
            self.parameters = before

    def declared_apart(self, leave_out: Container[str] = ()) -> dict[str, torch.Tensor]:
        """Parameters that were declared, such as a rate for each weight, but for numbers that all rules have."""
        known = (*self._computed(), *EVERY_RULES)
        of_nu = [name for name, rate in zip(RATES, self._nu, strict=True) if torch.equal(self.parameters[name], rate)]
        apart = {name: value for name, value in self.parameters.items() if value.numel() > 1 or name not in known}
        leave_out = (*leave_out, *of_nu)
        return {name: value for name, value in apart.items() if name not in leave_out}

    def check_functions(self) -> None:
        """See that all is there which the rule's functions take.

        Raises:
            NetworkError: it is not, or declared with another type.
        """
        declared = self.declared()
        self.compute_decays(self.dt)
        for role, function in self.functions().items():
            given = GIVEN | declared
            if role in ("shift", "adapt"):
                given = SHIFTED if role == "shift" else SPIKES | {name: declared[name] for name in self.adaptive_state}
            check_names(self.name_of(role), function, given, self.parameters)

    def compute_decays(self, dt: float) -> None:
        """Decay factors for this time step, ms, computed in float64 and rounded once.

        Raises:
            NetworkError: a time constant, or the scale of a trace, is not declared, or no number in its range.
        """
        self.dt = float(dt)
        types = types_in(type(self), FUNCTIONS)
        self.parameters["dt"] = torch.tensor(self.dt, dtype=types.get("dt", torch.float32))
        for name, tc in {**self.decays, **{f"{name}_decay": trace.tc for name, trace in self.traces.items()}}.items():
            decay = decay_factor(self.dt, self._number(name, tc, above=0.0))
            self.parameters[name] = decay.to(types.get(name, torch.float32))
        for name, trace in self.traces.items():
            scale = self._number(f"{name}_scale", trace.scale) if isinstance(trace.scale, str) else torch.tensor(trace.scale)
            self.parameters[f"{name}_scale"] = scale.float()

    @classmethod
    def _computed(cls) -> list[str]:
        """Names of the parameters that :meth:`compute_decays` sets."""
        return [*cls.decays, *(f"{name}_{part}" for name in cls.traces for part in PARTS)]

    def _number(self, what: str, parameter: str, above: float = -torch.inf) -> torch.Tensor:
        value = self.parameters.get(parameter)
        if value is None:
            raise NetworkError(f"{type(self).__name__}: {what} takes {parameter!r}, which nobody declared")
        if value.numel() != 1 or not value > above:
            raise NetworkError(f"{type(self).__name__}: {what} takes {parameter!r}, which must be a number above {above:g}")
        return value.double()

    def _check_declarations(self) -> None:
        """See that what the rule declares is of its kind, has names of its own, and that fields are of something there is."""
        cls = type(self)
        kinds = ((cls.traces, Trace), (cls.state | cls.adaptive_state, Real), (cls.decays, str), (cls.fields, Field))
        for name, value, kind in ((name, value, kind) for group, kind in kinds for name, value in group.items()):
            if not isinstance(value, kind):
                raise NetworkError(f"{cls.__name__} declares {name} as {value!r}, which is no {WORDS[kind]}")
        groups = (cls.traces, cls.state, cls._computed(), cls.adaptive_state, cls.fields, GIVEN, SHIFTED, SPIKES)
        names = [*cls.of_target, *(name for group in groups for name in group)]
        taken = sorted({name for name in names if names.count(name) > 1 or name in EVERY_RULES})
        if taken:
            raise NetworkError(f"{cls.__name__} declares {', '.join(taken)} twice, or it is the name of what every rule has")
        sources = ["w", "x_pre", *(name for name, trace in cls.traces.items() if trace.side == "source")]
        for name, field in cls.fields.items():
            if field.of not in sources:
                raise NetworkError(f"{cls.__name__}: the field {name} is of {field.of!r}; there are {', '.join(sources)}")
            if cls.at_once and field.of == "w":
                raise NetworkError(f"{cls.__name__}: at_once is from the weights before the step; the field {name} of w is not")

    def take_bounds(self) -> None:
        """Take over the bounds of the connection's weights."""
        self.declare(wmin=self.connection.wmin, wmax=self.connection.wmax)

    @classmethod
    def functions(cls) -> dict[str, Callable]:
        """The functions that the rule gives, by name."""
        return {role: function for role in FUNCTIONS if (function := getattr(cls, role)) is not None}

    @classmethod
    def leaves_state(cls, role: str) -> bool:
        """Whether a function names no state of synapses: then it may return the change of w alone."""
        return not cls.state.keys() & argument_types(getattr(cls, role)).keys()

    def bind_acts(self, name: str, rate: str) -> Callable[[], bool]:
        """Tells whether a function changes anything: not if there is none, nor with a learning rate of 0 that is all it moves."""
        function = getattr(type(self), name)
        if function is None or self.state or rate not in argument_types(function) or self.parameters[rate].numel() > 1:
            return lambda: function is not None
        value = as_array(self.parameters[rate])
        return lambda: bool(value[()] != 0.0)

    def of_each_weight(self, name: str) -> torch.Tensor:
        """A parameter of which every weight has its own, in the order of the flat weights.

        Raises:
            NetworkError: it does not broadcast to them.
        """
        connection, value = self.connection, self.parameters[name]
        shape = connection.w.shape
        try:
            return connection.flat(value.expand(shape))
        except RuntimeError as error:
            raise NetworkError(f"{self._number_or_each(name)} {list(shape)}, got the shape {list(value.shape)}") from error

    def name_of(self, role: str) -> str:
        """Class and function, as the user knows them."""
        return f"{type(self).__name__}.{role}"

    def _number_or_each(self, name: str) -> str:
        return f"{type(self).__name__}: {name} is a number, or one for each weight"

    def _require_weights_and_traces(self) -> None:
        connection = self.connection
        if self.functions() and not connection.has_weight_of_each_synapse:
            kind = type(connection).__name__
            raise NetworkError(f"{type(self).__name__} changes a weight of every synapse, which {kind} has not")
        names = types_in(type(self), FUNCTIONS)
        for trace, role in (("x_pre", "source"), ("x_post", "target")):
            if trace in names and not getattr(connection, role).traces:
                raise NetworkError(f"{type(self).__name__} needs traces of its {role}: create that layer with traces=True")
        for name in self.of_target:
            if not isinstance(getattr(connection.target, name, None), torch.Tensor):
                kind = type(connection.target).__name__
                raise NetworkError(f"{type(self).__name__} takes {name} of its target neurons, which {kind} do not keep")


def _reads_any_keyword(kind: type) -> bool:
    """Whether a rule or connection of the user's own may read what nothing here knows: its constructor takes any keyword."""
    own = takewhile(lambda base: base.__module__.partition(".")[0] != "bindsnet", kind.__mro__)
    constructors = [base.__init__ for base in own if "__init__" in vars(base)]
    return any(p.kind is p.VAR_KEYWORD for made in constructors for p in inspect.signature(made).parameters.values())


def _pair(nu: Any) -> torch.Tensor | None:
    """Learning rates as one tensor ``[2]``, or ``[2, *shape]`` of those of each weight; None if they are no such numbers."""
    given = 0.0 if nu is None else nu
    try:
        is_pair = getattr(given, "ndim", 1) and hasattr(given, "__len__") and len(given) == 2
        each = [torch.as_tensor(rate, dtype=torch.float32) for rate in (given if is_pair else (given, given))]
        if not is_pair and each[0].numel() != 1:
            return None
        return torch.stack(torch.broadcast_tensors(*(rate.reshape(()) if rate.numel() == 1 else rate for rate in each)))
    except (TypeError, ValueError, RuntimeError):  # whatever torch makes no tensor of
        return None


def checked_share(name: str, value: float | torch.Tensor) -> float:
    """The value as a number from 0 to 1.

    Raises:
        NetworkError: it is none.
    """
    is_number = isinstance(value, Real) or (isinstance(value, torch.Tensor) and value.numel() == 1)
    if not is_number or not 0 <= value <= 1:
        raise NetworkError(f"{name} is a share from 0 to 1, got {value!r}")
    return float(value)
