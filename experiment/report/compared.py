"""Runs side by side: what their folders hold, and those of one setting that differ only in the seed pooled."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from datasets.preparation.processed import HALF_KEY
from experiment.command_line.options import Options
from experiment.errors import OptionError
from experiment.protocol.course import running_mean
from experiment.readouts import READOUTS
from experiment.results.saved import FINISHED, METRICS, is_finished, plain, read_results, read_saved
from experiment.sweep.folder import is_sweep

MOST_SAMPLES = 2**53  # beyond, a float no longer counts one by one
SHAPING = frozenset(f.name for f in fields(Options) if f.metadata["shapes"])
DEFAULTS = {
    f.name: str(f.default) if isinstance(f.default, Path) else f.default for f in fields(Options) if f.default is not MISSING
}


class Statistic(NamedTuple):
    """Mean and standard deviation over seeds; the latter None for one seed."""

    mean: float
    deviation: float | None
    n_seeds: int


@dataclass(frozen=True)
class Metrics:
    """What `metrics.csv` tells, an entry an update interval.

    Attributes:
        n_seen: training samples seen at its end ``[n]``.
        epoch: the epoch it belongs to, from 1 ``[n]``.
        accuracies: name of a read-out → its accuracy, %, NaN where there is none ``[n]``.
    """

    n_seen: np.ndarray
    epoch: np.ndarray
    accuracies: dict[str, np.ndarray]

    def running(self, readout: str) -> np.ndarray:
        """Accuracy over the last epoch's number of samples, % ``[n]``."""
        n_train = int(self.n_seen[self.epoch == self.epoch[0]][-1])
        return running_mean(self.n_seen, self.accuracies[readout], n_train)


@dataclass(frozen=True)
class Run:
    """A run's folder as it was read.

    Attributes:
        folder: as it was named.
        saved: what `options.json` holds.
        results: what `results.json` holds; None if the run is unfinished or the file damaged.
        metrics: what `metrics.csv` holds; None without a single interval.
        problems: what is missing or damaged, a line each.
    """

    folder: Path
    saved: dict[str, Any]
    results: dict[str, Any] | None
    metrics: Metrics | None
    problems: tuple[str, ...]

    @property
    def options(self) -> dict[str, Any]:
        """All options by name; what there was not when the run was made has its default."""
        return DEFAULTS | self.saved["options"]

    @property
    def seed(self) -> Any:
        """The seed."""
        return self.options.get("seed")

    @property
    def sense(self) -> str:
        """The sense, such as "Visual"."""
        return str(self.saved["modality"].get("name", "unknown"))

    @property
    def source(self) -> str:
        """Where the events come from: "recorded", "emulated" or "own"."""
        source = self.options.get("source")
        return source if source in ("recorded", "emulated") else "own"

    @property
    def is_held_out(self) -> bool:
        """Whether it was tested on a part of the training samples, held out, instead of the test samples."""
        return self.options.get("validation") is not None

    @property
    def n_classes(self) -> int:
        """Number of classes, 0 if it is not told."""
        names = self.saved["modality"].get("class_names")
        return len(names) if isinstance(names, list) else 0

    @property
    def setting(self) -> str:
        """The same text for runs that may be pooled: all that shapes a result but the seed, and whether there is one."""
        return self._setting(self._data_without_seed())

    @property
    def strict_setting(self) -> str:
        """The same, and the very same data."""
        return self._setting(self.saved["data"])

    def _setting(self, data: dict[str, Any]) -> str:
        shaping = {name: value for name, value in self.options.items() if name in SHAPING and name != "seed"}
        return json.dumps((self.results is not None, self.saved["modality"], data, shaping), sort_keys=True)

    def _data_without_seed(self) -> dict[str, Any]:
        """What the data are, whatever the seed: of stimuli, the seed chooses those for training, and the key knows which."""
        data = self.saved["data"]
        if self.source != "emulated" or self.options["stimuli"] is None or self.options["n_train"] is None:
            return data
        of_seed = ("train", "test") if self.is_held_out else ("train",)
        return data | {name: str(data.get(name))[:HALF_KEY] for name in of_seed} | {"stimuli": self.options["stimuli"]}

    def number(self, name: str) -> float | None:
        """A number of `results.json`; None where there is none."""
        return _finite((self.results or {}).get(name))

    def accuracy(self, readout: str) -> float | None:
        """Test accuracy of a read-out, %; None where there is none."""
        return _finite(self.results["test_accuracy"].get(readout)) if self.results else None


