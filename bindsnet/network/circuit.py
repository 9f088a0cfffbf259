"""The parts of a network: populations, connections and monitors. How they run is for engines to know."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import real_number, whole_number
from bindsnet.network.monitors import AbstractMonitor
from bindsnet.network.nodes import AbstractInput, Nodes
from bindsnet.network.topology import AbstractConnection
from bindsnet.numbers.random import Randomness
from common.time_steps import n_time_steps


def n_steps_in(time: float, dt: float) -> int:
    """Number of time steps of ``dt`` ms in ``time`` ms: every part that counts steps counts them here.

    Raises:
        NetworkError: the time is no number of ms from 0 on.
    """
    number = real_number(time)
    if number is None or not 0 <= number < math.inf:
        raise NetworkError(f"a time is a number of ms from 0 on, got {time!r}")
    return n_time_steps(number, dt)


class Circuit(torch.nn.Module):
    """Populations of neurons (layers), connections between them, and monitors.

    Args:
        dt: time step, ms.
        batch_size: number of samples simulated at a time.
        learning: whether plasticity and thresholds change.
        reward_fn: gives the reward of reward-modulated rules (an object with ``compute`` and ``update``, or its class).

    Attributes:
        layers: name -> population; connections: (source, target) -> connection; monitors: name -> monitor.

    Raises:
        NetworkError: ``dt`` is not above 0, or ``batch_size`` no whole number.
    """

    def __init__(
        self,
        dt: float = 1.0,
        batch_size: int = 1,
        learning: bool = True,
        reward_fn: type | object | None = None,
    ) -> None:
        super().__init__()
        step = real_number(dt)
        if step is None or not step > 0:
            raise NetworkError(f"the time step dt is above 0 ms, got {dt!r}")
        self.dt = float(step)
        self.batch_size = whole_number(batch_size, "batch_size", least=1)
        self.layers: dict[str, Nodes] = {}
        self.connections: dict[tuple[str, str], AbstractConnection] = {}
        self.monitors: dict[str, AbstractMonitor] = {}
        self.reward_fn = reward_fn() if isinstance(reward_fn, type) else reward_fn
        self.randomness = Randomness()
        self.n_plain_steps = 0  # taken step by step in runs
        self.prepared: dict = {}  # what the fused engine keeps of the network from call to call
        self.train(learning)

    def __getstate__(self) -> dict[str, Any]:
        """What is copied and pickled: a copy has arrays of its own, and so nothing prepared of them."""
        return self.__dict__ | {"prepared": {}}

    @property
    def device(self) -> torch.device:
        """Where the network's tensors are."""
        return next((layer.s.device for layer in self.layers.values()), torch.device("cpu"))

    @property
    def at_rest(self) -> bool:
        """Whether layers and connections are as :meth:`reset_state_variables` leaves them."""
        return all(layer.bind_rest()() for layer in self.layers.values()) and all(c.at_rest for c in self.connections.values())

    def add_layer(self, layer: Nodes, name: str) -> None:
        """Add a population under a name. It learns if both the network and the layer itself do.

        Raises:
            NetworkError: the name is taken or has a dot, or the layer is no population.
        """
        if not isinstance(layer, Nodes):
            raise NetworkError(f"a layer is a population (Nodes), got {type(layer).__name__}")
        if name in self.layers or "." in name or hasattr(self, name):
            raise NetworkError(f"the layer name {name!r} is taken or not allowed")
        layer.first_neuron = sum(other.n for other in self.layers.values())
        layer.randomness = self.randomness
        self.layers[name] = layer
        self.add_module(name, layer)
        layer.train(self.learning and layer.learning)  # one that was made frozen stays so until it is told otherwise
        layer.compute_decays(self.dt)
        layer.set_batch_size(self.batch_size)

    def add_connection(self, connection: AbstractConnection, source: str, target: str) -> None:
        """Add a connection between two layers.

        Raises:
            NetworkError: a name or population does not fit, the two are connected already, the target is an input, the name
                under which the connection is kept is that of another layer or connection, or its delays or its rule do not fit.
        """
        for role, name in (("source", source), ("target", target)):
            if name not in self.layers:
                raise NetworkError(f"connection {source} → {target}: there is no layer {name!r}; add it first")
            if getattr(connection, role) is not self.layers[name]:
                raise NetworkError(f"connection {source} → {target}: its {role} is not the layer {name!r}")
        if isinstance(connection.target, AbstractInput):
            raise NetworkError(f"connection {source} → {target}: {target!r} takes its spikes from outside, not from a layer")
        if (source, target) in self.connections:
            raise NetworkError(f"{source} and {target} are connected already")
        name = f"{source}_to_{target}"
        others = [f"connection {a} → {b}" for a, b in self.connections if f"{a}_to_{b}" == name]
        others += [f"layer {name!r}"] if name in self.layers else []
        if others:  # a module has one name: the later of the two would take the earlier one's place in files and in ``to``
            raise NetworkError(f"connection {source} → {target}: its name {name!r} is taken by the {others[0]}; rename a layer")
        connection.prepare(self.dt, self.batch_size)
        self.connections[source, target] = connection
        self.add_module(name, connection)
        connection.train(self.learning)

    def add_monitor(self, monitor: AbstractMonitor, name: str) -> None:
        """Add a monitor, which records after every step of :meth:`run`.

        Raises:
            NetworkError: it cannot record.
        """
        if not all(callable(getattr(monitor, method, None)) for method in ("record", "reset_state_variables")):
            raise NetworkError(
                f"monitor {name!r}: expected one with the methods record and reset_state_variables, such as Monitor, "
                f"got {type(monitor).__name__}"
            )
        self.monitors[name] = monitor
        monitor.network = self

    def normalize(self) -> None:
        """Restore the sum of the weights into each neuron, in connections that have one."""
        for connection in self.connections.values():
            connection.normalize()

    def reset_state_variables(self) -> None:
        """Between samples: reset what layers, connections and monitors keep; weights and thresholds stay."""
        for part in (*self.layers.values(), *self.connections.values(), *self.monitors.values()):
            part.reset_state_variables()

    def train(self, mode: bool = True) -> Circuit:
        """Let weights and thresholds change, or freeze them (``train(False)``, ``eval()``)."""
        self.learning = mode
        return super().train(mode)

    def set_batch_size(self, batch_size: int) -> None:
        """Make room for this many samples at a time, and reset layers and monitors.

        Raises:
            NetworkError: this is no whole number.
        """
        self.batch_size = whole_number(batch_size, "batch_size", least=1)
        for layer in self.layers.values():
            layer.set_batch_size(self.batch_size)
        for connection in self.connections.values():
            connection.prepare(self.dt, self.batch_size)
        for monitor in self.monitors.values():
            monitor.reset_state_variables()

    def clone(self) -> Circuit:
        """An independent copy."""
        return copy.deepcopy(self)

    def _numbered(
        self, seed: int | None, samples: Sequence[int] | torch.Tensor | None, n_samples: int
    ) -> tuple[int, Sequence[int]]:
        """The seed of random choices and a number for each sample: those given, or torch's and the numbers that come next."""
        seed = torch.initial_seed() if seed is None else seed
        numbers = self.randomness.next_samples(seed, n_samples) if samples is None else [int(k) for k in samples]
        if len(numbers) != n_samples:
            raise NetworkError(f"{n_samples} samples but {len(numbers)} sample numbers")
        return seed, numbers

    def _use_batch_size(self, batch_size: int) -> None:
        if batch_size != self.batch_size:
            self.set_batch_size(batch_size)

    def _check_weights(self) -> None:
        for pair, connection in self.connections.items():
            try:
                connection.check()
            except NetworkError as error:
                raise NetworkError(f"connection {pair}: {error}") from None
