"""What the three scripts share, and what programs and notebooks begin with: `train` and `load`.

    from experiment import train, load

Both are imported when they are first used: the scripts answer `--help` before anything slow is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiment.door import load, train

__all__ = ["load", "train"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from experiment import door

    return getattr(door, name)
