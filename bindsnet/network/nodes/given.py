"""What engines give to a step by name, beside the parameters: a chance, the spikes of the last step, sums over windows.

A window reaches some steps back. Its sum is Σ_k kernel[k] · value[k], the oldest value first, one by one: a spike response model
(Gerstner & Kistler 2002, "Spiking Neuron Models", section 4.2) adds such sums to its voltage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import torch

from bindsnet.numbers.declarations import argument_types

#: names and types of what any step may take
GIVEN = {"chance": torch.float32, "s": torch.bool}


class Window(NamedTuple):
    """What a model declares of a window, by the name of its sum.

    Attributes:
        of: ``"drive"``, up to that of this step, or ``"s"``, the neuron's own spikes, up to those of the last step.
        kernel: name of the method that gives the weights, ``[n_steps]``, for a time step (ms): that of the oldest value first.
    """

    of: str
    kernel: str

    @staticmethod
    def kernel_of(name: str) -> str:
        """The buffer with the kernel of a window of this name."""
        return f"{name}_kernel"

    @staticmethod
    def values_of(name: str) -> str:
        """The buffer with the values in a window of this name, ``[n_steps, batch_size, *shape]``."""
        return f"{name}_window"


def types_given(windows: Mapping[str, Window]) -> dict[str, torch.dtype]:
    """Names and types of what a step of a model with these windows may take."""
    return GIVEN | dict.fromkeys(windows, torch.float32)


@cache
def names_given(model: type, *functions: Callable | None) -> tuple[str, ...]:
    """The names of these that functions of a model take."""
    taken = {name for function in functions if function is not None for name in argument_types(function)}
    return tuple(name for name in types_given(model.windows) if name in taken and name not in model.state)
