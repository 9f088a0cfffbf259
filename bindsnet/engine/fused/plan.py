"""What a network is made of, as the fused engine sees it, or the reason why it cannot be fused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import torch

from bindsnet.engine import monitored
from bindsnet.engine.fused.names import names_in
from bindsnet.engine.fused.translate import CannotFuseError, check
from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule
from bindsnet.learning.rules.declared_rule import CHANGES
from bindsnet.network.circuit import Circuit
from bindsnet.network.nodes import AbstractInput, Input, Nodes
from bindsnet.network.nodes.population import MOVING
from bindsnet.network.topology import AbstractConnection
from bindsnet.numbers.declarations import argument_types
from bindsnet.numbers.trace import additive_trace, set_trace

ROLES = ("step", "threshold", "relax", "adapt", "depolarisation")  # the functions of a model
LARGE = 2000  # neurons; with the five arrays of a Diehl & Cook layer some 40 kB
#: what a kind of layer, connection or rule must leave as all have it, since the program has it in its own words
OF_LAYERS = ("forward", "bind", "reset_state_variables", "select_winners", "pass_on", "spikes_before")
OF_CONNECTIONS = ("update", "delayed", "released", "scaled", "reset_state_variables")
OF_CONNECTIONS += ("synapses_from", "synapses_into", "all_synapses")
OF_RULES = ("update", "prepare")


@dataclass(frozen=True)
class Layer:
    """A population.

    Attributes:
        name: its name in the program.
        nodes: the population itself.
        state, adaptive: names of what it keeps of every neuron.
        parameters: name of each parameter of its functions -> its tensor, of one number or one for each neuron.
        trace: the function that its trace follows; None without a trace.
        adapts: whether its adaptive state moves now: a layer may be frozen in a network that learns, and the other way round.
        order, places: the neuron in each place of the program's arrays of drive and state, and the place of each neuron; None
            where they lie as in the population.
        n_slots: number of last steps whose spikes have a slot of their own, as many as the longest delay.
        by_height: whether the neuron furthest above threshold wins.
        given: what its functions are given of a chance, of the spikes of the last step and of sums over windows.
        acts_alone: whether these, or its own last spikes, may make neurons fire that no drive from elsewhere reaches.
        may_rest: whether it is large, and neurons that stay as they were reset, without drive, do so whatever learning moves.
    """

    name: str
    nodes: Nodes
    state: tuple[str, ...]
    adaptive: tuple[str, ...]
    parameters: dict[str, torch.Tensor]
    trace: Callable | None
    adapts: bool
    order: np.ndarray | None
    places: np.ndarray | None
    n_slots: int
    by_height: bool
    given: tuple[str, ...]
    acts_alone: bool
    may_rest: bool

    @property
    def is_input(self) -> bool:
        """Whether its spikes are given."""
        return isinstance(self.nodes, AbstractInput)

    @property
    def n_groups(self) -> int:
        """Number of groups of neurons of which one spikes in a step; 0 where all may."""
        return self.nodes.n_groups(self.nodes.one_spike_per) if self.nodes.one_spike else 0

    @property
    def by_groups(self) -> bool:
        """Whether winners are chosen otherwise than by one draw among all who are over threshold."""
        return self.n_groups > 1 or self.by_height

    @property
    def signature(self) -> tuple:
        """All that the program depends on."""
        layout = self.order is not None, self.n_slots > 1, self.by_height, self.may_rest, min(self.n_groups, 2)
        layout += (type(self.nodes).only_winners_adapt, tuple(self.nodes.windows.items()), self.nodes.within)
        parameters = [(name, tensor.dim() > 0) for name, tensor in self.parameters.items()]
        functions = [getattr(type(self.nodes), role) for role in ROLES]
        return self.name, type(self.nodes), *functions, tuple(parameters), self.trace, self.adapts, *layout


@dataclass(frozen=True)
class Projection:
    """A connection of the network between two of its layers, as the program has it.

    Attributes:
        name: its name in the program.
        connection: the connection itself.
        source, target: its layers.
        rule: its rule where it learns; None elsewhere.
        in_place: whether its drive lies as the target's arrays.
    """

    name: str
    connection: AbstractConnection
    source: Layer
    target: Layer
    rule: LearningRule | None
    in_place: bool

    @property
    def delays_alike(self) -> bool:
        """Whether all of its synapses have one delay."""
        return self.connection.delays.alike

    @property
    def delays_move(self) -> bool:
        """Whether a rule may move its delays, each by itself, now or at other times."""
        return self.connection.delays.move

    @property
    def depresses(self) -> bool:
        """Whether its spikes count by what they find of resources."""
        return self.connection.resources is not None

    @property
    def by_runs(self) -> bool:
        """Whether its drive comes from runs of synapses."""
        return self.connection.computes_by_runs or not self.delays_alike

    @property
    def normalized(self) -> bool:
        """Whether the weights into a neuron keep their sum."""
        kind = type(self.connection)
        stored = kind.make_runs is not AbstractConnection.make_runs or kind.normalize is not AbstractConnection.normalize
        return self.connection.norm is not None and stored

    @property
    def biased(self) -> bool:
        """Whether it drives without spikes, too."""
        return self.connection.bias is not None

    @property
    def spontaneous(self) -> bool:
        """Whether its formula drives without spikes."""
        return not (self.by_runs or self.connection.all_to_all) and self.connection.drives_without_spikes

    @property
    def few(self) -> bool:
        """Whether a spike reaches so few neurons that it pays to note which."""
        return self.by_runs and not self.biased and self.connection.n_synapses <= self.source.nodes.n

    @property
    def owns(self) -> tuple[str, ...]:
        """The rule's parameters of which every weight has its own."""
        return tuple(name for name, value in self.rule.parameters.items() if value.numel() > 1)

    @property
    def signature(self) -> tuple:
        """All that the program depends on."""
        connection, rule, plasticity = self.connection, self.rule, None
        if rule is not None:
            acts = rule.acts_on_pre, rule.acts_on_post, rule.weight_decay != 0
            synapses = connection.shares_weights and (True, connection.alike_in_order)
            plasticity = (
                type(rule),
                *rule.functions().values(),
                acts,
                self.owns,
                connection.bounded,
                synapses,
                connection.order_of_targets is not None,
            )
        drive = (
            self.by_runs,
            self.delays_alike,
            self.delays_move,
            self.biased,
            self.in_place,
            self.few,
            self.spontaneous,
            self.depresses,
        )
        return self.name, self.source.name, self.target.name, type(connection), self.normalized, drive, plasticity


