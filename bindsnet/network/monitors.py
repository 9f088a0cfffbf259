"""Recording state variables while a network runs."""

from __future__ import annotations

import errno
import json
import weakref
from abc import ABC
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.checks import whole_number
from bindsnet.network.nodes import Nodes
from bindsnet.network.recordings import rows_of
from common.durable import write_file

Chosen = Sequence[int] | torch.Tensor | np.ndarray


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

    When a variable changes its shape, as with another batch size, recording begins anew. Where a recording would grow too large,
    ``time``, ``every``, ``neurons``, ``packed`` and ``file``, which may be combined, bound the memory that it takes.

    Args:
        obj: the population or connection.
        state_vars: names of its tensors, such as ``("s", "v")``.
        time: number of steps to keep, the latest; room for them is made once. None keeps all since the last ``get``.
        batch_size: number of samples at a time (as ``set_batch_size`` made it; kept for BindsNET's interface).
        device: where the recording lies.
        sparse: keep only what is not zero: ``get`` returns a sparse (COO) tensor, as in BindsNET 0.3.4.
        every: keep the first step and each ``every``-th after it: what ``[::every]`` of a whole recording would give.
        neurons: numbers of the neurons to keep, or a bool mask of them, counted over the layer's flat shape; of a connection, of
            its flat weights. A row is ``[batch_size, n_kept]``, or ``[n_kept]`` without samples, in the order given.
        packed: keep spikes (bool variables) as one bit each; ``get`` returns them unpacked.
        file: keep the recording in this new NumPy file, which ``numpy.load(file, mmap_mode="r")`` reads at any time; with several
            variables, in a file each, called ``<name>.<variable>.npy`` for a ``file`` called ``<name>.npy``, or a mapping from
            variable to file. With ``time`` its rows are a ring, which ``get`` brings in order; packed, they are what
            ``numpy.packbits`` gives. Neither ``get`` nor a reset takes rows out of a file, and no row may have another shape.
            Copies of the monitor only read it (:class:`bindsnet.network.recordings.Filed`).

    Raises:
        NetworkError: the object has no such state variable or no such neurons, nothing is bool that shall be packed, options
            exclude each other, or ``time`` or ``every`` is no whole number from 1 on.
        OSError: a file is there already, or cannot be made.
    """

    def __init__(
        self,
        obj: torch.nn.Module,
        state_vars: Iterable[str],
        time: int | None = None,
        batch_size: int = 1,
        device: str = "cpu",
        sparse: bool = False,
        every: int = 1,
        neurons: Chosen | None = None,
        packed: bool = False,
        file: str | Path | Mapping[str, str | Path] | None = None,
    ) -> None:
        self.obj = obj
        self.state_vars = tuple(state_vars)
        for var in self.state_vars:
            if not isinstance(getattr(obj, var, None), torch.Tensor):
                raise NetworkError(f"{type(obj).__name__} has no state variable {var!r} to record")
        self.time = _n_steps_to_keep(time)
        self.every = whole_number(every, "every how many steps a monitor records (every)", least=1)
        self.batch_size, self.device = batch_size, device
        self.sparse, self.packed = sparse, packed
        self.neurons = None if neurons is None else self._numbers(neurons)
        self.files = _files(file, self.state_vars)
        _refuse_existing(self.files.values())
        now = {var: self._chosen(var, getattr(obj, var).detach()) for var in self.state_vars}
        if sparse and (packed or self.files):
            raise NetworkError("a sparse recording lies in memory, neither packed nor in a file")
        if packed and not _bool_in(now.values()):
            raise NetworkError(f"only spikes are packed, but none of {', '.join(self.state_vars)} is bool")
        self.recording = {
            var: rows_of(value, self.time, device, sparse, packed and _bool_in([value]), self.files.get(var))
            for var, value in now.items()
        }
        self.reset_state_variables()

    def get(self, var: str) -> torch.Tensor:
        """The recording of one variable: ``[n_recorded_steps, *shape of the variable]``, oldest step first.

        Before the first step it is ``[0]``, as in BindsNET 0.3.4. Without ``time``, what was read is forgotten, unless it is in a
        file; :meth:`peek` keeps it.

        Raises:
            NetworkError: the variable is not recorded.
        """
        recording = self.peek(var)
        if self.time is None:
            self.recording[var].clear()
        return recording

    def peek(self, var: str) -> torch.Tensor:
        """What :meth:`get` gives, and nothing is forgotten.

        Raises:
            NetworkError: the variable is not recorded.
        """
        if var not in self.state_vars:
            raise NetworkError(f"this monitor records {', '.join(self.state_vars)}, not {var!r}")
        return self.recording[var].all()

    def record(self) -> None:
        """Keep the variables as they are now, if this step is one to keep."""
        self._keep({var: getattr(self.obj, var) for var in self.state_vars})

    def fill(self, steps: Mapping[str, torch.Tensor]) -> None:
        """Record steps that were taken elsewhere: of each variable ``[n_steps, *shape of the variable]``."""
        if self.every > 1 or self.neurons is not None:
            for values in zip(*(steps[var] for var in self.state_vars), strict=True):
                self._keep(dict(zip(self.state_vars, values, strict=True)))
            return
        self._begin_anew_for({var: rows[0].shape for var, rows in steps.items()})
        for var, rows in steps.items():
            self.recording[var].extend(rows)
        self.n_steps += max(map(len, steps.values()), default=0)

    def _keep(self, values: Mapping[str, torch.Tensor]) -> None:
        if self.n_steps % self.every:
            self.n_steps += 1
            return
        values = {var: self._chosen(var, value.detach()) for var, value in values.items()}
        self._begin_anew_for({var: value.shape for var, value in values.items()})
        for var, value in values.items():
            self.recording[var].add(value)
        self.n_steps += 1

    def _begin_anew_for(self, shapes: dict[str, torch.Size]) -> None:
        """Forget what was recorded, if a variable had another shape."""
        if shapes != self.shapes:
            self.reset_state_variables()
            self.shapes = shapes

    def reset_state_variables(self) -> None:
        """Forget what was recorded, but for what is in a file."""
        self.n_steps = 0
        self.shapes: dict[str, torch.Size] = {}
        for rows in self.recording.values():
            rows.clear()

    def _chosen(self, var: str, value: torch.Tensor) -> torch.Tensor:
        """The value of a variable: of the neurons that are recorded, if not of all."""
        if self.neurons is None:
            return value
        sides = len(self._shape(var))
        flat = value.reshape(*value.shape[: value.dim() - sides], -1)
        return flat.index_select(-1, self.neurons.to(value.device))

    def _shape(self, var: str) -> Sequence[int]:
        """The shape over which neurons, or the weights of a connection, are counted."""
        value = getattr(self.obj, var)
        if not isinstance(self.obj, Nodes):
            return value.shape
        if list(value.shape[max(value.dim() - len(self.obj.shape), 0) :]) != self.obj.shape:
            raise NetworkError(f"neurons: {type(self.obj).__name__}'s {var} has no value of each neuron, but {list(value.shape)}")
        return self.obj.shape

    def _numbers(self, neurons: Chosen) -> torch.Tensor:
        """The neurons as numbers, int64 ``[n_kept]``."""
        sizes = {torch.Size(self._shape(var)).numel() for var in self.state_vars}
        n, given = min(sizes, default=0), torch.as_tensor(neurons).cpu()
        if given.dtype is torch.bool and {given.numel()} == sizes:
            given = given.flatten().nonzero()[:, 0]
        whole = given.dtype is not torch.bool and not given.is_floating_point() and not given.is_complex()
        if not whole or given.dim() != 1 or not len(given) or not 0 <= int(given.min()) <= int(given.max()) < n:
            raise NetworkError(f"neurons: expected one or more numbers from 0 to {n - 1}, or a bool mask of {n}, got {neurons!r}")
        return given.long()


class NetworkMonitor(AbstractMonitor):
    """Records state variables of many populations and connections.

    Args:
        network: the network.
        layers: names of populations; all when None.
        connections: names (source, target) of connections; all when None.
        state_vars: names of variables; each is recorded wherever it exists. ``("v", "s", "w")`` when None.
        time: number of steps to keep, the latest. None keeps all since the last ``reset_state_variables``: here reading, too,
            forgets nothing, unlike :meth:`Monitor.get`. Before so many have run there are fewer, where BindsNET fills up with 0.
        device, sparse, every: as of :class:`Monitor`.
        neurons: name of a population or connection -> those of its neurons or weights to keep, as of :class:`Monitor`.
        packed: keep spikes as one bit each, wherever there are some.
        file: keep each variable in a file of its own, ``<file's name>.<name>.<variable>.npy``, a connection's under
            ``<source>-<target>``.

    Raises:
        NetworkError: there is no such population or connection, none of them has a variable that was named, or an option is one
            that :class:`Monitor` refuses.
        OSError: a file is there already, or cannot be made.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        layers: Iterable[str] | None = None,
        connections: Iterable[tuple[str, str]] | None = None,
        state_vars: Iterable[str] | None = None,
        time: int | None = None,
        device: str = "cpu",
        sparse: bool = False,
        every: int = 1,
        neurons: Mapping[str | tuple[str, str], Chosen] | None = None,
        packed: bool = False,
        file: str | Path | None = None,
    ) -> None:
        wanted = ("v", "s", "w") if state_vars is None else tuple(state_vars)
        self.network = network
        self.state_vars = wanted
        self.time = _n_steps_to_keep(time)
        self.layers = list(network.layers) if layers is None else list(layers)
        self.connections = list(network.connections) if connections is None else list(connections)
        observed = {name: _part(network.layers, "layer", name) for name in self.layers}
        observed |= {name: _part(network.connections, "connection", name) for name in self.connections}
        present = {
            name: {var: value for var in wanted if isinstance(value := getattr(obj, var, None), torch.Tensor)}
            for name, obj in observed.items()
        }
        found = {var for values in present.values() for var in values}
        if state_vars is not None and (missing := [var for var in wanted if var not in found]):
            raise NetworkError(f"nothing that is monitored has a state variable {', '.join(map(repr, missing))} to record")
        files = {
            name: None if file is None else {var: _beside(file, _text(name), var) for var in values}
            for name, values in present.items()
        }
        _refuse_existing(path for named in files.values() if named for path in named.values())
        for name in (neurons := neurons or {}):
            _part(observed, "part", name)
        self.monitors: dict[str | tuple[str, str], Monitor] = {}
        for name, values in present.items():
            if values:
                options = (neurons.get(name), packed and _bool_in(values.values()), files[name])
                self.monitors[name] = Monitor(observed[name], values, time, 1, device, sparse, every, *options)

    def get(self) -> dict[str | tuple[str, str], dict[str, torch.Tensor]]:
        """All recordings: name of the population or connection -> variable -> ``[n_recorded_steps, ...]``; they stay."""
        return {name: {var: monitor.peek(var) for var in monitor.state_vars} for name, monitor in self.monitors.items()}

    def record(self) -> None:
        """Keep all variables as they are now."""
        for monitor in self.monitors.values():
            monitor.record()

    def save(self, path: str | Path, fmt: str = "npz") -> None:
        """Write all recordings to a file, each array under ``<name>_<variable>`` or ``<source>-<target>_<variable>``.

        Nothing is forgotten.

        Args:
            path: the file.
            fmt: ``npz`` (NumPy archive), ``json`` (nested lists), or ``pickle``, what :meth:`get` gives by ``torch.save``.

        Raises:
            NetworkError: the format is another.
            OSError: the file cannot be written; what was there before is still there.
        """
        if fmt == "pickle":
            write_file(Path(path), partial(torch.save, self.get()))
            return
        if fmt not in ("npz", "json"):
            raise NetworkError(f"a recording is saved as npz, json or pickle, not {fmt!r}")
        arrays = {
            f"{_text(name)}_{var}": tensor.to_dense().cpu().numpy()
            for name, recording in self.get().items()
            for var, tensor in recording.items()
        }
        if fmt == "npz":
            write_file(Path(path), lambda file: np.savez_compressed(file, **arrays))
        else:
            text = json.dumps({key: array.tolist() for key, array in arrays.items()})
            write_file(Path(path), lambda file: file.write(text.encode()))

    def reset_state_variables(self) -> None:
        """Forget what was recorded, but for what is in files."""
        for monitor in self.monitors.values():
            monitor.reset_state_variables()


