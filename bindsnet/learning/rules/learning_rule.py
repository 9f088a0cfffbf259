"""What all plasticity rules share: when they look at which weights, batches, decay and bounds.

A rule is a subclass that gives one or two pure functions of numbers: ``on_pre`` is the change of a weight when its source neuron
fires, ``on_post`` when its target neuron does. They are evaluated only for the rows and columns of neurons that fired.
"""

from __future__ import annotations

import weakref
from abc import ABC
from collections.abc import Callable
from numbers import Real
from typing import Any, ClassVar

import torch

from bindsnet.errors import NetworkError, warn
from bindsnet.numbers.declarations import argument_types, check_names, guarded, types_in
from bindsnet.numbers.ops import as_array
from bindsnet.numbers.spikes import fired

FUNCTIONS = ("on_pre", "on_post")
#: the learning rates as functions of a rule take them, in the order of ``nu``
RATES = ("nu_pre", "nu_post")
#: what each spike gives the functions of a rule, and its type
GIVEN = dict.fromkeys(("w", "x_pre", "x_post"), torch.float32)
ALL = slice(None)


class LearningRule(ABC):  # noqa: B024 - rules differ by functions, not by methods
    """A plasticity rule of one connection.

    After every step: the weights decay, the rows of source neurons that fired change by ``on_pre``, then the columns of target
    neurons that fired by ``on_post``, and what was touched is clipped to the connection's bounds. Spikes and traces are those
    of this step.

    In a batch every sample's change is computed from the same weights and ``reduction`` makes them one: their sum by default,
    as if the samples had come one after the other; with ``torch.mean`` a batch learns as much as one sample. One sample at a
    time is the reference.

    Args:
        connection: the connection whose weights learn, one for every pair of neurons.
        nu: learning rates (pre, post), or one number for both; ``rule.nu[1] = 0.5`` changes one later.
        reduction: a function of a tensor and ``dim``, such as ``torch.sum`` (default), ``torch.mean``.
        weight_decay: share of every weight that is lost a time step; None is none.

    Raises:
        NetworkError: a learning rate is negative or not a number, the decay no share from 0 to 1, the reduction no function, a
            keyword is unknown, or the connection has other weights or lacks a trace.

    Warns:
        UserWarning: no spike changes anything, since the learning rates are 0 that the rule takes.
    """

    #: (w, x_pre, x_post, parameters...), those it names -> change of w, at a spike of the source
    on_pre: ClassVar[Callable | None] = None
    #: the same, at a spike of the target
    on_post: ClassVar[Callable | None] = None

    known: ClassVar[dict[str, type[LearningRule]]] = {}

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        LearningRule.known[cls.__name__] = cls

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        **kwargs,
    ) -> None:
        if kwargs:
            raise NetworkError(f"{type(self).__name__} takes no argument {', '.join(map(repr, kwargs))}")
        self.connection = connection
        self.reduction = torch.sum if reduction is None else reduction
        if not callable(self.reduction):
            raise NetworkError(f"reduction is a function of a tensor and dim, such as torch.mean; got {reduction!r}")
        self.weight_decay = 0.0 if weight_decay is None else _share("weight_decay", weight_decay)
        self.parameters: dict[str, torch.Tensor] = {}
        self.take_bounds()
        self.nu = nu
        if self.functions() and not (self.acts_on_pre or self.acts_on_post):
            taken = [name for name in RATES if name in types_in(type(self), FUNCTIONS)]
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
        """Learning rates (pre, post); what is written into it counts from the next update on."""
        return self._nu

    @nu.setter
    def nu(self, nu: float | tuple[float, float] | torch.Tensor | None) -> None:
        try:
            pair = torch.as_tensor(0.0 if nu is None else nu, dtype=torch.float32)
        except (TypeError, ValueError, RuntimeError):  # whatever torch makes no tensor of
            pair = torch.tensor([torch.nan])
        if pair.numel() not in (1, 2) or not (pair >= 0).all():
            raise NetworkError(f"nu is a learning rate >= 0, or a pair (pre, post) of them; got {nu!r}")
        types = {t for name, t in types_in(type(self), FUNCTIONS).items() if name in RATES}
        if len(types) > 1:
            raise NetworkError(f"{type(self).__name__} declares {' and '.join(RATES)} with different types; they share a tensor")
        self._nu = pair.reshape(-1).expand(2).to(next(iter(types), torch.float32), copy=True)
        self.declare(**dict(zip(RATES, self._nu, strict=True)))

    @property
    def acts_on_pre(self) -> bool:
        """Whether a spike of the source changes anything."""
        return self._acts("on_pre", "nu_pre")

    @property
    def acts_on_post(self) -> bool:
        """Whether a spike of the target changes anything."""
        return self._acts("on_post", "nu_post")

    def declare(self, **parameters: float | torch.Tensor) -> None:
        """Keep parameters of ``on_pre`` and ``on_post`` as tensors of the type these declare.

        Args:
            parameters: each a number, or one for every weight: what broadcasts to ``[source.n, target.n]``.

        Raises:
            NetworkError: a parameter is neither, or has the name of what a spike gives.
        """
        types = types_in(type(self), FUNCTIONS)
        for name, given in parameters.items():
            if name in GIVEN:
                raise NetworkError(f"{type(self).__name__}: {name} is given by each spike; call the parameter otherwise")
            try:
                value = torch.as_tensor(given)
            except (TypeError, ValueError, RuntimeError) as error:  # whatever torch makes no tensor of
                raise NetworkError(f"{self._number_or_each(name)}, got {given!r}") from error
            if not value.numel() or value.is_complex():
                raise NetworkError(f"{self._number_or_each(name)}, got {value.dtype} {list(value.shape)}")
            value = value.to(types.get(name, torch.float32))
            self.parameters[name] = value.reshape(()) if value.numel() == 1 else value

    def check_functions(self) -> None:
        """See that all is there which the rule's functions take.

        Raises:
            NetworkError: it is not, or declared with another type.
        """
        types_in(type(self), FUNCTIONS)
        for role, function in self.functions().items():
            check_names(self.name_of(role), function, GIVEN, self.parameters)

    def take_bounds(self) -> None:
        """Take over the bounds of the connection's weights."""
        self.declare(wmin=self.connection.wmin, wmax=self.connection.wmax)

    @classmethod
    def functions(cls) -> dict[str, Callable]:
        """The functions that the rule gives, by name."""
        return {role: function for role in FUNCTIONS if (function := getattr(cls, role)) is not None}

    def _acts(self, name: str, rate: str) -> bool:
        """Whether the function changes anything: not if there is none, nor with a learning rate of 0 that it takes."""
        function = getattr(type(self), name)
        if function is None or rate not in argument_types(function):
            return function is not None
        value = self.parameters[rate]
        return value.numel() > 1 or value.item() != 0.0

    def update(self, **kwargs) -> None:
        """Change the weights after one time step."""
        connection = self.connection
        w = connection._parameters.get("w")  # where nothing learns there may be none
        if self.weight_decay:
            w *= 1.0 - self.weight_decay
            if connection.bounded:
                w.clamp_(connection.wmin, connection.wmax)
        rows = fired(connection.source.s) if self.acts_on_pre else ()
        columns = fired(connection.target.s) if self.acts_on_post else ()
        if len(rows):
            s = connection.source.s.view(-1, connection.source.n, 1)[:, rows]
            w[rows] += self._change("on_pre", s, w[rows], rows, ALL)
        if len(columns):
            s = connection.target.s.view(-1, 1, connection.target.n)[:, :, columns]
            changed = w[:, columns]
            changed += self._change("on_post", s, changed, ALL, columns)
            w[:, columns] = changed.clamp_(connection.wmin, connection.wmax)
        if len(rows):
            w[rows] = w[rows].clamp_(connection.wmin, connection.wmax)

    def _change(
        self, role: str, s: torch.Tensor, w: torch.Tensor, rows: torch.Tensor | slice, columns: torch.Tensor | slice
    ) -> torch.Tensor:
        """The change of the weights ``w`` [rows, columns] for spikes ``s`` [batch_size, rows or 1, 1 or columns]."""
        function = getattr(type(self), role)
        names = argument_types(function)
        given = {"w": w}
        if "x_pre" in names:
            given["x_pre"] = self.connection.source.x.view(s.shape[0], -1, 1)[:, rows]
        if "x_post" in names:
            given["x_post"] = self.connection.target.x.view(s.shape[0], 1, -1)[:, :, columns]
        try:
            for name in names:
                if name not in given:
                    given[name] = self._parameter(name, rows, columns)
        except KeyError:
            self.check_functions()
            raise
        (change,) = guarded(self.name_of(role), function, ("the change of w",))(*(as_array(given[name]) for name in names))
        change = torch.as_tensor(change).expand(s.shape[0], *w.shape)
        if change.dtype is torch.bool:
            raise NetworkError(f"{self.name_of(role)} must return the change of w, got a flag")
        return change[0] if len(change) == 1 else self.reduction(torch.where(s, change, 0.0), dim=0)

    def _parameter(self, name: str, rows: torch.Tensor | slice, columns: torch.Tensor | slice) -> torch.Tensor:
        """A parameter, of the weights in these rows and columns where each weight has its own."""
        value = self.parameters[name]
        if value.numel() == 1:
            return value
        shape = self.connection.source.n, self.connection.target.n
        try:
            return value.expand(shape)[rows][:, columns]
        except RuntimeError as error:
            raise NetworkError(f"{self._number_or_each(name)} {list(shape)}, got the shape {list(value.shape)}") from error

    def name_of(self, role: str) -> str:
        """Class and function, as the user knows them."""
        return f"{type(self).__name__}.{role}"

    def _number_or_each(self, name: str) -> str:
        return f"{type(self).__name__}: {name} is a number, or one for each weight"

    def _require_weights_and_traces(self) -> None:
        connection = self.connection
        shape = connection.source.n, connection.target.n
        if self.functions() and connection.shape_of_weights not in (None, shape):
            kind = type(connection).__name__
            raise NetworkError(f"{type(self).__name__} changes a weight for every pair of neurons, which {kind} has not")
        names = types_in(type(self), FUNCTIONS)
        for trace, role in (("x_pre", "source"), ("x_post", "target")):
            if trace in names and not getattr(connection, role).traces:
                raise NetworkError(f"{type(self).__name__} needs traces of its {role}: create that layer with traces=True")


def _share(name: str, value: float | torch.Tensor) -> float:
    is_number = isinstance(value, Real) or (isinstance(value, torch.Tensor) and value.numel() == 1)
    if not is_number or not 0 <= value <= 1:
        raise NetworkError(f"{name} is a share from 0 to 1, got {value!r}")
    return float(value)
