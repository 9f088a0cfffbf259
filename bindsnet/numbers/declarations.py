"""What a step function or a plasticity rule declares by its annotations: names and types, in order; and whether that is there."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, get_type_hints

import torch

from bindsnet.errors import NetworkError

NAMES_OF_TYPES = {torch.float32: "f32", torch.float64: "f64", torch.int64: "i64", torch.bool: "flag"}
#: what goes wrong inside a function that does not fit its model, or is misspelt
MISTAKES = (ArithmeticError, AttributeError, LookupError, NameError, RuntimeError, TypeError, ValueError)


@cache
def argument_types(function: Callable) -> dict[str, torch.dtype]:
    """The function's arguments in order, each with the type its annotation declares (``f32``, ``f64``, ``flag``).

    Raises:
        NetworkError: an argument has no such annotation, or is none that has a place and a name of its own.
    """
    where = _place(function)
    try:
        hints = get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters
    except (NameError, AttributeError, TypeError, ValueError) as error:  # a misspelt type, or nothing written in Python
        raise NetworkError(f"{where}: its arguments cannot be told ({error}); write it with def and annotations") from error
    types = {}
    for name, parameter in parameters.items():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            shown = str(parameter).partition(":")[0]
            raise NetworkError(f"{where}: argument {shown!r} is none with a place and a name of its own")
        declared = getattr(hints.get(name), "__metadata__", (None,))[0]
        if declared not in NAMES_OF_TYPES:
            hint = "; write @staticmethod above it" if name == "self" else ""
            raise NetworkError(
                f"{where}: argument {name!r} declares no type; annotate it with f32, f64 or flag from bindsnet.numbers.ops{hint}"
            )
        types[name] = declared
    return types


def types_in(owner: type, roles: Iterable[str]) -> dict[str, torch.dtype]:
    """The type that the functions of a class declare for each name.

    Args:
        owner: the class.
        roles: names of its functions; those that are None have nothing to declare.

    Raises:
        NetworkError: two of them declare one name with different types.
    """
    types: dict[str, torch.dtype] = {}
    for function in filter(None, (getattr(owner, role) for role in roles)):
        for name, dtype in argument_types(function).items():
            if types.setdefault(name, dtype) != dtype:
                both = f"{NAMES_OF_TYPES[types[name]]} and {NAMES_OF_TYPES[dtype]}"
                raise NetworkError(f"{owner.__name__} declares {name!r} with different types, {both}; its functions share it")
    return types


def check_leading(where: str, function: Callable, leading: Mapping[str, torch.dtype | None]) -> None:
    """See that a function takes some values first, whatever it calls them.

    Args:
        where: class and function, as the user knows them.
        function: the function.
        leading: what it is given, in this order, each with its type; None where the function itself declares that.

    Raises:
        NetworkError: it takes fewer, or declares one of them with another type.
    """
    types = argument_types(function)
    if len(types) < len(leading):
        raise NetworkError(f"{where} takes {_listed(types)}; it must take {_listed(leading)} first, in this order")
    for name, what, wanted in zip(types, leading, leading.values(), strict=False):
        _check_type(where, name, types[name], wanted, f"takes the place of {what}")


def check_names(
    where: str, function: Callable, given: Mapping[str, torch.dtype], declared: Iterable[str], n_leading: int = 0
) -> None:
    """See that all is there that a function takes by name.

    Args:
        where: class and function, as the user knows them.
        function: the function.
        given: what every step itself gives, by name, each with its type.
        declared: names of the parameters that are kept.
        n_leading: how many arguments it takes by their place instead.

    Raises:
        NetworkError: it names something that nobody declared, or gives another type to what the step gives.
    """
    for name, dtype in list(argument_types(function).items())[n_leading:]:
        if name in given:
            _check_type(where, name, dtype, given[name], "is given as such")
        elif name not in declared:
            default = inspect.signature(function).parameters[name].default
            kept = "..." if default is inspect.Parameter.empty else f"{default!r}"
            raise NetworkError(
                f"{where} takes {name!r}, which nobody declared: keep it with self.declare({name}={kept}); "
                f"there are {_listed([*given, *declared])}"
            )


def guarded(where: str, function: Callable, expected: Sequence[str], first_will_do: bool = False) -> Callable[..., tuple]:
    """The function, which returns a tuple of as many values as are expected, or says whose it is.

    Args:
        where: class and function, as the user knows them.
        function: the function.
        expected: what its values are.
        first_will_do: whether it may return the first one alone.

    Raises:
        NetworkError: when called, the values are more or fewer or one is None, or the function itself fails.
    """

    complete = False  # whether the function, which does the same each time, has once returned all that it should

    def called(*arguments: Any) -> tuple:
        nonlocal complete
        if complete:
            given = function(*arguments)
            return given if isinstance(given, tuple) else (given,)
        try:
            given = function(*arguments)
        except MISTAKES as error:
            raise NetworkError(f"{where}: {type(error).__name__}: {error}") from error
        values = given if isinstance(given, tuple) else (given,)
        n_none = sum(value is None for value in values)
        if len(values) not in (len(expected), 1 if first_will_do else len(expected)) or n_none:
            missing = f", {n_none} of them None" if n_none else ""
            raise wrong_results(where, expected, "nothing" if given is None else f"{len(values)} values{missing}")
        complete = True
        return values

    return called


def wrong_results(where: str, expected: Sequence[str], got: str) -> NetworkError:
    """The complaint that a function does not return what it should."""
    return NetworkError(f"{where} must return {_listed(expected)}, got {got}")


def _check_type(where: str, name: str, declared: torch.dtype, wanted: torch.dtype | None, reason: str) -> None:
    if wanted is not None and declared != wanted:
        types = f"{NAMES_OF_TYPES[declared]}, it {reason} and is {NAMES_OF_TYPES[wanted]}"
        raise NetworkError(f"{where} declares {name!r} as {types}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _place(function: Callable) -> str:
    named = [getattr(function, part, None) for part in ("__module__", "__qualname__")]
    return ".".join(filter(None, named)) or repr(function)
