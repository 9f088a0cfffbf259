"""Recording state variables while a network runs."""

from __future__ import annotations

import json
import weakref
from abc import ABC
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import whole_number


class AbstractMonitor(ABC):  # noqa: B024 - a mark, as in BindsNET
    """Anything that records."""

    @property
    def network(self) -> torch.nn.Module | None:
        """The network whose steps it records; None without one. (The network holds its monitors, not the other way round.)"""
        found = self.__dict__.get("network")
        return None if found is None else found()

    @network.setter
    def network(self, network: torch.nn.Module) -> None:
        self.__dict__["network"] = weakref.ref(network)

    def __getstate__(self) -> dict[str, Any]:
        """What is copied and pickled: the network in place of a reference to it."""
        return self.__dict__ | ({"network": self.network} if "network" in self.__dict__ else {})

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what was copied or pickled."""
        network = state.pop("network", None)
        self.__dict__.update(state)
        if network is not None:
            self.network = network


class Monitor(AbstractMonitor):
    """Records state variables of one population or connection, a step a row.

    When a variable changes its shape, as with another batch size, recording begins anew.

    Args:
        obj: the population or connection.
        state_vars: names of its tensors, such as ``("s", "v")``.
        time: number of steps to keep, the latest; room for them is made once. None keeps all since the last ``get``.
        batch_size: number of samples at a time (as ``set_batch_size`` made it; kept for BindsNET's interface).
        device: where the recording lies.

    Raises:
        NetworkError: the object has no such state variable, or ``time`` is no whole number from 1 on.
    """

    def __init__(
        self,
        obj: torch.nn.Module,
        state_vars: Iterable[str],
        time: int | None = None,
        batch_size: int = 1,
        device: str = "cpu",
    ) -> None:
        self.obj = obj
        self.state_vars = tuple(state_vars)
        for var in self.state_vars:
            if not isinstance(getattr(obj, var, None), torch.Tensor):
                raise NetworkError(f"{type(obj).__name__} has no state variable {var!r} to record")
        self.time = _n_steps_to_keep(time)
        self.batch_size = batch_size
        self.device = device
        self.reset_state_variables()

    def get(self, var: str) -> torch.Tensor:
        """The recording of one variable: ``[n_recorded_steps, *shape of the variable]``, oldest step first.

        Without ``time``, what was read is forgotten; :meth:`peek` keeps it.

        Raises:
            NetworkError: the variable is not recorded.
        """
        recording = self.peek(var)
        if self.time is None:
            self.recording[var] = []
        return recording

    def peek(self, var: str) -> torch.Tensor:
        """What :meth:`get` gives, and nothing is forgotten.

        Raises:
            NetworkError: the variable is not recorded.
        """
        if var not in self.state_vars:
            raise NetworkError(f"this monitor records {', '.join(self.state_vars)}, not {var!r}")
        rows = self.recording[var]
        if len(rows) == 0:
            return torch.empty(0, *getattr(self.obj, var).shape, device=self.device)
        if self.time is None:
            return torch.stack(rows)
        if self.n_recorded <= self.time:
            return rows[: self.n_recorded].clone()
        return rows.roll(-(self.n_recorded % self.time), 0)

    def record(self) -> None:
        """Keep the variables as they are now."""
        values = {var: getattr(self.obj, var) for var in self.state_vars}
        if any(len(rows := self.recording[var]) and rows[0].shape != value.shape for var, value in values.items()):
            self.reset_state_variables()
        for var, value in values.items():
            if self.time is None:
                self.recording[var].append(value.detach().to(self.device, copy=True))
                continue
            if self.n_recorded == 0:
                self.recording[var] = torch.empty(self.time, *value.shape, dtype=value.dtype, device=self.device)
            self.recording[var][self.n_recorded % self.time] = value
        self.n_recorded += 1

    def reset_state_variables(self) -> None:
        """Forget what was recorded."""
        self.n_recorded = 0
        self.recording: dict[str, list[torch.Tensor] | torch.Tensor] = {var: [] for var in self.state_vars}


class NetworkMonitor(AbstractMonitor):
    """Records state variables of many populations and connections.

    Args:
        network: the network.
        layers: names of populations; all when None.
        connections: names (source, target) of connections; all when None.
        state_vars: names of variables; each is recorded wherever it exists. ``("v", "s", "w")`` when None.
        time: number of steps to keep, the latest. None keeps all since the last ``reset_state_variables``: here reading, too,
            forgets nothing, unlike :meth:`Monitor.get`.

    Raises:
        NetworkError: there is no such population or connection, none of them has a variable that was named, or ``time`` is no
            whole number from 1 on.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        layers: Iterable[str] | None = None,
        connections: Iterable[tuple[str, str]] | None = None,
        state_vars: Iterable[str] | None = None,
        time: int | None = None,
    ) -> None:
        wanted = ("v", "s", "w") if state_vars is None else tuple(state_vars)
        self.network = network
        self.state_vars = wanted
        self.time = _n_steps_to_keep(time)
        self.layers = list(network.layers) if layers is None else list(layers)
        self.connections = list(network.connections) if connections is None else list(connections)
        observed = {name: _part(network.layers, "layer", name) for name in self.layers}
        observed |= {name: _part(network.connections, "connection", name) for name in self.connections}
        self.monitors = {
            name: Monitor(obj, there, time)
            for name, obj in observed.items()
            if (there := [var for var in wanted if isinstance(getattr(obj, var, None), torch.Tensor)])
        }
        found = {var for monitor in self.monitors.values() for var in monitor.state_vars}
        if state_vars is not None and (missing := [var for var in wanted if var not in found]):
            raise NetworkError(f"nothing that is monitored has a state variable {', '.join(map(repr, missing))} to record")

    def get(self) -> dict[str | tuple[str, str], dict[str, torch.Tensor]]:
        """All recordings: name of the population or connection -> variable -> ``[n_recorded_steps, ...]``; they stay."""
        return {name: {var: monitor.peek(var) for var in monitor.state_vars} for name, monitor in self.monitors.items()}

    def record(self) -> None:
        """Keep all variables as they are now."""
        for monitor in self.monitors.values():
            monitor.record()

    def save(self, path: str | Path, fmt: str = "npz") -> None:
        """Write all recordings to a file, each array under ``<name>.<variable>`` or ``<source>-><target>.<variable>``.

        Nothing is forgotten.

        Args:
            path: the file.
            fmt: ``npz`` (NumPy archive) or ``json`` (nested lists).

        Raises:
            NetworkError: the format is another.
        """
        if fmt not in ("npz", "json"):
            raise NetworkError(f"a recording is saved as npz or json, not {fmt!r}")
        arrays = {
            f"{name if isinstance(name, str) else '->'.join(name)}.{var}": tensor.cpu().numpy()
            for name, recording in self.get().items()
            for var, tensor in recording.items()
        }
        if fmt == "npz":
            with open(path, "wb") as file:
                np.savez_compressed(file, **arrays)
        else:
            Path(path).write_text(json.dumps({key: array.tolist() for key, array in arrays.items()}))

    def reset_state_variables(self) -> None:
        """Forget what was recorded."""
        for monitor in self.monitors.values():
            monitor.reset_state_variables()


def _n_steps_to_keep(time: float | None) -> int | None:
    return None if time is None else whole_number(time, "the number of steps a monitor keeps (time)", least=1)


def _part(parts: Mapping[Hashable, torch.nn.Module], kind: str, name: Hashable) -> torch.nn.Module:
    if name not in parts:
        raise NetworkError(f"there is no {kind} {name!r} to monitor; there are {', '.join(map(str, parts)) or 'none'}")
    return parts[name]
