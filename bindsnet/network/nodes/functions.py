"""What the functions of a model take, looked at once, since a run of a single step is short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import torch

from bindsnet.numbers.declarations import check_leading, types_in

FUNCTIONS = ("step", "threshold", "relax", "adapt")


@cache
def declared_types(model: type, *functions: Callable | None) -> Mapping[str, torch.dtype]:
    """The type that the functions declare for each name."""
    return types_in(model, FUNCTIONS)


@cache
def leading_arguments(model: type, *functions: Callable | None) -> dict[str, dict[str, torch.dtype | None]]:
    """See :meth:`Population.leading_arguments`."""
    types = declared_types(model, *functions)
    state, adaptive = ({name: types.get(name, torch.float32) for name in names} for names in (model.state, model.adaptive_state))
    shared = adaptive if model.threshold is None else {"threshold": None}
    leading = {
        "step": state | shared | {"drive": torch.float32},
        "threshold": adaptive,
        "relax": adaptive,
        "adapt": adaptive | {"spikes": torch.float64},
    }
    given = {role: function for role, function in zip(FUNCTIONS, functions, strict=True) if function is not None}
    for role, function in given.items():
        check_leading(f"{model.__name__}.{role}", function, leading[role])
    return {role: leading[role] for role in given}
