"""The spikes of a batch one by one, with what a plasticity rule may know of the synapses that each concerns.

A rule looks at a synapse when its neuron fires, and in a batch hardly ever fire all neurons in all samples that fire in any: so
what is computed for each spike costs a small part of what is computed for each neuron in each sample. Spikes are ordered by
sample, then neuron; their changes are added in this order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from bindsnet.numbers.spikes import spikes_of_batch

if TYPE_CHECKING:
    from bindsnet.network.topology.selection import RunSelection


class MatrixSpikes:
    """Spikes of neurons that have a weight for every neuron of the other side: values are ``[n_spikes, n_others]``.

    Args:
        w: the weights, ``[n_neurons, n_others]``: those of the side that spikes come first.
        s: spikes of that side, bool ``[batch_size, n_neurons]``.
        of_sources: whether they are of source neurons.
    """

    def __init__(self, w: torch.Tensor, s: torch.Tensor, of_sources: bool) -> None:
        self.w, self.sources_spike = w, of_sources
        self.samples, self.neurons = spikes_of_batch(s)

    @property
    def weights(self) -> torch.Tensor:
        """The weights of each spike's neuron."""
        return self.w.index_select(0, self.neurons)

    def of_sources(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the sources, ``[batch_size, *shape]``."""
        return self._of_side(values, self.sources_spike)

    def of_targets(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the targets, ``[batch_size, *shape]``, or ``[1, *shape]`` if samples share them."""
        return self._of_side(values, not self.sources_spike)

    def of_samples(self, values: torch.Tensor) -> torch.Tensor:
        """Values of the samples, ``[batch_size]``."""
        return values[self.samples][:, None]

    def of_weights(self, values: torch.Tensor) -> torch.Tensor:
        """A value for each weight, flat."""
        return self._matrices(values)[0, self.neurons]

    def of_synapses(self, values: torch.Tensor) -> torch.Tensor:
        """Values of synapses, ``[batch_size, n_synapses]``."""
        return self._matrices(values)[self.samples, self.neurons]

    def put_of_synapses(self, values: torch.Tensor, changed: torch.Tensor) -> None:
        """Give the synapses these values."""
        self._matrices(values)[self.samples, self.neurons] = changed

    def add(self, change: torch.Tensor, flat: torch.Tensor) -> None:
        """Add the changes, spike by spike, to what has a number for each weight, flat."""
        change = change.to(flat.dtype).expand(self.neurons.numel(), self.w.shape[1])
        if self.sources_spike:
            flat.view(self.w.shape).index_add_(0, self.neurons, change)
        else:  # to the matrix as it lies, which takes half the time
            flat.view(self.w.T.shape).index_add_(1, self.neurons, change.T)

    def _of_side(self, values: torch.Tensor, spiking: bool) -> torch.Tensor:
        values = values.view(values.shape[0], -1)
        if values.shape[0] == 1:
            return values[0, self.neurons][:, None] if spiking else values
        return values[self.samples, self.neurons][:, None] if spiking else values.index_select(0, self.samples)

    def _matrices(self, values: torch.Tensor) -> torch.Tensor:
        """Values of weights or synapses, in one or all samples, as the weights lie here."""
        shape = self.w.shape if self.sources_spike else self.w.T.shape
        values = values.view(-1, *shape)
        return values if self.sources_spike else values.transpose(1, 2)


class ListedSpikes:
    """Pairs of a spike and one of its neuron's synapses: values are ``[n_pairs]``. Methods as those of :class:`MatrixSpikes`.

    Args:
        selected: the synapses of all neurons that spike in any sample.
        s: spikes of the side that spikes, bool ``[batch_size, n_neurons]``.
        neurons: the number on that side of each synapse's neuron, int64 ``[n_selected]``.
    """

    def __init__(self, selected: RunSelection, s: torch.Tensor, neurons: torch.Tensor) -> None:
        self.selected = selected
        self.samples, self.which = spikes_of_batch(s[:, neurons])

    @property
    def weights(self) -> torch.Tensor:
        """The weight of each pair's synapse."""
        return self.selected.weights[self.which]

    def of_sources(self, values: torch.Tensor) -> torch.Tensor:
        """See :meth:`MatrixSpikes.of_sources`."""
        return self._of(values, self.selected.sources)

    def of_targets(self, values: torch.Tensor) -> torch.Tensor:
        """See :meth:`MatrixSpikes.of_targets`."""
        return self._of(values, self.selected.targets)

    def of_samples(self, values: torch.Tensor) -> torch.Tensor:
        """See :meth:`MatrixSpikes.of_samples`."""
        return values[self.samples]

    def of_weights(self, values: torch.Tensor) -> torch.Tensor:
        """See :meth:`MatrixSpikes.of_weights`."""
        return self.selected.of_weights(values)[self.which]

    def of_synapses(self, values: torch.Tensor) -> torch.Tensor:
        """See :meth:`MatrixSpikes.of_synapses`."""
        return values[self.samples, self.selected.synapses[self.which]]

    def put_of_synapses(self, values: torch.Tensor, changed: torch.Tensor) -> None:
        """See :meth:`MatrixSpikes.put_of_synapses`."""
        values[self.samples, self.selected.synapses[self.which]] = changed

    def add(self, change: torch.Tensor, flat: torch.Tensor) -> None:
        """See :meth:`MatrixSpikes.add`."""
        flat.index_add_(0, self.selected.places[self.which], change.to(flat.dtype).expand(self.which.numel()))

    def _of(self, values: torch.Tensor, neurons: torch.Tensor) -> torch.Tensor:
        values = values.view(values.shape[0], -1)
        return values[self.samples if values.shape[0] > 1 else 0, neurons[self.which]]
