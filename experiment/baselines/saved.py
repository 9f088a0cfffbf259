"""Figures of baselines as files, one a setting and seed, in a folder of their own beside those of runs."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from experiment.errors import OptionError
from experiment.results.saved import has_begun, read_json, write_json

FOLDER = "baselines"
LETTERS = 12  # of a key


@dataclass(frozen=True)
class Measured:
    """How baselines did.

    Attributes:
        sense: the sense, such as "Visual".
        options: what shaped the figures, as JSON holds it.
        data: what stands for the prepared data: "train" and "test".
        n_train: number of training samples.
        n_labels: of how many of them the labels were used.
        n_test: number of test samples.
        accuracy: of each baseline, %.
        seconds: that it took to fit.
    """

    sense: str
    options: dict[str, Any]
    data: dict[str, str]
    n_train: int
    n_labels: int
    n_test: int
    accuracy: dict[str, float]
    seconds: dict[str, float]

    @property
    def setting(self) -> str:
        """The same text for figures that may be pooled: all but the seed, and what it draws."""
        shaping = {name: value for name, value in self.options.items() if name != "seed"}
        return json.dumps((self.sense, shaping, self.n_train, self.n_labels, self.n_test), sort_keys=True)


def is_place(folder: Path) -> bool:
    """Whether a folder holds figures of baselines rather than a run."""
    return folder.name == FOLDER and folder.is_dir() and not has_begun(folder)


def make_place(results: Path) -> Path:
    """The folder of figures among results, made if it is not there.

    Raises:
        OptionError: a run has that name.
        OSError: it cannot be made.
    """
    place = results / FOLDER
    if has_begun(place):
        raise OptionError([f"{place}: holds a run, and is where figures of baselines go; rename it"])
    place.mkdir(parents=True, exist_ok=True)
    return place


def keep(measured: Measured, place: Path) -> Path:
    """Write figures into a folder, in place of those of the same options and data; the file.

    Raises:
        OSError: it cannot be written.
    """
    shaping = json.dumps((measured.options, measured.data), sort_keys=True).encode(errors="backslashreplace")
    path = place / f"{measured.sense}-{hashlib.sha256(shaping).hexdigest()[:LETTERS]}.json"
    write_json(path, asdict(measured))
    return path


def read_places(places: Sequence[Path]) -> tuple[list[Measured], list[str]]:
    """The figures in some folders, each folder once, and a line about each file that holds none."""
    found, left_out = [], []
    for place in {place.resolve(): place for place in places}.values():
        for path in sorted(place.glob("*.json")):
            try:
                found.append(_read(path))
            except OptionError as error:
                left_out += [f"{complaint}; left out" for complaint in error.complaints]
    return found, left_out


def _read(path: Path) -> Measured:
    content = read_json(path)
    kinds = {"sense": str, "options": dict, "data": dict} | dict.fromkeys(("n_train", "n_labels", "n_test"), int)
    is_whole = isinstance(content, Mapping) and all(isinstance(content.get(name), kind) for name, kind in kinds.items())
    if not is_whole or not all(_are_numbers(content.get(name)) for name in ("accuracy", "seconds")) or content["n_test"] < 1:
        raise OptionError([f"{path}: is not what `python -m experiment baselines` writes"])
    return Measured(**{name: content[name] for name in Measured.__dataclass_fields__})


def _are_numbers(found: Any) -> bool:
    return isinstance(found, Mapping) and all(
        isinstance(number, int | float) and 0 <= number < math.inf for number in found.values()
    )
