"""What all plasticity rules share: when they look at which weights, batches, decay and bounds."""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning.rules.declared import Field
from bindsnet.learning.rules.declared_rule import FUNCTIONS, SPIKES, DeclaredRule
from bindsnet.learning.rules.memory import Memory
from bindsnet.numbers.declarations import argument_types, guarded, types_in
from bindsnet.numbers.ops import as_array, sqrt
from bindsnet.numbers.spikes import elapsed, fired

SUMS = (torch.sum, torch.mean)  # reductions for which samples without a spike need not be looked at
NOBODY = torch.zeros(0, dtype=torch.int64)  # of neurons that fired
MANY = 10_000  # numbers: from here on NumPy takes 3 to 8 times as long as torch where one side is broadcast, below it is faster


class LearningRule(DeclaredRule):
    """A plasticity rule of one connection.

    After every step: the weights of source neurons that fired change by ``on_pre``, then those of target neurons that fired by
    ``on_post``, then all by ``on_step``, and what was touched is clipped to the connection's bounds; then all decay, if any do.
    Spikes and traces are those of this step. Where synapses share weights, all changes of a step are computed from the weights
    before it and summed for each weight, those of ``on_pre`` first, each in ascending order of target, then source; then all are
    clipped.

    A function takes what it names: the weight ``w``, the layers' traces ``x_pre`` and ``x_post``, their spikes
    ``s_pre`` and ``s_post`` (1 or 0), the step's ``reward``, the time step ``dt`` (ms), whatever the rule declares, and its
    parameters. It returns the change of w, and after it the new value of each state, if it names any.

    In a batch every sample's change is computed from the same weights and ``reduction`` makes them one: their sum by default,
    as if the samples had come one after the other; with ``torch.mean`` a batch learns as much as one sample. One sample at a
    time is the reference.

    Args:
        connection: the connection whose weights learn, one for every pair of neurons.
        nu: learning rates (pre, post), or one number for both; ``rule.nu[1] = 0.5`` changes one later. Each may be a tensor that
            broadcasts to the weights: one for each of them.
        reduction: a function of a tensor and ``dim``, such as ``torch.sum`` (default), ``torch.mean``, ``torch.amax``.
        weight_decay: share of every weight that is lost a time step; None is none.

    Raises:
        NetworkError: a learning rate is negative or not a number, the decay no share from 0 to 1, the reduction no function, a
            keyword is unknown, or the connection has other weights or lacks a trace.

    Warns:
        UserWarning: no spike changes anything, since the learning rates are 0 that the rule takes.
    """

    known: ClassVar[dict[str, type[LearningRule]]] = {}

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        LearningRule.known[cls.__name__] = cls

    def check_synapses(self) -> None:
        """See that the rule is for such synapses as its connection has, before anything runs; all are unless it says otherwise.

        Raises:
            NetworkError: it is not.
        """

    def prepare(self, batch_size: int) -> Memory | None:
        """What the rule keeps besides weights, with room for this many samples; None where it declares nothing."""
        cls = type(self)
        if self.shift is not None:
            self.connection.let_delays_move(self.longest_delay)
        if not self.keeps:
            return None
        if self.memory is None:
            connection, types = self.connection, types_in(cls, FUNCTIONS)
            sizes = {"source": connection.source.n, "target": connection.target.n, "synapses": connection.n_synapses}
            device = connection.source.s.device
            self.memory = Memory(cls.traces, cls.state, cls.adaptive_state, types, sizes, device)
            connection.add_module("plasticity", self.memory)
        if self.memory.batch_size != batch_size:
            self.memory.set_batch_size(batch_size, self.connection.source.s.device)
        return self.memory

    def update(self, **kwargs) -> None:
        """Change the weights after one time step; ``reward`` is for functions that take it.

        Raises:
            NetworkError: a function returns something else than it should, or takes a reward and there is none.
        """
        connection = self.connection
        source, target = connection.source.s, connection.target.s
        memory = self.prepare(source.shape[0]) if self.keeps or self.shift is not None else None
        if memory is not None:
            spikes = {"source": source.view(len(source), -1), "target": target.view(len(target), -1)}
            memory.decay(spikes, self.parameters)
        rows = fired(source) if self.acts_on_pre else NOBODY
        columns = fired(target) if self.acts_on_post else NOBODY
        if rows.numel() or columns.numel() or self.on_step is not None:
            if len(source) > 1 and self.reduction in SUMS:
                change = self._change_by_spikes
            else:
                change = self._change_shared if connection.shares_weights else self._change_one_by_one
            change(rows, columns, kwargs.get("reward"))
        if self.weight_decay:
            w = connection._parameters["w"]
            w *= 1.0 - self.weight_decay
        if connection.bounded and (self.weight_decay or type(self).update is not LearningRule.update):  # which may change any
            connection.w.clamp_(connection.wmin, connection.wmax)
        if self.shift is not None and target.any():
            self._shift(fired(target))
        if memory is not None:
            memory.add(spikes, self.parameters)
            self._adapt(spikes["target"].sum(0))

    def _change_one_by_one(self, rows: torch.Tensor, columns: torch.Tensor, reward: Any) -> None:
        connection, any_rows, any_columns = self.connection, rows.numel() > 0, columns.numel() > 0
        bounds = connection.wmin, connection.wmax
        selected = connection.synapses_into(columns) if any_columns else None
        before = selected.weights if self.at_once and any_columns else None
        if any_rows:
            touched = connection.synapses_from(rows)
            changed = touched.weights
            changed += self._change("on_pre", touched, changed, reward)
            touched.put(changed if any_columns else changed.clamp_(*bounds))
        if any_columns:
            changed = selected.weights
            changed += self._change("on_post", selected, changed if before is None else before, reward)
            selected.put(changed.clamp_(*bounds))
        if any_rows and any_columns:
            touched.put(touched.weights.clamp_(*bounds))
        if self.acts_on_step:
            selected = connection.all_synapses()
            changed = selected.weights.clone()
            changed += self._change("on_step", selected, changed, reward)
            selected.put(changed.clamp_(*bounds))

    def _change_shared(self, rows: torch.Tensor, columns: torch.Tensor, reward: Any) -> None:
        connection = self.connection
        flat = connection.flat_weights
        total = torch.zeros_like(flat)
        selections = {"on_pre": connection.synapses_from(rows).by_target()} if len(rows) else {}
        selections |= {"on_post": connection.synapses_into(columns)} if len(columns) else {}
        selections |= {"on_step": connection.all_synapses()} if self.acts_on_step else {}
        for role, selected in selections.items():
            selected.add(self._change(role, selected, selected.weights, reward), total)
        flat += total
        flat.clamp_(connection.wmin, connection.wmax)

    def _change(self, role: str, selected: Any, w: torch.Tensor, reward: Any) -> torch.Tensor:
        """The change of the selected synapses' weights ``w`` in the samples where they spike; their state is changed."""
        n_samples = self.connection.source.s.shape[0]
        spikes = self._spikes(role, selected) if n_samples > 1 else None
        change, *state = self._called(role, selected, w, reward)
        for name, value in zip(self.state if state else (), state, strict=True):
            buffer, value = self.memory._buffers[name], value.to(torch.float32)
            selected.put_of_synapses(
                buffer, value if spikes is None else torch.where(spikes, value, selected.of_synapses(buffer))
            )
        if n_samples == 1:
            return change.expand(1, *w.shape)[0]
        changes = change.expand(n_samples, *w.shape) if spikes is None else torch.where(spikes, change, 0.0)
        return -self._reduced(-changes) if role in self.weakening else self._reduced(changes)

    def _change_by_spikes(self, rows: torch.Tensor, columns: torch.Tensor, reward: Any) -> None:
        """Where the changes of a batch are summed: those of each spike are added as they come, then all weights are clipped."""
        connection, w = self.connection, self.connection.flat_weights
        bounds, n_samples = (connection.wmin, connection.wmax), connection.source.s.shape[0]
        changed = torch.zeros_like(w) if connection.shares_weights or self.at_once else w
        sides = {"on_pre": (rows, connection.spikes_of_sources), "on_post": (columns, connection.spikes_of_targets)}
        for role, (neurons, spikes_of) in sides.items():
            if neurons.numel():
                spikes = spikes_of(neurons)
                change, *state = self._called(role, spikes, None, reward)
                for name, value in zip(self.state if state else (), state, strict=True):
                    spikes.put_of_synapses(self.memory._buffers[name], value.to(torch.float32))
                spikes.add(change if self.reduction is torch.sum else change / n_samples, changed)
        if not connection.shares_weights:
            changed = (w if changed is w else w.add_(changed)).clamp_(*bounds)
        if self.acts_on_step:
            selected = connection.all_synapses()
            selected.add(self._change("on_step", selected, selected.weights, reward), changed)
        if changed is not w:
            w += changed
        if self.acts_on_step or changed is not w:
            w.clamp_(*bounds)

    def _called(self, role: str, selected: Any, w: torch.Tensor | None, reward: Any) -> list[torch.Tensor]:
        """What a function gives for the selected synapses: the change of their weights ``w``, and their state."""
        function = getattr(type(self), role)
        given = [self._given(name, role, selected, w, reward) for name in argument_types(function)]
        if w is None or w.numel() * self.connection.source.s.shape[0] < MANY:
            given = [as_array(tensor) for tensor in given]
        called = guarded(self.name_of(role), function, ("the change of w", *self.state), self.leaves_state(role))
        change, *state = map(torch.as_tensor, called(*given))
        if change.dtype is torch.bool:
            raise NetworkError(f"{self.name_of(role)} must return the change of w, got a flag")
        return [change, *state]

    def _reduced(self, changes: torch.Tensor) -> torch.Tensor:
        """One change for each synapse, of one for each sample, too."""
        reduced, wanted = self.reduction(changes, dim=0), list(changes.shape[1:])
        if not isinstance(reduced, torch.Tensor) or list(reduced.shape) != wanted:
            got = list(reduced.shape) if isinstance(reduced, torch.Tensor) else type(reduced).__name__
            raise NetworkError(f"reduction must make {list(changes.shape)} and dim=0 a tensor {wanted}, got {got}")
        return reduced

    def _spikes(self, role: str, selected: Any) -> torch.Tensor | None:
        """The spikes of a batch that change the selected synapses; None where every step does."""
        if role == "on_step":
            return None
        connection = self.connection
        return selected.of_sources(connection.source.s) if role == "on_pre" else selected.of_targets(connection.target.s)

    def _given(self, name: str, role: str, selected: Any, w: torch.Tensor, reward: Any) -> torch.Tensor:
        """What a function takes by a name, for the selected synapses."""
        value = self.parameters.get(name)
        if value is not None:
            return value if value.numel() == 1 else selected.of_weights(self.of_each_weight(name))
        if name == "w":
            return selected.weights if w is None else w
        if name == "x_pre":
            return selected.of_sources(self.connection.source.x)
        if name == "x_post":
            return selected.of_targets(self.connection.target.x)
        if name == "s_pre":
            return selected.of_sources(self.connection.source.s.float())
        if name == "s_post":
            return selected.of_targets(self.connection.target.s.float())
        if name == "reward":
            value = self._checked_reward(role, reward)
            return value if value.numel() == 1 else selected.of_samples(value)
        if name in self.of_target:
            return selected.of_targets(getattr(self.connection.target, name))
        if name in self.fields:
            return selected.of_targets(self._field(self.fields[name], role))
        if name not in self.declared():
            self.check_functions()  # which says what is wrong
        buffer = self.memory._buffers[name]
        if name in self.state:
            return selected.of_synapses(buffer)
        if name in self.adaptive_state:
            return selected.of_targets(buffer[None])
        return (selected.of_sources if self.traces[name].side == "source" else selected.of_targets)(buffer)

    def _field(self, field: Field, role: str) -> torch.Tensor:
        """A quantity of the synapses into each target, ``[batch_size or 1, n_targets]``; of those that fired for ``on_post``."""
        connection = self.connection
        incoming = connection.synapses_into(fired(connection.target.s)) if role == "on_post" else connection.all_synapses()
        if field.of == "w":
            values = incoming.weights[None]
        else:
            values = incoming.of_sources(connection.source.x if field.of == "x_pre" else self.memory._buffers[field.of])
        total = incoming.sum_by_target(values if field.quantity == "sum" else values * values)
        return total if field.quantity == "sum" else sqrt(total)

    def _shift(self, targets: torch.Tensor) -> None:
        """Move the delays of the synapses into targets that fired, of sources that had fired within the longest delay."""
        connection, parameters = self.connection, self.parameters
        longest, delays = connection.moving_delays.longest, connection.moving_delays.exact
        selected = connection.synapses_into(targets, delays)
        since = selected.of_sources(elapsed(connection.source.s, connection.source.past, longest))
        exact = selected.weights
        given = {"delay": exact, "elapsed": since}
        arguments = [as_array(given[n] if n in given else parameters[n]) for n in argument_types(type(self).shift)]
        (change,) = guarded(self.name_of("shift"), type(self).shift, ("the change of the delay",))(*arguments)
        follows = selected.of_targets(connection.target.s) & (since > 0)
        changes = torch.where(follows, torch.as_tensor(change, dtype=torch.float32), 0.0)
        total = changes[0] if len(changes) == 1 else self.reduction(changes, dim=0)
        selected.put((exact + total).clamp_(1.0, float(longest)))

    def _adapt(self, spikes: torch.Tensor) -> None:
        """Let the adaptive state of target neurons follow their numbers of spikes ``[n_targets]`` in the samples of this step."""
        if self.adapt is None or not spikes.any():
            return
        given = SPIKES.keys() | self.adaptive_state.keys()
        values = {name: self.memory._buffers[name] for name in self.adaptive_state} | {"spikes": spikes.double()}
        arguments = [as_array(values[n] if n in given else self.parameters[n]) for n in argument_types(type(self).adapt)]
        changed = guarded(self.name_of("adapt"), type(self).adapt, tuple(self.adaptive_state))(*arguments)
        for name, value in zip(self.adaptive_state, changed, strict=True):
            buffer = self.memory._buffers[name]
            buffer.copy_(torch.where(spikes > 0, torch.as_tensor(value), buffer))

    def _checked_reward(self, role: str, reward: Any) -> torch.Tensor:
        if reward is None:
            raise NetworkError(f"{self.name_of(role)} takes a reward: give reward, or the network a reward_fn")
        n_samples, device = len(self.connection.source.s), self.connection.source.s.device
        try:
            value = torch.as_tensor(reward, dtype=torch.float32, device=device)
        except (TypeError, ValueError, RuntimeError) as error:  # whatever torch makes no tensor of
            raise NetworkError(f"a reward is a number, got {reward!r}") from error
        if value.numel() != 1 and list(value.shape) != [n_samples]:
            raise NetworkError(f"a reward is a number of the step, or [{n_samples}], one a sample; got {list(value.shape)}")
        return value
