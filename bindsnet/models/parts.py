"""What the models share: their inputs, their neurons with an adaptive threshold, and the weights between these, which learn.

Lateral weights are stored as a matrix, which programs read, scale and replace in many ways (``.w``, ``.w.data``, as an array of
NumPy): a formula in its place would not notice all of them. It costs next to nothing, since a spike reads one row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule, PostPre
from bindsnet.network.checks import real_number
from bindsnet.network.nodes import DiehlAndCookNodes, Input, Nodes
from bindsnet.network.topology import Connection

TC_TRACE = 20.0  # ms


def inputs(n: int, shape: Iterable[int] | None = None, traces_additive: bool = False) -> Input:
    """Spikes from outside, with traces."""
    return Input(n=n, shape=shape, traces=True, traces_additive=traces_additive, tc_trace=TC_TRACE)


def competing(n: int, thresh: float, theta_plus: float, tc_theta_decay: float) -> DiehlAndCookNodes:
    """Neurons of which one spikes at a time, each with a threshold that grows with its spikes."""
    voltages = {"rest": -65.0, "reset": -60.0, "thresh": thresh}
    threshold = {"theta_plus": theta_plus, "tc_theta_decay": tc_theta_decay}
    return DiehlAndCookNodes(n=n, traces=True, tc_trace=TC_TRACE, refrac=5, tc_decay=100.0, **voltages, **threshold)


def plastic(source: Nodes, target: Nodes, update_rule: type[LearningRule] = PostPre, **kwargs) -> Connection:
    """Weights from each source to each target that learn, drawn evenly from 0 to 0.3."""
    return Connection(source, target, w=0.3 * torch.rand(source.n, target.n), update_rule=update_rule, **kwargs)


def all_others(n: int, w: float) -> torch.Tensor:
    """The same weight between all neurons but from one to itself, ``[n, n]``."""
    return torch.full((n, n), w).fill_diagonal_(0.0)


def strength(value: float, name: str) -> float:
    """A lateral weight that was given, mV.

    Raises:
        NetworkError: it is no number.
    """
    number = real_number(value)
    if number is None or not math.isfinite(number):
        raise NetworkError(f"{name} is a weight in mV, got {value!r}")
    return float(number)
