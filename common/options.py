"""An option as it is declared, once: by the scripts for all data sets, or by a data set of its own. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.values import Flag, Value

NEURON = "neuron"
LEARNING_RULE = "learning rule"
NETWORK = "network"
PROTOTYPES = "prototypes (--model prototypes or features)"
FEATURES = "features (--model features)"
DATA = "data"
SIMULATION = "simulation"
GROUPS = (NEURON, LEARNING_RULE, NETWORK, PROTOTYPES, FEATURES, DATA, SIMULATION)  # in the order of `--help`


@dataclass(frozen=True)
class Option:
    """An option.

    Attributes:
        name: what is typed behind ``--``, and the keyword in Python.
        group: one of `GROUPS`.
        value: what it may be.
        help: its meaning, in a line.
        default: its value when it is not given.
        unit: of the value.
        shown: the default in words, where the value does not say it.
    """

    name: str
    group: str
    value: Value
    help: str
    default: Any = None
    unit: str = ""
    shown: str = ""

    @property
    def flag(self) -> str:
        """What is typed."""
        return f"--{self.name}"

    @property
    def default_text(self) -> str:
        """The default in words."""
        if isinstance(self.value, Flag):
            return "off"
        return self.shown or str(self.default)

    @property
    def allowed(self) -> str:
        """What completes "must be …", unit included."""
        return f"{self.value.allowed} {self.unit}".rstrip()
