"""Monitors in the fused engine: filled from its record of the last sample.

They are reset before each sample, so when a block is over they hold the last one's steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from bindsnet.engine.presentation import Presentation, Records, recordable
from bindsnet.network.monitors import AbstractMonitor, Monitor, NetworkMonitor

if TYPE_CHECKING:
    from bindsnet.network.circuit import Circuit

Watched = Sequence[tuple[Monitor, str]]  # monitors of layers, each with the layer's name


def not_filled(network: Circuit, repeats: bool) -> list[str]:
    """Names of monitors that a record of the last sample's last presentation does not fill.

    These are monitors of connections or of parameters, those with a file, which holds all samples, those of the user's own
    classes, and all where samples are presented again, since they hold all presentations of a sample.
    """
    return [name for name, monitor in network.monitors.items() if repeats or not _is_filled(network, monitor)]


def watched(network: Circuit) -> Watched:
    """Monitors that a record fills, each with the name of the layer that it watches."""
    filled = [one for monitor in network.monitors.values() if _is_filled(network, monitor) for one in ones(monitor)]
    return [(one, _layer(network, one)) for one in filled]


def room_for_records(watched: Watched, n_steps: int) -> int:
    """Bytes of what monitors need of one sample of so many steps."""
    buffers = [getattr(monitor.obj, var) for monitor, _ in watched for var in monitor.state_vars]
    return n_steps * sum(buffer.numel() * buffer.element_size() for buffer in buffers)


def records_for_all(
    network: Circuit,
    watched: Watched,
    record: Mapping[str, Sequence[str]],
    which: Sequence[int] | None,
    n_samples: int,
    n_steps: int,
) -> Records:
    """What is asked for and what monitors need, of the samples asked for, which come first, and of the last one."""
    everything = {name: list(names) for name, names in record.items()}
    for monitor, layer in watched:
        names = everything.setdefault(layer, [])
        names += [var for var in monitor.state_vars if var not in names]
    asked = [] if not record else list(range(n_samples) if which is None else which)
    last = [] if n_samples - 1 in asked else [n_samples - 1]
    return Records(network, everything, asked + last, n_samples, n_steps)


def fill(watched: Watched, answer: Presentation, records: Records, asked: Records) -> Presentation:
    """Fill the monitors from what :func:`records_for_all` made, and leave in the answer what was asked for."""
    for monitor, _ in watched:
        monitor.reset_state_variables()
    for monitor, steps in shared_out(watched, records.of_sample(len(records.rows) - 1)):
        monitor.fill(steps)
    return answer._replace(records={pair: records.tensors[pair][: len(tensor)] for pair, tensor in asked.tensors.items()})


def shared_out(watched: Watched, steps: Mapping[tuple[str, str], torch.Tensor]) -> list[tuple[Monitor, dict[str, torch.Tensor]]]:
    """A sample's steps, (layer, variable) -> ``[n_steps, n_neurons]``, as each of the monitors records them."""
    return [
        (monitor, {var: steps[layer, var].view(-1, *getattr(monitor.obj, var).shape) for var in monitor.state_vars})
        for monitor, layer in watched
    ]


def ones(monitor: AbstractMonitor) -> list[AbstractMonitor]:
    """The monitors of single parts that a monitor of a network is made of, or itself."""
    return list(monitor.monitors.values()) if type(monitor) is NetworkMonitor else [monitor]


def _layer(network: Circuit, monitor: Monitor) -> str | None:
    return next((name for name, layer in network.layers.items() if layer is monitor.obj), None)


def _is_filled(network: Circuit, monitor: AbstractMonitor) -> bool:
    return all(
        type(one) is Monitor
        and not one.files
        and _layer(network, one) is not None
        and {*one.state_vars} <= {*recordable(one.obj)}
        for one in ones(monitor)
    )
