"""What a data set may say of itself beside plain values. Standard library only: it is asked at the prompt."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

RECORDED, EMULATED, OWN = "recorded", "emulated", "own"  # where the samples of a data set come from


class Twin(NamedTuple):
    """A data set's emulated twin.

    Attributes:
        place: its module and class, such as "datasets.emulation.nmnist:EmulatedNMNIST".
        stimuli: what `--stimuli` may name; empty if it takes none.
        own_stimuli: what it perceives without.
    """

    place: str
    stimuli: str = ""
    own_stimuli: str = "written by a pen model"

    def load(self) -> Any:
        """Its class."""
        module, _, name = self.place.partition(":")
        return getattr(import_module(module), name)
