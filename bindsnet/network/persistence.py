"""Networks as files: plain data, so that a file from a stranger can be read safely."""

from __future__ import annotations

import inspect
import io
import re
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bindsnet.errors import NetworkError, warn
from bindsnet.learning import LearningRule
from bindsnet.network import saved_monitors
from bindsnet.network.circuit import Circuit
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology import AbstractConnection
from common.durable import write_file

FORMAT = 1
REDUCTIONS: dict[str, Callable] = {"sum": torch.sum, "mean": torch.mean, "amax": torch.amax}
READABLE = (type(None), bool, int, float, complex, str, bytes, torch.Size, torch.dtype, torch.device)
WINNERS = ("one_spike", "one_spike_per", "winner")  # what every layer has, whatever its constructor takes
NOT_ITS_OWN = ("source", "target", "nu", "reduction", "weight_decay")  # a connection's ends, and what its rule keeps

PICKLED = """\
{file} is no network as Network.save writes it here, but a pickle of objects ({code}), as BindsNET's own save writes. To read it
is to run whatever code it names, so it is not read. Where you trust it, carry over its weights and state: where BindsNET is,
    torch.save(torch.load("{file}", weights_only=False).state_dict(), "weights.pt")
and here, where a network of the same parts and batch size was built,
    network.load_state_dict(torch.load("weights.pt", weights_only=True), strict=False)"""


def write_content(path: Path, content: dict[str, Any]) -> None:
    """Write what `torch.load` reads: whole or not at all.

    Raises:
        OSError: it cannot be written, which torch would say in other words if it wrote to the file itself.
    """
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_file(path, lambda file: file.write(buffer.getbuffer()))


def save(network: Circuit, file_name: str | Path) -> None:
    """Write a network; see :meth:`Network.save`.

    Raises:
        NetworkError: a part cannot be described by its constructor's arguments, or one of them is of a kind that no file holds.
        OSError: the file cannot be written; what was there before is still there.

    Warns:
        UserWarning: the network has a ``reward_fn`` or a monitor of the user's own, which is any code and no part of the file.
    """
    if network.reward_fn is not None:
        warn(f"{file_name} does not hold reward_fn ({type(network.reward_fn).__name__}); set it again after loading")
    content = {  # described and checked as a whole before the file is touched
        "format": FORMAT,
        "network": {"dt": network.dt, "batch_size": network.batch_size, "learning": network.learning},
        "facts": _facts(network),
        "randomness": {"seed": network.randomness.seed, "n_samples": network.randomness.n_samples},
        "learning": {name: layer.learning for name, layer in network.layers.items()},
        "winners": {name: [getattr(layer, part) for part in WINNERS] for name, layer in network.layers.items()},
        "reward_fn": type(network.reward_fn).__name__ if network.reward_fn is not None else None,
        "layers": [(name, type(layer).__name__, _arguments(layer) | _handed_on(layer)) for name, layer in network.layers.items()],
        "connections": [_described(pair, connection) for pair, connection in network.connections.items()],
        "monitors": saved_monitors.described(network),
    }
    content = _plain(content, "a network") | {"state": network.state_dict()}
    write_content(Path(file_name), content)


def load(kind: type[Circuit], file_name: str | Path, map_location: str = "cpu", learning: bool | None = None) -> Circuit:
    """Read a network; see :func:`bindsnet.network.load`."""
    try:
        content = torch.load(file_name, map_location="cpu", weights_only=True)
        version = content["format"]
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever a damaged or foreign file makes torch raise
        if code := re.search(r"GLOBAL (bindsnet\.[\w.]+)", str(error)):
            raise NetworkError(PICKLED.format(file=file_name, code=code[1])) from error
        raise NetworkError(f"{file_name} is no network that was saved with Network.save ({type(error).__name__})") from error
    if version != FORMAT:
        raise NetworkError(f"{file_name} has the format {version}; this version reads {FORMAT}")
    network = kind(**content["network"])
    for name, value in content.get("facts", {}).items():  # earlier versions have none
        if not hasattr(network, name):
            setattr(network, name, value)
    for name, kind, arguments in content["layers"]:
        layer = _class(Nodes.known, kind)(**arguments)
        for part, value in zip(WINNERS, content.get("winners", {}).get(name, ()), strict=False):  # earlier versions have none
            setattr(layer, part, value)
        network.add_layer(layer, name)
    for (source, target), kind, arguments, rule, weight_factor in content["connections"]:
        if rule is not None:
            shared = {name: rule["arguments"].pop(name) for name in NOT_ITS_OWN if name in rule["arguments"]}
            arguments |= shared | {"reduction": REDUCTIONS[shared["reduction"]]}
            # The rule is given its own: a parameter may be called as the connection's bias is, b.
            arguments["update_rule"] = partial(_class(LearningRule.known, rule["kind"]), **rule["arguments"])
        ends = {"source": network.layers[source], "target": network.layers[target]}
        connection = _class(AbstractConnection.known, kind)(**ends, **arguments)
        connection.weight_factor = weight_factor
        connection.update_rule.declare(**({} if rule is None else rule.get("parameters", {})))  # earlier versions have none
        network.add_connection(connection, source, target)
    for name, layer in network.layers.items():  # of a connection that once took longer, too
        layer.remember(len(content["state"].get(f"{name}.past", ())))
    network.set_batch_size(network.batch_size)
    network.load_state_dict(content["state"])
    network.randomness.seed = content["randomness"]["seed"]
    network.randomness.n_samples = content["randomness"]["n_samples"]
    for name, layer_learns in content.get("learning", {}).items():  # files of earlier versions have none
        network.layers[name].train(layer_learns)
    if learning is not None:
        network.train(learning)
    if content.get("reward_fn") is not None:
        warn(f"{file_name} was saved from a network with a reward_fn ({content['reward_fn']}): set network.reward_fn again")
    network = network.to(map_location)
    saved_monitors.add(network, content.get("monitors", {}), map_location)  # files of earlier versions have none
    return network


