"""Read-outs that can be asked for: fitted to a trained network's answers to labelled training samples."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np
import torch

from bindsnet.engine import SpikeTrains
from bindsnet.evaluation import logreg_fit, logreg_predict, ngram, update_ngram_scores
from bindsnet.evaluation.ngrams import Scores
from experiment.options import LOGREG, NGRAM

log = logging.getLogger(__name__)

NEURONS_IN_A_ROW = 2  # the n of n-grams
ROUNDS = 50  # of fitting a logistic regression, at most
ITERATIONS = 10  # in each of them, so that a run stops soon
OF_MANY_CLASSES = "The number of unique classes is greater than 50%"  # what scikit-learn says of a sample or two of each class


class Readout(Protocol):
    """A read-out: `observe` blocks of labelled samples, `fit`, then `predict`, each sample as if it came alone.

    Attributes:
        needs_spike_times: whether it takes spikes, not only their counts.
        arrays: what it has learned, by the name in ``network_….npz``.
    """

    needs_spike_times: bool

    def observe(self, counts: torch.Tensor, spikes: SpikeTrains | None, labels: torch.Tensor) -> None: ...

    def fit(self) -> Iterator[None]: ...

    def predict(self, counts: torch.Tensor, spikes: SpikeTrains | None) -> torch.Tensor: ...

    @property
    def arrays(self) -> dict[str, np.ndarray]: ...

    def load(self, arrays: Mapping[str, np.ndarray]) -> None: ...


class Ngram:
    """Which neuron fires after which; memory grows with the pairs that occur, not with the samples.

    Args:
        n_neurons: number of neurons.
        n_classes: number of classes.
    """

    needs_spike_times = True

    def __init__(self, n_neurons: int, n_classes: int) -> None:
        self.n_neurons, self.n_classes = n_neurons, n_classes
        self.scores: Scores = {}

    def observe(self, counts: torch.Tensor, spikes: SpikeTrains, labels: torch.Tensor) -> None:
        """Count a block's n-grams."""
        update_ngram_scores(spikes, labels, self.n_classes, NEURONS_IN_A_ROW, self.scores)

    def fit(self) -> Iterator[None]:
        """Nothing is left to do."""
        yield from ()

    def predict(self, counts: torch.Tensor, spikes: SpikeTrains) -> torch.Tensor:
        """Predictions, int64 ``[n_samples]``; −1 without a known n-gram."""
        return ngram(spikes, self.scores, self.n_classes, NEURONS_IN_A_ROW)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The n-grams ``[n_ngrams, 2]`` and how often each occurred in each class ``[n_ngrams, n_classes]``."""
        orders = np.array(list(self.scores), np.int32).reshape(-1, NEURONS_IN_A_ROW)
        scores = torch.stack(list(self.scores.values())) if self.scores else torch.zeros(0, self.n_classes)
        return {"ngrams": orders, "ngram_scores": scores.numpy()}

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what another has learned.

        Raises:
            ValueError: the arrays are of other neurons or classes, or damaged.
        """
        orders, scores = arrays["ngrams"], arrays["ngram_scores"]
        _check("ngrams", orders, np.int32, (_length(orders), NEURONS_IN_A_ROW))
        _check("ngram_scores", scores, np.float32, (len(orders), self.n_classes))
        if ((orders < 0) | (orders >= self.n_neurons)).any() or (scores < 0).any():
            raise ValueError("its n-grams are of neurons or counts that there are not")
        self.scores = dict(zip(map(tuple, orders.tolist()), torch.from_numpy(scores), strict=True))


