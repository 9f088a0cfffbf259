"""Recorded and emulated data sets as spike trains.

The names below are loaded when they are first used: the worker processes, which import this package too, need neither the classes
nor torch. Besides, each data set in `datasets/recorded` goes by its name, and its emulated twin by `Emulated<name>`.
"""

from __future__ import annotations

from typing import Any

from common.lazy import loader

_MODULE_OF = {
    "OwnRecordings": "datasets.own.folder",
    "OwnSpikeTrains": "datasets.own.spike_trains",
    "data_set": "datasets.registry",
    "names": "datasets.registry",
    "open_own": "datasets.sources",
    "open_split": "datasets.sources",
    "EventDataset": "datasets.dataset",
    "SpikeTrains": "common.spike_trains",
    "SparseToDense": "datasets.transforms",
    "DatasetError": "datasets.errors",
    "MissingDataError": "datasets.errors",
}

_load = loader(__name__, _MODULE_OF)


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF or (name.startswith("_") and name != "__all__"):
        return _load(name)
    from datasets.registry import class_named, class_names

    if name == "__all__":
        return [*class_names(), *_MODULE_OF]
    return class_named(name) if name in class_names() else _load(name)
