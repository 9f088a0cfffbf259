"""Monitors in the file of their network: what they watch, how, and what they have recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bindsnet.errors import NetworkError, warn
from bindsnet.network.circuit import Circuit
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.recordings import restored

#: arguments of a monitor, which are its attributes
OPTIONS = ("state_vars", "time", "batch_size", "device", "sparse", "every", "neurons", "packed")


def described(network: Circuit) -> dict[str, dict[str, Any]]:
    """The network's monitors by name, as plain data. A recording in a file is described by its path: the rows stay there.

    Warns:
        UserWarning: a monitor is of a class of the user's own, or watches no part of this network: it is left out.
    """
    found = {}
    for name, monitor in network.monitors.items():
        if type(monitor) is Monitor and (part := _name_of(network, monitor.obj)) is not None:
            found[name] = {"part": part} | _described(monitor)
        elif type(monitor) is NetworkMonitor:
            watched = {attribute: getattr(monitor, attribute) for attribute in ("layers", "connections", "state_vars", "time")}
            found[name] = watched | {"monitors": {part: _described(each) for part, each in monitor.monitors.items()}}
        else:
            why = "watches no part of this network" if type(monitor) is Monitor else f"is a {type(monitor).__name__}"
            warn(f"the file does not hold the monitor {name!r}, which {why}; add it again after loading")
    return found


def add(network: Circuit, monitors: Mapping[str, Mapping[str, Any]], device: str) -> None:
    """Give the network the monitors of :func:`described`.

    Args:
        network: the network, with all its parts and its batch size.
        monitors: what was described.
        device: where recordings lie that lay on no CPU.

    Warns:
        UserWarning: a part has no such variable before it runs, so that its monitor is left out.
    """
    for name, told in monitors.items():
        try:
            network.add_monitor(_made(network, told, device), name)
        except NetworkError as error:
            warn(f"the monitor {name!r} is not loaded; add it again: {error}")


def _name_of(network: Circuit, part: Any) -> str | tuple[str, str] | None:
    parts = {**network.layers, **network.connections}
    return next((name for name, other in parts.items() if other is part), None)


def _described(monitor: Monitor) -> dict[str, Any]:
    return {
        "options": {name: getattr(monitor, name) for name in OPTIONS},
        "files": {var: str(path) for var, path in monitor.files.items()},
        "n_steps": monitor.n_steps,
        "shapes": monitor.shapes,
        "recording": {var: rows.kept() for var, rows in monitor.recording.items()},
    }


def _made(network: Circuit, told: Mapping[str, Any], device: str) -> Monitor | NetworkMonitor:
    if "monitors" not in told:
        return _one(network, told["part"], told, device)
    monitor = NetworkMonitor(network, told["layers"], told["connections"], time=told["time"])
    monitor.state_vars = told["state_vars"]
    monitor.monitors = {part: _one(network, part, each, device) for part, each in told["monitors"].items()}
    return monitor


def _one(network: Circuit, part: str | tuple[str, str], told: Mapping[str, Any], device: str) -> Monitor:
    options = told["options"]
    where = options["device"] if str(options["device"]) == "cpu" else device
    monitor = Monitor({**network.layers, **network.connections}[part], **options | {"device": where})
    monitor.files, monitor.n_steps, monitor.shapes = told["files"], told["n_steps"], told["shapes"]
    monitor.recording = {var: restored(monitor.recording[var], kept) for var, kept in told["recording"].items()}
    return monitor