class LogisticRegression:
    """Classes from spike counts, by scikit-learn's model with its own regularisation; arguments as of `Ngram`."""

    needs_spike_times = False

    def __init__(self, n_neurons: int, n_classes: int) -> None:
        from sklearn.linear_model import LogisticRegression as Model

        self.n_neurons, self.n_classes = n_neurons, n_classes
        self.model = Model(warm_start=True, max_iter=ITERATIONS)
        self.counts: list[torch.Tensor] = []
        self.labels: list[torch.Tensor] = []

    def observe(self, counts: torch.Tensor, spikes: SpikeTrains | None, labels: torch.Tensor) -> None:
        """Keep a block."""
        self.counts.append(counts)
        self.labels.append(labels)

    def fit(self) -> Iterator[None]:
        """Fit in rounds, each of which goes on from the one before."""
        from threadpoolctl import threadpool_limits

        counts, labels = torch.cat(self.counts), torch.cat(self.labels)
        if len(labels.unique()) < 2:
            log.info("Logistic regression: all labelled samples are of one class, so it has no answers")
            return
        for _ in range(ROUNDS):
            # One thread: several round sums differently, and took twenty times as long on a busy machine.
            with threadpool_limits(1):
                is_content = self._fit_once(counts, labels)
            if self.model.n_iter_.max() < ITERATIONS:
                if not is_content:
                    log.info("Logistic regression: it broke off before its optimum; its accuracy counts nevertheless")
                return
            yield
        log.info(
            "Logistic regression: not at its optimum after %d iterations; its accuracy counts nevertheless", ROUNDS * ITERATIONS
        )

    def _fit_once(self, counts: torch.Tensor, labels: torch.Tensor) -> bool:
        """A round; whether scikit-learn is content with it. (At the end of a round it seldom is, which is no one's business.)"""
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", ConvergenceWarning)
            warnings.filterwarnings("ignore", OF_MANY_CLASSES, UserWarning)
            logreg_fit(counts, labels, self.model)
        others = [warning for warning in told if not issubclass(warning.category, ConvergenceWarning)]
        for warning in others:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        return len(others) == len(told)

    def predict(self, counts: torch.Tensor, spikes: SpikeTrains | None) -> torch.Tensor:
        """Predictions, int64 ``[n_samples]``; one by one, since sums over several samples are rounded differently."""
        return torch.cat([logreg_predict(sample, self.model) for sample in counts.split(1)])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Classes ``[k]``, coefficients ``[k, n_neurons]`` (one row for two classes), intercepts; empty without a fit."""
        nothing = np.zeros((0, self.n_neurons))
        return {
            "logreg_classes": getattr(self.model, "classes_", np.zeros(0, np.int64)),
            "logreg_coefficients": getattr(self.model, "coef_", nothing),
            "logreg_intercepts": getattr(self.model, "intercept_", nothing[:, 0]),
        }

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what another has learned; errors as of `Ngram`."""
        classes, coefficients, intercepts = (arrays[f"logreg_{name}"] for name in ("classes", "coefficients", "intercepts"))
        n_rows = 1 if _length(classes) == 2 else _length(classes)
        _check("logreg_classes", classes, np.int64, (_length(classes),))
        _check("logreg_coefficients", coefficients, np.float64, (n_rows, self.n_neurons))
        _check("logreg_intercepts", intercepts, np.float64, (n_rows,))
        if not set(classes.tolist()) <= set(range(self.n_classes)):
            raise ValueError("its array logreg_classes names classes that there are not")
        if len(classes):
            self.model.classes_, self.model.coef_, self.model.intercept_ = classes, coefficients, intercepts


FURTHER = {NGRAM: Ngram, LOGREG: LogisticRegression}
ARRAYS = {
    NGRAM: ("ngrams", "ngram_scores"),
    LOGREG: ("logreg_classes", "logreg_coefficients", "logreg_intercepts"),
}  # by read-out, their names in network_….npz


def new_readouts(names: tuple[str, ...], n_neurons: int, n_classes: int) -> dict[str, Readout]:
    """Read-outs that have learned nothing yet, by name."""
    return {name: FURTHER[name](n_neurons, n_classes) for name in names}


def stored_readouts(arrays: Mapping[str, np.ndarray], n_neurons: int, n_classes: int) -> dict[str, Readout]:
    """The read-outs whose arrays are there, as they were fitted.

    Raises:
        ValueError: the arrays are not what a run writes.
    """
    stored = tuple(name for name, needed in ARRAYS.items() if set(needed) & set(arrays))
    lacking = [needed for name in stored for needed in ARRAYS[name] if needed not in arrays]
    if lacking:
        raise ValueError(f"its array {lacking[0]} is not there, though others of that read-out are")
    readouts = new_readouts(stored, n_neurons, n_classes)
    for readout in readouts.values():
        readout.load(arrays)
    return readouts


def _check(name: str, array: np.ndarray, kind: type, shape: tuple[int, ...]) -> None:
    if array.dtype != kind or array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"its array {name} is not what a run writes")


def _length(array: np.ndarray) -> int:
    """How many rows there are; 0 of a single number, which is refused by its shape."""
    return len(array) if array.ndim else 0
