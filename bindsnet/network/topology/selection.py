"""Some of a connection's synapses, with what a plasticity rule may know of each: for the plain engine.

Values of source neurons, target neurons, weights and synapses are brought into one shape, ``[batch_size, *shape of the
selection]``, and what a rule changed is put back.
"""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.network.topology.runs import Listed
from bindsnet.numbers.ops import Array, as_array
from bindsnet.numbers.spikes import sum_in_order

ALL = slice(None)
Indices = Array | slice


class DenseSelection:
    """The synapses of some rows (sources) and columns (targets) of a weight for every pair of neurons.

    Args:
        w: the weights, ``[n_sources, n_targets]``.
        rows, columns: neurons, int64 ascending, or all.
    """

    def __init__(self, w: torch.Tensor, rows: Indices = ALL, columns: Indices = ALL) -> None:
        self.w, self.rows, self.columns = w, rows, columns
        self.array = as_array(w)

    @property
    def weights(self) -> torch.Tensor:
        """Their weights, ``[n_rows, n_columns]``."""
        if self.rows is ALL and self.columns is ALL:
            return self.w
        side, neurons = (1, self.columns) if self.rows is ALL else (0, self.rows)
        if self.array is self.w:
            return self.w.index_select(side, neurons)
        return torch.from_numpy(self.array.take(neurons, side))  # a third of torch's time

    def put(self, weights: torch.Tensor) -> None:
        """Give them these weights."""
        if self.rows is ALL and self.columns is ALL:
            self.w.copy_(weights)
        elif self.rows is ALL:
            self.array[:, self.columns] = as_array(weights)
        else:
            self.array[self.rows] = as_array(weights)

    def add(self, change: torch.Tensor, flat: torch.Tensor) -> None:
        """Add a change of all synapses to what has a number for each weight, flat."""
        flat.view(self.w.shape).add_(change)

    def of_sources(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the sources, ``[batch_size, n_sources]``, for each synapse."""
        return values.view(values.shape[0], -1, 1)[:, _index(self.rows)]

    def of_targets(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the targets, ``[batch_size, n_targets]``, for each synapse."""
        values = values.view(values.shape[0], 1, -1)
        return values if self.columns is ALL else values[:, :, _index(self.columns)]

    def of_samples(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the samples, ``[batch_size]``, for each synapse."""
        return values.view(-1, 1, 1)

    def of_weights(self, values: torch.Tensor) -> torch.Tensor:
        """A value for each weight, flat."""
        values = values.view(self.w.shape)
        return values[:, _index(self.columns)] if self.rows is ALL else values[_index(self.rows)]

    def of_synapses(self, values: torch.Tensor) -> torch.Tensor:
        """Values of synapses, ``[batch_size, n_synapses]``."""
        values = values.view(-1, *self.w.shape)
        return values[:, :, _index(self.columns)] if self.rows is ALL else values[:, _index(self.rows)]

    def put_of_synapses(self, values: torch.Tensor, changed: torch.Tensor) -> None:
        """Give the synapses these values."""
        values = values.view(-1, *self.w.shape)
        if self.rows is ALL:
            values[:, :, _index(self.columns)] = changed
        else:
            values[:, _index(self.rows)] = changed

    def sum_by_target(self, values: torch.Tensor) -> torch.Tensor:
        """Sums of whole columns of ``[batch_size, n_sources, n_columns or 1]``: ``[batch_size, n_targets]``, 0 elsewhere."""
        total = torch.zeros(len(values), self.w.shape[1], device=self.w.device)
        columns = total[:, _index(self.columns)].shape[1]
        sums = [sum_in_order(each.expand(-1, columns).cpu().numpy()) for each in values]
        total[:, _index(self.columns)] = torch.from_numpy(np.stack(sums)).to(total.device)
        return total


class RunSelection:
    """Synapses one by one.

    Args:
        w: the flat weights.
        listed: the synapses.
        neurons: number of each target as its population counts; None where runs count alike.
        n_targets: number of target neurons.
    """

    def __init__(self, w: torch.Tensor, listed: Listed, neurons: np.ndarray | None, n_targets: int) -> None:
        self.w, self.listed, self.neurons, self.n_targets = w, listed, neurons, n_targets
        targets = listed.targets if neurons is None else neurons[listed.targets].astype(np.int64)
        self.targets = torch.from_numpy(targets).to(w.device)
        self.sources, self.places, self.synapses = (
            torch.from_numpy(indices).to(w.device) for indices in (listed.sources, listed.weights, listed.synapses)
        )

    def by_target(self) -> RunSelection:
        """The same synapses in ascending order of target, then source."""
        order = np.lexsort((self.listed.sources, self.targets.cpu().numpy()))
        return RunSelection(self.w, Listed(*(indices[order] for indices in self.listed)), self.neurons, self.n_targets)

    @property
    def weights(self) -> torch.Tensor:
        """Their weights, ``[n_selected]``."""
        return self.w[self.places]

    def put(self, weights: torch.Tensor) -> None:
        """Give them these weights."""
        self.w[self.places] = weights

    def add(self, change: torch.Tensor, flat: torch.Tensor) -> None:
        """Add their changes, one by one, to what has a number for each weight, flat."""
        flat.index_add_(0, self.places, change.to(flat.dtype).expand(self.places.numel()))

    def of_sources(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the sources, ``[batch_size, n_sources]``, for each synapse."""
        return values.view(values.shape[0], -1)[:, self.sources]

    def of_targets(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the targets, ``[batch_size, n_targets]``, for each synapse."""
        return values.view(values.shape[0], -1)[:, self.targets]

    def of_samples(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the samples, ``[batch_size]``, for each synapse."""
        return values.view(-1, 1)

    def of_weights(self, values: torch.Tensor) -> torch.Tensor:
        """A value for each weight, flat."""
        return values[self.places]

    def of_synapses(self, values: torch.Tensor) -> torch.Tensor:
        """Values of synapses, ``[batch_size, n_synapses]``."""
        return values[:, self.synapses]

    def put_of_synapses(self, values: torch.Tensor, changed: torch.Tensor) -> None:
        """Give the synapses these values."""
        values[:, self.synapses] = changed

    def sum_by_target(self, values: torch.Tensor) -> torch.Tensor:
        """Sums of values ``[batch_size, n_selected]``, one after the other, ``[batch_size, n_targets]``; 0 elsewhere."""
        total = torch.zeros(len(values), self.n_targets, device=self.w.device)
        for sample, each in zip(total, values, strict=True):
            sample.index_add_(0, self.targets, each)
        return total


def _index(neurons: Indices) -> torch.Tensor | slice:
    """Neurons as tensors are indexed by them."""
    return neurons if neurons is ALL else torch.as_tensor(neurons)
