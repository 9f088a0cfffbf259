"""Connections made of features: signals go through a pipeline before they reach the target.

The signal of the synapse from i to j is A_ij s_i + B_ij. A pipeline begins with A = 1, B = 0; each of its features multiplies
both, or adds to B, or takes from it. The drive of j is Σ_i A_ij s_i + Σ_i B_ij, each sum in ascending order of the source.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.network.topology.connection import Connection
from bindsnet.network.topology.part import Part, of_sources
from bindsnet.numbers.spikes import fired, sum_in_order, sums_of_rows


class AbstractMulticompartmentConnection(AbstractConnection):
    """A connection with a pipeline of features (:mod:`bindsnet.network.topology_features`).

    Args:
        source, target: populations.
        device: where the features' values shall lie; ``network.to`` moves them, as all that is the network's.
        pipeline: the features, in their order.
        kwargs: ``delay``, steps from a spike to its drive, one number for all synapses (1 by default); what else there is are
            further arguments of the rules of all features that have one.

    Attributes:
        pipeline: the features.
        feature_index: the same by name.

    Raises:
        NetworkError: source or target is no population, the pipeline holds something else than features, two of one name, or one
            that does not fit, or there are arguments for rules and no rule.
    """

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        device: torch.device | str,
        pipeline: Sequence[Part] | None = None,
        **kwargs,
    ) -> None:
        super().__init__(source, target, delay=kwargs.pop("delay", 1))
        self.parted_by(self.delays)  # which refuses one for each synapse
        self.pipeline, self._device = torch.nn.ModuleList(), torch.device(device)
        for feature in pipeline or ():
            self._add(feature, len(self.pipeline), **kwargs)
        if kwargs and not self.learns:
            names = ", ".join(map(repr, kwargs))
            raise NetworkError(f"{type(self).__name__} takes no argument {names}: none of its features has a rule")

    @property
    def device(self) -> torch.device:
        """Where the features' values lie."""
        return next((kept.device for kept in self.pipeline.state_dict().values()), self._device)

    @property
    def rules(self) -> list[LearningRule]:
        """See :attr:`AbstractConnection.rules`."""
        return [rule for feature in self.pipeline for rule in feature.rules]

    @property
    def learns(self) -> bool:
        """See :attr:`AbstractConnection.learns`."""
        return any(feature.learns for feature in self.pipeline)

    @abstractmethod
    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`."""

    @abstractmethod
    def update(self, **kwargs) -> None:
        """See :meth:`AbstractConnection.update`."""

    @abstractmethod
    def reset_state_variables(self) -> None:
        """See :meth:`AbstractConnection.reset_state_variables`."""

    def synapses_of_feature(self, *args, **kwargs) -> Connection:
        """Synapses whose weights are a feature's values: a dense connection of the same populations.

        Args:
            args, kwargs: of :class:`Connection`.
        """
        return Connection(self.source, self.target, *args, **kwargs)

    @property
    def feature_index(self) -> dict[str, Part]:
        """The features by name."""
        return {feature.name: feature for feature in self.pipeline}

    def append_pipeline(self, feature: Part) -> None:
        """Add a feature to the end of the pipeline.

        Raises:
            NetworkError: it is none, does not fit, or there is one of its name.
        """
        self._add(feature, len(self.pipeline))

    def insert_pipeline(self, feature: Part, index: int) -> None:
        """Add a feature before the one at this place, as a list counts. (BindsNET's fails.)

        Raises:
            NetworkError: see :meth:`append_pipeline`.
        """
        self._add(feature, index)

    def remove_pipeline(self, feature: Part) -> None:
        """Take a feature out of the pipeline.

        Raises:
            NetworkError: it is not in it.
        """
        places = [place for place, other in enumerate(self.pipeline) if other is feature]
        if not places:
            raise NetworkError(f"{feature} is not in the pipeline; there are {', '.join(self.feature_index) or 'none'}")
        del self.pipeline[places[0]]

    def _add(self, feature: Part, index: int, **kwargs) -> None:
        if not isinstance(feature, Part):
            raise NetworkError(f"a pipeline is made of features, such as Weight, got {type(feature).__name__}")
        if feature.name in self.feature_index:
            raise NetworkError(f"there are two features {feature.name!r} in a pipeline; give each a name of its own")
        feature.prime_feature(self, self.device, **kwargs)
        feature.prepare(self.update_rule.dt, len(self.source.s))
        feature.train(self.training)
        self.pipeline.insert(slice(index, None).indices(len(self.pipeline))[0], feature)  # ModuleList counts from no end


class MulticompartmentConnection(AbstractMulticompartmentConnection):
    """A connection whose signals go through a pipeline of features, in a step of the network each.

    A pipeline of one :class:`Weight` is a dense :class:`Connection` of these weights, to the bit and in both engines; others
    keep the plain one. Without a feature that multiplies, every spike counts 1.

    Args:
        source, target, device, pipeline, kwargs: as in :class:`AbstractMulticompartmentConnection`.
        manual_update: let features learn only where :meth:`Part.update` is called, by hand or by an ``Updating``.
        traces: keep the drive of the last step in ``activity``, for monitors.
        sparse_compute: kept for BindsNET's interface: only what sources that fired reach is looked at, always.

    Attributes:
        activity: the last drive, float32 ``[batch_size, *target.shape]``; None without ``traces``.
    """

    def __init__(
        self,
        source: Nodes,
        target: Nodes,
        device: torch.device | str,
        pipeline: Sequence[Part] = [],  # BindsNET's default, which nothing changes
        manual_update: bool = False,
        traces: bool = False,
        sparse_compute: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(source, target, device, pipeline, **kwargs)
        self.manual_update, self.traces, self.sparse_compute = bool(manual_update), bool(traces), bool(sparse_compute)
        self.register_buffer("activity", None, persistent=False)
        self._keep_activity(torch.zeros(len(source.s), *target.shape, device=source.s.device))

    @property
    def w(self) -> torch.nn.Parameter:
        """The weights: the values of the first ``Weight`` of the pipeline.

        Raises:
            AttributeError: there is none.
        """
        for feature in self.pipeline:
            if feature.weighs:
                return feature.values
        raise AttributeError("w")

    @property
    def plastic(self) -> bool:
        """See :attr:`AbstractConnection.plastic`."""
        return self.learns and not self.manual_update

    @property
    def drives_without_spikes(self) -> bool:
        """Only some features drive, or do something, without spikes."""
        return self.traces or any(feature.acts_without_spikes for feature in self.pipeline)

    def in_program(self) -> Connection:
        """See :meth:`AbstractConnection.in_program`: the one weight of the pipeline, where there is no more to it."""
        alone = self._alone()
        weighs_alone = len(self.pipeline) == 1 and self.pipeline[0].weighs
        kinds = ", ".join(type(feature).__name__ for feature in self.pipeline) or "nothing"
        reasons = {
            "it is a kind of the user's own": type(self) is not MulticompartmentConnection,
            f"its pipeline holds {kinds}, and not one Weight alone": not weighs_alone,
            "its Weight averages updates, is normalised in every step, or is a kind of the user's own": alone is None,
            "its features are updated by hand": self.manual_update,
            "it keeps its activity of every step": self.traces,
        }
        if found := [reason for reason, holds in reasons.items() if holds]:
            raise NetworkError(found[0])
        return alone

    def _alone(self) -> Connection | None:
        """The synapses that the pipeline comes to, with factor and delay of the connection; None where it is more than that."""
        alone = self.pipeline[0].alone if len(self.pipeline) == 1 else None
        if alone is not None:
            alone.weight_factor = self.weight_factor
            if alone.delay != self.delay:
                alone.delay = self.delay
        return alone

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """See :meth:`AbstractConnection.compute`."""
        alone = self._alone()
        drive = self._folded(s.view(len(s), -1)) if alone is None else alone.compute(s)
        self._keep_activity(drive)
        return drive

    def _folded(self, s: torch.Tensor) -> torch.Tensor:
        """The drive of a pipeline of several features."""
        offsets = any(feature.op != "mul" for feature in self.pipeline)
        active = torch.as_tensor(fired(s))
        rows = torch.arange(self.source.n, device=s.device) if offsets else active  # what is added is of silent sources, too
        a, b = torch.ones(len(active), self.target.n, device=s.device), None
        for feature in self.pipeline:
            value = feature.factor(s, rows, silent=offsets)
            if value is None:
                continue
            value = value.float()
            if feature.op == "mul":
                a = a * (of_sources(value, active) if offsets else value)
                b = None if b is None else b * value
            else:
                offset = (value if feature.op == "add" else -value).expand(len(rows), self.target.n)
                b = offset if b is None else b + offset
        spikes = s.index_select(1, active)
        parts = zip(a, spikes.split(1), strict=True) if a.dim() == 3 else [(a, spikes)]
        drive = torch.cat([sums_of_rows(each.contiguous(), of_each) for each, of_each in parts])
        if b is not None:
            sums = [sum_in_order(each.cpu().numpy()) for each in (b if b.dim() == 3 else b[None])]
            drive = drive + torch.from_numpy(np.stack(sums)).to(drive.device)
        for feature in self.pipeline:
            feature.defer()
        return self.scaled(drive)

    def compute_window(self, s: torch.Tensor) -> torch.Tensor:
        """The drive of many steps at once, ``[time, batch_size, *target.shape]`` for spikes ``[time, batch_size, ...]``."""
        return torch.stack([self.compute(step) for step in s])

    def prepare(self, dt: float, batch_size: int) -> None:
        """See :meth:`AbstractConnection.prepare`."""
        super().prepare(dt, batch_size)
        for feature in self.pipeline:
            feature.prepare(dt, batch_size)

    def _keep_activity(self, drive: torch.Tensor) -> None:
        if self.traces and (self.activity is None or self.activity.shape != drive.shape):
            self.activity = drive.clone()
        elif self.traces:
            self.activity.copy_(drive)

    def check(self) -> None:
        """See :meth:`AbstractConnection.check`."""
        super().check()
        for feature in self.pipeline:
            feature.check()

    def update(self, **kwargs) -> None:
        """Let features learn after a time step, unless that is done by hand.

        Args:
            learning: whether they may; True by default.
            mask: bool tensor of the shape of ``w``: these weights are set to 0; None for none.
            kwargs: for rules that take more, such as ``reward``.
        """
        mask = kwargs.pop("mask", None)
        if kwargs.get("learning", True) and not self.manual_update:
            for feature in self.pipeline:
                feature.update(**kwargs)
        if mask is not None:
            self.w.masked_fill_(mask, 0)

    def keep_within_bounds(self) -> None:
        """See :meth:`AbstractConnection.keep_within_bounds`."""
        for feature in self.pipeline:
            feature.keep_within_bounds()

    def normalize(self) -> None:
        """Restore the norms of all features that have one."""
        for feature in self.pipeline:
            feature.normalize()

    def reset_state_variables(self) -> None:
        """See :meth:`AbstractConnection.reset_state_variables`."""
        for feature in self.pipeline:
            feature.reset_state_variables()

    @property
    def at_rest(self) -> bool:
        """See :attr:`AbstractConnection.at_rest`."""
        return all(feature.at_rest for feature in self.pipeline)
