"""How the network is trained and tested: which samples, in which order, and how it is read out."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from bindsnet.engine.random import TESTING, TRAINING
from bindsnet.evaluation import LabelCounts, all_activity, proportion_weighting
from bindsnet.evaluation.readout import NO_ANSWER
from experiment.network import EXCITATORY, MAP_SHARE, SpikingNetwork

INTERVALS_PER_EPOCH = 60
TEST_BLOCK = 64  # samples between two updates of the progress bar
ALL_ACTIVITY, PROPORTION_WEIGHTING = "all_activity", "proportion_weighting"
READOUTS = (ALL_ACTIVITY, PROPORTION_WEIGHTING)

# What a random choice of the protocol is for; its generator is seeded by (seed, purpose, …).
SUBSET, ORDER = 0, 1
TEST_SEED = 0  # fixed, so that all runs are tested on the same samples


def stratified(labels: torch.Tensor, n: int | None, seed: int) -> torch.Tensor:
    """A subset in which each class has its share, drawn by a seed.

    Args:
        labels: int64 ``[n_samples]``.
        n: size of the subset, at most n_samples; None takes all.
        seed: seed of the draw.

    Returns:
        Indices of the samples, ascending, int64 ``[n]``.
    """
    n = len(labels) if n is None else n
    generator = np.random.default_rng([seed, SUBSET])
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
        predictions: by read-out, int64 ``[n]``; None for the first block, which nothing precedes.
        spike_counts: of the block's samples, ``[n, n_neurons]``.
        repetitions: presentations beyond one a sample.
    """

    epoch: int
    n_seen: int
    labels: torch.Tensor
    predictions: dict[str, torch.Tensor] | None
    spike_counts: torch.Tensor
    repetitions: int

    def accuracy(self, readout: str) -> float | None:
        """Percentage of the block's samples that the labels assigned before got right."""
        if self.predictions is None:
            return None
        return accuracy(self.predictions[readout], self.labels)


def accuracy(predictions: torch.Tensor, labels: torch.Tensor) -> float:
    """Percentage of right predictions; a sample without an answer counts as wrong."""
    return 100.0 * (predictions == labels).double().mean().item()


@dataclass
class Training:
    """Training of a network, block by block.

    Args:
        network: the network.
        spike_trains: the training samples (``datasets.SpikeTrains``).
        labels: their labels, int64 ``[n_train]``.
        n_classes: number of classes.
        n_epochs: passes over the samples.
        seed: seed of the order of samples and of random choices in the network.
        engine: what runs the network, as :meth:`bindsnet.network.Network.present` takes it.

    Attributes:
        label_counts: what is known of the neurons' labels.
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
    label_counts: LabelCounts = field(init=False)
    seconds: float = 0.0
    repetitions: int = 0

    def __post_init__(self) -> None:
        self.label_counts = LabelCounts(self.network.n_neurons, self.n_classes)

    @property
    def n_train(self) -> int:
        """Number of training samples."""
        return len(self.labels)

    def __iter__(self) -> Iterator[Interval]:
        """Train; yields after every block."""
        self.network.train(True)
        present(self.network, self.spike_trains.select([]), [], self.seed, TRAINING, self.engine)  # compiled before time counts
        for epoch in range(self.n_epochs):
            order = epoch_order(self.n_train, self.seed, epoch)
            for start in range(0, self.n_train, update_interval(self.n_train)):
                block = order[start : start + update_interval(self.n_train)]
                yield self._learn(epoch, start, block)

    def _learn(self, epoch: int, start: int, block: torch.Tensor) -> Interval:
        started = time.perf_counter()
        counts, repetitions = self._present(epoch, start, block)
        labels = self.labels[block]
        predictions = classify(counts, self.label_counts) if epoch or start else None
        self.label_counts.update(counts, labels)
        self.seconds += time.perf_counter() - started
        self.repetitions += repetitions
        n_seen = epoch * self.n_train + start + len(block)
        return Interval(epoch, n_seen, labels, predictions, counts, repetitions)

    def _present(self, epoch: int, start: int, block: torch.Tensor) -> tuple[torch.Tensor, int]:
        """Spike counts and repetitions of a block; a map's formation may end within it."""
        map_ends = math.ceil(MAP_SHARE * self.n_train) - start if epoch == 0 else 0
        parts = block.split([map_ends, len(block) - map_ends]) if 0 < map_ends < len(block) else [block]
        counts, repetitions, position = [], 0, start
        for part in parts:
            first = epoch * self.n_train + position
            numbers = range(first, first + len(part))
            spikes = self.spike_trains.select(part)
            part_counts, part_repetitions = present(self.network, spikes, numbers, self.seed, TRAINING, self.engine)
            counts.append(part_counts)
            repetitions += part_repetitions
            position += len(part)
            if epoch == 0 and position == start + map_ends:
                self.network.end_map_formation()
        return torch.cat(counts), repetitions


