"""What a network is made of, as the fused engine sees it, or the reason why it cannot be fused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch

from bindsnet.engine.fused.translate import CannotFuseError, check
from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule
from bindsnet.network.nodes import AbstractInput, Input, Nodes
from bindsnet.network.topology import (
    AbstractConnection,
    Connection,
    DistanceLateralConnection,
    OneToOneConnection,
    UniformLateralConnection,
)
from bindsnet.numbers.declarations import argument_types
from bindsnet.numbers.trace import additive_trace, set_trace

if TYPE_CHECKING:
    from bindsnet.network.circuit import Circuit

Key = TypeVar("Key")
#: what the program's loops call their own variables and functions, so that no state and no parameter may be called the same
OWN_NAMES = {
    *("loop", "len", "range", "np", "f32", "f64", "where", "bounded"),
    *("i", "j", "k", "n", "s", "w", "b", "t", "x", "row", "column", "drive", "partial", "spike", "any_over", "kept"),
    *("fired", "fired_pre", "fired_post", "n_fired", "first", "last", "next", "end", "pointers", "steps", "units"),
    *("whole", "moves", "places", "x_column"),
    *("touched", "n_touched", "is_touched", "first_touched", "threshold"),
    *("factor", "norm", "first_neuron", "x_pre", "x_post", "sample", "presentation", "winner", "record_row"),
}
KINDS = (Connection, DistanceLateralConnection, OneToOneConnection, UniformLateralConnection)


@dataclass(frozen=True)
class Layer:
    """A population.

    Attributes:
        name: its name in the program.
        nodes: the population itself.
        state, adaptive: names of what it keeps of every neuron.
        parameters: name of each parameter of its functions -> whether every neuron has its own.
        trace: the function that its trace follows; None without a trace.
        adapts: whether its adaptive state moves now: a layer may be frozen in a network that learns, and the other way round.
    """

    name: str
    nodes: Nodes
    state: tuple[str, ...]
    adaptive: tuple[str, ...]
    parameters: dict[str, bool]
    trace: Callable | None
    adapts: bool

    @property
    def is_input(self) -> bool:
        """Whether its spikes are given."""
        return isinstance(self.nodes, AbstractInput)


@dataclass(frozen=True)
class Link:
    """A connection: its name in the program, itself, its layers, and its rule where it learns."""

    name: str
    connection: AbstractConnection
    source: Layer
    target: Layer
    rule: LearningRule | None

    @property
    def normalized(self) -> bool:
        """Whether the weights into a neuron keep their sum."""
        return isinstance(self.connection, Connection) and self.connection.norm is not None

    @property
    def biased(self) -> bool:
        """Whether it drives without spikes, too."""
        return getattr(self.connection, "b", None) is not None

    @property
    def signature(self) -> tuple:
        """All that the program depends on."""
        rule = self.rule
        plasticity = rule and (type(rule), rule.acts_on_pre, rule.acts_on_post, rule.weight_decay != 0, self.connection.bounded)
        ends = self.source.name, self.target.name
        return self.name, *ends, type(self.connection), self.normalized, self.biased, plasticity


@dataclass(frozen=True)
class Plan:
    """A network's parts in their order, and what shall be done with them.

    Attributes:
        learning: whether weights and thresholds change.
        counted: the layer whose spikes are counted.
        repeated: the connection whose factor grows when a sample is presented again.
    """

    layers: list[Layer]
    links: list[Link]
    learning: bool
    counted: Layer
    repeated: Link | None

    @property
    def changes(self) -> bool:
        """Whether a sample leaves something behind for the next: then they cannot be presented side by side."""
        return self.learning or any(layer.adapts for layer in self.layers)

    @property
    def signature(self) -> tuple:
        """All that the program depends on; the values of parameters and the numbers of neurons are not part of it."""
        layers = [
            (layer.name, type(layer.nodes), layer.nodes.one_spike, tuple(layer.parameters.items()), layer.trace, layer.adapts)
            for layer in self.layers
        ]
        links = [link.signature for link in self.links]
        return self.learning, self.counted.name, self.repeated and self.repeated.name, *layers, *links


def plan(network: Circuit, counted: str | None = None, repeated: tuple[str, str] | None = None) -> Plan:
    """Look at a network.

    Args:
        network: the network.
        counted: name of the layer whose spikes are counted; the last one when None.
        repeated: the connection whose factor grows when a sample is presented again.

    Raises:
        CannotFuseError: it has a part that the fused engine does not take.
    """
    if network.device.type != "cpu":
        raise CannotFuseError(f"the network is on {network.device}, the fused engine runs on the CPU")
    if network.monitors:
        raise CannotFuseError(f"monitors record every step: {', '.join(network.monitors)}")
    names = _identifiers({name: name for name in network.layers})
    pairs = {(source, target): f"{names[source]}_to_{names[target]}" for source, target in network.connections}
    link_names = _identifiers(pairs, taken=set(names.values()))
    layers = {name: _layer(names[name], nodes) for name, nodes in network.layers.items()}
    links = {
        pair: _link(link_names[pair], connection, layers[pair[0]], layers[pair[1]], network.learning)
        for pair, connection in network.connections.items()
    }
    return Plan(
        list(layers.values()),
        list(links.values()),
        network.learning,
        layers[counted or next(reversed(layers))],
        links[repeated] if repeated else None,
    )


def _identifiers(names: dict[Key, str], taken: Iterable[str] = ()) -> dict[Key, str]:
    """Names as a program may use them, each once: they stand after two underscores, which none of them holds."""
    found: dict[Key, str] = {}
    for key, name in names.items():
        word = re.sub(r"[\W_]+", "_", name, flags=re.ASCII).strip("_") or "unnamed"
        words = (word if k == 1 else f"{word}_{k}" for k in count(1))
        found[key] = next(word for word in words if word not in taken and word not in found.values())
    return found


def _refuse_own_names(where: str, names: Iterable[str]) -> None:
    taken = sorted(OWN_NAMES.intersection(names))
    if taken:
        raise CannotFuseError(f"{where}: the program uses {', '.join(taken)} itself; give it another name")


def _layer(name: str, nodes: Nodes) -> Layer:
    kind = type(nodes)
    for method in ("forward", "bind", "reset_state_variables", "select_winners"):
        if getattr(kind, method) is not getattr(Nodes, method):
            raise CannotFuseError(f"layer {name!r}: {kind.__name__} has a {method} of its own")
    if isinstance(nodes, AbstractInput):
        if kind.step is not Input.step:
            raise CannotFuseError(f"layer {name!r}: {kind.__name__} is an input with a step of its own")
    elif kind.step is None:
        raise CannotFuseError(f"layer {name!r}: {kind.__name__} has no step function")
    if nodes.sum_input:
        raise CannotFuseError(f"layer {name!r} sums its input")
    state, adaptive = tuple(nodes.state), tuple(nodes.adaptive_state)
    trace = (additive_trace if nodes.traces_additive else set_trace) if nodes.traces else None
    # Each function takes some values of the neuron first, then parameters.
    wanted = [] if trace is None else list(argument_types(trace))[2:]
    if not isinstance(nodes, AbstractInput):
        wanted += _parameters_of_functions(nodes)
    wanted += [first for first in nodes.state.values() if isinstance(first, str)]
    if missing := [p for p in wanted if p not in nodes._buffers]:
        raise CannotFuseError(f"layer {name!r}: {missing[0]}, the first value of a state, is not declared")
    parameters = {p: nodes.parameter(p).numel() > 1 for p in dict.fromkeys(wanted)}
    _refuse_own_names(f"layer {name!r}", (*state, *adaptive, *parameters, *(f"first_{variable}" for variable in state)))
    adapts = nodes.learning and not isinstance(nodes, AbstractInput) and (kind.relax or kind.adapt) is not None
    return Layer(name, nodes, state, adaptive, parameters, trace, adapts)


def _parameters_of_functions(nodes: Nodes) -> list[str]:
    """The parameters that the functions of a model take.

    Raises:
        NetworkError: the functions do not fit what the layer keeps, so that no engine could run them.
        CannotFuseError: they do something that only the plain engine can.
    """
    nodes.check_functions()
    kind, wanted, translated = type(nodes), [], {}
    state, adaptive = tuple(nodes.state), tuple(nodes.adaptive_state)
    returned = {"step": (*state, "its spikes"), "threshold": ("it",), "relax": adaptive, "adapt": adaptive}
    for role, leading in nodes.leading_arguments().items():
        function = getattr(kind, role)
        translated[role] = check(function).expecting(nodes.name_of(role), returned[role])
        wanted += list(argument_types(function))[len(leading) :]
    step = translated["step"]
    if step.results[-1] != "flag":
        raise NetworkError(f"{nodes.name_of('step')} must return its spikes as flags, not as {step.results[-1]}")
    if not step.in_a_tuple:
        raise CannotFuseError(f"{nodes.name_of('step')} returns its spikes alone; return them in a tuple: (spikes,)")
    if "threshold" in translated and translated["threshold"].results != (taken := step.arguments["threshold"],):
        raise CannotFuseError(f"{nodes.name_of('threshold')} returns no {taken}, which {nodes.name_of('step')} takes")
    return wanted


def _link(name: str, connection: AbstractConnection, source: Layer, target: Layer, learning: bool) -> Link:
    kind = type(connection)
    if kind not in KINDS:
        raise CannotFuseError(f"connection {name}: {kind.__name__} is not known to the fused engine")
    if target.is_input:
        raise CannotFuseError(f"connection {name}: its target is an input")
    if getattr(connection, "norm", None) is not None and torch.as_tensor(connection.norm).numel() > 1:
        raise CannotFuseError(f"connection {name}: it has more than one norm")
    rule = connection.update_rule if learning and connection.plastic else None
    if rule is not None:
        if type(rule).update is not LearningRule.update:
            raise CannotFuseError(f"connection {name}: {type(rule).__name__} has an update of its own")
        many = [p for p, value in rule.parameters.items() if value.numel() > 1]
        if many:
            raise CannotFuseError(f"connection {name}: its rule has more than one value of {', '.join(many)}")
        rule.check_functions()
        for role, function in rule.functions().items():
            results = check(function).expecting(rule.name_of(role), ("the change of w",)).results
            if results == ("flag",):
                raise NetworkError(f"{rule.name_of(role)} must return the change of w, not a flag")
        _refuse_own_names(f"connection {name}", rule.parameters)
        if kind is not Connection:
            raise CannotFuseError(f"connection {name}: {kind.__name__} does not learn")
    return Link(name, connection, source, target, rule)


def arguments(plan: Plan) -> dict[str, object]:
    """Everything of the network that the program reads and changes, by the name it has there.

    Raises:
        NetworkError: something that was replaced does not fit its layer: the program would read and write beyond it.
    """
    found: dict[str, object] = {}
    for layer in plan.layers:
        kept = {name: _one_of_each(layer, name) for name in ("s", *layer.state, *layer.adaptive, *(["x"] if layer.trace else []))}
        found |= {f"{name}__{layer.name}": array for name, array in kept.items()}
        for name, own in layer.parameters.items():
            found[f"{name}__{layer.name}"] = _parameter(layer.nodes.parameter(name), layer.nodes, own)
        for name, first in layer.nodes.state.items():
            if not isinstance(first, str):
                found[f"first_{name}__{layer.name}"] = kept[name].dtype.type(first)
        if layer.nodes.one_spike:
            found[f"first_neuron__{layer.name}"] = layer.nodes.first_neuron
    for link in plan.links:
        connection = link.connection
        w = connection.w.detach().numpy()
        found[f"w__{link.name}"] = w if w.ndim else w[()]
        if link.biased:
            found[f"b__{link.name}"] = connection.b.detach().numpy().reshape(-1)
        found[f"factor__{link.name}"] = np.float32(connection.weight_factor)
        if link.normalized:
            found[f"norm__{link.name}"] = np.float32(float(connection.norm))
        if link.rule is not None:
            found[f"kept__{link.name}"] = np.float32(1.0 - link.rule.weight_decay)
            for name, value in link.rule.parameters.items():
                found[f"{name}__{link.name}"] = value.numpy()[()]
    return found


def _one_of_each(layer: Layer, name: str) -> np.ndarray:
    tensor = layer.nodes.kept(name, f"layer {layer.name!r}")
    if not tensor.is_contiguous():
        raise NetworkError(f"layer {layer.name!r}: {name} must be a contiguous tensor, got the strides {tensor.stride()}")
    return tensor.numpy().reshape(-1)


def _parameter(tensor: torch.Tensor, nodes: Nodes, own: bool) -> object:
    if not own:
        return tensor.numpy().reshape(-1)[0]
    return np.ascontiguousarray(tensor.expand(nodes.shape).numpy().reshape(-1))
