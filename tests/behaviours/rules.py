"""Plasticity rules: a connection of each kind with each rule, into a target that another input makes fire when it should.

What drives through the plastic weights leaks away before it makes a target fire, so that no spike depends on what is learned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import torch

from behaviours.common import N_STEPS, grid, numbers, pattern, recorded
from bindsnet import learning
from bindsnet.network import Network, nodes, topology

SOURCES = {"flat": (9,), "line": (2, 4), "image": (2, 3, 3), "volume": (1, 3, 3, 3)}
N_TARGETS = 8
REWARD = 0.5


class Plastic(NamedTuple):
    """A plastic connection: its rule, the rule's options, its kind and source, and the shape of its weights and target."""

    rule: str
    options: dict[str, Any]
    kind: Callable[..., topology.AbstractConnection] = topology.Connection
    source: str = "flat"
    w: tuple[int, ...] = (9, N_TARGETS)
    target: tuple[int, ...] = (N_TARGETS,)


def kind(name: str, **options) -> Callable[..., topology.AbstractConnection]:
    """A maker of connections of a kind."""
    return lambda *layers, **rest: getattr(topology, name)(*layers, **options, **rest)


def largest(updates: torch.Tensor, dim: int) -> torch.Tensor:
    """The largest update of a batch."""
    return updates.max(dim).values


KINDS = {
    "1d convolution": (kind("Conv1dConnection", kernel_size=3), "line", (4, 2, 3), (4, 2)),
    "2d convolution": (kind("Conv2dConnection", kernel_size=2), "image", (2, 2, 2, 2), (2, 2, 2)),
    "3d convolution": (kind("Conv3dConnection", kernel_size=2), "volume", (1, 1, 2, 2, 2), (1, 2, 2, 2)),
    "local": (kind("LocalConnection", kernel_size=2, stride=1, n_filters=2), "flat", (9, 8), (N_TARGETS,)),
    "1d local": (kind("LocalConnection1D", kernel_size=3, stride=1, n_filters=4), "line", (2, 8, 3), (4, 2)),
    "2d local": (kind("LocalConnection2D", kernel_size=2, stride=1, n_filters=2), "image", (2, 8, 4), (2, 2, 2)),
    "3d local": (kind("LocalConnection3D", kernel_size=2, stride=1, n_filters=1), "volume", (1, 8, 8), (1, 2, 2, 2)),
}
BOUNDS = {"wmin": 0.0, "wmax": 1.0}
NU = (0.03, 0.05)
TIMES = {"tc_plus": 10.0, "tc_minus": 15.0}

#: name -> a connection that learns
CONNECTIONS = {
    "PostPre": Plastic("PostPre", {"nu": NU}),
    "PostPre, one rate for both": Plastic("PostPre", {"nu": 0.04}),
    "PostPre within bounds": Plastic("PostPre", {"nu": (0.3, 0.5)} | BOUNDS),
    "PostPre, mean of a batch": Plastic("PostPre", {"nu": NU, "reduction": torch.mean}),
    "PostPre, largest of a batch": Plastic("PostPre", {"nu": NU, "reduction": largest}),
    "PostPre with weight decay": Plastic("PostPre", {"nu": NU, "weight_decay": 0.02}),
    "PostPre normalised": Plastic("PostPre", {"nu": NU, "norm": 2.0}),
    "WeightDependentPostPre": Plastic("WeightDependentPostPre", {"nu": NU} | BOUNDS),
    "WeightDependentPostPre, rates of each synapse": Plastic(
        "WeightDependentPostPre", {"nu": (grid(9, N_TARGETS, high=0.05), grid(9, N_TARGETS, low=0.05, high=0.0))} | BOUNDS
    ),
    "Hebbian": Plastic("Hebbian", {"nu": NU}),
    "MSTDP": Plastic("MSTDP", {"nu": NU} | TIMES),
    "MSTDP, with coincidences rewarded at once": Plastic("MSTDP", {"nu": NU, "zero_lag": True} | TIMES),
    "MSTDPET": Plastic("MSTDPET", {"nu": NU, "tc_e_trace": 8.0} | TIMES),
    "MSTDPET, mean of a batch": Plastic("MSTDPET", {"nu": NU, "reduction": torch.mean}),
    "DiehlAndCook": Plastic("DiehlAndCook", {"nu": NU, "x_tar": 0.4, "mu": 0.5} | BOUNDS),
    "DiehlAndCook by default": Plastic("DiehlAndCook", {"nu": NU} | BOUNDS),
}
for _kind, (_maker, _source, _w, _target) in KINDS.items():
    for _rule in ("PostPre", "WeightDependentPostPre", "Hebbian", "MSTDP", "MSTDPET"):
        _options = {"nu": NU} | (BOUNDS if _rule == "WeightDependentPostPre" else {})
        CONNECTIONS[f"{_rule}, {_kind}"] = Plastic(_rule, _options, _maker, _source, _w, _target)


