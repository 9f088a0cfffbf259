"""What a presentation of samples is: when it is repeated, and what it returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from bindsnet.errors import NetworkError
from common.spike_trains import SpikeTrains

if TYPE_CHECKING:
    from bindsnet.network.circuit import Circuit
    from bindsnet.network.nodes import Nodes


@dataclass(frozen=True)
class Repetition:
    """Present a sample again, with a stronger input, while the counted layer spikes too little (Diehl & Cook 2015).

    Attributes:
        connection: (source, target) of the connection whose weight factor grows.
        min_spikes: fewer spikes than these repeat the presentation.
        first_factor: weight factor of the first presentation.
        growth: the factor is multiplied by it (in float32) for each further one.
        max_presentations: at most so many presentations of a sample.
    """

    connection: tuple[str, str]
    min_spikes: int = 2
    first_factor: float = 1.0
    growth: float = 1.2
    max_presentations: int = 5

    def __post_init__(self) -> None:
        if self.max_presentations < 1:
            raise NetworkError(f"a sample is presented at least once, got max_presentations={self.max_presentations}")

    def factors(self) -> Iterator[float]:
        """The weight factors of the presentations, in order."""
        factor = np.float32(self.first_factor)
        for _ in range(self.max_presentations):
            yield float(factor)
            factor = np.float32(factor * np.float32(self.growth))


class Presentation(NamedTuple):
    """What a block of samples did to a network.

    Attributes:
        spike_counts: int32 ``[n_samples, n_neurons]``: spikes of the counted layer in each sample's last presentation.
        n_presentations: int64 ``[n_samples]``: how often each sample was presented.
        spike_trains: the spikes themselves, in each sample's last presentation, if asked for.
        records: (layer, variable) -> its value after each step of the last presentation of the samples to record,
            ``[n_recorded, n_steps, n_neurons]``.
    """

    spike_counts: torch.Tensor
    n_presentations: torch.Tensor
    spike_trains: SpikeTrains | None = None
    records: Mapping[tuple[str, str], torch.Tensor] = MappingProxyType({})


class Records:
    """What to keep of each step of some samples, in tensors allocated once.

    Args:
        network: the network.
        record: names of variables by name of layer: its state, its adaptive state, its trace ``x`` and its spikes ``s``.
        which: places in the block of the samples to record; all when None.
        n_samples, n_steps: size of the block.

    Attributes:
        rows: int64 ``[n_samples]``: where in ``tensors`` a sample's record stands; -1 for samples that are not recorded.
        tensors: (layer, variable) -> ``[n_recorded, n_steps, n_neurons]``.

    Raises:
        NetworkError: there is no such layer, variable or sample, or ``record`` is none of these.
    """

    def __init__(
        self, network: Circuit, record: Mapping[str, Sequence[str]], which: Sequence[int] | None, n_samples: int, n_steps: int
    ) -> None:
        places = list(range(n_samples)) if which is None else [int(k) for k in which]
        if len(set(places)) < len(places) or not all(0 <= k < n_samples for k in places):
            raise NetworkError(f"samples to record are places in a block of {n_samples}, each once, got {places}")
        if not isinstance(record, Mapping) or any(isinstance(names, str) for names in record.values()):
            raise NetworkError(f'record: expected lists of variables by layer, such as {{"Excitatory": ["v"]}}, got {record!r}')
        self.rows = np.full(n_samples, -1, np.int64)
        if record:
            self.rows[places] = np.arange(len(places))
        self.tensors: dict[tuple[str, str], torch.Tensor] = {}
        for layer, names in record.items():
            if layer not in network.layers:
                raise NetworkError(f"there is no layer {layer!r} to record; there are {', '.join(network.layers)}")
            nodes = network.layers[layer]
            known = recordable(nodes)
            for name in names:
                if name not in known:
                    raise NetworkError(f"layer {layer!r} has no {name!r} to record; it has {', '.join(known)}")
                self.tensors[layer, name] = torch.zeros(len(places), n_steps, nodes.n, dtype=nodes._buffers[name].dtype)

    def arrays(self, nowhere: Mapping[tuple[str, str], np.ndarray]) -> list[np.ndarray]:
        """Where each variable is recorded: what ``nowhere`` has of it, in whose order they come, if it is not."""
        return [array if (at := self.tensors.get(pair)) is None else at.numpy() for pair, array in nowhere.items()]

    def of_sample(self, place: int) -> dict[tuple[str, str], torch.Tensor]:
        """What is recorded of the sample at this place in the block, ``[n_steps, n_neurons]``; nothing of most."""
        row = int(self.rows[place])
        return {pair: tensor[row] for pair, tensor in self.tensors.items()} if row >= 0 else {}


def recordable(nodes: Nodes) -> tuple[str, ...]:
    """Names of what can be recorded of a layer."""
    return ("s", *nodes.state, *nodes.adaptive_state, *(["x"] if nodes.traces else []))
