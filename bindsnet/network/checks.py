"""What several parts of a network check at the door."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import torch

from bindsnet.errors import NetworkError


def whole_number(value: Any, name: str, least: int) -> int:
    """The value as an int, also if it comes as a float, a NumPy number or a tensor of one number.

    Raises:
        NetworkError: it is no whole number, or less than ``least``.
    """
    number = value.item() if isinstance(value, (np.generic, torch.Tensor)) and value.ndim == 0 else value
    if not isinstance(number, Real) or isinstance(number, bool) or number % 1 != 0 or number < least:
        raise NetworkError(f"{name} is a whole number from {least} on, got {value!r}")
    return int(number)
