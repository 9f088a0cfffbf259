"""The plain engine: a block of samples, sample by sample and step by step, on whole tensors. The readable truth."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.engine.presentation import Presentation, Records, Repetition
from bindsnet.network.nodes.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.numbers.ops import Array, any_in, as_array
from common.spike_trains import SpikeTrains

if TYPE_CHECKING:
    from bindsnet.network.circuit import Circuit


NOTHING: Mapping = MappingProxyType({})


class Stepper:
    """A network's time step: drives from the last step's spikes, then the layers, then plasticity.

    Args:
        network: the network; its tensors are looked up once, so none may be replaced while the stepper is in use, but for
            those of layers whose class has a ``forward`` of its own.
        one_step: spikes cross all layers within one step, in the order in which the layers were added.
    """

    def __init__(self, network: Circuit, one_step: bool = False) -> None:
        self.network = network
        self.one_step = one_step
        self.layers = [(name, layer, _forward(layer), layer.no_drive) for name, layer in network.layers.items()]
        self.connections = [
            (target, _drives_always(connection), _compute(connection), _spikes(network.layers[source], connection))
            for (source, target), connection in network.connections.items()
        ]
        self.remembering = {layer for layer in network.layers.values() if "past" in layer._buffers}
        self.plastic = [c for c in network.connections.values() if network.learning and c.plastic]
        self.updates = [_update(connection) for connection in self.plastic]
        self.begin()

    def begin(self) -> None:
        """The next step is the first of a sample."""
        self.first = [connection.keep_within_bounds for connection in self.plastic]

    def __call__(
        self,
        given: Mapping[str, torch.Tensor],
        clamp: Mapping[str, torch.Tensor] = NOTHING,
        unclamp: Mapping[str, torch.Tensor] = NOTHING,
        injects_v: Mapping[str, torch.Tensor] = NOTHING,
        masks: Mapping[tuple[str, str], torch.Tensor] = NOTHING,
        **kwargs,
    ) -> None:
        """Take one step; arguments as in :meth:`Network.run`, for this step alone."""
        network = self.network
        drives = {} if self.one_step else self.drives(network.layers)
        for name, layer, forward, no_drive in self.layers:
            drive = (self.drives((name,)) if self.one_step else drives).get(name)
            if name in given:
                drive = given[name] if drive is None else drive + given[name]
            drive = no_drive if drive is None else drive
            if name in injects_v:
                layer.v += injects_v[name]
            if layer in self.remembering:
                layer.pass_on()
            if name in clamp or name in unclamp:
                with layer.clamped(clamp.get(name), unclamp.get(name)):
                    forward(drive)
            else:
                forward(drive)
        network.randomness.step += 1
        if masks:
            for pair, connection in network.connections.items():
                connection.update(mask=masks.get(pair), learning=network.learning, **kwargs)
        else:
            for update in self.updates:
                update(**kwargs)
        while self.first:
            self.first.pop()()

    def drives(self, targets: Container[str]) -> dict[str, torch.Tensor]:
        """What each target layer receives from the spikes its sources hold now, in the order of the connections."""
        drives: dict[str, torch.Tensor] = {}
        for target, always, compute, spikes_now in self.connections:
            if target not in targets:
                continue
            s, spikes = spikes_now()
            if always or any_in(spikes):
                drive = compute(s)
                drives[target] = drives[target] + drive if target in drives else drive
        return drives


def _drives_always(connection: AbstractConnection) -> bool:
    return connection.drives_without_spikes or connection.resources is not None


def _forward(layer: Nodes) -> Callable[[torch.Tensor], None]:
    """The layer's time step, with its tensors looked up once unless its class has a ``forward`` of its own."""
    return layer.forward if _steps_its_own_way(layer) else layer.bind()


def _compute(connection: AbstractConnection) -> Callable[[torch.Tensor | Callable], torch.Tensor]:
    """Gives the drive of what :func:`_spikes` gives."""
    return connection.compute if connection.delays.alike else connection.delayed


def _spikes(layer: Nodes, connection: AbstractConnection) -> Callable[[], tuple[torch.Tensor | Callable, Array]]:
    """Gives the source's spikes that arrive now, looked up once unless its class has a ``forward`` of its own.

    (Such a class may make a new tensor.) With them comes where to look whether there are any.
    """
    delay = connection.delays.longest
    if not connection.delays.alike:
        return lambda: (layer.spikes_before, layer.s if layer.s.any() else layer.past)
    if _steps_its_own_way(layer):
        return lambda: (layer.spikes_before(delay), as_array(layer.spikes_before(delay)))
    spikes = layer.spikes_before(delay), as_array(layer.spikes_before(delay))
    return lambda: spikes


