"""What a connection asks of each entry of its pipeline."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import torch

from bindsnet.errors import NetworkError

if TYPE_CHECKING:
    from bindsnet.learning import LearningRule
    from bindsnet.network.topology.connection import Connection


class Part(torch.nn.Module, ABC):
    """An entry of a pipeline: by itself it does nothing, and each kind says what it does.

    Args:
        name: under which it is found in the connection's ``feature_index``.

    Raises:
        NetworkError: the name is no text.
    """

    #: How what ``compute`` gives counts: the signals of all synapses are multiplied by it (``"mul"``), or it is added to them
    #: (``"add"``) or taken from them (``"sub"``), also of sources that are silent.
    op: ClassVar[str] = "mul"
    #: Whether it has something to do in a step without a spike of the source.
    acts_without_spikes: bool = False
    #: Whether its values are what a connection calls its weights, ``w``.
    weighs: ClassVar[bool] = False
    #: Whether its rule can change anything, or its values decay.
    learns: bool = False
    #: The synapses that stand for it where it is all that there is in a pipeline; None where none do.
    alone: Connection | None = None

    known: ClassVar[dict[str, type[Part]]] = {}

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        Part.known[cls.__name__] = cls

    def __init__(self, name: str) -> None:
        super().__init__()
        if not isinstance(name, str):
            raise NetworkError(f"{type(self).__name__}: the name of a feature is text, got {name!r}")
        self.name = name

    @abstractmethod
    def compute(self, s: torch.Tensor) -> torch.Tensor | None:
        """What it does to the signal of every synapse in this step.

        Args:
            s: spikes of the source, bool ``[batch_size, source.n]``.

        Returns:
            What broadcasts to ``[source.n, target.n]``, or to ``[batch_size, source.n, target.n]`` where samples differ; None
            where it does nothing to signals.
        """

    def prime_feature(self, connection: torch.nn.Module, device: torch.device | str, **kwargs) -> None:
        """Get ready for the connection to whose pipeline it was added; done once."""

    def factor(self, s: torch.Tensor, rows: torch.Tensor, silent: bool = True) -> torch.Tensor | None:
        """What :meth:`compute` gives, for some sources.

        Args:
            s: spikes of the source, bool ``[batch_size, source.n]``.
            rows: the sources, int64 ``[n]`` ascending.
            silent: whether it matters, too, for those of them that are silent in a sample.
        """
        value = self.compute(s)
        return None if value is None else of_sources(torch.as_tensor(value, device=s.device), rows)

    @property
    def rules(self) -> list[LearningRule]:
        """The rules of the library that change its values."""
        return []

    def prepare(self, dt: float, batch_size: int) -> None:
        """Reckon with this time step, ms, and this many samples at a time."""

    def check(self) -> None:
        """See that what is kept fits the populations still."""

    def defer(self) -> None:
        """What it has to do when the drive of a step was computed."""

    def update(self, **kwargs) -> None:
        """Let its rule change its values after a time step."""

    def normalize(self) -> None:
        """Restore the sum of its values into each target."""

    def keep_within_bounds(self) -> None:
        """Bring values that this lifted beyond their bounds back."""

    def reset_state_variables(self) -> None:
        """Between samples: forget what it keeps besides its values."""

    @property
    def at_rest(self) -> bool:
        """Whether all is as :meth:`reset_state_variables` leaves it."""
        return True


def of_sources(value: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """What broadcasts to ``[..., source.n, target.n]``, for some sources, int64 ``[n]``."""
    return value if value.dim() < 2 or value.shape[-2] == 1 else value.index_select(-2, rows)
