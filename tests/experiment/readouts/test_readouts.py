"""Read-outs that are asked for: what they learn, keep and answer."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from bindsnet.engine import SpikeTrains
from experiment.readouts import FURTHER_READOUTS, logreg
from experiment.readouts.readout import Readout, new_readouts, readout_class, stored_readouts

N_NEURONS, N_CLASSES = 6, 3


def answers(n_samples: int, seed: int = 0) -> tuple[torch.Tensor, SpikeTrains, torch.Tensor]:
    """Counts, spikes and labels of samples in which the two neurons of the class fire most."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n_samples) % N_CLASSES
    rates = torch.full((n_samples, N_NEURONS), 0.02)
    rates.scatter_(1, torch.stack([2 * labels, 2 * labels + 1], 1), 0.3)
    dense = torch.rand(n_samples, 20, N_NEURONS, generator=generator) < rates[:, None]
    return dense.sum(1).int(), SpikeTrains.from_dense(dense), labels


def fitted(name: str, n_samples: int = 60) -> Readout:
    (readout,) = new_readouts((name,), N_NEURONS, N_CLASSES).values()
    readout.observe(*answers(n_samples))
    for _ in readout.fit():
        pass
    return readout


@pytest.mark.parametrize("name", FURTHER_READOUTS)
def test_a_read_out_tells_classes_apart_that_fire_differently(name):
    counts, spikes, labels = answers(60, seed=1)
    assert (fitted(name).predict(counts, spikes) == labels).double().mean() > 0.9


@pytest.mark.parametrize("name", FURTHER_READOUTS)
@pytest.mark.parametrize("n_samples", [60, 2, 0], ids=["three classes", "two classes", "nothing"])
def test_a_read_out_answers_the_same_after_it_was_stored(name, n_samples):
    readout = fitted(name, n_samples) if n_samples else new_readouts((name,), N_NEURONS, N_CLASSES)[name]
    assert set(readout.arrays) == set(readout_class(name).array_names)
    (again,) = stored_readouts(readout.arrays, N_NEURONS, N_CLASSES).values()
    counts, spikes, _ = answers(30, seed=1)
    assert torch.equal(readout.predict(counts, spikes), again.predict(counts, spikes))
    assert (readout.predict(counts, spikes).max() == -1) == (n_samples == 0)


@pytest.mark.parametrize("name", FURTHER_READOUTS)
def test_what_was_observed_in_blocks_counts_as_if_it_had_come_at_once(name):
    counts, spikes, labels = answers(60)
    (readout,) = new_readouts((name,), N_NEURONS, N_CLASSES).values()
    for block in torch.arange(60).split(25):
        readout.observe(counts[block], SpikeTrains.from_dense(spikes.to_dense()[block]), labels[block])
    assert sum(1 for _ in readout.fit()) < logreg.ROUNDS
    for key, array in fitted(name).arrays.items():
        assert np.array_equal(readout.arrays[key], array)


def test_pairs_of_neurons_are_counted_by_the_class_of_their_sample():
    spikes = torch.zeros(2, 4, N_NEURONS, dtype=torch.bool)
    spikes[0, [0, 1, 3], [4, 2, 5]] = True
    spikes[1, [0, 2], [4, 2]] = True
    (readout,) = new_readouts(("ngram",), N_NEURONS, N_CLASSES).values()
    readout.observe(spikes.sum(1), SpikeTrains.from_dense(spikes), torch.tensor([2, 0]))
    found = readout.arrays
    pairs = dict(zip(map(tuple, found["ngrams"].tolist()), found["ngram_scores"].tolist(), strict=True))
    assert pairs == {(4, 2): [1, 0, 1], (2, 5): [0, 0, 1]}


@pytest.mark.parametrize("name", FURTHER_READOUTS)
def test_a_read_out_is_stored_if_all_its_arrays_are_there_and_refused_in_part(name):
    arrays = fitted(name).arrays
    assert list(stored_readouts(arrays, N_NEURONS, N_CLASSES)) == [name]
    assert stored_readouts({}, N_NEURONS, N_CLASSES) == {}
    for key in arrays if len(arrays) > 1 else ():
        rest = {other: array for other, array in arrays.items() if other != key}
        with pytest.raises(ValueError, match=f"its array {key} is not there"):
            stored_readouts(rest, N_NEURONS, N_CLASSES)


@pytest.mark.parametrize("name", FURTHER_READOUTS)
def test_an_answer_does_not_depend_on_the_samples_beside_it(name):
    readout = fitted(name)
    counts, spikes, _ = answers(9, seed=1)
    one_by_one = [readout.predict(counts[i : i + 1], SpikeTrains.from_dense(spikes.to_dense()[i : i + 1])) for i in range(9)]
    assert torch.equal(readout.predict(counts, spikes), torch.cat(one_by_one))


def test_a_single_class_cannot_be_told_apart_and_is_told(caplog, monkeypatch):
    monkeypatch.setattr(logreg.log, "propagate", True)
    caplog.set_level("INFO")
    assert (fitted("logreg", 1).predict(*answers(3)[:2]) == -1).all()
    assert "all labelled samples are of one class" in caplog.text