def present(
    network: SpikingNetwork,
    spike_trains: object,
    numbers: Sequence[int],
    seed: int,
    stream: int,
    engine: str,
    n_workers: int = 1,
) -> tuple[torch.Tensor, int]:
    """Present samples by the repetition rule: spike counts ``[n_samples, n_neurons]``, and the number of repetitions."""
    answer = network.present(
        spike_trains,
        layer=EXCITATORY,
        repetition=network.repetition(),
        samples=numbers,
        seed=seed,
        stream=stream,
        engine=engine,
        n_workers=n_workers,
    )
    return answer.spike_counts, int(answer.n_presentations.sum()) - len(numbers)


def classify(counts: torch.Tensor, label_counts: LabelCounts) -> dict[str, torch.Tensor]:
    """Predictions of each read-out, int64 ``[n_samples]``, for spike counts ``[n_samples, n]``."""
    assignments, n_labels = label_counts.assignments, label_counts.n_labels
    return {
        ALL_ACTIVITY: all_activity(counts, assignments, n_labels),
        PROPORTION_WEIGHTING: proportion_weighting(counts, assignments, label_counts.proportions, n_labels),
    }


@dataclass
class Testing:
    """Test of a trained network, block by block: nothing learns.

    Args:
        network: the network.
        spike_trains: the test samples (``datasets.SpikeTrains``).
        labels: their labels, int64 ``[n_test]``.
        numbers: their indices in the data set, which random choices depend on, int64 ``[n_test]``.
        label_counts: what training found out about the neurons' labels.
        seed: seed of random choices in the network.
        engine: as in :class:`Training`.
        n_workers: threads over which the samples are spread.

    Attributes:
        seconds: time spent presenting and classifying.
        repetitions: presentations beyond one a sample.
        predictions: by read-out, int64 ``[n_test]``, once all blocks are done.
    """

    network: SpikingNetwork
    spike_trains: object
    labels: torch.Tensor
    numbers: torch.Tensor
    label_counts: LabelCounts
    seed: int
    engine: str = "auto"
    n_workers: int = 1
    seconds: float = 0.0
    repetitions: int = 0
    predictions: dict[str, torch.Tensor] = field(default_factory=dict)

    def __iter__(self) -> Iterator[int]:
        """Test; yields the number of samples of each block."""
        self.network.train(False)
        present(self.network, self.spike_trains.select([]), [], self.seed, TESTING, self.engine)  # compiled before time counts
        counts = []
        for block in torch.arange(len(self.labels)).split(TEST_BLOCK):
            started = time.perf_counter()
            numbers = self.numbers[block].tolist()
            spikes = self.spike_trains.select(block)
            block_counts, repetitions = present(self.network, spikes, numbers, self.seed, TESTING, self.engine, self.n_workers)
            counts.append(block_counts)
            self.repetitions += repetitions
            self.seconds += time.perf_counter() - started
            yield len(block)
        started = time.perf_counter()
        self.predictions = classify(torch.cat(counts), self.label_counts)
        self.seconds += time.perf_counter() - started

    def accuracies(self) -> dict[str, float]:
        """Percentage of right predictions by read-out."""
        return {name: accuracy(found, self.labels) for name, found in self.predictions.items()}

    def n_without_answer(self, readout: str) -> int:
        """Number of samples for which no labelled neuron fired."""
        return int((self.predictions[readout] == NO_ANSWER).sum())
