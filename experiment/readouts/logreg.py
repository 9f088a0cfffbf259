"""Logistic regression on spike counts, regularised as its labelled training samples tell.

Counts are divided by their standard deviation over these samples, neuron by neuron, and not centred, so that zeros stay zeros. On
seven networks of N-MNIST, ST-MNIST and spoken digits no other unit was better in cross-validation by more than 0.6 points (raw
counts, their square roots, samples of length 1), each was worse on some by 0.8 to 1.8, and most took longer to fit. The divisors
end up in the coefficients, which are for raw counts. Of the layer that the neurons see, where some units fire far more often than
others, square roots of counts are taken first: 0.5 to 1 points better in cross-validation on N-MNIST's fields.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.evaluation import logreg_predict
from common.spike_trains import SpikeTrains
from common.warn import caught_warnings, warn_again
from experiment.readouts.readout import Readout, check_array, length_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression as Model

log = logging.getLogger(__name__)

ROUNDS = 50  # of fitting, at most
ITERATIONS = 10  # in each of them, so that a run stops soon
OF_MANY_CLASSES = "The number of unique classes is greater than 50%"  # what scikit-learn says of a sample or two of each class
DENSE = 0.1  # share of counts above 0 from which a sparse matrix is slower

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # scikit-learn's C, from the strongest regularisation
USUAL_STRENGTH = 1e-2  # where there are too few labels to choose by
FOLDS = 3
MOST_TO_CHOOSE_BY = 4000  # samples, over all classes
ROUNDS_TO_CHOOSE = 10  # of fitting with each strength


class LogisticRegression(Readout):
    """scikit-learn's model, with the C of `STRENGTHS` that is right most often in cross-validation; of equals the smallest."""

    of_any_layer = True
    array_names = ("logreg_classes", "logreg_coefficients", "logreg_intercepts")

    def __init__(self, n_neurons: int, n_classes: int) -> None:
        super().__init__(n_neurons, n_classes)
        self.model = _new_model()
        self.counts: list[torch.Tensor] = []
        self.labels: list[torch.Tensor] = []

    def observe(self, counts: torch.Tensor, spikes: SpikeTrains | None, labels: torch.Tensor) -> None:
        """Keep a block."""
        self.counts.append(counts)
        self.labels.append(labels)

    def fit(self) -> Iterator[None]:
        """Choose C, then fit to all samples, both in rounds."""
        from sklearn.preprocessing import StandardScaler

        counts, labels = torch.cat(self.counts).numpy(), torch.cat(self.labels).numpy()
        if len(np.unique(labels)) < 2:
            log.info("Logistic regression: all labelled samples are of one class, so it has no answers")
            return
        scaler = StandardScaler(with_mean=False)
        inputs = scaler.fit_transform(_matrix(counts, self.reads_seen))
        yield
        yield from self._choose(inputs, labels)
        shortfall = yield from _rounds(self.model, inputs, labels, ROUNDS)
        if shortfall:
            log.info("Logistic regression: %s; its accuracy counts nevertheless", shortfall)
        self.model.coef_ = self.model.coef_ / scaler.scale_

    def _choose(self, inputs: np.ndarray | csr_matrix, labels: np.ndarray) -> Iterator[None]:
        """Set C by how often models are right for samples that they were not fitted to."""
        from threadpoolctl import threadpool_limits

        folds, n_right, n_asked = folds_of(labels), np.zeros(len(STRENGTHS), int), 0
        for fold in range(FOLDS):
            taught, asked = (folds != fold) & (folds >= 0), folds == fold
            if len(np.unique(labels[taught])) < 2 or not asked.any():
                continue
            model, known, unknown = _new_model(), inputs[taught], inputs[asked]
            n_asked += len(labels[asked])
            for i, strength in enumerate(STRENGTHS):
                yield from _rounds(model.set_params(C=strength), known, labels[taught], ROUNDS_TO_CHOOSE)
                with threadpool_limits(1):
                    n_right[i] += (model.predict(unknown) == labels[asked]).sum()
                yield
        if n_asked:
            best = int(n_right.argmax())
            self.model.set_params(C=STRENGTHS[best])
            share = 100 * n_right[best] / n_asked
            log.info("Logistic regression: C = %g, right for %.1f %% of training samples left out", STRENGTHS[best], share)

    def predict(self, counts: torch.Tensor, spikes: SpikeTrains | None) -> torch.Tensor:
        """Predictions, int64 ``[n_samples]``; one by one, since sums over several samples are rounded differently."""
        return torch.cat(
            [logreg_predict(_roots(sample) if self.reads_seen else sample, self.model) for sample in counts.split(1)]
        )

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
        """Take what another has learned; as `Readout.load`."""
        classes, coefficients, intercepts = (arrays[f"logreg_{name}"] for name in ("classes", "coefficients", "intercepts"))
        n_rows = 1 if length_of(classes) == 2 else length_of(classes)
        check_array("logreg_classes", classes, np.int64, (length_of(classes),))
        check_array("logreg_coefficients", coefficients, np.float64, (n_rows, self.n_neurons))
        check_array("logreg_intercepts", intercepts, np.float64, (n_rows,))
        if not set(classes.tolist()) <= set(range(self.n_classes)):
            raise ValueError("its array logreg_classes names classes that there are not")
        if len(classes):
            self.model.classes_, self.model.coef_, self.model.intercept_ = classes, coefficients, intercepts


def _new_model() -> Model:
    from sklearn.linear_model import LogisticRegression as Model

    return Model(C=USUAL_STRENGTH, warm_start=True, max_iter=ITERATIONS)


def _matrix(counts: np.ndarray, roots: bool) -> np.ndarray | csr_matrix:
    from scipy.sparse import csr_matrix

    matrix = csr_matrix(counts) if np.count_nonzero(counts) < DENSE * counts.size else counts
    if not roots:
        return matrix
    return np.sqrt(counts) if matrix is counts else matrix.astype(np.float64).sqrt()


def _roots(counts: torch.Tensor) -> torch.Tensor:
    return counts.double().sqrt()


def folds_of(labels: np.ndarray) -> np.ndarray:
    """The fold of each sample, classes spread evenly; −1 of those that are more than it takes."""
    order = np.random.default_rng(0).permutation(len(labels))
    folds, classes = np.full(len(labels), -1), np.unique(labels)
    for label in classes:
        members = order[labels[order] == label][: max(FOLDS, MOST_TO_CHOOSE_BY // len(classes))]
        folds[members] = np.arange(len(members)) % FOLDS
    return folds


def _rounds(model: Model, inputs: np.ndarray | csr_matrix, labels: np.ndarray, most: int) -> Generator[None, None, str]:
    """Fit in rounds, each of which goes on from the one before; returns what it falls short of, if anything."""
    for _ in range(most):
        is_content = _fit_once(model, inputs, labels)
        if model.n_iter_.max() < ITERATIONS:
            return "" if is_content else "it broke off before its optimum"
        yield
    return f"not at its optimum after {most * ITERATIONS} iterations"


def _fit_once(model: Model, inputs: np.ndarray | csr_matrix, labels: np.ndarray) -> bool:
    """A round; whether scikit-learn is content with it. (At the end of a round it seldom is, which is no one's business.)"""
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # One thread: several round sums differently, and took twenty times as long on a busy machine.
    with caught_warnings(("ignore", OF_MANY_CLASSES, UserWarning)) as told, threadpool_limits(1):
        model.fit(inputs, labels)
    others = [warning for warning in told if not issubclass(warning.category, ConvergenceWarning)]
    warn_again(others)
    return len(others) == len(told)