@dataclass(frozen=True)
class Setting:
    """Runs that differ only in the seed.

    Attributes:
        number: by which the page names it, from 1.
        runs: one for each seed.
        repeats: further runs of those seeds, which tell nothing new about the accuracy.
    """

    number: int
    runs: tuple[Run, ...]
    repeats: tuple[Run, ...]

    @property
    def first(self) -> Run:
        """The run that stands for all that they share."""
        return self.runs[0]

    @property
    def all_runs(self) -> tuple[Run, ...]:
        """Repeats too."""
        return self.runs + self.repeats

    def accuracy(self, readout: str) -> Statistic | None:
        """Test accuracy of a read-out, %; None where no run has it."""
        values = [value for run in self.runs if (value := run.accuracy(readout)) is not None]
        if not values:
            return None
        return Statistic(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None, len(values))

    def curve(self, readout: str) -> tuple[np.ndarray, np.ndarray, np.ndarray | None] | None:
        """Training samples seen ``[n]``, mean running accuracy ``[n]`` and standard deviation over seeds ``[n]``, %.

        Of the intervals that all runs have; the deviation is None for one seed, all is None without such an interval.
        """
        held = [run.metrics for run in self.runs if run.metrics is not None]
        if not held:
            return None
        n_seen = reduce(np.intersect1d, [metrics.n_seen for metrics in held])
        if not len(n_seen):
            return None
        values = np.stack([metrics.running(readout)[np.isin(metrics.n_seen, n_seen)] for metrics in held])
        return n_seen, values.mean(0), values.std(0, ddof=1) if len(held) > 1 else None


def read_runs(folders: Sequence[Path]) -> tuple[list[Run], list[str]]:
    """The runs in the folders, each once, and a line about each place that holds none.

    Raises:
        OptionError: a folder is not there, or none holds a run.
    """
    missing = [f"{folder}: there is no such folder" for folder in folders if not folder.exists()]
    if missing:
        raise OptionError(missing)
    runs, left_out = runs_in(folders)
    if not runs:
        raise OptionError([*left_out, "there is no run to report"])
    return runs, left_out


def runs_in(folders: Sequence[Path]) -> tuple[list[Run], list[str]]:
    """The same of folders that are there, of which none need hold a run."""
    once: dict[Path, Path] = {}
    for folder in folders:
        once.setdefault(folder.resolve(), folder)
    runs, left_out = [], []
    for folder in once.values():
        try:
            runs.append(_read_run(folder))
        except OptionError as error:
            left_out += [f"{complaint}; left out" for complaint in error.complaints]
    return runs, left_out


def pool(runs: Sequence[Run]) -> list[Setting]:
    """The settings of the runs, in the order in which they first appear; of several runs of a seed the first counts."""
    data: dict[tuple[str, str], set[str]] = {}
    for run in runs:
        data.setdefault((run.setting, json.dumps(run.seed)), set()).add(run.strict_setting)
    # Where the same seed had other data, its stimuli are not what they were: then the data tell the settings apart.
    changed = {setting for (setting, _), found in data.items() if len(found) > 1}
    groups: dict[str, dict[str, list[Run]]] = {}
    for run in runs:
        setting = run.strict_setting if run.setting in changed else run.setting
        groups.setdefault(setting, {}).setdefault(json.dumps(run.seed), []).append(run)
    return [
        Setting(number, tuple(same[0] for same in seeds.values()), tuple(run for same in seeds.values() for run in same[1:]))
        for number, seeds in enumerate(groups.values(), 1)
    ]


def _read_run(folder: Path) -> Run:
    if is_sweep(folder):
        raise OptionError([f"{folder}: is a sweep, which has a page of its own: python -m experiment report {folder}"])
    if not folder.is_dir():
        raise OptionError([f"{folder}: is no folder of a run"])
    saved, results, problems = read_saved(folder), None, []
    if is_finished(folder):
        try:
            results = read_results(folder)
        except OptionError as error:
            problems += error.complaints
    else:
        problems.append(f"{folder}: the run is unfinished (there is no {FINISHED} yet), so it has no test accuracy")
    metrics, complaint = _read_metrics(folder / METRICS)
    return Run(folder, saved, results, metrics, (*problems, *filter(None, [complaint])))


def _read_metrics(path: Path) -> tuple[Metrics | None, str]:
    """The rows up to the first that is damaged, and a line about that one, if any."""
    rows: list[tuple[int, int, list[float]]] = []
    complaint = ""
    try:
        with open(plain(path), newline="", encoding="utf-8", errors="replace") as file:
            for row in csv.DictReader(file):
                rows.append(_interval(row, rows[-1][0] if rows else 0))
    except OptionError as error:
        complaint = f"{error}, so there is no curve"
    except OSError as error:
        complaint = f"{path}: {error.strerror}, so there is no curve"
    except (KeyError, TypeError, ValueError, csv.Error):
        complaint = f"{path}: line {len(rows) + 2} is damaged; the curve ends before it"
    if not rows:
        return None, complaint or f"{path}: holds no interval yet, so there is no curve"
    n_seen, epoch, accuracies = (np.array(column) for column in zip(*rows, strict=True))
    return Metrics(n_seen, epoch, dict(zip(READOUTS, accuracies.T, strict=True))), complaint


def _interval(row: dict[str, str | None], n_before: int) -> tuple[int, int, list[float]]:
    """Samples seen, epoch and accuracies of a row; a ValueError if it cannot be one."""
    n_seen, epoch = int(row["n_seen"]), int(row["epoch"])
    accuracies = [float(row[name] or math.nan) for name in READOUTS]
    is_cut = None in row.values()
    if is_cut or not n_before < n_seen < MOST_SAMPLES or not 1 <= epoch <= n_seen:
        raise ValueError
    if not all(0 <= accuracy <= 100 or math.isnan(accuracy) for accuracy in accuracies):
        raise ValueError
    return n_seen, epoch, accuracies


def _finite(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e300 else None
