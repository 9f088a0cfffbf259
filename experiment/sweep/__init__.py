"""Many runs of one plan: its points, what carries them out, what comes out.

    from experiment.sweep import load

`load` is imported when it is first used, like those of `experiment`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.lazy import loader

if TYPE_CHECKING:
    from experiment.sweep.table import load

__all__ = ["load"]

__getattr__ = loader(__name__, {"load": "experiment.sweep.table"})
