"""What a row measures, in one thread."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from benchmarks.study.data import DATA_SETS
from benchmarks.study.rows import BASELINES, EVENTS, NETWORK, Row

N_EPOCHS_FOR_FEATURES = 1  # of a network of which only the features are wanted


def measure(row: Row, where: Mapping[str, Any]) -> dict[str, Any]:
    """Train and test.

    Args:
        row: the row.
        where: options that say where its data are.

    Returns:
        What is kept of it: accuracies (%), for each test sample whether it was told rightly, and seconds.
    """
    torch.set_num_threads(1)
    started = time.perf_counter()
    found = _network(row, where) if row.what == NETWORK else _baselines(row, where)
    return {
        "name": row.name,
        "options": row.shaping,
        "command": row.command,
        **found,
        "seconds": time.perf_counter() - started,
    }


def right_of(kept: Mapping[str, Any], readout: str) -> np.ndarray:
    """For each test sample whether it was told rightly."""
    return np.unpackbits(np.frombuffer(bytes.fromhex(kept["right"][readout]), np.uint8))[: kept["n_test"]].astype(bool)


def _network(row: Row, where: Mapping[str, Any]) -> dict[str, Any]:
    from experiment import train

    run = train(DATA_SETS[row.data].sense, progress=False, n_workers=1, **where, **row.asked)
    learning = 0.0 if run.features is None else run.features.seconds
    right = {name: predictions == run.testing.labels for name, predictions in run.testing.predictions.items()}
    names = ("n_train", "n_labels", "n_test", "test_seconds", "peak_memory_mb")
    return _kept(right) | {name: run.results[name] for name in names} | {"train_seconds": run.results["train_seconds"] + learning}


def _baselines(row: Row, where: Mapping[str, Any]) -> dict[str, Any]:
    from experiment import train
    from experiment.baselines import baselines
    from experiment.command_line.keywords import keyword_options
    from experiment.samples import load_samples
    from experiment.senses import declared

    modality, asked = declared(DATA_SETS[row.data].sense), {**where, **row.asked, "n_workers": 1}
    splits = load_samples(modality, keyword_options(modality, asked, None), False, 1)
    if row.what not in (EVENTS, BASELINES):
        run = train(modality, progress=False, **asked | {"n_epochs": N_EPOCHS_FOR_FEATURES, "readout": ["votes"]})
        seen = run.training.spike_trains, run.testing.spike_trains
        splits = tuple(replace(split, spike_trains=trains) for split, trains in zip(splits, seen, strict=True))
    names = ["patches", "nearest", "logreg"] if row.what == BASELINES else ["kmeans"]
    results = baselines(*splits, n_neurons=row.n_neurons, seed=row.seed, names=names)
    n_train, n_test = (len(split.labels) for split in splits)
    right = {result.name: result.predictions == splits[1].labels for result in results}
    return _kept(right) | {"n_train": n_train, "n_test": n_test, "train_seconds": sum(result.seconds for result in results)}


def _kept(right: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    return {
        "accuracy": {name: 100 * flags.double().mean().item() for name, flags in right.items()},
        "right": {name: np.packbits(flags.numpy()).tobytes().hex() for name, flags in right.items()},
    }