def _facts(network: Circuit) -> dict[str, Any]:
    """What a network tells of itself besides what all do, such as the numbers a model is made of, where a file can hold it."""
    found = {}
    for name in vars(network).keys() - vars(Circuit()).keys():
        if not name.startswith("_"):
            with suppress(NetworkError):
                found[name] = _plain(vars(network)[name], name)
    return found


def _described(pair: tuple[str, str], connection: AbstractConnection) -> tuple:
    """A connection as plain data: ends, class, arguments, rule (None if nothing learns), weight factor."""
    arguments = _arguments(connection, leave_out=NOT_ITS_OWN)
    if "nu" in inspect.signature(type(connection).__init__).parameters:
        arguments |= {name: getattr(connection, name) for name in ("wmin", "wmax", "norm")}
        values = {name: getattr(connection, name, None) for name in ("w", "b")}
        arguments |= {name: value.detach() for name, value in values.items() if value is not None}
        arguments |= {"w_dtype": connection.w_dtype} if connection.w_dtype != torch.float32 else {}
        arguments |= {"delay": connection.delay} if connection.delays.longest > 1 else {}
        depressing = ("depression", "tc_recovery") if connection.resources is not None else ()
        arguments |= {name: getattr(connection, name) for name in depressing}
    rule = _described_rule(pair, connection.update_rule) if connection.learns else None
    return pair, type(connection).__name__, arguments, rule, connection.weight_factor


def _described_rule(pair: tuple[str, str], rule: LearningRule) -> dict[str, Any]:
    names = {function: name for name, function in REDUCTIONS.items()}
    if rule.reduction not in names:
        raise NetworkError(f"connection {pair}: its reduction cannot be saved; use one of torch's {', '.join(REDUCTIONS)}")
    arguments = _arguments(rule, leave_out=("connection", "nu", "reduction"), values=rule.parameters)
    arguments |= {"nu": rule.nu.clone(), "reduction": names[rule.reduction], "weight_decay": rule.weight_decay}
    return {"kind": type(rule).__name__, "arguments": arguments, "parameters": rule.declared_apart(leave_out=arguments)}


def _arguments(part: Any, leave_out: tuple[str, ...] = (), values: dict[str, Any] | None = None) -> dict[str, Any]:
    """Constructor arguments of a part, from its attributes of the same names."""
    found = {}
    for name, parameter in inspect.signature(type(part).__init__).parameters.items():
        if name in ("self", *leave_out) or parameter.kind is parameter.VAR_KEYWORD:
            continue
        value = values[name] if values is not None and name in values else getattr(part, name, parameter.default)
        if value is parameter.empty:
            raise NetworkError(f"{type(part).__name__} cannot be saved: it has no attribute {name!r} like its argument")
        found[name] = _plain(value, f"{type(part).__name__}'s {name}")
    return found


def _handed_on(layer: Nodes) -> dict[str, Any]:
    """Arguments of all layers that the constructor of this one takes as ``**kwargs`` and that are not as they are by default."""
    parameters = inspect.signature(type(layer).__init__).parameters
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return {}
    traces = ("traces", "traces_additive", "tc_trace", "trace_scale") if layer.traces else ()
    names = [*traces, *(["sum_input"] if layer.sum_input else [])]
    return {name: _plain(getattr(layer, name), name) for name in names if name not in parameters}


def _plain(value: Any, what: str) -> Any:
    """The value as :func:`load` can read it: numbers of NumPy become Python's, its arrays and all parameters tensors.

    Raises:
        NetworkError: it is, or holds, something else than numbers, text, tensors and lists, tuples, sets or dicts of them.
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return torch.from_numpy(value.copy())
    if isinstance(value, torch.Tensor):
        return value.detach()
    if type(value) in (list, tuple, set):
        return type(value)(_plain(each, what) for each in value)
    if type(value) in (dict, OrderedDict):
        return type(value)((_plain(key, what), _plain(each, what)) for key, each in value.items())
    if type(value) not in READABLE:
        raise NetworkError(f"{what} cannot be saved: a file holds numbers, text and tensors, not a {type(value).__name__}")
    return value


def _class(known: dict[str, type], kind: str) -> type:
    if kind not in known:
        raise NetworkError(f"the file holds a {kind}, which is not defined here; import its module first")
    return known[kind]
