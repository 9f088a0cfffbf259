"""What a program reads and changes of its network: arrays and numbers by the names that they have there.

Names of the user's (states, parameters) stand as :func:`~bindsnet.engine.fused.translate.own` writes them, and every name is
followed by two underscores and the name of its layer or connection.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from bindsnet.engine.fused.plan import Layer, Plan, Projection
from bindsnet.engine.fused.translate import own
from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule
from bindsnet.network.nodes.given import Window


class Arguments:
    """Arguments of a program.

    Most are the network's own arrays, which stay the same from call to call. Others, numbers and what is computed or copied, are
    read anew for each.

    Args:
        plan: the network.

    Attributes:
        values: the arguments by name.
        anew: name -> what reads the argument anew.
        together: likewise, (prefix, owner) -> what reads several arguments, by the middle of their names.
        in_order: name -> (the network's array, the order in which the program's copy of it lies).

    Raises:
        NetworkError: something that was replaced does not fit its layer: the program would read and write beyond it.
    """

    def __init__(self, plan: Plan) -> None:
        self.values: dict[str, object] = {}
        self.anew: dict[str, Callable[[], object]] = {}
        self.together: dict[tuple[str, str], Callable[[], dict[str, object]]] = {}
        self.in_order: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for layer in plan.layers:
            self._add_layer(layer)
        for projection in plan.projections:
            self._add_projection(projection)
            if projection.rule is not None:
                self._add_rule(projection)

    def read_anew(self) -> None:
        """Bring all arguments up to date, before a call."""
        for name, read in self.anew.items():
            self.values[name] = read()
        for (prefix, owner), read in self.together.items():
            self.values.update({f"{prefix}_{part}__{owner}": value for part, value in read().items()})

    def _read(self, name: str, read: Callable[[], object]) -> None:
        """Keep an argument that is read anew for each call."""
        self.anew[name], self.values[name] = read, read()

    def _read_together(self, prefix: str, owner: str, read: Callable[[], dict[str, object]]) -> None:
        """Keep what a kind of connection gives, which is asked anew for each call, if it gives any."""
        found = {f"{prefix}_{part}__{owner}": value for part, value in read().items()}
        if found:
            self.together[prefix, owner] = read
            self.values |= found

    def give_back(self) -> None:
        """Bring what the program changed in an order of its own into the network's arrays."""
        for name, (array, order) in self.in_order.items():
            array[..., order] = self.values[name].reshape(array.shape)

    def own_copy(self, plan: Plan) -> dict[str, object]:
        """The same arguments with the state in arrays of their own: weights and thresholds, which do not change, are shared."""
        names = {
            f"{name}__{layer.name}"
            for layer in plan.layers
            for name in ("s", "x", "past", *map(own, layer.state), *windows_of(layer))
        }
        names |= {f"resources__{projection.name}" for projection in plan.projections}
        return {name: value.copy() if name in names else value for name, value in self.values.items()}

    def _add_layer(self, layer: Layer) -> None:
        nodes, name, order, values = layer.nodes, layer.name, layer.order, self.values
        values[f"s__{name}"] = _one_of_each(layer, "s")
        if layer.trace:
            values[f"x__{name}"] = _one_of_each(layer, "x")
        for variable in (*layer.state, *layer.adaptive):
            array = _one_of_each(layer, variable)
            if order is None:
                values[f"{own(variable)}__{name}"] = array
            else:
                self.in_order[f"{own(variable)}__{name}"] = array, order
                self._read(f"{own(variable)}__{name}", partial(array.__getitem__, order))
        for parameter in layer.parameters:
            self._read(f"{own(parameter)}__{name}", _reader(layer, parameter))
        for state, first in nodes.state.items():
            if not isinstance(first, str):
                values[f"first_{own(state)}__{name}"] = values[f"{own(state)}__{name}"].dtype.type(first)
        if layer.n_groups:
            values[f"first_neuron__{name}"] = nodes.first_neuron
        if layer.by_groups:
            values[f"n_groups__{name}"] = layer.n_groups
        if order is not None:
            values[f"order__{name}"] = order.astype(np.int32)
            values[f"places__{name}"] = layer.places.astype(np.int32)
        if layer.n_slots > 1:
            values[f"past__{name}"] = nodes.past.numpy().reshape(layer.n_slots - 1, -1)

        self._add_given(layer)

    def _add_given(self, layer: Layer) -> None:
        """What a step is given is made of: numbers of neurons, windows, and weights within the layer, target by source."""
        nodes, name, order, values = layer.nodes, layer.name, layer.order, self.values
        at_place = np.arange(nodes.n) if order is None else order
        if "chance" in layer.given:
            values[f"numbers__{name}"] = nodes.first_neuron + at_place
        for window, buffer in zip(nodes.windows, windows_of(layer), strict=True):
            kernel, inside = (nodes.get_buffer(named(window)).numpy() for named in (Window.kernel_of, Window.values_of))
            if inside.size != len(kernel) * nodes.n or not inside.flags.c_contiguous:
                raise NetworkError(f"layer {layer.name!r}: {window} needs {len(kernel)} steps of one sample, got {inside.shape}")
            inside = inside.reshape(len(kernel), nodes.n)
            if order is None:
                values[f"{buffer}__{name}"] = inside.reshape(-1)
            else:
                self.in_order[f"{buffer}__{name}"] = inside, order
                self._read(f"{buffer}__{name}", lambda inside=inside: inside[:, order].reshape(-1))
            self._read(f"{own(Window.kernel_of(window))}__{name}", partial(kernel.astype, np.float32))
        if nodes.within is not None:
            within = nodes.get_buffer(nodes.within).numpy()
            if within.shape != (nodes.n, nodes.n):
                raise NetworkError(f"layer {layer.name!r}: {nodes.within} is [{nodes.n}, {nodes.n}], got {list(within.shape)}")
            self._read(f"within__{name}", lambda: np.ascontiguousarray(within.T[:, at_place], np.float32))

    def _add_projection(self, projection: Projection) -> None:
        connection, name, values = projection.connection, projection.name, self.values
        w = connection.flat_weights if connection.computes_by_runs else connection.w.detach()
        if w.dim():
            values[f"w__{name}"] = w.numpy()
        else:
            self._read(f"w__{name}", _number(w))
        if projection.by_runs and not connection.computes_by_runs:
            values[f"flat__{name}"] = connection.flat_weights.numpy()
        if projection.delays_alike:
            places = _places(projection) if connection.drives_in_places else None
            runs = connection.runs_by_delay[connection.delays.longest]
            self._read_together("drive", name, partial(connection.drive_arguments, runs, places))
            values[f"delay__{name}"] = connection.delays.longest
        elif projection.delays_move:
            parts = ("pointers", "targets", "weights", "lengths")
            values |= {f"drive_{part}__{name}": getattr(connection.runs, part) for part in parts}
            moving = connection.moving_delays
            values[f"exact__{name}"] = connection.flat(moving.exact).numpy()
            self._read(f"steps__{name}", lambda: connection.flat(moving.steps).numpy())
            values[f"longest__{name}"] = moving.longest
        else:
            values |= {f"drive_{part}__{name}": array for part, array in _stacked(projection).items()}
        if projection.biased:
            self._read(f"b__{name}", lambda: connection.bias.detach().numpy().reshape(-1))
        values[f"factor__{name}"] = np.float32(connection.weight_factor)
        if projection.depresses:
            resources = connection.resources
            resources.set_batch_size(1)
            values[f"resources__{name}"] = resources.left.numpy().reshape(-1)
            for part in ("used", "recovery"):
                self._read(f"{part}__{name}", _number(getattr(resources, part)))
        if not projection.in_place:
            at_place = np.arange(projection.target.nodes.n) if projection.target.order is None else projection.target.order
            in_runs = connection.places_of_targets
            values[f"map__{name}"] = (at_place if in_runs is None else in_runs.numpy()[at_place]).astype(np.int32)
        if projection.normalized:
            self._read_together("norm", name, connection.normalize_arguments)
            if isinstance(connection.norm, torch.Tensor):
                self._read(f"norm__{name}", lambda: connection.norms)
            else:
                values[f"norm__{name}"] = connection.norms

    def _add_rule(self, projection: Projection) -> None:
        connection, rule, name, values = projection.connection, projection.rule, projection.name, self.values
        values[f"remaining__{name}"] = np.float32(1.0 - rule.weight_decay)
        for parameter, value in rule.parameters.items():
            each = partial(_of_each_weight, rule, parameter)
            self._read(f"{own(parameter)}__{name}", each if value.numel() > 1 else _number(value))
        memory = rule.prepare(1)
        if memory is not None:
            values |= {f"{own(variable)}__{name}": buffer.numpy().reshape(-1) for variable, buffer in memory.named_buffers()}
        if connection.computes_by_runs:
            runs = connection.runs
            parts = ("pointers", "targets", "weights", "lengths", "firsts")
            values |= {f"{part}__{name}": getattr(runs, part) for part in parts}
            values |= {f"in_{part}__{name}": array for part, array in runs.incoming._asdict().items()}
        if connection.order_of_targets is not None:
            order = connection.order_of_targets
            at = connection.places_of_targets.numpy()
            values |= {f"neurons__{name}": order.astype(np.int32), f"at__{name}": at.astype(np.int32)}


