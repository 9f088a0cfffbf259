"""What else a pipeline may hold: that a feature's values change at this place of it, in every step."""

from __future__ import annotations

from abc import abstractmethod

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.topology.part import Part
from bindsnet.network.topology_features.feature import AbstractFeature


class AbstractSubFeature(Part):
    """Something that a feature does when signals come to this place of the pipeline; to signals it does nothing.

    (In BindsNET, no connection can be made of a pipeline that holds one.)

    Args:
        name: its name in the pipeline.
        parent_feature: the feature, in the same pipeline.

    Raises:
        NetworkError: that is none.
    """

    acts_without_spikes = True

    def __init__(self, name: str, parent_feature: AbstractFeature) -> None:
        super().__init__(name)
        if not isinstance(parent_feature, AbstractFeature):
            raise NetworkError(f"{type(self).__name__}: parent_feature is a feature, got {type(parent_feature).__name__}")
        self.__dict__["parent"] = parent_feature  # not registered: it belongs to the pipeline

    def __str__(self) -> str:
        return f"feature {self.name!r} ({type(self).__name__})"

    def prime_feature(self, connection: torch.nn.Module, device: torch.device | str, **kwargs) -> None:
        """See :meth:`Part.prime_feature`.

        Raises:
            NetworkError: the feature is not in the pipeline.
        """
        if not any(feature is self.parent for feature in connection.pipeline):
            raise NetworkError(f"{self}: put {self.parent}, with which it does something, into the pipeline before it")

    @property
    def parent_feature(self) -> AbstractFeature:
        """The feature."""
        return self.parent

    @abstractmethod
    def sub_feature(self) -> None:
        """What the feature does."""

    def compute(self, s: torch.Tensor) -> None:
        """See :meth:`Part.compute`."""
        self.sub_feature()


class Normalization(AbstractSubFeature):
    """Restores the feature's ``norm`` in every step.

    Args:
        name, parent_feature: as in :class:`AbstractSubFeature`.
    """

    def __init__(self, name: str, parent_feature: AbstractFeature) -> None:
        super().__init__(name, parent_feature)

    def sub_feature(self) -> None:
        """See :meth:`AbstractSubFeature.sub_feature`."""
        self.parent.normalize()


class Updating(AbstractSubFeature):
    """Lets the feature's rule change it while the network learns, by the spikes of the step before, whose drive this is.

    It is for connections with ``manual_update``, whose features learn nowhere else, and for rules that need no reward.

    Args:
        name, parent_feature: as in :class:`AbstractSubFeature`.
    """

    def __init__(self, name: str, parent_feature: AbstractFeature) -> None:
        super().__init__(name, parent_feature)

    def sub_feature(self) -> None:
        """See :meth:`AbstractSubFeature.sub_feature`."""
        if self.training:
            self.parent.update()
