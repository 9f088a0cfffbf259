"""The pass over the training samples once the network is trained, and accuracy by the number of labels."""

from __future__ import annotations

import torch
from builders import random_trains, small_network

from bindsnet.evaluation import LabelCounts
from experiment.protocol import evaluation
from experiment.protocol.fitting import Fitting
from experiment.protocol.label_curve import N_DRAWS, LabelCurve
from experiment.readouts import READOUTS
from experiment.readouts.labels import classify
from experiment.readouts.ngram import Ngram
from experiment.readouts.readout import new_readouts

N_TRAIN, N_CLASSES = 40, 3
LABELS = torch.arange(N_TRAIN) % N_CLASSES


def fitting(labelled: torch.Tensor, names: tuple[str, ...] = ("ngram", "logreg"), n_workers: int = 1) -> Fitting:
    network = small_network()
    passed = Fitting(
        network,
        random_trains(N_TRAIN),
        LABELS,
        torch.arange(N_TRAIN),
        seed=0,
        n_workers=n_workers,
        readouts=new_readouts(names, network.n_neurons, N_CLASSES),
        labelled=labelled,
        curve=LabelCurve(LABELS, network.n_neurons, N_CLASSES, seed=0),
    )
    assert sum(passed) == N_TRAIN
    return passed


def test_read_outs_see_labelled_samples_only_whatever_the_pieces(monkeypatch):
    labelled = torch.arange(N_TRAIN) % 4 == 1
    whole = fitting(labelled, n_workers=N_TRAIN).readouts
    monkeypatch.setattr(evaluation, "LARGEST_RASTER", 1)  # a sample a piece
    single = fitting(labelled).readouts
    assert torch.cat(whole["logreg"].labels).tolist() == LABELS[labelled].tolist()
    assert torch.equal(torch.cat(whole["logreg"].counts), torch.cat(single["logreg"].counts))
    for name in whole:
        for key, array in whole[name].arrays.items():
            assert array.tobytes() == single[name].arrays[key].tobytes()
    pairs = (torch.cat(whole["logreg"].counts).sum(1) - 1).clamp(min=0).sum()
    assert sum(score.sum() for score in whole["ngram"].scores.values()) == pairs > 0


def test_nothing_learns_while_read_outs_are_fitted():
    first = small_network()
    network = fitting(torch.ones(N_TRAIN, dtype=torch.bool)).network
    assert torch.equal(network.w, first.w)
    assert torch.equal(network.theta, first.theta)


def test_pieces_whose_spikes_are_wanted_stay_small(monkeypatch):
    sizes = []
    monkeypatch.setattr(evaluation, "LARGEST_RASTER", 60 * 6 * 3)
    monkeypatch.setattr(Ngram, "observe", lambda self, counts, spikes, labels: sizes.append(len(labels)))
    fitting(torch.ones(N_TRAIN, dtype=torch.bool), ("ngram",), n_workers=8)
    assert max(sizes) == 3


def test_numbers_of_labels_rise_by_class_to_all_of_them():
    labels = torch.tensor([0] * 30 + [1] * 4 + [2])
    assert LabelCurve(labels, 2, 3, seed=0).n_labels == [3, 5, 10, 15, 25, 35]
    assert LabelCurve(torch.tensor([1, 1]), 2, 3, seed=0).n_labels == [1, 2]
    assert LabelCurve(torch.tensor([1]), 2, 3, seed=0).n_labels == [1]


def test_which_labels_are_drawn_differs_from_draw_to_draw_and_from_seed_to_seed():
    curves = [LabelCurve(LABELS, 2, N_CLASSES, seed) for seed in (0, 0, 1)]
    assert torch.equal(curves[0].levels, curves[1].levels)
    assert all(not torch.equal(one, other) for one, other in zip(curves[0].levels, curves[2].levels, strict=True))
    assert len({tuple(levels.tolist()) for levels in curves[0].levels}) == N_DRAWS


def test_accuracy_is_counted_with_so_many_labels_a_class_and_with_all_of_them_at_the_end():
    generator = torch.Generator().manual_seed(0)
    counts, tested = (torch.randint(0, 5, (N_TRAIN, 6), generator=generator) for _ in range(2))
    curve = LabelCurve(LABELS, 6, N_CLASSES, seed=0)
    for piece in torch.randperm(N_TRAIN, generator=generator).split(7):
        curve.observe(piece, counts[piece], LABELS[piece])
    for known in curve.known:
        used = torch.stack([level.n_samples for level in known]).cumsum(0)
        assert used.sum(1).tolist() == curve.n_labels
        assert used[0].tolist() == [1.0] * N_CLASSES
    found = curve.accuracies(tested, LABELS)
    everything = classify(tested, _labelled_by(counts))
    for name in READOUTS:
        assert found[name].shape == (N_DRAWS, len(curve.n_labels))
        right = 100 * (everything[name] == LABELS).double().mean().item()
        assert found[name][:, -1].tolist() == [right] * N_DRAWS
    assert len(set(found[READOUTS[0]][:, 0].tolist())) > 1  # the draws differ


def _labelled_by(counts: torch.Tensor) -> LabelCounts:
    known = LabelCounts(counts.shape[1], N_CLASSES)
    known.update(counts, LABELS)
    return known
