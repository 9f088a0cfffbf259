"""What all plasticity rules share: when they look at which weights, batches, decay and bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from bindsnet.learning.rules.declared_rule import FUNCTIONS, DeclaredRule
from bindsnet.learning.rules.memory import Memory
from bindsnet.learning.rules.updating import Update
from bindsnet.numbers.declarations import types_in


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
        self.bind()(kwargs.get("reward"))

    def bind(self) -> Callable[[Any], None]:
        """:meth:`update` by the reward, for many steps in a row: looks up the tensors once, and holds until one is replaced."""
        return Update(self)

    @property
    def updates_its_own_way(self) -> bool:
        """Whether the class has an ``update`` of its own, which may do anything."""
        return type(self).update is not LearningRule.update
