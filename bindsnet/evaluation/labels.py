"""What neurons stand for: labels assigned by their answers to labelled samples.

rate[n, c] is the mean spike count of neuron n over the samples of class c, proportions are a
neuron's rates divided by their sum, and a neuron's label is its largest proportion (Diehl & Cook
2015, "Training and Classification"). A neuron that never fired has the label −1.
"""

from __future__ import annotations

import torch

from common import NO_LABEL


def spike_counts(spikes: torch.Tensor) -> torch.Tensor:
    """Counts ``[n_samples, n_neurons]`` of spikes ``[n_samples, time, n_neurons]``, or of counts.

    Raises:
        ValueError: the tensor has another number of dimensions.
    """
    if spikes.dim() == 3:
        counts = spikes.sum(1)
        return counts.to_dense() if counts.is_sparse else counts
    if spikes.dim() == 2:
        return spikes
    raise ValueError(
        f"expected spikes [n_samples, time, n_neurons] or counts [n_samples, n_neurons], got the shape {list(spikes.shape)}"
    )


def labels_from_rates(rates: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Assignments and proportions.

    Args:
        rates: ``[n_neurons, n_labels]``.

    Returns:
        Labels, int64 ``[n_neurons]`` (ties to the smaller class, −1 for a silent neuron), and
        proportions ``[n_neurons, n_labels]`` (zeros for a silent neuron).
    """
    total = rates.sum(1, keepdim=True)
    proportions = torch.where(total > 0, rates / total, 0.0)
    largest = proportions.max(1, keepdim=True).values
    # argmax promises no order among equals: the first class that reaches the largest is meant.
    assignments = (proportions == largest).int().argmax(1)
    return torch.where(total.squeeze(1) > 0, assignments, NO_LABEL), proportions


def assign_labels(
    spikes: torch.Tensor,
    labels: torch.Tensor,
    n_labels: int,
    rates: torch.Tensor | None = None,
    alpha: float = 1.0,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Assign labels to neurons by a block of samples.

    Args:
        spikes: ``[n_samples, time, n_neurons]``, or counts ``[n_samples, n_neurons]``.
        labels: labels of the samples, ``[n_samples]``.
        n_labels: number of classes.
        rates: rates known before, ``[n_neurons, n_labels]``; they are not changed.
        alpha: what the rates known before are multiplied by, of the classes that the block holds.

    Returns:
        Assignments ``[n_neurons]``, proportions and rates ``[n_neurons, n_labels]``: alpha times
        the old rates plus the block's mean counts of each class; the old rates of a class without samples.
        Ties go to the smaller class, and no generator is drawn from (BindsNET 0.3.4 breaks them by torch's).

    Raises:
        ValueError: shapes or labels do not fit.
    """
    counts = spike_counts(spikes)
    known = LabelCounts(counts.shape[1], n_labels, counts.device)
    known.update(counts, labels)
    new_rates = known.rates.float()
    if rates is not None:
        new_rates = torch.where(known.n_samples > 0, alpha * rates + new_rates, rates)
    return *labels_from_rates(new_rates), new_rates


class LabelCounts:
    """Spike counts of neurons by class, over all samples seen so far.

    Args:
        n_neurons: number of neurons.
        n_labels: number of classes.
        device: where the sums are kept.
    """

    def __init__(self, n_neurons: int, n_labels: int, device: torch.device | str = "cpu") -> None:
        self.n_labels = n_labels
        self.sums = torch.zeros(n_neurons, n_labels, dtype=torch.float64, device=device)
        self.n_samples = torch.zeros(n_labels, dtype=torch.float64, device=device)
        self._labels: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(self, spikes: torch.Tensor, labels: torch.Tensor) -> None:
        """Count a block of samples; arguments as in :func:`assign_labels`."""
        counts = spike_counts(spikes)
        labels = torch.as_tensor(labels, device=self.sums.device)
        if counts.shape[1] != len(self.sums):
            raise ValueError(f"expected counts of {len(self.sums)} neurons, got {counts.shape[1]}")
        if labels.shape != counts.shape[:1]:
            raise ValueError(f"expected {len(counts)} labels, got the shape {list(labels.shape)}")
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < self.n_labels:
            raise ValueError(f"expected labels from 0 to {self.n_labels - 1}")
        self.sums.index_add_(1, labels.long(), counts.double().T)
        self.n_samples += torch.bincount(labels.long(), minlength=self.n_labels)
        self._labels = None

    def load(self, sums: torch.Tensor, n_samples: torch.Tensor) -> None:
        """Go back to what was counted before: the attributes `sums` and `n_samples` then.

        Raises:
            ValueError: they are of other neurons or classes.
        """
        if sums.shape != self.sums.shape or n_samples.shape != self.n_samples.shape:
            raise ValueError(f"expected sums {list(self.sums.shape)}, got {list(sums.shape)}")
        self.sums.copy_(sums)
        self.n_samples.copy_(n_samples)
        self._labels = None

    @property
    def rates(self) -> torch.Tensor:
        """Mean spike count by class, float64 ``[n_neurons, n_labels]``; 0 for a class not seen."""
        return self.sums / self.n_samples.clamp(min=1)

    @property
    def assignments(self) -> torch.Tensor:
        """Labels of the neurons, int64 ``[n_neurons]``; −1 for a silent neuron."""
        return self._assigned()[0]

    @property
    def proportions(self) -> torch.Tensor:
        """Rates of a neuron divided by their sum, float64 ``[n_neurons, n_labels]``."""
        return self._assigned()[1]

    def _assigned(self) -> tuple[torch.Tensor, torch.Tensor]:
        if self._labels is None:
            self._labels = labels_from_rates(self.rates)
        return self._labels