def test_a_logistic_regression_is_fitted_in_rounds_to_what_scikit_learn_finds_at_once():
    from sklearn.linear_model import LogisticRegression

    counts, _, labels = answers(60)
    readout, scale = fitted("logreg"), counts.double().std(0, correction=0).numpy()
    at_once = LogisticRegression(C=readout.model.C, max_iter=1000).fit(counts.numpy() / scale, labels.numpy())
    assert np.abs(readout.arrays["logreg_coefficients"] - at_once.coef_ / scale).max() < 0.01


def test_a_logistic_regression_is_as_regular_as_suits_samples_left_out_and_as_usual_where_there_are_too_few(lines):
    counts, spikes, labels = answers(60)
    close = torch.zeros(60, N_NEURONS, dtype=torch.int32)  # classes that only the difference of two neurons tells apart
    close[:, 0] = torch.randint(0, 20, (60,), generator=torch.Generator().manual_seed(0))
    close[:, 1] = close[:, 0] + labels
    chosen = []
    for asked in ((counts, labels), (close, labels), (counts, torch.arange(60))):
        (readout,) = new_readouts(("logreg",), N_NEURONS, 60).values()
        readout.observe(asked[0], spikes, asked[1])
        chosen += [(sum(1 for _ in readout.fit()) >= logreg.FOLDS * len(logreg.STRENGTHS), readout.model.C)]
    assert chosen == [(True, logreg.STRENGTHS[0]), (True, logreg.STRENGTHS[-1]), (False, logreg.USUAL_STRENGTH)]
    assert lines.text.count("of training samples left out") == 2


def test_folds_hold_each_class_evenly_and_no_more_samples_than_it_takes(monkeypatch):
    monkeypatch.setattr(logreg, "MOST_TO_CHOOSE_BY", 30)
    labels = np.repeat([0, 1, 2], [500, 7, 1])
    folds = logreg.folds_of(labels)
    found = [[int(((folds == fold) & (labels == label)).sum()) for fold in range(logreg.FOLDS)] for label in range(3)]
    assert found == [[4, 3, 3], [3, 2, 2], [1, 0, 0]]
    assert np.array_equal(folds, logreg.folds_of(labels))


def test_a_logistic_regression_of_dense_counts_is_that_of_sparse_ones(monkeypatch):
    sparse = fitted("logreg").arrays
    monkeypatch.setattr(logreg, "DENSE", 0)
    dense = fitted("logreg").arrays
    assert all(np.abs(sparse[name] - dense[name]).max() < 1e-6 for name in sparse)


def test_a_logistic_regression_of_as_many_classes_as_samples_has_nothing_to_warn_of():
    (readout,) = new_readouts(("logreg",), N_NEURONS, 60).values()
    counts, spikes, _ = answers(60)
    readout.observe(counts, spikes, torch.arange(60))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in readout.fit():
            pass
        readout.predict(counts, spikes)


@pytest.fixture
def lines(caplog, monkeypatch):
    monkeypatch.setattr(logreg.log, "propagate", True)
    caplog.set_level("INFO")
    return caplog


def test_a_logistic_regression_that_ends_before_its_optimum_says_so_in_our_words(lines, monkeypatch):
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    def breaks_off(model, inputs, labels):
        fit(model, inputs, labels)
        warnings.warn("lbfgs failed to converge (status=2): ABNORMAL", ConvergenceWarning, stacklevel=1)
        model.n_iter_ = np.array([3])

    fit = LogisticRegression.fit
    monkeypatch.setattr(LogisticRegression, "fit", breaks_off)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted("logreg")
    assert "broke off before its optimum" in lines.text
    assert "lbfgs" not in lines.text
    monkeypatch.undo()
    monkeypatch.setattr(logreg.log, "propagate", True)
    monkeypatch.setattr(logreg, "ROUNDS", 1)
    monkeypatch.setattr(logreg, "ITERATIONS", 1)
    fitted("logreg")
    assert "not at its optimum after 1 iterations" in lines.text


def test_what_else_scikit_learn_warns_of_is_not_swallowed(monkeypatch):
    from sklearn.linear_model import LogisticRegression

    def warns(model, inputs, labels):
        warnings.warn("a new default is coming", FutureWarning, stacklevel=1)
        return fit(model, inputs, labels)

    fit = LogisticRegression.fit
    monkeypatch.setattr(LogisticRegression, "fit", warns)
    with pytest.warns(FutureWarning, match="a new default"):
        fitted("logreg")


@pytest.mark.parametrize("name", FURTHER_READOUTS)
def test_arrays_of_other_networks_and_damaged_ones_are_refused(name):
    arrays = fitted(name).arrays
    for n_neurons, n_classes in ((N_NEURONS + 1, N_CLASSES), (N_NEURONS, N_CLASSES - 1)):
        if name == "ngram" and n_classes == N_CLASSES:
            continue  # pairs of neurons fit a larger network
        with pytest.raises(ValueError, match="its array"):
            stored_readouts(arrays, n_neurons, n_classes)
    for key in readout_class(name).array_names:
        with pytest.raises(ValueError, match=key):
            stored_readouts(arrays | {key: arrays[key].astype(np.float16)}, N_NEURONS, N_CLASSES)
        if arrays[key].dtype.kind == "f":
            for damage in (np.nan, np.inf):
                damaged = arrays[key].copy()
                damaged.flat[-1] = damage
                with pytest.raises(ValueError, match=f"its array {key} is not what a run writes"):
                    stored_readouts(arrays | {key: damaged}, N_NEURONS, N_CLASSES)
