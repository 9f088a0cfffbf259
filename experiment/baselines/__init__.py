"""Classes told from spike counts alone, without a spiking network: beside them is seen what a network adds.

`baselines` is imported when it is first used: wrong options are answered before anything slow is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiment.baselines.measure import baselines

__all__ = ["baselines"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from experiment.baselines import measure

    return getattr(measure, name)
