"""A network made ready for its program, once for many calls.

Finding out what a network is made of takes longer than presenting a sample. So plan, program and arguments are kept, with all
that they were made from: every attribute of every part. They hold until one of these is another object, or lies elsewhere in
memory. What stands in arrays may change at any time: the program works on the network's own, and numbers are read anew.
"""

from __future__ import annotations

from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bindsnet.engine import monitored
from bindsnet.engine.fused import program
from bindsnet.engine.fused.arguments import Arguments
from bindsnet.engine.fused.plan import Plan, plan
from bindsnet.engine.presentation import Records, recordable
from bindsnet.network.monitors import Monitor

if TYPE_CHECKING:
    from bindsnet.network.circuit import Circuit
    from common.compiled import Compiled


class Prepared:
    """A network's plan, program and arguments.

    Args:
        network: the network.
        counted, repeated: see :func:`bindsnet.engine.fused.plan.plan`.

    Attributes:
        nowhere: (layer, variable) -> what the program is given in place of a record of it.
        watched: monitors of layers, each with the layer's name.
        inputs: names of the layers whose spikes are given.
        frozen: connections that keep something and do not learn now.

    Raises:
        CannotFuseError: the network has a part that the fused engine does not take.
    """

    def __init__(self, network: Circuit, counted: str | None, repeated: tuple[str, str] | None) -> None:
        self.plan = plan(network, counted, repeated)
        self.arguments = Arguments(self.plan)
        self.watched = monitored.watched(network)
        self.nowhere = {
            (name, variable): np.zeros((0, 0, 0), layer._buffers[variable].numpy().dtype)
            for name, layer in network.layers.items()
            for variable in recordable(layer)
        }
        self.inputs = [name for name, layer in zip(network.layers, self.plan.layers, strict=True) if layer.is_input]
        connections = [(p.connection, p.rule) for p in self.plan.projections if p.connection._modules]
        self.frozen = [connection for connection, rule in connections if rule is None]
        self._keeping = [connection for connection, _ in connections]
        self._runs: dict[int, tuple[Records, list[tuple[Monitor, dict[str, torch.Tensor]]]]] = {}
        self._rests = [layer.bind_rest() for layer in network.layers.values()]
        self._names, self._objects = _names(network), _objects(network)
        tensors = [value for value in self._objects if isinstance(value, torch.Tensor)]
        self._tensors = [tensor for tensor in tensors if tensor.layout is torch.strided]
        self._arrays = [tensor for tensor in self._tensors if tensor.dim()]
        self._places, self._values = self._places_now(), _values(self.plan)

    @cached_property
    def program(self) -> Compiled:
        """The program; writing it takes longer than presenting a block, so each is written once."""
        from common import compiled  # with Numba, which takes a second to import

        signature = self.plan.signature
        if signature not in _PROGRAMS:
            _PROGRAMS[signature] = compiled.load(program.text_of(self.plan, list(self.arguments.values)))
        return _PROGRAMS[signature]

    @property
    def at_rest(self) -> bool:
        """Whether the network is as a reset leaves it."""
        return all(rests() for rests in self._rests) and all(connection.at_rest for connection in self._keeping)

    def records_of_run(self, network: Circuit, n_steps: int) -> tuple[Records, list[tuple[Monitor, dict[str, torch.Tensor]]]]:
        """Room for what monitors need of one sample of so many steps, and what of it is for which; runs write it anew."""
        if n_steps not in self._runs:
            records = monitored.records_for_all(network, self.watched, {}, None, 1, n_steps)
            self._runs = {n_steps: (records, monitored.shared_out(self.watched, records.of_sample(0)))}
        return self._runs[n_steps]

    def _places_now(self) -> list[object]:
        """Where tensors lie, and how: they may be given other memory, as by ``w.data = ...``."""
        return [*map(torch.Tensor.data_ptr, self._tensors), *map(torch.Tensor.stride, self._arrays)]

    def holds(self, network: Circuit) -> bool:
        """Whether all is still there that this was made from, and nothing else."""
        objects = _objects(network)
        return (
            len(objects) == len(self._objects)
            and all(map(is_, objects, self._objects))
            and _names(network) == self._names
            and self._places_now() == self._places
            and _values(self.plan) == self._values
        )


def prepared(network: Circuit, counted: str | None, repeated: tuple[str, str] | None) -> Prepared:
    """What was prepared before, if it holds still, or what is prepared now.

    Raises:
        CannotFuseError: the network has a part that the fused engine does not take.
    """
    found = holding(network, counted, repeated)
    if found is None:
        found = network.prepared[counted, repeated] = Prepared(network, counted, repeated)
    return found


def holding(network: Circuit, counted: str | None, repeated: tuple[str, str] | None) -> Prepared | None:
    """What was prepared before, if it holds still; else it is thrown away."""
    found = network.prepared.get((counted, repeated))
    if found is not None and not found.holds(network):
        del network.prepared[counted, repeated]
        return None
    return found


_PROGRAMS: dict[tuple, Compiled] = {}


def _names(network: Circuit) -> tuple[list[Any], ...]:
    return list(network.layers), list(network.connections)


def _objects(network: Circuit) -> list[object]:
    """All that the parts of the network have; of a monitor what it watches, since it records in every run."""
    found: list[object] = [network.learning]
    for part in (*network.layers.values(), *network.connections.values()):
        _add_module(part, found)
    for connection in network.connections.values():
        for rule in connection.rules:
            found += vars(rule).values()
            found += rule.parameters.values()
    for monitor in network.monitors.values():
        found.append(monitor)
        for one in monitored.ones(monitor):
            found += (one, *(getattr(one, name, None) for name in ("obj", "state_vars", "files")))
    return found


def _add_module(module: torch.nn.Module, found: list[object]) -> None:
    for values in (vars(module), module._buffers, module._parameters):
        found += values.values()
    for part in module._modules.values():
        _add_module(part, found)


def _values(planned: Plan) -> list[bool]:
    """What is made of values: whether large layers may rest still, rules act, and moving delays are in their range."""
    found = [layer.nodes.rests_while_relaxing for layer in planned.layers if layer.may_rest and layer.adapts]
    for projection in planned.projections:
        rule, moving = projection.rule, projection.connection.moving_delays
        found += [] if rule is None else (rule.acts_on_pre, rule.acts_on_post)
        found += [] if moving is None else [moving.in_range]
    return found
