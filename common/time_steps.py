"""Time steps: whole ones in a time, forgiving the rounding of their ratio. Standard library only."""

from __future__ import annotations

import math

# Share of a step by which time / dt may fall short of a whole number: room for the rounding of dt and of divisions by it.
ROUNDING = 1e-9


def n_time_steps(time: float, dt: float) -> int:
    """Number of whole time steps of ``dt`` ms in ``time`` ms, both finite, ``dt`` above 0."""
    return math.floor(time / dt + ROUNDING)
