"""What several parts of a network check at the door."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import torch

from bindsnet.errors import NetworkError


def real_number(value: Any) -> float | int | None:
    """The value as Python's number, also if it comes as NumPy's or as a tensor of one; None where it is none."""
    number = value.item() if isinstance(value, (np.generic, torch.Tensor)) and value.ndim == 0 else value
    return number if isinstance(number, Real) else None


def whole_number(value: Any, name: str, least: int) -> int:
    """The value as an int.

    Raises:
        NetworkError: it is no whole number, or less than ``least``.
    """
    number = real_number(value)
    if number is None or isinstance(number, bool) or number % 1 != 0 or number < least:
        raise NetworkError(f"{name} is a whole number from {least} on, got {value!r}")
    return int(number)
