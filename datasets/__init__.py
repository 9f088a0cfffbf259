"""Recorded and emulated data sets as spike trains.

The names below are loaded when they are first used: the worker processes, which import this package
too, need neither the classes nor torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from common.spike_trains import SpikeTrains
    from datasets.dataset import EventDataset
    from datasets.emulation.nmnist import EmulatedNMNIST
    from datasets.emulation.ntidigits import EmulatedNTIDIGITS
    from datasets.emulation.stmnist import EmulatedSTMNIST
    from datasets.errors import DatasetError, MissingDataError
    from datasets.nmnist import NMNIST
    from datasets.ntidigits import NTIDIGITS
    from datasets.own import OwnRecordings
    from datasets.own_file import OwnSpikeTrains, open_own
    from datasets.stmnist import STMNIST
    from datasets.transforms import SparseToDense

_MODULE_OF = {
    "NMNIST": "datasets.nmnist",
    "NTIDIGITS": "datasets.ntidigits",
    "STMNIST": "datasets.stmnist",
    "EmulatedNMNIST": "datasets.emulation.nmnist",
    "EmulatedNTIDIGITS": "datasets.emulation.ntidigits",
    "EmulatedSTMNIST": "datasets.emulation.stmnist",
    "OwnRecordings": "datasets.own",
    "OwnSpikeTrains": "datasets.own_file",
    "open_own": "datasets.own_file",
    "EventDataset": "datasets.dataset",
    "SpikeTrains": "common.spike_trains",
    "SparseToDense": "datasets.transforms",
    "DatasetError": "datasets.errors",
    "MissingDataError": "datasets.errors",
}

__all__ = [
    "NMNIST",
    "NTIDIGITS",
    "STMNIST",
    "EmulatedNMNIST",
    "EmulatedNTIDIGITS",
    "EmulatedSTMNIST",
    "OwnRecordings",
    "OwnSpikeTrains",
    "open_own",
    "EventDataset",
    "SpikeTrains",
    "SparseToDense",
    "DatasetError",
    "MissingDataError",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