@dataclass(frozen=True)
class Plan:
    """A network's parts in their order, and what shall be done with them.

    Attributes:
        learning: whether weights and thresholds change.
        counted: the layer whose spikes are counted.
        repeated: the connection whose factor grows when a sample is presented again.
    """

    layers: list[Layer]
    projections: list[Projection]
    learning: bool
    counted: Layer
    repeated: Projection | None

    @property
    def changes(self) -> bool:
        """Whether a sample leaves something behind for the next: then they cannot be presented side by side."""
        return self.learning or any(layer.adapts for layer in self.layers)

    @cached_property
    def takes_reward(self) -> bool:
        """Whether a rule takes the reward of a step."""
        return any(projection.rule is not None and projection.rule.takes_reward for projection in self.projections)

    @cached_property
    def signature(self) -> tuple:
        """All that the program depends on; the values of parameters and the numbers of neurons are not part of it."""
        parts = [part.signature for part in (*self.layers, *self.projections)]
        return self.learning, self.counted.name, self.repeated and self.repeated.name, *parts


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
    if others := monitored.not_filled(network, repeats=repeated is not None):
        raise CannotFuseError(f"monitors record every step: {', '.join(others)}")
    names = names_in(tuple(network.layers), tuple(network.connections))
    layers = {name: _layer(names[name], nodes, *_order(network, name)) for name, nodes in network.layers.items()}
    projections = {
        pair: _projection(names[pair], connection, layers[pair[0]], layers[pair[1]], network.learning)
        for pair, connection in network.connections.items()
    }
    return Plan(
        list(layers.values()),
        list(projections.values()),
        network.learning,
        layers[counted or next(reversed(layers))],
        projections[repeated] if repeated else None,
    )


