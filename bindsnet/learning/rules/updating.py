"""What a plasticity rule does after a time step, for the plain engine: its functions with what they take, looked up once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.learning.rules.declared import Field
from bindsnet.learning.rules.declared_rule import CHANGES, SPIKES, DeclaredRule
from bindsnet.numbers.declarations import argument_types, guarded
from bindsnet.numbers.ops import Array, as_array, sqrt
from bindsnet.numbers.spikes import elapsed, fired

SUMS = (torch.sum, torch.mean)  # reductions for which samples without a spike need not be looked at
NOBODY = np.zeros(0, np.int64)  # of neurons that fired
MANY = 10_000  # numbers: from here on NumPy takes 3 to 8 times as long as torch where one side is broadcast, below it is faster
#: gives what a function takes by a name, for an update, the selected synapses, their weights and the reward of the step
Giver = Callable[["Update", Any, "torch.Tensor | None", Any], torch.Tensor]


class Update:
    """What changes a connection's weights after a time step.

    Args:
        rule: a :class:`LearningRule`. The tensors of its connection, layers and parameters are looked up here, once: it holds
            until one of them is replaced.
    """

    def __init__(self, rule: DeclaredRule) -> None:
        connection = rule.connection
        self.rule, self.connection, self.parameters = rule, connection, rule.parameters
        self.source, self.target = connection.source.s, connection.target.s
        self.n_samples, self.bounds = len(self.source), (connection.wmin, connection.wmax)
        self.memory = rule.prepare(self.n_samples) if rule.keeps or rule.shift is not None else None
        self.spikes = {side: s.view(self.n_samples, -1) for side, s in (("source", self.source), ("target", self.target))}
        self.before, self.after = ([], []) if self.memory is None else self.memory.bind_traces(self.spikes, self.parameters)
        self.acts_on_pre, self.acts_on_post = rule.bind_acts("on_pre", "nu_pre"), rule.bind_acts("on_post", "nu_post")
        self.called = {role: self._bound(role) for role in rule.functions() if role in CHANGES}
        # What is kept here is given the update when it is called: if it held it, both would wait for the garbage collector.
        self.change = Update._change_shared if connection.shares_weights else Update._change_one_by_one
        if self.n_samples > 1 and rule.reduction in SUMS:
            self.change = Update._change_by_spikes
        self.may_leave_bounds = connection.bounded and (rule.weight_decay or rule.updates_its_own_way)

    def __call__(self, reward: Any = None) -> None:
        """One time step has passed; ``reward`` is for functions that take it."""
        rule = self.rule
        for follow in self.before:
            follow()
        rows = fired(self.source) if self.acts_on_pre() else NOBODY
        columns = fired(self.target) if self.acts_on_post() else NOBODY
        if len(rows) or len(columns) or "on_step" in self.called:
            self.change(self, rows, columns, reward)
        if rule.weight_decay:
            w = self.connection._parameters["w"]
            w *= 1.0 - rule.weight_decay
        if self.may_leave_bounds:
            self.connection.w.clamp_(*self.bounds)
        if rule.shift is not None and self.target.any():
            self._shift(fired(self.target))
        for follow in self.after:
            follow()
        if rule.adapt is not None and self.target.any():
            self._adapt(self.spikes["target"].sum(0))

    def _change_one_by_one(self, rows: Array, columns: Array, reward: Any) -> None:
        connection, any_rows, any_columns = self.connection, len(rows) > 0, len(columns) > 0
        selected = connection.synapses_into(columns) if any_columns else None
        before = selected.weights if self.rule.at_once and any_columns else None
        if any_rows:
            touched = connection.synapses_from(rows)
            changed = touched.weights
            changed += self._change("on_pre", touched, changed, reward)
            touched.put(changed if any_columns else changed.clamp_(*self.bounds))
        if any_columns:
            changed = selected.weights
            changed += self._change("on_post", selected, changed if before is None else before, reward)
            selected.put(changed.clamp_(*self.bounds))
        if any_rows and any_columns:
            touched.put(touched.weights.clamp_(*self.bounds))
        if "on_step" in self.called:
            selected = connection.all_synapses()
            changed = selected.weights.clone()
            changed += self._change("on_step", selected, changed, reward)
            selected.put(changed.clamp_(*self.bounds))

    def _change_shared(self, rows: Array, columns: Array, reward: Any) -> None:
        connection = self.connection
        flat = connection.flat_weights
        total = torch.zeros_like(flat)
        selections = {"on_pre": connection.synapses_from(rows).by_target()} if len(rows) else {}
        selections |= {"on_post": connection.synapses_into(columns)} if len(columns) else {}
        selections |= {"on_step": connection.all_synapses()} if "on_step" in self.called else {}
        for role, selected in selections.items():
            selected.add(self._change(role, selected, selected.weights, reward), total)
        flat += total
        flat.clamp_(*self.bounds)

    def _change(self, role: str, selected: Any, w: torch.Tensor, reward: Any) -> torch.Tensor:
        """The change of the selected synapses' weights ``w`` in the samples where they spike; their state is changed."""
        spikes = self._spikes(role, selected) if self.n_samples > 1 else None
        change, *state = self.called[role](self, selected, w, reward)
        for name, value in zip(self.rule.state if state else (), state, strict=True):
            buffer, value = self.memory._buffers[name], value.to(torch.float32)
            selected.put_of_synapses(
                buffer, value if spikes is None else torch.where(spikes, value, selected.of_synapses(buffer))
            )
        if self.n_samples == 1:
            return change[0] if change.dim() > w.dim() else change
        changes = change.expand(self.n_samples, *w.shape) if spikes is None else torch.where(spikes, change, 0.0)
        return -self._reduced(-changes) if role in self.rule.weakening else self._reduced(changes)

    def _change_by_spikes(self, rows: Array, columns: Array, reward: Any) -> None:
        """Where the changes of a batch are summed: those of each spike are added as they come, then all weights are clipped."""
        connection, rule, w = self.connection, self.rule, self.connection.flat_weights
        changed = torch.zeros_like(w) if connection.shares_weights or rule.at_once else w
        sides = {"on_pre": (rows, connection.spikes_of_sources), "on_post": (columns, connection.spikes_of_targets)}
        for role, (neurons, spikes_of) in sides.items():
            if len(neurons):
                spikes = spikes_of(neurons)
                change, *state = self.called[role](self, spikes, None, reward)
                for name, value in zip(rule.state if state else (), state, strict=True):
                    spikes.put_of_synapses(self.memory._buffers[name], value.to(torch.float32))
                spikes.add(change if rule.reduction is torch.sum else change / self.n_samples, changed)
        if not connection.shares_weights:
            changed = (w if changed is w else w.add_(changed)).clamp_(*self.bounds)
        if "on_step" in self.called:
            selected = connection.all_synapses()
            selected.add(self._change("on_step", selected, selected.weights, reward), changed)
        if changed is not w:
            w += changed
        if "on_step" in self.called or changed is not w:
            w.clamp_(*self.bounds)

    def _bound(self, role: str) -> Callable[[Update, Any, torch.Tensor | None, Any], list[torch.Tensor]]:
        """A function of the rule: of the selected synapses it gives the change of their weights, and their state."""
        rule, function = self.rule, getattr(type(self.rule), role)
        givers = [self._giver(name, role) for name in argument_types(function)]
        guarded_one = guarded(rule.name_of(role), function, ("the change of w", *rule.state), rule.leaves_state(role))

        def called(update: Update, selected: Any, w: torch.Tensor | None, reward: Any) -> list[torch.Tensor]:
            given = [give(update, selected, w, reward) for give in givers]
            if w is None or w.numel() * update.n_samples < MANY:
                given = [as_array(tensor) if isinstance(tensor, torch.Tensor) else tensor for tensor in given]
            else:
                given = [torch.as_tensor(array) for array in given]
            found = guarded_one(*given)
            change, *state = (torch.from_numpy(a) if isinstance(a, np.ndarray) else torch.as_tensor(a) for a in found)
            if change.dtype is torch.bool:
                raise NetworkError(f"{rule.name_of(role)} must return the change of w, got a flag")
            return [change, *state]

        return called

    def _giver(self, name: str, role: str) -> Giver:
        """Gives what a function takes by a name."""
        rule, layers = self.rule, {"pre": self.connection.source, "post": self.connection.target}
        value = self.parameters.get(name)
        if value is not None:
            number = as_array(value) if value.numel() == 1 else None
            return lambda update, selected, *_: selected.of_weights(rule.of_each_weight(name)) if number is None else number
        if name == "w":
            return lambda update, selected, w, _: selected.weights if w is None else w
        if name in ("x_pre", "x_post"):
            return self._of_side(name == "x_pre", layers[name[2:]].x, role)
        if name in ("s_pre", "s_post"):
            s = layers[name[2:]].s
            return lambda update, *given: update._of_side(name == "s_pre", s.float(), role)(update, *given)
        if name == "reward":
            return lambda update, selected, w, reward: update._reward(selected, role, reward)
        if name in rule.of_target:
            return lambda update, selected, *_: selected.of_targets(getattr(update.connection.target, name))
        if name in rule.fields:
            return lambda update, selected, *_: selected.of_targets(update._field(rule.fields[name], role))
        if name not in rule.declared():
            rule.check_functions()  # which says what is wrong
        buffer = self.memory._buffers[name]
        if name in rule.state:
            return lambda update, selected, *_: selected.of_synapses(buffer)
        if name in rule.adaptive_state:
            return self._of_side(False, buffer[None], role)
        return self._of_side(rule.traces[name].side == "source", buffer, role)

    def _of_side(self, of_sources: bool, values: torch.Tensor, role: str) -> Giver:
        """Gives the values of one side's neurons for the selected synapses; of a matrix these may be all, the same each time."""
        all_of_them = role == "on_step" or of_sources == (role == "on_post")
        if all_of_them and self.n_samples == 1 and self.connection.all_to_all:
            array = as_array(values.view(-1, 1) if of_sources else values.view(1, -1))
            return lambda *_: array
        if of_sources:
            return lambda update, selected, *_: selected.of_sources(values)
        return lambda update, selected, *_: selected.of_targets(values)

    def _reduced(self, changes: torch.Tensor) -> torch.Tensor:
        """One change for each synapse, of one for each sample, too."""
        reduced, wanted = self.rule.reduction(changes, dim=0), list(changes.shape[1:])
        if not isinstance(reduced, torch.Tensor) or list(reduced.shape) != wanted:
            got = list(reduced.shape) if isinstance(reduced, torch.Tensor) else type(reduced).__name__
            raise NetworkError(f"reduction must make {list(changes.shape)} and dim=0 a tensor {wanted}, got {got}")
        return reduced

    def _spikes(self, role: str, selected: Any) -> torch.Tensor | None:
        """The spikes of a batch that change the selected synapses; None where every step does."""
        if role == "on_step":
            return None
        return selected.of_sources(self.source) if role == "on_pre" else selected.of_targets(self.target)

    def _reward(self, selected: Any, role: str, reward: Any) -> torch.Tensor:
        if reward is None:
            raise NetworkError(f"{self.rule.name_of(role)} takes a reward: give reward, or the network a reward_fn")
        try:
            value = torch.as_tensor(reward, dtype=torch.float32, device=self.source.device)
        except (TypeError, ValueError, RuntimeError) as error:  # whatever torch makes no tensor of
            raise NetworkError(f"a reward is a number, got {reward!r}") from error
        if value.numel() != 1 and list(value.shape) != [self.n_samples]:
            expected = f"a number of the step, or [{self.n_samples}], one a sample"
            raise NetworkError(f"a reward is {expected}; got {list(value.shape)}")
        return value if value.numel() == 1 else selected.of_samples(value)

    def _field(self, field: Field, role: str) -> torch.Tensor:
        """A quantity of the synapses into each target, ``[batch_size or 1, n_targets]``; of those that fired for ``on_post``."""
        connection = self.connection
        incoming = connection.synapses_into(fired(self.target)) if role == "on_post" else connection.all_synapses()
        if field.of == "w":
            values = incoming.weights[None]
        else:
            values = incoming.of_sources(connection.source.x if field.of == "x_pre" else self.memory._buffers[field.of])
        total = incoming.sum_by_target(values if field.quantity == "sum" else values * values)
        return total if field.quantity == "sum" else sqrt(total)

    def _shift(self, targets: Array) -> None:
        """Move the delays of the synapses into targets that fired, of sources that had fired within the longest delay."""
        connection, rule = self.connection, self.rule
        longest, delays = connection.moving_delays.longest, connection.moving_delays.exact
        selected = connection.synapses_into(targets, delays)
        since = selected.of_sources(elapsed(self.source, connection.source.past, longest))
        exact = selected.weights
        given = {"delay": exact, "elapsed": since}
        arguments = [as_array(given[n] if n in given else self.parameters[n]) for n in argument_types(type(rule).shift)]
        (change,) = guarded(rule.name_of("shift"), type(rule).shift, ("the change of the delay",))(*arguments)
        follows = selected.of_targets(self.target) & (since > 0)
        changes = torch.where(follows, torch.as_tensor(change, dtype=torch.float32), 0.0)
        total = changes[0] if len(changes) == 1 else rule.reduction(changes, dim=0)
        selected.put((exact + total).clamp_(1.0, float(longest)))

    def _adapt(self, spikes: torch.Tensor) -> None:
        """Let the adaptive state of target neurons follow their numbers of spikes ``[n_targets]`` in the samples of this step."""
        rule = self.rule
        given = SPIKES.keys() | rule.adaptive_state.keys()
        values = {name: self.memory._buffers[name] for name in rule.adaptive_state} | {"spikes": spikes.double()}
        arguments = [as_array(values[n] if n in given else self.parameters[n]) for n in argument_types(type(rule).adapt)]
        changed = guarded(rule.name_of("adapt"), type(rule).adapt, tuple(rule.adaptive_state))(*arguments)
        for name, value in zip(rule.adaptive_state, changed, strict=True):
            buffer = self.memory._buffers[name]
            buffer.copy_(torch.where(spikes > 0, torch.as_tensor(value), buffer))