def _update(connection: AbstractConnection) -> Callable[..., None]:
    """Lets the rule change the weights, with its tensors looked up once unless something here has a way of its own."""
    rule, ends = connection.update_rule, (connection.source, connection.target)
    if not connection.updates_by_its_rule or rule.updates_its_own_way or any(map(_steps_its_own_way, ends)):
        return partial(connection.update, mask=None, learning=True)
    bound = rule.bind()
    return lambda reward=None, **_: bound(reward)


def _steps_its_own_way(layer: Nodes) -> bool:
    return type(layer).forward is not Nodes.forward


def step_through(
    network: Circuit,
    spike_trains: dict[str, SpikeTrains],
    layer: str,
    repetition: Repetition | None,
    samples: list[int],
    seed: int,
    stream: int,
    spike_times: bool,
    records: Records,
    rewards: np.ndarray,
) -> Presentation:
    """See :meth:`Network.present`, which has checked the arguments."""
    counted = network.layers[layer]
    counts = torch.zeros(len(samples), counted.n, dtype=torch.int32)
    n_presentations = torch.zeros(len(samples), dtype=torch.int64)
    answers = []
    connection = network.connections[repetition.connection] if repetition else None
    factor_outside = connection.weight_factor if connection is not None else 1.0
    try:
        for i, sample in enumerate(samples):
            network.reset_state_variables()
            advance = Stepper(network)  # after the reset, which a user's class may do by new tensors
            inputs = {name: _dense_sample(trains, i, network.layers[name]) for name, trains in spike_trains.items()}
            for presentation, factor in enumerate(repetition.factors() if repetition else (factor_outside,)):
                if connection is not None:
                    connection.weight_factor = factor
                network.randomness.begin(seed, stream, [sample], presentation)
                spikes = _present_once(
                    network, advance, inputs, counted, records.of_sample(i), rewards[i] if len(rewards) else ()
                )
                n_presentations[i] += 1
                if repetition is None or spikes.sum() >= repetition.min_spikes:
                    break
            counts[i] = spikes.sum(0)
            if spike_times:
                answers.append(spikes)
    finally:
        if connection is not None:
            connection.weight_factor = factor_outside
    trains = None
    if spike_times:
        n_steps = next(iter(spike_trains.values())).n_steps
        trains = SpikeTrains.from_dense(torch.stack(answers) if answers else torch.zeros(0, n_steps, counted.n))
    return Presentation(counts, n_presentations, trains, records.tensors)


def _present_once(
    network: Circuit,
    advance: Stepper,
    inputs: dict[str, torch.Tensor],
    counted: Nodes,
    record: Mapping[tuple[str, str], torch.Tensor],
    rewards: Sequence[float],
) -> torch.Tensor:
    """One presentation; spikes of the counted layer, bool ``[n_steps, n_neurons]``, on the CPU. ``record`` is filled."""
    steps = [dict(zip(inputs, rows, strict=True)) for rows in zip(*(dense.unbind(0) for dense in inputs.values()), strict=True)]
    spikes = torch.empty(len(steps), *counted.s.shape, dtype=torch.bool, device=network.device)
    advance.begin()
    for t, (given, answer) in enumerate(zip(steps, spikes.unbind(0), strict=True)):
        if len(rewards):
            advance(given, reward=float(rewards[t]))
        else:
            advance(given)
        answer.copy_(counted.s)
        for (layer, name), tensor in record.items():
            tensor[t] = network.layers[layer]._buffers[name].view(-1)
        for monitor in network.monitors.values():
            monitor.record()
    if network.learning:
        network.normalize()
    return spikes.view(len(steps), counted.n).cpu()


def _dense_sample(trains: SpikeTrains, sample: int, layer: Nodes) -> torch.Tensor:
    """One sample's spikes, bool ``[n_steps, 1, *shape]``."""
    inside = slice(int(trains.pointers[sample]), int(trains.pointers[sample + 1]))
    dense = torch.zeros(trains.n_steps, trains.n_units, dtype=torch.bool)
    dense[trains.steps[inside].long(), trains.units[inside].long()] = True
    return dense.view(trains.n_steps, *layer.s.shape).to(layer.s.device)