def built(
    names: Iterable[str] = CONNECTIONS, dt: float = 1.0, batch_size: int = 1, table: Mapping[str, Plastic] = CONNECTIONS
) -> Network:
    """The network: sources, the input ``teacher``, and a target for each connection of these names."""
    network = Network(dt=dt, batch_size=batch_size)
    for name, shape in {**SOURCES, "teacher": (N_TARGETS,)}.items():
        network.add_layer(nodes.Input(shape=shape, traces=True, tc_trace=12.0), name)
    for k, name in enumerate(names):
        plastic, key = table[name], f"target {k}"
        target = nodes.LIFNodes(shape=plastic.target, traces=True, tc_trace=7.0, refrac=0, tc_decay=0.5, thresh=-15.0)
        network.add_layer(target, key)
        teacher = topology.Connection(network.layers["teacher"], target, w=60.0 * torch.eye(N_TARGETS))
        network.add_connection(teacher, "teacher", key)
        rule, source = getattr(learning, plastic.rule), network.layers[plastic.source]
        connection = plastic.kind(source, target, update_rule=rule, **plastic.options)
        connection.w.copy_(0.1 + 0.8 * grid(*plastic.w))  # BindsNET's LocalConnection1D and its likes take no w
        if type(connection).__name__ == "LocalConnection":
            connection.w.mul_(mask_of_local())
        network.add_connection(connection, plastic.source, key)
    return network


def all_to_all(rule: str, name: str) -> Plastic:
    """A connection of all to all between the layers of a kind."""
    _, source, _, target = KINDS[name]
    return Plastic(rule, {"nu": NU}, source=source, w=(math.prod(SOURCES[source]), N_TARGETS), target=target)


def places_of_weights(name: str) -> torch.Tensor:
    """Which weight of a kind a source neuron drives a target neuron by, ``[n_sources, n_targets]``; -1 where by none."""
    make, source, _, target = KINDS[name]
    network = Network()
    network.add_layer(nodes.Input(shape=SOURCES[source]), "X")
    network.add_layer(nodes.LIFNodes(shape=target), "Y")
    connection = make(network.layers["X"], network.layers["Y"])
    connection.w.copy_(1.0 + torch.arange(connection.w.numel()).reshape(connection.w.shape))
    if name == "local":
        connection.w.mul_(mask_of_local())
    n = network.layers["X"].n
    alone = torch.eye(n).reshape(n, 1, *SOURCES[source])
    return torch.stack([connection.compute(spike).flatten() for spike in alone]).round().long() - 1


def mask_of_local() -> torch.Tensor:
    """Which of 3 × 3 sources a kernel of 2 × 2 reaches from each target, ``[9, 8]``: two filters at 2 × 2 places."""
    reached = torch.zeros(3, 3, 2, 2, 2)
    for row in range(2):
        for column in range(2):
            reached[row : row + 2, column : column + 2, :, row, column] = 1.0
    return reached.reshape(9, 8)


def spikes(batch_size: int) -> dict[str, torch.Tensor]:
    """The inputs of each step, ``[n_steps, batch_size, *shape]``."""
    shapes = {**SOURCES, "teacher": (N_TARGETS,)}
    return {
        name: torch.stack([pattern(N_STEPS, *shape, share=2, start=1000 * b + 100 * k) for b in range(batch_size)], 1)
        for k, (name, shape) in enumerate(shapes.items())
    }


def measured(names: Iterable[str] = CONNECTIONS, dt: float = 1.0, batch_size: int = 1) -> dict[str, dict[str, list]]:
    """What each connection has learned, and how often its target fired."""
    names = list(names)
    network = built(names, dt, batch_size)
    for k in range(len(names)):
        recorded(network, f"target {k}", ("s",))
    network.run(spikes(batch_size), time=N_STEPS * dt, reward=REWARD)
    fired = [int(network.monitors[f"target {k}"].get("s").sum()) for k in range(len(names))]
    return {name: learned(network, k, name) | {"fired": fired[k]} for k, name in enumerate(names)}


def learned(network: Network, k: int, name: str) -> dict[str, list]:
    """The mean of a connection's weights, and some of them."""
    w = network.connections[CONNECTIONS[name].source, f"target {k}"].w.flatten()
    return {"w": numbers(torch.cat((w.mean()[None], w[::5])))}
