"""What a plasticity rule declares beside its functions: traces of its own, and quantities of a neuron's whole incoming field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

from bindsnet.errors import NetworkError
from bindsnet.numbers.trace import additive_trace, saturating_trace, set_trace

SIDES = ("source", "target")
QUANTITIES = ("sum", "length")


@dataclass(frozen=True)
class Trace:
    """A trace of each source or target neuron: τ dx/dt = −x, and at a spike x := scale, x + scale, or x + scale · (1 − x).

    Functions see it as this step's spikes find it, decayed up to this step but without them (the t − ε of Pfister & Gerstner
    2006, eqs. 3 and 4), or, like the layers' own traces, with them.

    Args:
        side: ``"source"`` or ``"target"``: whose spikes it follows.
        tc: name of the rule's parameter that is its time constant, ms.
        additive: a spike adds ``scale``; otherwise it sets the trace to it, unless it is ``saturating``.
        scale: a number, or the name of a parameter.
        with_spikes: whether functions see this step's spikes in it.
        saturating: a spike adds ``scale`` · (1 − x). With the ``depression`` of the connection as its scale, and neither decay
            nor recovery, the trace is that times the sum of what the source's spikes have counted.
        lasting: a reset between samples leaves it, so that it can follow how a neuron fires over many of them.

    Raises:
        NetworkError: there is no such side, ``tc`` is no name, ``scale`` neither a name nor a number, or the trace both
            ``additive`` and ``saturating``.
    """

    side: str
    tc: str
    additive: bool = False
    scale: float | str = 1.0
    with_spikes: bool = False
    saturating: bool = False
    lasting: bool = False

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise NetworkError(f"a trace follows the spikes of {' or '.join(SIDES)}, not of {self.side!r}")
        if not isinstance(self.tc, str):
            raise NetworkError(f"the time constant of a trace is the name of a parameter, got {self.tc!r}")
        if not isinstance(self.scale, Real | str):
            raise NetworkError(f"the scale of a trace is a number or the name of a parameter, got {self.scale!r}")
        if self.additive and self.saturating:
            raise NetworkError("a trace is additive or saturating, not both")

    @property
    def equation(self) -> Callable:
        """One time step of it."""
        if self.saturating:
            return saturating_trace
        return additive_trace if self.additive else set_trace


@dataclass(frozen=True)
class Field:
    """A quantity of all synapses into a target neuron, summed in ascending order of the source, in float32.

    Args:
        of: ``"w"``, ``"x_pre"`` or the name of one of the rule's traces of the source.
        quantity: ``"sum"``, or ``"length"``: the square root of the sum of squares.

    Raises:
        NetworkError: there is no such quantity.
    """

    of: str
    quantity: str = "sum"

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise NetworkError(f"of a field there is {' or '.join(QUANTITIES)}, not {self.quantity!r}")
