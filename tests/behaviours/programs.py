"""What is written as programs: a register of them, and two networks that many use."""

from __future__ import annotations

from collections.abc import Callable

import torch

from behaviours.common import grid, lines
from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import AdaptiveLIFNodes, Input, LIFNodes
from bindsnet.network.topology import Connection

PROGRAMS: dict[str, Callable[[], dict[str, list]]] = {}


def program(function: Callable[[], dict[str, list]]) -> Callable[[], dict[str, list]]:
    """Keep a program under its name; its docstring says what is right."""
    PROGRAMS[function.__name__] = function
    return function


def chain(batch_size: int = 1, **options) -> Network:
    """Input ``X`` of 2, then ``Y`` and ``Z`` of 2 neurons each; each spike drives its successor over the threshold."""
    network = Network(batch_size=batch_size, **options)
    network.add_layer(Input(2, traces=True), "X")
    network.add_layer(LIFNodes(2, traces=True, refrac=0), "Y")
    network.add_layer(LIFNodes(2, traces=True, refrac=0), "Z")
    for source, target in (("X", "Y"), ("Y", "Z")):
        layers = network.layers[source], network.layers[target]
        network.add_connection(Connection(*layers, w=20.0 * torch.eye(2)), source, target)
    for name in "XYZ":
        network.add_monitor(Monitor(network.layers[name], ["s"]), name)
    return network


def learning(batch_size: int = 1, rule: type = PostPre, **options) -> Network:
    """Input ``X`` of 4, which drives the 3 adaptive neurons ``Y`` and learns."""
    network = Network(batch_size=batch_size, **({"reward_fn": options.pop("reward_fn")} if "reward_fn" in options else {}))
    network.add_layer(Input(4, traces=True), "X")
    network.add_layer(AdaptiveLIFNodes(3, traces=True, refrac=1, tc_decay=20.0), "Y")
    options = {"nu": (0.02, 0.05), "w": grid(4, 3, low=4.0, high=9.0), "update_rule": rule} | options
    network.add_connection(Connection(network.layers["X"], network.layers["Y"], **options), "X", "Y")
    return network


def spikes_of(network: Network, *names: str) -> dict[str, list[str]]:
    """Recorded spikes."""
    return {name: lines(network.monitors[name].get("s")) for name in names}


ONE_SPIKE = torch.tensor([[1, 0], [0, 0], [0, 1], [0, 0], [0, 0], [0, 0]]).bool()
