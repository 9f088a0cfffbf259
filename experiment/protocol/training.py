"""Training: samples in order, labels assigned on the way."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from bindsnet.engine import Presentation
from bindsnet.evaluation import LabelCounts
from bindsnet.numbers.random import TRAINING
from common import NO_LABEL
from common.spike_trains import SpikeTrains
from experiment.errors import UnusableError
from experiment.model.network import SpikingNetwork
from experiment.model.parameters import MAP_SHARE
from experiment.protocol.features import FeatureTraining
from experiment.protocol.pace import Pace
from experiment.protocol.sampling import epoch_order, update_interval
from experiment.protocol.state import as_saved, is_within
from experiment.readouts.labels import accuracy, classify

TRAINING_NUMBERS = ("n_seen", "interval_repetitions", "seconds", "repetitions")


@dataclass(frozen=True)
class Interval:
    """A block of training samples, just seen.

    Attributes:
        epoch: the epoch, from 0.
        n_seen: training samples seen so far, over all epochs.
        labels: of the block's samples, int64 ``[n]``.
        predictions: by read-out, int64 ``[n]``; None while no label is known, as in the first block.
        spike_counts: of the block's samples, ``[n, n_neurons]``.
        repetitions: presentations beyond one a sample.
        n_silent: neurons without a label after the block.
        seconds: time spent on all samples seen so far.
    """

    epoch: int
    n_seen: int
    labels: torch.Tensor
    predictions: dict[str, torch.Tensor] | None
    spike_counts: torch.Tensor
    repetitions: int
    n_silent: int
    seconds: float

    def accuracy(self, readout: str) -> float | None:
        """Percentage of the block's samples that the labels assigned before got right."""
        if self.predictions is None:
            return None
        return accuracy(self.predictions[readout], self.labels)


