"""A model's constructor from what is its own: what all populations take, their size and their traces, is not said again."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable

from bindsnet.network.nodes.population import Population

#: what every population takes first
COMMON = ("n", "shape", "traces", "traces_additive", "tc_trace", "trace_scale", "sum_input")


class constructor:  # noqa: N801 - a decorator
    """Turns ``__init__(self, own arguments...)`` of a model into its constructor.

    The constructor takes first what all populations take (:data:`COMMON`), by place or by name, then the model's own arguments,
    then further keywords. It calls that of the base class with the former, with further keywords, and with those of its own that
    the base class takes, too (with another default, say); then what it was made of, with its own.
    """

    def __init__(self, own: Callable[..., None]) -> None:
        self.own = own

    def __set_name__(self, owner: type[Population], name: str) -> None:
        setattr(owner, name, _constructor(owner, self.own))


def _constructor(owner: type[Population], own: Callable[..., None]) -> Callable[..., None]:
    everyone = inspect.signature(Population.__init__).parameters
    own_parameters = list(inspect.signature(own).parameters.values())[1:]
    signature = inspect.Signature([*(everyone[name] for name in ("self", *COMMON)), *own_parameters, everyone["kwargs"]])
    taken_by_base = {*inspect.signature(super(owner, owner).__init__).parameters, *everyone}

    @functools.wraps(own)
    def initialise(self, *args, **kwargs) -> None:
        given = signature.bind(self, *args, **kwargs)
        given.apply_defaults()
        common = {name: given.arguments[name] for name in COMMON}
        own_values = {parameter.name: given.arguments[parameter.name] for parameter in own_parameters}
        shared = {name: value for name, value in own_values.items() if name in taken_by_base}
        super(owner, self).__init__(**common, **shared, **given.arguments["kwargs"])
        own(self, **own_values)

    initialise.__signature__ = signature
    return initialise
