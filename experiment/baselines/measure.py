"""Baselines on the samples of a run: the same split, the same labels."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from common import NO_LABEL
from common.room import lack_of_memory
from common.threads import one_torch_thread
from experiment.baselines.baseline import baseline_class
from experiment.baselines.inputs import vectors_of
from experiment.baselines.names import BASELINES, ROOT
from experiment.errors import OptionError
from experiment.protocol.sampling import labelled_samples
from experiment.readouts.labels import accuracy, sampling_error
from experiment.samples import Samples

BYTES_PER_COUNT = 4
COPIES_OF_VECTORS = 4  # in memory while something is fitted to them


@dataclass(frozen=True, eq=False)
class Result:
    """How a baseline did.

    Attributes:
        name: one of `BASELINES`.
        accuracy: of the test samples, %.
        seconds: that it took to fit.
        predictions: of the test samples, int64 ``[n_test]``; −1 where there was no answer.
    """

    name: str
    accuracy: float
    seconds: float
    predictions: torch.Tensor

    @property
    def error(self) -> float:
        """Standard error of the accuracy by the choice of the test samples, percentage points."""
        return sampling_error(self.accuracy, len(self.predictions))

    @property
    def n_without_answer(self) -> int:
        """Number of test samples without one, such as those nearest to a centroid near which no label may be used."""
        return int((self.predictions == NO_LABEL).sum())


def baselines(
    train: Samples,
    test: Samples,
    *,
    n_neurons: int = 400,
    counts: str = ROOT,
    label_fraction: float = 1.0,
    seed: int = 0,
    names: Sequence[str] = tuple(BASELINES),
) -> list[Result]:
    """What is told of the test samples from spike counts alone; in one thread, and the same each time.

    Args:
        train: training samples.
        test: test samples.
        n_neurons: number of centroids of k-means.
        counts: what is taken of the spikes of an input: their number ("counts"), its "root", or whether it was "active".
        label_fraction: share of the training labels that may be used.
        seed: seed of all random choices.
        names: which ones, of `BASELINES`; one that does not suit the sensor is left out.

    Raises:
        OptionError: memory does not suffice.
    """
    return list(measured(train, test, n_neurons, counts, label_fraction, seed, names))


def measured(
    train: Samples, test: Samples, n_neurons: int, counts: str, label_fraction: float, seed: int, names: Sequence[str]
) -> Iterator[Result]:
    """The same, one by one as they are done."""
    from threadpoolctl import threadpool_limits

    _refuse_without_memory(train, test)
    with one_torch_thread():
        of_train, of_test = (vectors_of(samples.spike_trains, counts) for samples in (train, test))
    labelled = labelled_samples(train.labels, label_fraction, seed)
    shape = shape_of(train)
    for name in names:
        kind = baseline_class(name)
        if kind.suits(shape):
            baseline = kind(n_neurons, len(train.class_names), shape, seed)
            with one_torch_thread(), threadpool_limits(1):
                started = time.perf_counter()
                baseline.fit(of_train, train.labels, labelled)
                seconds = time.perf_counter() - started
                predictions = baseline.predict(of_test)
            yield Result(name, accuracy(predictions, test.labels), seconds, predictions)


def shape_of(samples: Samples) -> tuple[int, int, int]:
    """Polarities, rows and columns of the sensor."""
    return samples.spike_trains.n_units // math.prod(samples.input_shape), *samples.input_shape


def _refuse_without_memory(train: Samples, test: Samples) -> None:
    n_samples, n_inputs = len(train.labels) + len(test.labels), train.spike_trains.n_units
    if lack := lack_of_memory(COPIES_OF_VECTORS * BYTES_PER_COUNT * n_samples * n_inputs):
        raise OptionError([f"--n_train {len(train.labels)}: counts of {n_inputs:,} inputs need some {lack}; lower it"])