def _order(network: Circuit, target: str) -> tuple[np.ndarray | None, np.ndarray | None]:
    """How drive and state of a layer lie, order and places: as the first connection with an order of its own counts targets."""
    for (_, name), connection in network.connections.items():
        if name == target and connection.order_of_targets is not None:
            return connection.order_of_targets, connection.places_of_targets.numpy()
    return None, None


def _layer(name: str, nodes: Nodes, order: np.ndarray | None, places: np.ndarray | None) -> Layer:
    kind = type(nodes)
    _refuse_own_methods(f"layer {name!r}", kind, Nodes, OF_LAYERS)
    if isinstance(nodes, AbstractInput):
        if kind.step is not Input.step:
            raise CannotFuseError(f"layer {name!r}: {kind.__name__} is an input with a step of its own")
    elif kind.step is None:
        raise CannotFuseError(f"layer {name!r}: {kind.__name__} has no step function")
    if nodes.sum_input:
        raise CannotFuseError(f"layer {name!r} sums its input")
    if nodes.clamp is not None or nodes.unclamp is not None:
        raise CannotFuseError(f"layer {name!r} has spikes clamped")
    if isinstance(nodes, AbstractInput) and nodes.one_spike:
        raise CannotFuseError(f"layer {name!r}: at most one of its spikes is let through, though it is an input")
    state, adaptive = tuple(nodes.state), tuple(nodes.adaptive_state)
    trace = (additive_trace if nodes.traces_additive else set_trace) if nodes.traces else None
    # Each function takes some values of the neuron first, then parameters.
    wanted = [] if trace is None else list(argument_types(trace))[2:]
    if not isinstance(nodes, AbstractInput):
        wanted += _parameters_of_functions(nodes)
    wanted += [first for first in nodes.state.values() if isinstance(first, str)]
    given = nodes.given if kind.step is not None else ()
    if missing := [p for p in wanted if p not in nodes._buffers and not hasattr(nodes, p)]:
        raise CannotFuseError(f"layer {name!r}: {missing[0]}, the first value of a state, is not declared")
    if moving := {*MOVING, *nodes.state, *nodes.adaptive_state}.intersection(wanted):
        raise CannotFuseError(f"layer {name!r}: a function takes {', '.join(sorted(moving))} as a parameter, which steps move")
    parameters = {p: nodes.parameter(p) for p in dict.fromkeys(wanted)}
    adapts = nodes.learning and not isinstance(nodes, AbstractInput) and (kind.relax or kind.adapt) is not None
    n_slots = 1 + len(nodes._buffers.get("past", ()))
    acts_alone = bool(given or nodes.windows) or nodes.within is not None
    may_rest = nodes.n > LARGE and not acts_alone and (not adapts or nodes.rests_while_relaxing)
    layout = order, places, n_slots, nodes.highest_wins, given, acts_alone, may_rest
    return Layer(name, nodes, state, adaptive, parameters, trace, adapts, *layout)


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
        wanted += _beside(nodes, role, len(leading))
    if nodes.highest_wins:
        where = nodes.name_of("depolarisation")
        height = check(kind.depolarisation).expecting(where, ("how far above threshold the neuron is",))
        if height.results != ("f32",):
            raise CannotFuseError(f"{where} returns {height.results[0]}, not f32")
        wanted += _beside(nodes, "depolarisation", len(nodes.leading_arguments()["step"]))
    step = translated["step"]
    if step.results[-1] != "flag":
        raise NetworkError(f"{nodes.name_of('step')} must return its spikes as flags, not as {step.results[-1]}")
    if not step.in_a_tuple:
        raise CannotFuseError(f"{nodes.name_of('step')} returns its spikes alone; return them in a tuple: (spikes,)")
    if "threshold" in translated and translated["threshold"].results != (taken := step.arguments["threshold"],):
        raise CannotFuseError(f"{nodes.name_of('threshold')} returns no {taken}, which {nodes.name_of('step')} takes")
    return wanted


