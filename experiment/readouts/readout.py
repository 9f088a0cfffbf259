"""What a further read-out is, and those that are asked for or were stored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
import torch

from common.lazy import class_in
from common.spike_trains import SpikeTrains
from experiment.readouts import FURTHER_READOUTS


class Readout(ABC):
    """A read-out: `observe` blocks of labelled samples, `fit`, then `predict`, each sample as if it came alone.

    Args:
        n_neurons: number of neurons.
        n_classes: number of classes.

    Attributes:
        needs_spike_times: whether it takes spikes, not only their counts.
        of_any_layer: whether it may read the layer that the neurons see in their place.
        array_names: what it has learned, as ``network_….npz`` names it.
    """

    needs_spike_times: ClassVar[bool] = False
    of_any_layer: ClassVar[bool] = False
    array_names: ClassVar[tuple[str, ...]]

    def __init__(self, n_neurons: int, n_classes: int) -> None:
        self.n_neurons, self.n_classes = n_neurons, n_classes
        self.reads_seen = False  # whether its counts are of the layer that the neurons see

    @abstractmethod
    def observe(self, counts: torch.Tensor, spikes: SpikeTrains | None, labels: torch.Tensor) -> None:
        """Take a block: spike counts ``[n_samples, n_neurons]``, the spikes where they are needed, labels ``[n_samples]``."""

    def fit(self) -> Iterator[None]:
        """Learn from what was observed; yields now and then, so that a run can stop soon."""
        yield from ()

    @abstractmethod
    def predict(self, counts: torch.Tensor, spikes: SpikeTrains | None) -> torch.Tensor:
        """Predictions, int64 ``[n_samples]``; −1 where there is no answer."""

    @property
    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """What it has learned, by `array_names`."""

    @abstractmethod
    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what another has learned.

        Raises:
            ValueError: the arrays are of other neurons or classes, or damaged.
        """


def readout_class(name: str) -> type[Readout]:
    """The class of a further read-out: the one that its module holds."""
    return class_in(f"{__package__}.{name}", Readout)


def all_array_names() -> set[str]:
    """The names of what any further read-out stores."""
    return {array for name in FURTHER_READOUTS for array in readout_class(name).array_names}


def new_readouts(names: tuple[str, ...], n_neurons: int, n_classes: int, n_read: int | None = None) -> dict[str, Readout]:
    """Read-outs that have learned nothing yet, by name; `n_read` is the size of the layer that those of any layer read."""
    readouts = {}
    for name in names:
        kind = readout_class(name)
        of_seen = n_read is not None and kind.of_any_layer
        readouts[name] = kind(n_read if of_seen else n_neurons, n_classes)
        readouts[name].reads_seen = of_seen
    return readouts


def stored_readouts(
    arrays: Mapping[str, np.ndarray], n_neurons: int, n_classes: int, n_read: int | None = None
) -> dict[str, Readout]:
    """The read-outs whose arrays are there, as they were fitted; sizes as of `new_readouts`.

    Raises:
        ValueError: the arrays are not what a run writes.
    """
    needed = {name: readout_class(name).array_names for name in FURTHER_READOUTS}
    stored = tuple(name for name, names in needed.items() if set(names) & set(arrays))
    lacking = [array for name in stored for array in needed[name] if array not in arrays]
    if lacking:
        raise ValueError(f"its array {lacking[0]} is not there, though others of that read-out are")
    readouts = new_readouts(stored, n_neurons, n_classes, n_read)
    for readout in readouts.values():
        readout.load(arrays)
    return readouts


def check_array(name: str, array: np.ndarray, kind: type, shape: tuple[int, ...]) -> None:
    """Refuses an array that a run would not have written.

    Raises:
        ValueError: its numbers are of another kind or not finite, or its shape is another.
    """
    if array.dtype != kind or array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"its array {name} is not what a run writes")


def length_of(array: np.ndarray) -> int:
    """How many rows there are; 0 of a single number, which is refused by its shape."""
    return len(array) if array.ndim else 0
