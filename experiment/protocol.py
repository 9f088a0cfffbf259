"""How the network is trained and tested: which samples, in which order, and how it is read out."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch

from bindsnet.engine import Presentation
from bindsnet.evaluation import LabelCounts
from bindsnet.evaluation.readout import all_activity_votes, largest_votes, proportion_weighting_votes
from bindsnet.numbers.random import TRAINING
from common import NO_LABEL
from experiment.checkpoint import as_saved, is_within
from experiment.errors import UnusableError
from experiment.network import EXCITATORY, LARGEST_WEIGHT, MAP_SHARE, SpikingNetwork
from experiment.options import ALL_ACTIVITY, PROPORTION_WEIGHTING

INTERVALS_PER_EPOCH = 60
PIECE_SECONDS = 0.5  # that samples presented in one call take, so that a run stops within about a second
SHORTEST = 1e-6  # s; a clock may not have moved
TRAINING_NUMBERS = ("n_seen", "interval_repetitions", "seconds", "repetitions")

# What a random choice of the protocol is for; its generator is seeded by (seed, purpose, …).
SUBSET, ORDER, LABELLED, LABEL_CURVE = range(4)
TEST_SEED = 0  # fixed, so that all runs are tested on the same samples


def stratified(labels: torch.Tensor, n: int | None, seed: int, purpose: int = SUBSET) -> torch.Tensor:
    """A subset in which each class has its share, drawn by a seed.

    Args:
        labels: int64 ``[n_samples]``.
        n: size of the subset, at most n_samples; None takes all.
        seed: seed of the draw.
        purpose: what it is for: another purpose draws another subset.

    Returns:
        Indices of the samples, ascending, int64 ``[n]``.
    """
    n = len(labels) if n is None else n
    generator = np.random.default_rng([seed, purpose])
    classes, counts = np.unique(labels.numpy(), return_counts=True)
    shares = counts * (n / len(labels))
    sizes = np.floor(shares).astype(int)
    # Whole numbers by largest remainder, ties broken by the draw.
    order = np.lexsort((generator.random(len(classes)), sizes - shares))
    sizes[order[: n - sizes.sum()]] += 1
    chosen = [
        generator.choice(np.flatnonzero(labels.numpy() == label), size, replace=False)
        for label, size in zip(classes, sizes, strict=True)
    ]
    return torch.from_numpy(np.sort(np.concatenate(chosen)))


def labelled_samples(labels: torch.Tensor, fraction: float, seed: int) -> torch.Tensor:
    """Which samples' labels may be used, bool ``[n_samples]``: that share of each class's, at least one sample's."""
    chosen = stratified(labels, max(1, round(fraction * len(labels))), seed, LABELLED)
    return torch.zeros(len(labels), dtype=torch.bool).index_fill_(0, chosen, True)


def epoch_order(n_train: int, seed: int, epoch: int) -> torch.Tensor:
    """The order of the training samples in an epoch (counted from 0), int64 ``[n_train]``."""
    return torch.from_numpy(np.random.default_rng([seed, ORDER, epoch]).permutation(n_train))


def update_interval(n_train: int) -> int:
    """Number of samples after which the labels are updated."""
    return max(1, n_train // INTERVALS_PER_EPOCH)


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


def accuracy(predictions: torch.Tensor, labels: torch.Tensor) -> float:
    """Percentage of right predictions; a sample without an answer counts as wrong."""
    return 100.0 * (predictions == labels).double().mean().item()


@dataclass
class Pace:
    """How many samples are presented at a time: so many that a run can stop soon, whatever a sample takes."""

    n: int = 1

    def adapt(self, n: int, seconds: float) -> None:
        """Go by what the last `n` samples took."""
        self.n = max(1, min(2 * self.n, int(n * PIECE_SECONDS / max(seconds, SHORTEST))))


@dataclass
class Training:
    """Training of a network, piece by piece; a piece may end within an update interval, and may span several.

    Args:
        network: the network.
        spike_trains: the training samples (``datasets.SpikeTrains``).
        labels: their labels, int64 ``[n_train]``.
        n_classes: number of classes.
        n_epochs: passes over the samples.
        seed: seed of the order of samples and of random choices in the network.
        engine: what runs the network, as :meth:`bindsnet.network.Network.present` takes it.
        labelled: the samples whose labels neurons are labelled with, bool ``[n_train]``; all when None.

    Attributes:
        label_counts: what is known of the neurons' labels.
        n_seen: training samples presented so far, over all epochs.
        counts: spike counts of the interval under way, int32 ``[n, n_neurons]``.
        interval_repetitions: repetitions in it.
        seconds: time spent presenting, classifying and assigning.
        repetitions: presentations beyond one a sample.
    """

    network: SpikingNetwork
    spike_trains: object
    labels: torch.Tensor
    n_classes: int
    n_epochs: int
    seed: int
    engine: str = "auto"
    labelled: torch.Tensor | None = None
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
        present(self.network, self.spike_trains.select([]), [], self.seed, TRAINING, self.engine)

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
        spikes = self.spike_trains.select(samples[: len(numbers)])
        answer = present(self.network, spikes, numbers, self.seed, TRAINING, self.engine)
        if last == map_ends:
            self.network.end_map_formation()
        return answer

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
        numbers += [(self.network.theta, math.inf), (self.network.w, LARGEST_WEIGHT)]
        if not all(is_within(values, 0, largest) for values, largest in numbers):
            raise UnusableError("it holds weights, thresholds or spike counts that no run reaches")


def no_counts(network: SpikingNetwork) -> torch.Tensor:
    """Spike counts of no sample."""
    return torch.empty(0, network.n_neurons, dtype=torch.int32)


def present(
    network: SpikingNetwork,
    spike_trains: object,
    numbers: Sequence[int],
    seed: int,
    stream: int,
    engine: str,
    n_workers: int = 1,
    spike_times: bool = False,
) -> Presentation:
    """Present samples by the repetition rule; the excitatory neurons' spikes are counted, or returned too."""
    return network.present(
        spike_trains,
        layer=EXCITATORY,
        repetition=network.repetition(),
        samples=numbers,
        seed=seed,
        stream=stream,
        engine=engine,
        n_workers=n_workers,
        spike_times=spike_times,
    )


def repetitions_of(n_presentations: torch.Tensor) -> int:
    """Presentations beyond one a sample."""
    return int(n_presentations.sum()) - len(n_presentations)


class Labelled(Protocol):
    """What a network is read out by: labels of its neurons, as `LabelCounts` and `TrainedNetwork` have them."""

    assignments: torch.Tensor
    proportions: torch.Tensor
    n_labels: int


def votes(counts: torch.Tensor, known: Labelled) -> dict[str, torch.Tensor]:
    """Votes of each read-out for each class, float64 ``[n_samples, n_labels]``, for spike counts ``[n_samples, n]``."""
    return {
        ALL_ACTIVITY: all_activity_votes(counts, known.assignments, known.n_labels),
        PROPORTION_WEIGHTING: proportion_weighting_votes(counts, known.assignments, known.proportions, known.n_labels),
    }


def classify(counts: torch.Tensor, known: Labelled) -> dict[str, torch.Tensor]:
    """Predictions of each read-out, int64 ``[n_samples]``, for spike counts ``[n_samples, n]``."""
    return {name: largest_votes(found) for name, found in votes(counts, known).items()}
