"""Logistic regression on spike counts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

import numpy as np
import torch

from bindsnet.evaluation import logreg_fit, logreg_predict
from common.spike_trains import SpikeTrains
from common.warn import caught_warnings, warn_again
from experiment.readouts.readout import Readout, check_array, length_of

log = logging.getLogger(__name__)

ROUNDS = 50  # of fitting, at most
ITERATIONS = 10  # in each of them, so that a run stops soon
OF_MANY_CLASSES = "The number of unique classes is greater than 50%"  # what scikit-learn says of a sample or two of each class


class LogisticRegression(Readout):
    """scikit-learn's model with its own regularisation."""

    array_names = ("logreg_classes", "logreg_coefficients", "logreg_intercepts")

    def __init__(self, n_neurons: int, n_classes: int) -> None:
        from sklearn.linear_model import LogisticRegression as Model

        super().__init__(n_neurons, n_classes)
        self.model = Model(warm_start=True, max_iter=ITERATIONS)
        self.counts: list[torch.Tensor] = []
        self.labels: list[torch.Tensor] = []

    def observe(self, counts: torch.Tensor, spikes: SpikeTrains | None, labels: torch.Tensor) -> None:
        """Keep a block."""
        self.counts.append(counts)
        self.labels.append(labels)

    def fit(self) -> Iterator[None]:
        """Fit in rounds, each of which goes on from the one before."""
        counts, labels = torch.cat(self.counts), torch.cat(self.labels)
        if len(labels.unique()) < 2:
            log.info("Logistic regression: all labelled samples are of one class, so it has no answers")
            return
        for _ in range(ROUNDS):
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
        from threadpoolctl import threadpool_limits

        # One thread: several round sums differently, and took twenty times as long on a busy machine.
        with caught_warnings(("ignore", OF_MANY_CLASSES, UserWarning)) as told, threadpool_limits(1):
            logreg_fit(counts, labels, self.model)
        others = [warning for warning in told if not issubclass(warning.category, ConvergenceWarning)]
        warn_again(others)
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
