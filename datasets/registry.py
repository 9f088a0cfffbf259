"""Which data sets there are: the modules in `datasets/recorded`, each of which defines one. Standard library only."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import datasets.recorded
from common.options import Option
from datasets.dataset import EventDataset
from datasets.errors import DatasetError

LONGEST_NAME = 60  # letters that a complaint repeats
TWIN = "Emulated"
NEEDED = ("name", "title", "sensor", "class_names", "default_pattern_time")  # of a data set's facts


def names() -> tuple[str, ...]:
    """The data sets' names."""
    return tuple(_known())


def data_set(name: str) -> type[EventDataset]:
    """The data set of this name.

    Raises:
        DatasetError: there is none.
    """
    if name not in _known():
        raise DatasetError(f"there is no data set {name[:LONGEST_NAME]!a}; there are {', '.join(names())}")
    return _known()[name]


def formats(first: str | None = None) -> dict[str, type[EventDataset]]:
    """By ending, the data set that reads such files: where several do, the one named, or the first."""
    found: dict[str, type[EventDataset]] = {}
    for known in _known().values():
        if known.decode is not None:
            found |= {ending: known for ending in known.endings if ending not in found or known.name == first}
    return found


def class_names() -> tuple[str, ...]:
    """What classes go by in `datasets`: the data sets' names, and `Emulated<name>` for their twins."""
    return (*names(), *(f"{TWIN}{name}" for name, known in _known().items() if known.twin))


def class_named(name: str) -> type[EventDataset]:
    """The class that goes by one of `class_names`."""
    recorded = data_set(name.removeprefix(TWIN))
    return recorded if name == recorded.name else recorded.twin.load()


@cache
def _known() -> dict[str, type[EventDataset]]:
    places = pkgutil.iter_modules(datasets.recorded.__path__, f"{datasets.recorded.__name__}.")
    found = [value for place in places for value in vars(import_module(place.name)).values() if _is_data_set(value, place.name)]
    for each in found:
        _refuse_unfinished(each)
    return {each.name: each for each in found}


def _refuse_unfinished(known: type[EventDataset]) -> None:
    """Refuses a data set that lacks a fact, or that has one of another kind: told to who writes it.

    Raises:
        DatasetError: says which.
    """
    lacking = [fact for fact in NEEDED if not hasattr(known, fact)]
    if lacking:
        raise DatasetError(f"{known.__module__}: {known.__name__} lacks {', '.join(lacking)}; docs/data-sets.md tells all facts")
    for fact, kind in (("endings", str), ("class_names", str), ("options", Option)):
        value = getattr(known, fact)
        if not isinstance(value, tuple) or not all(isinstance(each, kind) for each in value):
            raise DatasetError(f"{known.__module__}: {fact} must be a tuple of {kind.__name__}, such as (x,), not {value!r}")
    if not all(ending.startswith(".") for ending in known.endings):
        raise DatasetError(f"{known.__module__}: endings must begin with a dot, not {', '.join(known.endings)}")


def _is_data_set(value: object, module: str) -> bool:
    """Whether a module defines this data set, and does not merely know it."""
    return isinstance(value, type) and issubclass(value, EventDataset) and value.__module__ == module