def _n_steps_to_keep(time: float | None) -> int | None:
    return None if time is None else whole_number(time, "the number of steps a monitor keeps (time)", least=1)


def _bool_in(values: Iterable[torch.Tensor]) -> bool:
    return any(value.dtype is torch.bool for value in values)


def _files(file: str | Path | Mapping[str, str | Path] | None, names: Sequence[str]) -> dict[str, Path]:
    """The file of each variable; none where nothing goes to files."""
    if file is None:
        return {}
    if isinstance(file, Mapping):
        return {var: Path(file[var]) for var in names}
    return {names[0]: Path(file)} if len(names) == 1 else {var: _beside(file, var) for var in names}


def _refuse_existing(files: Iterable[Path]) -> None:
    """See that none of the files is there, before the first of them is made."""
    for path in files:
        if path.exists():
            raise FileExistsError(errno.EEXIST, "a recording overwrites no file", str(path))


def _beside(file: str | Path, *names: str) -> Path:
    path = Path(file)
    return path.with_name(".".join((path.stem, *names)) + path.suffix)


def _text(name: str | tuple[str, str]) -> str:
    """The name of a population or connection as BindsNET writes it in files."""
    return name if isinstance(name, str) else "-".join(name)


def _part(parts: Mapping[Hashable, torch.nn.Module], kind: str, name: Hashable) -> torch.nn.Module:
    if name not in parts:
        raise NetworkError(f"there is no {kind} {name!r} to monitor; there are {', '.join(map(str, parts)) or 'none'}")
    return parts[name]
