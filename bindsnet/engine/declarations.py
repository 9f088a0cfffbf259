"""What a step function or a plasticity rule declares by its annotations: names and types, in order."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import get_type_hints

import torch

from bindsnet.errors import NetworkError


@cache
def argument_types(function: Callable) -> dict[str, torch.dtype]:
    """The function's arguments in order, each with the type its annotation declares (``f32``, ``f64``, ``flag``).

    Raises:
        NetworkError: an argument has no such annotation.
    """
    hints = get_type_hints(function, include_extras=True)
    types = {}
    for name in inspect.signature(function).parameters:
        declared = getattr(hints.get(name), "__metadata__", (None,))[0]
        if not isinstance(declared, torch.dtype):
            raise NetworkError(
                f"{function.__module__}.{function.__qualname__}: argument {name!r} declares no type; "
                "annotate it with f32, f64 or flag from bindsnet.engine.ops"
            )
        types[name] = declared
    return types
