"""What a program reads and changes of its network: arrays and numbers by the names that they have there.

Names of the user's (states, parameters) stand as :func:`~bindsnet.engine.fused.translate.own` writes them, and every name is
followed by two underscores and the name of its layer or connection.
"""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.engine.fused.plan import Layer, Plan, Projection
from bindsnet.engine.fused.translate import own
from bindsnet.errors import NetworkError
from bindsnet.network.nodes.given import Window


class Arguments:
    """Arguments of a program.

    Args:
        plan: the network.

    Attributes:
        values: the arguments by name.
        in_order: name -> (the network's array, the order in which the program's copy of it lies).

    Raises:
        NetworkError: something that was replaced does not fit its layer: the program would read and write beyond it.
    """

    def __init__(self, plan: Plan) -> None:
        self.values: dict[str, object] = {}
        self.in_order: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for layer in plan.layers:
            self._add_layer(layer)
        for projection in plan.projections:
            self._add_projection(projection)
            if projection.rule is not None:
                self._add_rule(projection)

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
            if order is not None:
                self.in_order[f"{own(variable)}__{name}"] = array, order
                array = array[order]
            values[f"{own(variable)}__{name}"] = array
        for parameter, tensor in layer.parameters.items():
            values[f"{own(parameter)}__{name}"] = _parameter(layer, tensor)
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
            if order is not None:
                self.in_order[f"{buffer}__{name}"] = inside, order
                inside = inside[:, order]
            values[f"{buffer}__{name}"] = inside.reshape(-1)
            values[f"{own(Window.kernel_of(window))}__{name}"] = kernel.astype(np.float32)
        if nodes.within is not None:
            within = nodes.get_buffer(nodes.within).numpy()
            if within.shape != (nodes.n, nodes.n):
                raise NetworkError(f"layer {layer.name!r}: {nodes.within} is [{nodes.n}, {nodes.n}], got {list(within.shape)}")
            values[f"within__{name}"] = np.ascontiguousarray(within.T[:, at_place], np.float32)

    def _add_projection(self, projection: Projection) -> None:
        connection, name, values = projection.connection, projection.name, self.values
        w = connection.flat_weights if connection.computes_by_runs else connection.w.detach()
        values[f"w__{name}"] = w.numpy() if w.dim() else w.numpy()[()]
        if projection.by_runs and not connection.computes_by_runs:
            values[f"flat__{name}"] = connection.flat_weights.numpy()
        if projection.delays_alike:
            places = _places(projection) if connection.drives_in_places else None
            given = connection.drive_arguments(connection.runs_by_delay[connection.delays.longest], places)
            values |= {f"drive_{part}__{name}": value for part, value in given.items()}
            values[f"delay__{name}"] = connection.delays.longest
        elif projection.delays_move:
            parts = ("pointers", "targets", "weights", "lengths")
            values |= {f"drive_{part}__{name}": getattr(connection.runs, part) for part in parts}
            moving = connection.moving_delays
            values[f"exact__{name}"] = connection.flat(moving.exact).numpy()
            values[f"steps__{name}"] = connection.flat(moving.steps).numpy()
            values[f"longest__{name}"] = moving.longest
        else:
            values |= {f"drive_{part}__{name}": array for part, array in _stacked(projection).items()}
        if projection.biased:
            values[f"b__{name}"] = connection.bias.detach().numpy().reshape(-1)
        values[f"factor__{name}"] = np.float32(connection.weight_factor)
        if projection.depresses:
            resources = connection.resources
            resources.set_batch_size(1)
            values[f"resources__{name}"] = resources.left.numpy().reshape(-1)
            values |= {f"{part}__{name}": getattr(resources, part).numpy()[()] for part in ("used", "recovery")}
        if not projection.in_place:
            at_place = np.arange(projection.target.nodes.n) if projection.target.order is None else projection.target.order
            in_runs = connection.places_of_targets
            values[f"map__{name}"] = (at_place if in_runs is None else in_runs.numpy()[at_place]).astype(np.int32)
        if projection.normalized:
            values |= {f"norm_{part}__{name}": value for part, value in connection.normalize_arguments().items()}
            values[f"norm__{name}"] = connection.norms

    def _add_rule(self, projection: Projection) -> None:
        connection, rule, name, values = projection.connection, projection.rule, projection.name, self.values
        values[f"remaining__{name}"] = np.float32(1.0 - rule.weight_decay)
        for parameter, value in rule.parameters.items():
            flat = rule.of_each_weight(parameter).contiguous() if value.numel() > 1 else value
            values[f"{own(parameter)}__{name}"] = flat.numpy() if value.numel() > 1 else flat.numpy()[()]
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


def _parameter(layer: Layer, tensor: torch.Tensor) -> object:
    if not tensor.dim():
        return tensor.numpy()[()]
    array = np.ascontiguousarray(tensor.expand(layer.nodes.shape).numpy().reshape(-1))
    return array if layer.order is None else array[layer.order]
