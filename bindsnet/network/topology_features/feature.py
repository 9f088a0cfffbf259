"""What all features share: a name, values of all synapses, and a rule that may change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import torch

from bindsnet.errors import NetworkError, warn
from bindsnet.learning import LearningRule
from bindsnet.learning.MCC_learning import MCC_LearningRule, NoOp
from bindsnet.network.checks import whole_number
from bindsnet.network.topology.bounds import Bounds
from bindsnet.network.topology.part import Part

Number = float | int | torch.Tensor


class AbstractFeature(Part):
    """A value of every synapse of a connection, which signals meet on their way.

    A kind gives ``compute`` and, where values may be left out, ``drawn``. From :meth:`prime_feature` on the values are weights of
    synapses of their own, a dense :class:`Connection` (``synapses``): so rules, bounds and norms are those of all connections.

    Args:
        name: its name in the pipeline.
        value: the values, ``[source.n, target.n]``, or a number for all synapses; drawn when None.
        value_dtype: the type in which they are kept: float32, float64, float16 or bfloat16.
        range: lower and upper bound (-1 and 1 by default), a number each or what broadcasts to the values.
        clamp_frequency: kept for BindsNET's interface: values are brought within the range at every update, as there.
        norm: sum of the absolute values into each target, restored after every run: a number, or one for each target. (BindsNET
            takes the values with their signs.)
        learning_rule: a class of :mod:`bindsnet.learning.MCC_learning`; None learns nothing.
        nu, reduction, decay, enforce_polarity: see :class:`MCC_LearningRule`.
        parent_feature: a feature earlier in the pipeline, whose values this one takes for its own; it learns nothing itself.
        sparse: let ``value`` give a sparse tensor ``[batch_size, source.n, target.n]``, as BindsNET's sparse features do. Values
            are kept in full all the same, and learn, which BindsNET's do not; :class:`SparseConnection` is for few synapses.
        batch_size: of that tensor.
        kwargs: further arguments of the rule, such as ``x_tar`` or ``tc_plus``.

    Attributes:
        learning_rule: the class, then the rule.
        is_primed: whether it belongs to a connection.

    Raises:
        NetworkError: an argument is no such thing, or values are beyond the range.
    """

    #: whether its values may be those of another one, and the other way round
    linkable: ClassVar[bool] = True
    default_range: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def __init__(
        self,
        name: str,
        value: Number | None = None,
        value_dtype: torch.dtype = torch.float32,
        range: Sequence[Number] | None = None,
        clamp_frequency: int | None = 1,
        norm: Number | None = None,
        learning_rule: type | None = None,
        nu: float | Sequence[float] | None = None,
        reduction: Callable | None = None,
        enforce_polarity: bool = False,
        decay: float = 0.0,
        parent_feature: AbstractFeature | None = None,
        sparse: bool = False,
        batch_size: int = 1,
        **kwargs,
    ) -> None:
        super().__init__(name)
        self.is_primed = False
        if not isinstance(value_dtype, torch.dtype):
            raise NetworkError(f"{self}: value_dtype is one of torch's types, got {value_dtype!r}")
        self.value_dtype, self.clamp_frequency, self.sparse = value_dtype, clamp_frequency, bool(sparse)
        self.range = self.default_range if range is None else range
        self.learning_rule, self.nu, self.reduction, self.decay = learning_rule, nu, reduction, decay
        self.enforce_polarity, self.kwargs = bool(enforce_polarity), kwargs
        self.batch_size = whole_number(batch_size, f"{self}: batch_size", least=1)
        if not isinstance(parent_feature, AbstractFeature | None):
            raise NetworkError(f"{self}: parent_feature is a feature, got {type(parent_feature).__name__}")
        self.__dict__["parent_feature"] = parent_feature  # not registered: it belongs to the pipeline
        self._norm = norm
        self.assert_valid_range()
        if self.sparse and self.enforce_polarity:
            raise NetworkError(f"{self}: polarities are not kept of sparse values; leave out sparse or enforce_polarity")
        if value is not None:
            value = self.checked(value)
        self._given = value
        self.assert_feature_in_range()

    def __str__(self) -> str:
        return f"feature {self.name!r} ({type(self).__name__})"

    def __setattr__(self, name: str, value: object) -> None:
        """Keep what is given: another ``value`` in the place of the one before, whether it is a parameter or not."""
        if name == "value":
            self.take(value)
        else:
            super().__setattr__(name, value)

    @property
    def value(self) -> torch.Tensor | None:
        """The values: the parameter that the rule changes, or, where they are sparse, a sparse copy of it."""
        values = self.values
        if values is None or not self.sparse:
            return values
        return values.detach().expand(self.batch_size, *values.shape).to_sparse()

    @property
    def values(self) -> torch.Tensor | None:
        """The values as they are kept; before the feature is primed as they were given."""
        if self.parent_feature is not None:
            return self.parent_feature.values
        return self._buffers.get("kept", self._given) if self.synapses is None else self.synapses.w

    def take(self, value: Number) -> None:
        """Have other values; those that it has stay the same parameter, as after ``feature.value += 1``.

        Raises:
            NetworkError: they have another shape, or are another feature's.
        """
        if value is self.values:
            return
        if self.parent_feature is not None:
            raise NetworkError(f"{self}: its values are those of {self.parent_feature}; give that others")
        value = self.checked(value)
        if not self.is_primed:
            self._given = value
        elif self.synapses is None:
            self.kept = self._fitting(value, *self.ends).to(self.kept.device, copy=True)
        else:
            self.synapses.w = torch.nn.Parameter(self._fitting(value, *self.ends).to(self.values.device), requires_grad=False)

    @property
    def norm(self) -> Number | None:
        """Sum of the absolute values into each target; None leaves it."""
        return self.learning_rule.synapses.norm if self.is_primed and self.parent_feature is None else self._norm

    @norm.setter
    def norm(self, norm: Number | None) -> None:
        if self.is_primed and self.parent_feature is None:
            self.learning_rule.synapses.norm = norm
        else:
            self._norm = norm

    def drawn(self, n_source: int, n_target: int) -> torch.Tensor:
        """Values for a feature that is given none, ``[n_source, n_target]``, drawn from torch's generator as BindsNET does.

        Raises:
            NetworkError: there are none for this kind.
        """
        raise NetworkError(f"{self}: give value, [{n_source}, {n_target}] numbers or one for all")

    def prime_feature(self, connection: torch.nn.Module, device: torch.device | str, **kwargs) -> None:
        """See :meth:`Part.prime_feature`.

        Args:
            connection: the connection.
            device: where its values shall lie.
            kwargs: further arguments of its rule, if it has one, which win over those of the feature.

        Raises:
            NetworkError: values are of another shape, the rule is none of features or does not fit, or the feature belongs to a
                connection of other populations already.
        """
        ends = connection.source, connection.target
        if self.is_primed:
            if any(mine is not other for mine, other in zip(self.between, ends, strict=True)):
                raise NetworkError(f"{self} belongs to a connection of other populations already; make another one")
            return
        self.__dict__["between"] = ends  # which belong to the network
        if self.parent_feature is not None:
            self.link(self.parent_feature)
            return
        value = self.drawn(*self.ends) if self._given is None else self._given
        self.keep(self._fitting(value, *self.ends), connection, device, **kwargs)
        self._given, self.is_primed = None, True

    def keep(self, value: torch.Tensor, connection: torch.nn.Module, device: torch.device | str, **kwargs) -> None:
        """Keep values, ``[source.n, target.n]``: as what the rule changes."""
        kind = NoOp if self.learning_rule is None else self.learning_rule
        if not (isinstance(kind, type) and issubclass(kind, MCC_LearningRule)):
            raise NetworkError(f"{self}: learning_rule is a class of bindsnet.learning.MCC_learning, got {kind!r}")
        given = self.kwargs | {"nu": self.nu, "decay": self.decay, "reduction": self.reduction}
        if self.learning_rule is not None:
            given |= kwargs
        elif self.nu is not None:
            warn(f"{self} with nu={self.nu} but without a rule learns nothing; give learning_rule, such as PostPre")
            given["nu"] = None
        options = given | {"range": self.range, "norm": self._norm, "w_dtype": self.value_dtype}
        try:
            rule = kind(connection=connection, feature_value=value, enforce_polarity=self.enforce_polarity, **options)
            _ = rule.synapses.norms if self._norm is not None else None
        except NetworkError as error:
            raise NetworkError(f"{self}: {error}") from None
        self.learning_rule = rule.to(device)

    @property
    def ends(self) -> tuple[int, int]:
        """Numbers of source and target neurons."""
        source, target = self.between
        return source.n, target.n

    def link(self, parent_feature: AbstractFeature) -> None:
        """Take another feature's values for its own, which then learns for both.

        Raises:
            NetworkError: one of them has no such values, or the other one is not in a pipeline yet.
        """
        for feature in (self, parent_feature):
            if not isinstance(feature, AbstractFeature) or not feature.linkable:
                raise NetworkError(f"{self}: values of {feature} are no numbers of synapses to share")
        if not parent_feature.is_primed:
            raise NetworkError(f"{self}: put {parent_feature}, whose values it takes, into the pipeline before it")
        if parent_feature.ends != self.ends:
            raise NetworkError(f"{self} is of {list(self.ends)} synapses, {parent_feature} of {list(parent_feature.ends)}")
        self.__dict__["parent_feature"] = parent_feature
        self.learning_rule, self._given, self.is_primed = None, None, True

    @property
    def synapses(self) -> torch.nn.Module | None:
        """The synapses whose weights are the values; None before it is primed, and where they are another feature's."""
        return getattr(self.learning_rule, "synapses", None) if self.is_primed else None

    @property
    def learns(self) -> bool:
        """See :attr:`Part.learns`."""
        return self.synapses is not None and self.synapses.learns

    @property
    def rules(self) -> list[LearningRule]:
        """See :attr:`Part.rules`."""
        return [] if self.synapses is None else [self.synapses.update_rule]

    def prepare(self, dt: float, batch_size: int) -> None:
        """See :meth:`Part.prepare`."""
        if self.synapses is not None:
            self.synapses.prepare(dt, batch_size)

    def check(self) -> None:
        """See :meth:`Part.check`.

        Raises:
            NetworkError: values have another shape or type.
        """
        if self.synapses is not None:
            try:
                self.synapses.check()
            except NetworkError as error:
                raise NetworkError(f"{self}: {error}") from None

    def update(self, **kwargs) -> None:
        """See :meth:`Part.update`."""
        if self.synapses is not None:
            self.learning_rule.update(**kwargs)

    def normalize(self) -> None:
        """See :meth:`Part.normalize`."""
        if self.synapses is not None:
            self.synapses.normalize()

    def keep_within_bounds(self) -> None:
        """See :meth:`Part.keep_within_bounds`."""
        if self.synapses is not None and self.synapses.plastic:
            self.synapses.keep_within_bounds()

    def reset_state_variables(self) -> None:
        """See :meth:`Part.reset_state_variables`."""
        if self.synapses is not None:
            self.learning_rule.reset_state_variables()

    @property
    def at_rest(self) -> bool:
        """See :attr:`Part.at_rest`."""
        return self.synapses is None or self.synapses.at_rest

    @staticmethod
    def cast_dtype_if_needed(value: torch.Tensor, value_dtype: torch.dtype) -> torch.Tensor:
        """Values in the type in which they are kept: the same tensor if it has that, else a copy."""
        return value if value.dtype == value_dtype else value.to(value_dtype)

    def assert_valid_range(self) -> None:
        """See that the range is one.

        Raises:
            NetworkError: it is no pair, or no lower bound is below its upper one.
        """
        if not isinstance(self.range, list | tuple) or len(self.range) != 2:
            raise NetworkError(f"{self}: range is a pair of bounds, got {self.range!r}")
        try:
            bounds = Bounds(*self.range)
        except NetworkError as error:
            raise NetworkError(f"{self}: range: {error}") from None
        if not (torch.as_tensor(bounds.low) < torch.as_tensor(bounds.high)).all():
            raise NetworkError(f"{self}: range is from a lower to an upper bound, got {self.range!r}")

    def assert_feature_in_range(self) -> None:
        """See that the values, if there are any, are within the range.

        Raises:
            NetworkError: some are not.
        """
        values = self.values
        if values is None:
            return
        low, high = (torch.as_tensor(bound, device=values.device) for bound in self.range)
        if not ((values >= low) & (values <= high)).all():
            got = f"from {values.min().item():g} to {values.max().item():g}"
            raise NetworkError(f"{self}: expected values within its range {self.range!r}, got some {got}")

    def assert_valid_shape(self, source_shape: int, target_shape: int, f: torch.Tensor) -> None:
        """See that there is a value for every synapse, or one for all.

        Args:
            source_shape, target_shape: numbers of source and target neurons.
            f: the values.

        Raises:
            NetworkError: there is not.
        """
        if f.numel() != 1 and list(f.shape) != [source_shape, target_shape]:
            raise NetworkError(f"{self}: expected one number, or values [{source_shape}, {target_shape}], got {list(f.shape)}")

    def checked(self, value: Number) -> torch.Tensor:
        """Given values as a tensor of their type, those of one sample where they are sparse."""
        if not isinstance(value, torch.Tensor | float | int) or (isinstance(value, torch.Tensor) and value.is_complex()):
            raise NetworkError(f"{self}: value is a number or a tensor of some, got {type(value).__name__}")
        value = torch.as_tensor(value).detach()
        if value.is_sparse:
            value = value.to_dense()
        if self.sparse and value.dim() == 3:
            value = value[0]
        if value.isnan().any():
            raise NetworkError(f"{self}: values are numbers, got some that are NaN")
        return self.cast_dtype_if_needed(value, self.value_dtype)

    def _fitting(self, value: torch.Tensor, n_source: int, n_target: int) -> torch.Tensor:
        """Values of each synapse, ``[n_source, n_target]``, the same ones if they have that shape."""
        self.assert_valid_shape(n_source, n_target, value)
        return value if list(value.shape) == [n_source, n_target] else value.reshape(1, 1).repeat(n_source, n_target)