@dataclass
class Training:
    """Training of a network, piece by piece; a piece may end within an update interval, and may span several.

    Args:
        network: the network.
        spike_trains: the training samples.
        labels: their labels, int64 ``[n_train]``.
        n_classes: number of classes.
        n_epochs: passes over the samples.
        seed: seed of the order of samples and of random choices in the network.
        engine: what runs the network, as :meth:`bindsnet.network.Network.present` takes it.
        labelled: the samples whose labels neurons are labelled with, bool ``[n_train]``; all when None.
        features: the layers before it, where they learn meanwhile; then `spike_trains` are what they see.

    Attributes:
        label_counts: what is known of the neurons' labels.
        n_seen: training samples presented so far, over all epochs.
        counts: spike counts of the interval under way, int32 ``[n, n_neurons]``.
        interval_repetitions: repetitions in it.
        seconds: time spent presenting, classifying and assigning.
        repetitions: presentations beyond one a sample.
    """

    network: SpikingNetwork
    spike_trains: SpikeTrains
    labels: torch.Tensor
    n_classes: int
    n_epochs: int
    seed: int
    engine: str = "auto"
    labelled: torch.Tensor | None = None
    features: FeatureTraining | None = None
    label_counts: LabelCounts = field(init=False)
    counts: torch.Tensor = field(init=False)
    n_seen: int = 0
    interval_repetitions: int = 0
    seconds: float = 0.0
    repetitions: int = 0
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self.label_counts = LabelCounts(self.network.n_neurons, self.n_classes)
        self.counts = no_counts(self.network)
        if self.labelled is None:
            self.labelled = torch.ones(len(self.labels), dtype=torch.bool)

    @property
    def n_train(self) -> int:
        """Number of training samples."""
        return len(self.labels)

    @property
    def n_labels(self) -> int:
        """Number of training samples whose labels are used."""
        return int(self.labelled.sum())

    @property
    def n_total(self) -> int:
        """Number of samples to present, over all epochs."""
        return self.n_train * self.n_epochs

    def __iter__(self) -> Iterator[tuple[int, list[Interval]]]:
        """Train on; yields each piece's number of samples and the update intervals that end in it."""
        if self.n_seen == self.n_total:
            return
        self.prepare()  # before time counts
        for epoch in range(self.n_seen // self.n_train, self.n_epochs):
            order = epoch_order(self.n_train, self.seed, epoch)
            while self.n_seen < (epoch + 1) * self.n_train:
                yield self._learn(epoch, order)

    def prepare(self) -> None:
        """Have the network's program compiled, if it is not."""
        self.network.train(True)
        self._answer([], [])

    def _learn(self, epoch: int, order: torch.Tensor) -> tuple[int, list[Interval]]:
        started, before = time.perf_counter(), self.seconds
        answer = self._present(order[self.n_seen - epoch * self.n_train :])
        n = len(answer.spike_counts)
        seconds_each = (time.perf_counter() - started) / n
        intervals = []
        size = update_interval(self.n_train)
        ends = tuple(range(size - len(self.counts), n, size))
        parts = (tensor.tensor_split(ends) for tensor in (answer.spike_counts, answer.n_presentations))
        for counts, n_presentations in zip(*parts, strict=True):
            self.counts = torch.cat([self.counts, counts])
            self.interval_repetitions += repetitions_of(n_presentations)
            self.n_seen += len(counts)
            self.seconds += len(counts) * seconds_each
            position = self.n_seen - epoch * self.n_train
            block = order[position - len(self.counts) :][:size]
            if len(self.counts) == len(block):
                intervals.append(self._label(epoch, block))
        seconds = time.perf_counter() - started
        self.pace.adapt(n, seconds)
        self.seconds = before + seconds
        return n, intervals

    def _present(self, samples: torch.Tensor) -> Presentation:
        """Present as many of these samples as the pace allows; a map's formation ends between two pieces."""
        map_ends = math.ceil(MAP_SHARE * self.n_train)
        last = self.n_seen + min(len(samples), self.pace.n)
        if self.n_seen < map_ends < last:
            last = map_ends
        numbers = range(self.n_seen, last)
        answer = self._answer(samples[: len(numbers)], numbers)
        if last == map_ends:
            self.network.end_map_formation()
        return answer

    def _answer(self, samples: Sequence[int] | torch.Tensor, numbers: Sequence[int]) -> Presentation:
        spikes = self.spike_trains.select(samples)
        if self.features is not None and self.features.together:
            spikes = self.features.learn(spikes, numbers)
        return self.network.answer(spikes, numbers, self.seed, TRAINING, engine=self.engine)

    def latest(self) -> int:
        """Place among the training samples of the one presented last."""
        epoch, position = divmod(self.n_seen - 1, self.n_train)
        return int(epoch_order(self.n_train, self.seed, epoch)[position])

    def _label(self, epoch: int, block: torch.Tensor) -> Interval:
        """Close an update interval: classify it by the labels known so far, then count it towards them."""
        counts, labels, repetitions = self.counts, self.labels[block], self.interval_repetitions
        predictions = classify(counts, self.label_counts) if self.label_counts.n_samples.any() else None
        known = self.labelled[block]
        self.label_counts.update(counts[known], labels[known])
        self.repetitions += repetitions
        self.counts, self.interval_repetitions = no_counts(self.network), 0
        n_silent = int((self.label_counts.assignments == NO_LABEL).sum())
        return Interval(epoch, self.n_seen, labels, predictions, counts, repetitions, n_silent, self.seconds)

    def state_dict(self) -> dict[str, Any]:
        """All that training has changed."""
        numbers = {name: getattr(self, name) for name in TRAINING_NUMBERS}
        state = {"network": as_saved(self.network.state_dict()), "counts": self.counts}
        return numbers | state | {"label_sums": self.label_counts.sums, "label_samples": self.label_counts.n_samples}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state.

        Raises:
            UnusableError, ValueError, RuntimeError, KeyError: it is none of this training.
        """
        n_seen, counts = state["n_seen"], state["counts"]
        position = n_seen % self.n_train
        n_open = position % update_interval(self.n_train)
        if not 0 <= n_seen <= self.n_total or counts.shape != (n_open, self.network.n_neurons):
            raise UnusableError(f"{n_seen} samples seen, {len(counts)} of them in an open interval, do not fit this run")
        for name in TRAINING_NUMBERS:
            setattr(self, name, state[name])
        self.counts = counts
        self.network.load_state_dict(state["network"])
        self.label_counts.load(state["label_sums"], state["label_samples"])
        numbers = [(counts, math.inf), (state["label_sums"], math.inf), (state["label_samples"], n_seen)]
        numbers += [(self.network.w, self.network.w_max)]
        is_theta = is_within(self.network.theta, self.network.theta_least)
        if not is_theta or not all(is_within(values, 0, largest) for values, largest in numbers):
            raise UnusableError("it holds weights, thresholds or spike counts that no run reaches")


def no_counts(network: SpikingNetwork) -> torch.Tensor:
    """Spike counts of no sample."""
    return torch.empty(0, network.n_neurons, dtype=torch.int32)


def repetitions_of(n_presentations: torch.Tensor) -> int:
    """Presentations beyond one a sample."""
    return int(n_presentations.sum()) - len(n_presentations)
