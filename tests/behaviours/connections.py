"""Connections: what each kind draws for weights, which drive it gives, and what normalisation does to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import torch

from behaviours.common import grid, numbers, pattern
from bindsnet.network import Network, nodes, topology


class Made(NamedTuple):
    """A kind of connection, its arguments, and the shapes of both layers."""

    kind: str
    source: tuple[int, ...]
    target: tuple[int, ...]
    options: dict[str, Any]


FILTERS = {"kernel_size": 2, "stride": 1, "n_filters": 2}
IMAGE = (2, 4, 4)

#: what is right -> a connection that shows it
KINDS = {
    "all to all": Made("Connection", (5,), (3,), {}),
    "all to all, drawn between bounds": Made("Connection", (5,), (3,), {"wmin": -1.0, "wmax": 2.0}),
    "all to all, drawn and cut at one bound": Made("Connection", (5,), (3,), {"wmax": 0.5}),
    "all to all, normalised": Made("Connection", (5,), (3,), {"norm": 3.0, "wmin": -1.0, "wmax": 1.0}),
    "all to all, with a bias": Made("Connection", (2, 3), (2, 2), {"b": grid(4, high=2.0)}),
    "sparse": Made("SparseConnection", (5,), (3,), {"w": grid(5, 3) * pattern(5, 3)}),
    "1d convolution": Made("Conv1dConnection", (2, 6), (3, 4), {"kernel_size": 3, "norm": 1.5}),
    "2d convolution": Made("Conv2dConnection", IMAGE, (3, 3, 3), {"kernel_size": 2, "norm": 1.5}),
    "2d convolution with stride, padding and a bias": Made(
        "Conv2dConnection", IMAGE, (3, 3, 3), {"kernel_size": 2, "stride": 2, "padding": 1, "b": grid(3)}
    ),
    "2d convolution of a kernel that is no square": Made(
        "Conv2dConnection", IMAGE, (1, 3, 2), {"kernel_size": (2, 3), "wmin": 0.0, "wmax": 0.5}
    ),
    "3d convolution": Made("Conv3dConnection", (1, 3, 3, 3), (2, 2, 2, 2), {"kernel_size": 2, "norm": 1.5}),
    "1d maximum": Made("MaxPool1dConnection", (2, 6), (2, 3), {"kernel_size": 2, "stride": 2, "decay": 0.1}),
    "2d maximum": Made("MaxPool2dConnection", IMAGE, (2, 2, 2), {"kernel_size": 2, "stride": 2, "decay": 0.1}),
    "3d maximum": Made("MaxPoo3dConnection", (1, 2, 4, 4), (1, 1, 2, 2), {"kernel_size": 2, "stride": 2, "decay": 0.1}),
    "local": Made("LocalConnection", (16,), (18,), FILTERS | {"norm": 0.2, "wmin": 0.0, "wmax": 0.5}),
    "local, of an image": Made("LocalConnection", (1, 4, 4), (2, 3, 3), FILTERS | {"input_shape": (4, 4)}),
    "1d local": Made("LocalConnection1D", (2, 6), (2, 4), {"kernel_size": 3, "stride": 1, "n_filters": 2, "norm": 1.5}),
    "2d local": Made("LocalConnection2D", IMAGE, (2, 3, 3), FILTERS | {"norm": 1.5}),
    "3d local": Made("LocalConnection3D", (1, 3, 3, 3), (2, 2, 2, 2), FILTERS | {"norm": 1.5}),
    "mean field": Made("MeanFieldConnection", (5,), (3,), {"w": torch.tensor(0.4)}),
}


def built(name: str, batch_size: int = 1) -> Network:
    """A network of two layers, ``X`` and ``Y``, and the connection of this name."""
    made = KINDS[name]
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002 - BindsNET's LocalConnection draws from it
    network = Network(batch_size=batch_size)
    network.add_layer(nodes.Input(shape=made.source), "X")
    network.add_layer(nodes.McCullochPitts(shape=made.target), "Y")
    connection = getattr(topology, made.kind)(network.layers["X"], network.layers["Y"], **made.options)
    network.add_connection(connection, "X", "Y")
    return network


def measured(names: Iterable[str] = KINDS, batch_size: int = 1) -> dict[str, dict[str, list]]:
    """Of each: the shape of its weights, some that are drawn, the drive of three steps, and weights after a run."""
    return {name: _measured(built(name, batch_size), name) for name in names}


def _measured(network: Network, name: str) -> dict[str, list]:
    made, connection = KINDS[name], network.connections["X", "Y"]
    found = {}
    w = getattr(connection, "w", None)
    if w is not None:
        found["shape"] = list(w.shape)
        found["drawn"] = some(w)
        if "w" not in made.options:
            w.copy_(grid(*w.shape) * (w != 0) if made.kind == "LocalConnection" else grid(*w.shape))
    connection.reset_state_variables()
    spikes = pattern(3 * network.batch_size, *made.source, share=3).reshape(3, network.batch_size, *made.source)
    drives = []
    for t in range(3):  # as BindsNET does it: the drive of a step is of the spikes of the one before
        network.run({"X": spikes[t : t + 1]}, time=1)
        drives.append(network.layers["Y"].v.detach().clone())
    found["drive"] = numbers(torch.stack(drives)[1:].flatten(1)[:, :: 1 if len(made.target) == 1 else 2])
    if made.options.get("norm") is not None:
        found["normalised"] = some(connection.w)
    return found


def some(w: torch.Tensor) -> list[float]:
    """The mean of weights, and some of them."""
    w = w.detach()
    w = (w.to_dense() if w.is_sparse else w).flatten()
    return numbers(torch.cat((w.mean()[None], w[:: max(1, len(w) // 8)])))
