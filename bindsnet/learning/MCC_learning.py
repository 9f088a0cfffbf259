"""Plasticity of the features of a ``MulticompartmentConnection``: the rules of :mod:`bindsnet.learning`, each on one feature.

A feature's values are the weights of synapses of their own (a dense ``Connection``), and it is these that the rule of the same
name changes: no equation stands here. Another rule of the library is lent to features by a class of two lines::

    class TripletSTDP(MCC_LearningRule):
        rule = bindsnet.learning.TripletSTDP
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning import rules

if TYPE_CHECKING:
    from bindsnet.network.topology import AbstractMulticompartmentConnection, Connection

BY_DEFAULT = (0.2, 0.1)  # learning rates where none are given, as in BindsNET


class MCC_LearningRule(torch.nn.Module, ABC):  # noqa: N801 - BindsNET's name
    """A rule of a feature: the synapses whose weights are its values, and the rule that changes them.

    Args:
        connection: whose feature it is; it makes the synapses.
        feature_value: the values, ``[source.n, target.n]``; a ``Parameter`` is changed itself, of other tensors a copy.
        range: their lower and upper bound, a number each, or one for each value.
        nu: learning rates (pre, post), or one number for both; (0.2, 0.1) when left out.
        reduction: how the updates of a batch become one; ``torch.sum`` when None.
        decay: share of every value that is lost a time step while learning, also without a rule (where BindsNET loses none).
        enforce_polarity: let no value change its sign: those that would stay at 0, and so do those that begin there. (BindsNET
            writes ±0.0001 in place of some of them, in places by the wrong sign.)

    Keyword arguments go to the rule, which refuses those it does not know, but for ``norm`` and ``w_dtype``, which are those of
    a ``Connection``.

    Attributes:
        synapses: the synapses; their ``update_rule`` is the rule, with its ``nu``.

    Raises:
        NetworkError: as :class:`LearningRule` and :class:`Connection`, or the rule moves delays.
    """

    #: the rule of the library that changes the values
    rule: ClassVar[type[rules.LearningRule]] = rules.NoOp
    #: arguments of the rule that are others by default here, and the range where none is given
    defaults: ClassVar[Mapping[str, float]] = {}
    default_range: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    known: ClassVar[dict[str, type[MCC_LearningRule]]] = {}

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        MCC_LearningRule.known[cls.__name__] = cls

    def __init__(
        self,
        connection: AbstractMulticompartmentConnection,
        feature_value: torch.Tensor,
        range: Sequence[float | torch.Tensor] | None = None,
        nu: float | Sequence[float] | None = None,
        reduction: Callable | None = None,
        decay: float = 0.0,
        enforce_polarity: bool = False,
        **kwargs,
    ) -> None:
        super().__init__()
        if self.rule.shift is not None:
            raise NetworkError(f"{self.rule.__name__} moves delays, which features have not: it is for a Connection")
        low, high = self.default_range if range is None else range
        if enforce_polarity:
            low, high = of_one_sign(feature_value.detach(), low, high)
        weights = {name: kwargs.pop(name) for name in ("norm", "w_dtype") if name in kwargs}
        learns = bool(self.rule.functions())
        self.enforce_polarity = enforce_polarity
        self.synapses = connection.synapses_of_feature(
            BY_DEFAULT if nu is None and learns else nu,
            reduction,
            decay,
            w=feature_value,
            wmin=low,
            wmax=high,
            update_rule=partial(self.rule, **{**self.defaults, **kwargs}) if learns or kwargs else None,
            **weights,
        )
        if isinstance(feature_value, torch.nn.Parameter):
            self.synapses.w = feature_value

    def __getattr__(self, name: str) -> torch.Tensor | torch.nn.Module:
        """What the rule keeps, such as ``p_plus`` and ``eligibility``; of synapses ``[batch_size, source.n, target.n]``."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            synapses = self.__dict__.get("_modules", {}).get("synapses")
            memory = None if synapses is None else synapses.update_rule.memory
            if memory is None or name not in memory._buffers:
                raise
            kept = memory._buffers[name]
            return kept.view(-1, *synapses.w.shape) if name in memory.state else kept

    @property
    def feature_value(self) -> torch.nn.Parameter:
        """The values."""
        return self.synapses.w

    @property
    def nu(self) -> torch.Tensor:
        """Learning rates (pre, post) of the rule; what is written into it counts from the next update on."""
        return self.synapses.update_rule.nu

    @nu.setter
    def nu(self, nu: float | Sequence[float]) -> None:
        self.synapses.update_rule.nu = nu

    @property
    def alone(self) -> Connection | None:
        """The synapses, where all that changes their weights is their own rule; None elsewhere."""
        return self.synapses if type(self).update is MCC_LearningRule.update else None

    def update(self, **kwargs) -> None:
        """Change the values after a time step; ``reward`` is for rules that take it."""
        self.synapses.update(**kwargs)

    def reset_state_variables(self) -> None:
        """Between samples: forget what the rule keeps."""
        self.synapses.reset_state_variables()