def windows_of(layer: Layer) -> list[str]:
    """What a layer's windows hold, as the program calls it."""
    return [own(Window.values_of(window)) for window in layer.nodes.windows]


def _places(projection: Projection) -> np.ndarray:
    """Where in the drive each target neuron stands, int32."""
    places = projection.target.places
    return np.arange(projection.target.nodes.n, dtype=np.int32) if places is None else places.astype(np.int32)


def _stacked(projection: Projection) -> dict[str, np.ndarray]:
    """The runs of each delay, one after the other, and the delays."""
    runs = list(projection.connection.runs_by_delay.values())
    before = np.cumsum([0, *(len(part.targets) for part in runs[:-1])])
    found = {name: np.concatenate([getattr(part, name) for part in runs]) for name in ("targets", "weights", "lengths")}
    pointers = np.stack([part.pointers + first for part, first in zip(runs, before, strict=True)])
    return {"pointers": pointers, **found, "delays": np.array(list(projection.connection.runs_by_delay))}


def _one_of_each(layer: Layer, name: str) -> np.ndarray:
    tensor = layer.nodes.variable(name, f"layer {layer.name!r}")
    if not tensor.is_contiguous():
        raise NetworkError(f"layer {layer.name!r}: {name} must be a contiguous tensor, got the strides {tensor.stride()}")
    return tensor.numpy().reshape(-1)


def _number(tensor: torch.Tensor) -> Callable[[], np.generic]:
    """Gives the number that the tensor holds then."""
    return partial(tensor.numpy().__getitem__, ())


def _of_each_weight(rule: LearningRule, parameter: str) -> np.ndarray:
    return rule.of_each_weight(parameter).contiguous().numpy()


def _reader(layer: Layer, name: str) -> Callable[[], object]:
    """Gives what a parameter is then, one number or one for each place of the layer's arrays."""
    tensor = layer.parameters[name]
    return partial(_parameter, layer, name) if tensor.dim() or tensor is not layer.nodes._buffers.get(name) else _number(tensor)


def _parameter(layer: Layer, name: str) -> object:
    tensor = layer.nodes.parameter(name)
    if not tensor.dim():
        return tensor.numpy()[()]
    array = np.ascontiguousarray(tensor.expand(layer.nodes.shape).numpy().reshape(-1))
    return array if layer.order is None else array[layer.order]
