"""What every encoding checks at the door: the numbers to encode, the number of time steps, and that no keyword is misspelt."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import real_number
from bindsnet.network.circuit import n_steps_in
from common.errors import reason_of

MOST_STEPS = 2**31 - 1


def intensities(datum: Any, device: torch.device | str) -> torch.Tensor:
    """The numbers as floats of their own on a device, ``[n]``; a tensor that is one already is not copied.

    Raises:
        NetworkError: see :func:`as_tensor`, or they are not finite, or below 0.
    """
    values = as_tensor(datum, device).flatten()
    values = values if values.dtype in (torch.float32, torch.float64) else values.float()
    if values.numel():
        low, high = (bound.item() for bound in torch.aminmax(values))
        if not (low >= 0 and high < float("inf")):
            raise NetworkError(f"what is encoded is finite and not negative, got values from {low:g} to {high:g}")
    return values


def as_tensor(datum: Any, device: torch.device | str | None = None) -> torch.Tensor:
    """A tensor, array, image, number or list of numbers as a dense tensor, on a device or where it is.

    Raises:
        NetworkError: it is none of these, or there is no such device.
    """
    if isinstance(datum, torch.Tensor):
        values = datum
    else:
        try:
            values = torch.from_numpy(np.array(datum))
        except (TypeError, ValueError):
            raise NetworkError(f"what is encoded is a tensor or an array of numbers, got {type(datum).__name__}") from None
    if values.is_complex() or values.is_quantized:
        raise NetworkError(f"what is encoded are real numbers, got {values.dtype}")
    try:
        return values.to_dense().to(device)
    except (RuntimeError, AssertionError, TypeError) as error:  # what torch raises without CUDA, and of unknown names
        raise NetworkError(f"no device {device!r} can hold what is encoded: {reason_of(error)}") from error


def n_steps(time: float, dt: float) -> int:
    """Number of time steps in ``time`` ms, counted as ``Network.run`` counts them.

    Raises:
        NetworkError: ``time`` is negative or no number, ``dt`` is not above 0, or there are too many.
    """
    step = real_number(dt)
    if step is None or not 0 < step < float("inf"):
        raise NetworkError(f"the time step dt is above 0 ms, got {dt!r}")
    steps = n_steps_in(time, step)
    if steps > MOST_STEPS:
        raise NetworkError(f"a train has {MOST_STEPS:,} time steps at the most, got {time!r} ms in steps of {dt!r}")
    return steps


def refuse_unknown(keywords: dict[str, Any], encoding: Callable[..., Any]) -> None:
    """Refuse keywords that an encoding does not know.

    Raises:
        NetworkError: there are some.
    """
    if keywords:
        known = [name for name in inspect.signature(encoding).parameters if name != "kwargs"]
        raise NetworkError(f"{encoding.__name__} knows no {', '.join(keywords)}; it takes {', '.join(known)}")