def of_one_sign(values: torch.Tensor, low: float | torch.Tensor, high: float | torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Bounds of each value that leave it the sign that it has; both are 0 for 0."""
    low, high = (torch.as_tensor(bound, dtype=torch.float32).expand(values.shape) for bound in (low, high))
    low = torch.where(values > 0, low.clamp(min=0.0), low).masked_fill(values == 0, 0.0)
    return low, torch.where(values < 0, high.clamp(max=0.0), high).masked_fill(values == 0, 0.0)


class AveragingRule(MCC_LearningRule):
    """A rule that may change the values by the mean of its last changes. The plain engine alone runs it then.

    Args:
        connection, feature_value, range, nu, reduction, decay, enforce_polarity: as in :class:`MCC_LearningRule`, with its
            keyword arguments, and
        average_update: of how many changes it is the mean; 0 is no averaging.
        continues_update: add that mean in every step (as if there had been changes of 0 before the first one), not only when so
            many steps have gone by.

    Raises:
        NetworkError: the number is none from 0 on.
    """

    def __init__(
        self,
        connection: AbstractMulticompartmentConnection,
        feature_value: torch.Tensor,
        range: Sequence[float | torch.Tensor] | None = None,
        nu: float | Sequence[float] | None = None,
        reduction: Callable | None = None,
        decay: float = 0.0,
        enforce_polarity: bool = False,
        **kwargs,
    ) -> None:
        self.average_update = kwargs.pop("average_update", 0)
        if not isinstance(self.average_update, int) or self.average_update < 0:
            raise NetworkError(f"average_update is a number of steps from 0 on, got {self.average_update!r}")
        self.continues_update = bool(kwargs.pop("continues_update", False))
        super().__init__(connection, feature_value, range, nu, reduction, decay, enforce_polarity, **kwargs)
        if self.average_update:
            self.register_buffer("average_buffer", torch.zeros(self.average_update, *self.feature_value.shape))
            self.register_buffer("n_averaged", torch.zeros((), dtype=torch.int64))

    @property
    def average_buffer_index(self) -> int:
        """The place of the next change in ``average_buffer``."""
        return int(self.n_averaged)

    @average_buffer_index.setter
    def average_buffer_index(self, index: int) -> None:
        self.n_averaged.fill_(index)

    @property
    def alone(self) -> Connection | None:
        """See :attr:`MCC_LearningRule.alone`; a mean is not the rule's own change."""
        return None if self.average_update else self.synapses

    def update(self, **kwargs) -> None:
        """See :meth:`MCC_LearningRule.update`."""
        if not self.average_update or not kwargs.get("learning", True):
            super().update(**kwargs)
            return
        synapses = self.synapses
        self.average_buffer[self.average_buffer_index] = self._change(**kwargs)
        self.average_buffer_index = (self.average_buffer_index + 1) % self.average_update
        w = synapses.w
        if self.continues_update or self.average_buffer_index == 0:
            w += self.average_buffer.mean(0).to(w.dtype)
        w *= 1.0 - synapses.update_rule.weight_decay
        w.copy_(synapses.bounds.within(w))

    def _change(self, **kwargs) -> torch.Tensor:
        """What the rule makes of values of 0 without bounds and decay: its change, as it does not depend on the values."""
        synapses, rule = self.synapses, self.synapses.update_rule
        w, bounds, decay = synapses._parameters["w"], (synapses.wmin, synapses.wmax), rule.weight_decay
        synapses._parameters["w"] = torch.nn.Parameter(torch.zeros_like(w), requires_grad=False)
        synapses.set_bounds(float("-inf"), float("inf"))
        rule.weight_decay = 0.0
        try:
            synapses.update(**kwargs)
            return synapses._parameters["w"].detach().float()
        finally:
            synapses._parameters["w"], rule.weight_decay = w, decay
            synapses.set_bounds(*bounds)

    def reset_state_variables(self) -> None:
        """See :meth:`MCC_LearningRule.reset_state_variables`; nothing of the last changes is left."""
        super().reset_state_variables()
        if self.average_update:
            self.average_buffer.zero_()
            self.average_buffer_index = 0


class NoOp(MCC_LearningRule):
    """Leaves the values as they are, but for their decay. Without a feature, ``NoOp()``, there is nothing to leave."""

    def __init__(self, **args) -> None:
        if args.get("feature_value") is not None:
            super().__init__(**args)
        else:
            torch.nn.Module.__init__(self)

    @property
    def alone(self) -> Connection | None:
        """See :attr:`MCC_LearningRule.alone`."""
        return self._modules.get("synapses")

    def update(self, **kwargs) -> None:
        """See :meth:`MCC_LearningRule.update`."""
        if self.alone is not None:
            super().update(**kwargs)

    def reset_state_variables(self) -> None:
        """Nothing is kept."""


class PostPre(AveragingRule):
    """See :class:`bindsnet.learning.PostPre`; ``average_update`` and ``continues_update`` as in :class:`AveragingRule`."""

    rule = rules.PostPre


class Hebbian(MCC_LearningRule):
    """See :class:`bindsnet.learning.Hebbian`."""

    rule = rules.Hebbian


class DiehlAndCook(MCC_LearningRule):
    """See :class:`bindsnet.learning.DiehlAndCook`, here with ``x_tar=0.0`` and ``mu=1.0`` by default, as in BindsNET 0.3.4."""

    rule = rules.DiehlAndCook
    defaults: ClassVar = {"x_tar": 0.0, "mu": 1.0}
    default_range = (0.0, 1.0)


class MSTDP(AveragingRule):
    """See :class:`bindsnet.learning.MSTDP`; ``average_update`` and ``continues_update`` as in :class:`AveragingRule`."""

    rule = rules.MSTDP


class MSTDPET(AveragingRule):
    """See :class:`bindsnet.learning.MSTDPET`, here for batches, too, for which BindsNET's fails.

    ``average_update`` and ``continues_update`` are as in :class:`AveragingRule`.
    """

    rule = rules.MSTDPET