def _beside(nodes: Nodes, role: str, n_leading: int) -> list[str]:
    """The parameters that a function of the model takes after its first arguments, without what it is given in every step."""
    names = list(argument_types(getattr(type(nodes), role)))[n_leading:]
    return [name for name in names if name not in nodes.given] if role in ("step", "depolarisation") else names


def _projection(name: str, connection: AbstractConnection, source: Layer, target: Layer, learning: bool) -> Projection:
    where = f"connection {name}"
    try:
        connection = connection.in_program()
    except NetworkError as reason:
        raise CannotFuseError(f"{where}: {reason}") from None
    kind = type(connection)
    _refuse_own_methods(where, kind, AbstractConnection, OF_CONNECTIONS)
    if (unlike := _without_compiled_form(kind)) is not None:
        raise CannotFuseError(f"{where}: {kind.__name__} has {unlike[0]} of its own and no {unlike[1]} beside it")
    if target.is_input:
        raise CannotFuseError(f"{where}: its target is an input")
    if "w" not in connection._parameters:
        raise CannotFuseError(f"{where}: it has no weights w")
    if connection.w.dtype != torch.float32:
        raise CannotFuseError(f"{where}: its weights are {connection.w.dtype}, the fused engine takes torch.float32")
    if connection.computes_by_runs and connection.runs is None:
        raise CannotFuseError(f"{where}: {kind.__name__} gives no make_runs")
    rule = connection.update_rule if learning and connection.plastic else None
    changes = rule is not None or (learning and connection.norm is not None)
    if changes and not (connection.computes_by_runs or connection.all_to_all or connection.runs is None):
        raise CannotFuseError(
            f"{where}: {kind.__name__} has a compiled_drive of its own beside make_runs, and its weights change"
        )
    if rule is not None and connection.bounds.each:
        raise CannotFuseError(f"{where}: each of its weights has bounds of its own")
    if rule is not None and not connection.has_weight_of_each_synapse:
        raise CannotFuseError(f"{where}: weights of {kind.__name__} change, which are not of synapses")
    if rule is not None:
        _refuse_own_methods(where, type(rule), LearningRule, OF_RULES)
        rule.check_functions()
        if rule.of_target:
            raise CannotFuseError(f"{where}: {type(rule).__name__} takes {', '.join(rule.of_target)} of its target neurons")
        for role, function in rule.functions().items():
            expected = tuple(rule.adaptive_state) if role == "adapt" else ("the change of w", *rule.state)
            expected = ("the change of the delay",) if role == "shift" else expected
            alone = role in CHANGES and rule.leaves_state(role)
            results = check(function, mere_numbers=True).expecting(rule.name_of(role), expected, alone).results
            if role not in CHANGES and any(
                rule.parameters[p].numel() > 1 for p in argument_types(function) if p in rule.parameters
            ):
                raise CannotFuseError(f"{where}: {rule.name_of(role)} takes a parameter of which every weight has its own")
            if role != "adapt" and results[0] == "flag":
                raise NetworkError(f"{rule.name_of(role)} must return {expected[0]}, not a flag")
    order = connection.order_of_targets
    in_place = connection.drives_in_places or ((order is None) == (target.order is None) and np.array_equal(order, target.order))
    return Projection(name, connection, source, target, rule, in_place)


@cache
def _without_compiled_form(kind: type[AbstractConnection]) -> tuple[str, str] | None:
    """What a kind of connection computes in a way of its own, and how the compiled form of that would be called."""
    for method, compiled in (("compute", "compiled_drive"), ("normalize", "compiled_normalize")):
        if kind.definer(method) is not kind.definer(compiled):
            return f"a {method}", compiled
    return None


def _refuse_own_methods(where: str, kind: type, base: type, methods: tuple[str, ...]) -> None:
    if (method := _own_method(kind, base, methods)) is not None:
        article = "an" if method[0] in "aeiou" else "a"
        raise CannotFuseError(f"{where}: {kind.__name__} has {article} {method} of its own")


@cache
def _own_method(kind: type, base: type, methods: tuple[str, ...]) -> str | None:
    return next((method for method in methods if getattr(kind, method) is not getattr(base, method)), None)
