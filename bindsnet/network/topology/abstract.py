"""What all connections share."""

from __future__ import annotations

from abc import ABC
from contextlib import nullcontext
from typing import ClassVar

import torch

from bindsnet.errors import NetworkError, warn
from bindsnet.learning import LearningRule, NoOp
from bindsnet.network.checks import whole_number
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.bounds import NONE, Bounds
from bindsnet.network.topology.delays import Delays
from bindsnet.network.topology.moving_delays import MovingDelays
from bindsnet.network.topology.resources import Resources, checked
from bindsnet.network.topology.synapses import Synapses

KEPT = (torch.float32, torch.float64, torch.float16, torch.bfloat16)  # types of weights


def checked_dtype(w_dtype: torch.dtype) -> torch.dtype:
    """The type in which weights are kept.

    Raises:
        NetworkError: no rule can change weights of this type.
    """
    if w_dtype not in KEPT:
        names = ", ".join(str(dtype).removeprefix("torch.") for dtype in KEPT)
        raise NetworkError(f"w_dtype is the type of weights, one of torch's {names}; got {w_dtype!r}")
    return w_dtype


class AbstractConnection(ABC, Synapses):
    """A connection from one population to another.

    Which synapses it has is for its kind to say, see :class:`Synapses`; bounds and the plasticity rule are here.

    Args:
        source: the population whose spikes drive.
        target: the population that is driven.
        nu: learning rates of ``update_rule`` for pre- and post-synaptic spikes: a pair, or one number for both; None learns
            nothing.
        reduction: how the updates of a batch become one (``torch.sum`` when None); see :class:`LearningRule`.
        weight_decay: share of every weight that is lost a time step while learning, also without a rule; None is none.

    Keyword arguments that are not the connection's own go to its plasticity rule, which refuses those it does not know:
        update_rule: a subclass of :class:`LearningRule`; None learns nothing (and warns if there are learning rates).
        wmin, wmax: bounds of the weights (none by default), a number, or what broadcasts to the weights, one for each. The fused
            engine takes numbers only.
        norm: sum of the absolute weights into each target neuron, restored after every run: a number, or one for each; None
            leaves them.
        delay: steps from a spike to its drive, a whole number from 1 on (default), or one for each synapse: what broadcasts to
            the weights. It postpones the drive only: rules see spikes when they are fired.
        depression: the part of a source's resources that each of its spikes uses up, from 0 (default: none, all spikes count in
            full) to 1. A spike counts by the share that it finds when it arrives, while learning and after: of 0.5 successive
            spikes count 1, 0.5, 0.25 ... See :mod:`bindsnet.numbers.depression`.
        tc_recovery: time constant of the recovery of resources, ms; inf (default) is none before the next sample.

    Attributes:
        weight_factor: the drive is multiplied by it.
        dt: time step of the network that it is part of, ms.

    Raises:
        NetworkError: source or target is no population, a bound is wrong, the rule is none or does not fit, a keyword is
            unknown, or synapses cannot depress: their drive is a formula, or each has a delay of its own.
    """

    known: ClassVar[dict[str, type[AbstractConnection]]] = {}

    #: The type in which the weights are kept. All is computed in float32; what a rule changed is rounded to it once.
    w_dtype: torch.dtype = torch.float32

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        AbstractConnection.known[cls.__name__] = cls

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        nu: float | tuple[float, float] | None = None,
        reduction: callable | None = None,
        weight_decay: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__()
        for role, nodes in (("source", source), ("target", target)):
            if not isinstance(nodes, Nodes):
                raise NetworkError(f"the {role} of a connection is a population (Nodes), got {type(nodes).__name__}")
        # Not registered as submodules: populations belong to the network, connections only know them.
        self.__dict__["source"], self.__dict__["target"] = source, target
        self.set_bounds(kwargs.pop("wmin", float("-inf")), kwargs.pop("wmax", float("inf")))
        self.norm = kwargs.pop("norm", None)
        self.weight_factor = 1.0
        self.moving_delays = None
        self.resources = self._checked_resources(kwargs.pop("depression", 0.0), kwargs.pop("tc_recovery", float("inf")))
        self.delays = self._checked_delays(kwargs.pop("delay", 1))
        source.remember(self.delays.steps_back)
        rule = kwargs.pop("update_rule", None)
        if rule is not None and (not callable(rule) or (isinstance(rule, type) and not issubclass(rule, LearningRule))):
            raise NetworkError(f"update_rule is a class of rules, such as PostPre; got {rule!r}")
        self.update_rule = (rule or NoOp)(connection=self, nu=nu, reduction=reduction, weight_decay=weight_decay, **kwargs)
        if rule is None and self.update_rule.nu.any():
            warn(f"{type(self).__name__} with nu={nu} but without a rule learns nothing; give update_rule, such as PostPre")

    @property
    def update_rule(self) -> LearningRule:
        """The plasticity rule; the connection holds it, and it the connection only weakly."""
        return self.__dict__["update_rule"]

    @update_rule.setter
    def update_rule(self, rule: LearningRule) -> None:
        if not isinstance(rule, LearningRule):
            raise NetworkError(f"update_rule is a plasticity rule (LearningRule), got {type(rule).__name__}")
        rule.check_functions()
        rule.belong_to(self)
        before = self.__dict__.get("update_rule")
        self.__dict__["update_rule"] = rule
        if before is not None and before is not rule:  # it takes over the time step, and nothing of what the other one kept
            self._modules.pop("plasticity", None)
            self.prepare(before.dt, len(self.source.s))

    @property
    def rules(self) -> list[LearningRule]:
        """All rules that change something of the connection."""
        return [self.update_rule]

    def in_program(self) -> AbstractConnection:
        """What the fused engine takes in its place: itself, unless it is a whole that comes to another connection.

        Raises:
            NetworkError: it comes to none that a program can have.
        """
        return self

    def __setstate__(self, state: dict) -> None:
        """Take over what was copied or pickled, where its rule holds the connection."""
        super().__setstate__(state)
        self.__dict__["update_rule"].belong_to(self)

    @property
    def learns(self) -> bool:
        """Whether its rule can change anything, or weights decay."""
        return not isinstance(self.update_rule, NoOp) or self.update_rule.weight_decay != 0

    @property
    def plastic(self) -> bool:
        """Whether an update can change anything without a mask."""
        return type(self).update is not AbstractConnection.update or self.learns

    @property
    def wmin(self) -> float | torch.Tensor:
        """Lower bound of the weights, one for all or one for each; -inf is none."""
        return self.bounds.low

    @wmin.setter
    def wmin(self, wmin: float | torch.Tensor) -> None:
        self.set_bounds(wmin, self.wmax)

    @property
    def wmax(self) -> float | torch.Tensor:
        """Upper bound of the weights, one for all or one for each; inf is none."""
        return self.bounds.high

    @wmax.setter
    def wmax(self, wmax: float | torch.Tensor) -> None:
        self.set_bounds(self.wmin, wmax)

    @property
    def bounded(self) -> bool:
        """Whether the weights have a bound."""
        return self.bounds.each or (self.wmin, self.wmax) != (NONE.low, NONE.high)

    def set_bounds(self, wmin: float | torch.Tensor, wmax: float | torch.Tensor) -> None:
        """Set both bounds of the weights; weights beyond them become them.

        Raises:
            NetworkError: see :class:`Bounds`, they exclude what the kind needs, or the rule cannot do without one.
        """
        bounds, w = Bounds(wmin, wmax), self._parameters.get("w")
        if w is not None:
            bounds.check(type(self).__name__, tuple(w.shape))
        self.check_bounds(bounds)
        self.bounds = bounds
        if "update_rule" in self.__dict__:
            self.update_rule.take_bounds()
        if self.bounded and w is not None:
            w.copy_(bounds.within(w))

    def check_bounds(self, bounds: Bounds) -> None:
        """See that weights within these bounds are what the kind needs; all are unless it says otherwise.

        Raises:
            NetworkError: they are not.
        """

    @property
    def depression(self) -> float:
        """The part of a source's resources that a spike uses up; 0 where synapses do not depress."""
        return 0.0 if self.resources is None else self.resources.depression

    @property
    def tc_recovery(self) -> float:
        """Time constant of the recovery of resources, ms; inf where nothing recovers."""
        return float("inf") if self.resources is None else self.resources.tc_recovery

    def _checked_resources(self, depression: float, tc_recovery: float) -> Resources | None:
        used, tc = checked(depression, tc_recovery)
        if used == 0.0:
            return None
        kind = type(self)
        if kind.definer("compute") is not kind.definer("compiled_depressed_drive"):
            raise NetworkError(f"{kind.__name__} cannot depress: its drive is a formula of its own")
        return Resources(self.source.n, used, tc)

    @property
    def delay(self) -> int | torch.Tensor:
        """Steps from a spike to its drive, as given; another one holds from the next step on, for spikes under way, too.

        Raises:
            NetworkError: it is no whole number from 1 on, and does not give one for each synapse.
        """
        return self.delays.given if self.moving_delays is None else self.moving_delays.steps.long()

    @delay.setter
    def delay(self, delay: int | torch.Tensor) -> None:
        delays = self._checked_delays(delay)
        if self.moving_delays is not None:
            if delays.longest > self.delays.longest:
                raise NetworkError(f"the rule moves delays of up to {self.delays.longest} steps, got {delays.longest}")
            self.moving_delays.exact.copy_(torch.as_tensor(delays.given))
            return
        parts = self.parted_by(delays)  # before anything is changed
        self.source.remember(delays.steps_back)
        self.delays, self.__dict__["runs_by_delay"] = delays, parts

    def let_delays_move(self, longest: int) -> None:
        """Give each synapse a delay of its own, which the rule may move up to this many steps; done once.

        Raises:
            NetworkError: synapses share weights, or have none, and so would share delays; or they depress.
        """
        if self.moving_delays is not None:
            return
        longest = whole_number(longest, "longest_delay", least=1)
        if self.runs is None or self.shares_weights:
            raise NetworkError(f"{type(self).__name__} has not a weight for each synapse, and so not a delay for each to learn")
        if self.resources is not None:
            raise NetworkError("depression is of all synapses of a source at once: their delays cannot move apart")
        delays = self.delays.moving(longest)
        given = torch.as_tensor(delays.given, dtype=torch.float32)
        try:
            exact = given.expand(self.w.shape).contiguous().to(self.w.device)
        except RuntimeError as error:
            raise NetworkError(f"delays of the shape {list(given.shape)} do not fit weights {list(self.w.shape)}") from error
        self.source.remember(delays.steps_back)
        self.delays, self.moving_delays = delays, MovingDelays(exact, delays.longest)
        self.__dict__.pop("runs_by_delay", None)

    def _checked_delays(self, delay: int | torch.Tensor) -> Delays:
        delays = Delays(delay)
        if self.resources is not None and not delays.alike:
            raise NetworkError("depression is of all synapses of a source at once: give one delay for all, not one for each")
        return delays

    @classmethod
    def definer(cls, name: str) -> type:
        """The class that gives what this kind has by a name."""
        return next(base for base in cls.__mro__ if name in vars(base))

    def check_weights(self) -> None:
        """See that the weights, which anyone may replace, fit the populations still.

        Raises:
            NetworkError: they have another shape, or another type than ``w_dtype``.
        """
        w, expected = self._parameters.get("w"), self.shape_of_weights
        if w is not None and ((expected is not None and tuple(w.shape) != expected) or w.dtype != self.w_dtype):
            shape = "any shape" if expected is None else f"the shape {list(expected)}"
            dtype = str(self.w_dtype).removeprefix("torch.")
            raise NetworkError(f"weights have {shape} and are {dtype}, got {list(w.shape)}, {w.dtype}")
        if w is not None and self.bounds.each:
            self.bounds.check(type(self).__name__, tuple(w.shape))

    def check(self) -> None:
        """See that all fits still, before anything runs: the program of the fused engine would read and write beyond it.

        Raises:
            NetworkError: weights, bias, synapses, or what is kept of spikes and by the rule, do not.
        """
        self.check_weights()
        self.check_synapses()
        shape, w = (self.source.n, self.target.n), self._parameters.get("w")
        if self.update_rule.functions() and w is not None and self._is_matrix and tuple(w.shape) != shape:
            raise NetworkError(f"{type(self.update_rule).__name__} needs weights of the shape {list(shape)}, got {list(w.shape)}")
        self.source.check_past(self.delays.steps_back)
        if self.moving_delays is not None:
            self.moving_delays.check(self.w.shape)
        if self.update_rule.memory is not None:
            self.update_rule.memory.check(self.n_synapses)
        if self.resources is not None:
            self.resources.check(self.source.n)
        if isinstance(self.norm, torch.Tensor) and self.runs is not None:
            _ = self.norms  # which refuses what does not fit

    def prepare(self, dt: float, batch_size: int) -> None:
        """Let rule and resources reckon with this time step, ms, and keep what they keep for this many samples at a time.

        Raises:
            NetworkError: there is not a delay for each synapse where they differ, the rule is not for such synapses, or lacks a
                time constant.
        """
        _ = self.runs_by_delay, self.places_of_targets  # which refuse what does not fit before anything runs
        self.dt = float(dt)
        self.update_rule.check_synapses()
        self.update_rule.compute_decays(dt)
        self.update_rule.prepare(batch_size)
        if self.resources is not None:
            self.resources.compute_recovery(dt)
            self.resources.set_batch_size(batch_size)

    def update(self, **kwargs) -> None:
        """Let the plasticity rule change the weights after a time step.

        Args:
            learning: whether it may; True by default.
            mask: bool tensor of the weights' shape: these weights are set to 0; None for none.
            kwargs: for rules that take more, such as ``reward`` and ``a_plus``.
        """
        rule = self.update_rule
        if kwargs.get("learning", True):
            told = {name: kwargs.pop(name) for name in rule.of_run if name in kwargs}
            update = self._update_copy if self._rounds else rule.update
            with rule.told(**told) if told else nullcontext():
                update(**kwargs)
        mask = kwargs.get("mask")
        if mask is not None:
            self.w.masked_fill_(mask, 0)

    def keep_within_bounds(self) -> None:
        """Bring weights that their norm lifted beyond their bounds back: the first step of a sample does so while learning."""
        if self.norm is not None and self.bounded:
            self.w.copy_(self.bounds.within(self.w))

    @property
    def updates_by_its_rule(self) -> bool:
        """Whether :meth:`update` does nothing but let the rule change the weights, where there is no mask."""
        return type(self).update is AbstractConnection.update and not self._rounds

    @property
    def _rounds(self) -> bool:
        """Whether what the rule computes is not yet what the weights become."""
        return self.w_dtype is not torch.float32 or self.bounds.each

    def _update_copy(self, **kwargs) -> None:
        """Let the rule change a float32 copy of the weights; those that it changed are rounded to their own type.

        Bounds of each weight hold at the end of the step.
        """
        w, bounds = self._parameters["w"], self.bounds
        before = w.detach().float()
        self._parameters["w"] = torch.nn.Parameter(before.clone(), requires_grad=False)
        self.bounds = NONE if bounds.each else bounds
        try:
            self.update_rule.update(**kwargs)
        finally:
            after = bounds.within(self._parameters["w"])
            self._parameters["w"], self.bounds = w, bounds
        w.copy_(torch.where(after == before, w, after.to(w.dtype)))

    @staticmethod
    def cast_dtype_if_needed(w: torch.Tensor, w_dtype: torch.dtype) -> torch.Tensor:
        """Weights in the type in which they are kept: the same tensor if it has that, else a copy.

        Raises:
            NetworkError: it is none of float32, float64, float16 and bfloat16.
        """
        return w if w.dtype == checked_dtype(w_dtype) else w.to(w_dtype)

    def reset_state_variables(self) -> None:
        """Between samples: forget what the connection keeps besides its weights."""
        if self.update_rule.memory is not None:
            self.update_rule.memory.reset()
        if self.resources is not None:
            self.resources.reset()

    @property
    def at_rest(self) -> bool:
        """Whether all is as :meth:`reset_state_variables` leaves it."""
        kept = (self.update_rule.memory, self.resources)
        return all(part is None or part.at_rest for part in kept)
