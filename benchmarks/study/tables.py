"""Markdown of what the study has measured so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.study.data import DATA_SETS
from benchmarks.study.measure import right_of
from benchmarks.study.rows import (
    BASELINES,
    BEST,
    EVENTS,
    FAITHFUL,
    FEATURES,
    N_CHANGED,
    N_NEURONS,
    NETWORK,
    PROTOTYPES,
    SEEDS,
    Row,
)
from experiment.readouts.labels import sampling_error

PROPORTION, VOTES, LINEAR, KMEANS = "proportion_weighting", "votes", "logreg", "kmeans"
NETWORKS = (FAITHFUL, PROTOTYPES, BEST)
MODELS = (*NETWORKS, EVENTS, FEATURES)
TITLES = {
    FAITHFUL: "Diehl & Cook",
    PROTOTYPES: "prototypes",
    BEST: "features, prototypes",
    "patches": "k-means of patches",
    "nearest": "nearest neighbour",
    LINEAR: "logistic regression",
}
ENOUGH = 3  # seeds
ALL_LABELS = "1"
Kept = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """What is measured of one thing, by seed."""

    rows: dict[int, Kept]

    def figure(self, readout: str) -> str:
        """Mean accuracy ± its sampling error, in brackets the standard deviation over seeds, and how many if not all."""
        found = [row["accuracy"][readout] for row in self.rows.values() if readout in row["accuracy"]]
        if not found:
            return "–"
        spread = f" ({np.std(found, ddof=1):.1f})" if len(found) > 1 else ""
        of = f" of {len(found)}" if len(found) < len(SEEDS) else ""
        return f"{percent(float(np.mean(found)), self.n_test)}{spread}{of}"

    def mean(self, name: str) -> float | None:
        """Mean of a number over seeds."""
        found = [row[name] for row in self.rows.values() if name in row]
        return float(np.mean(found)) if found else None

    def less(self, readout: str, other: Cell, of_other: str) -> tuple[float, float, float, int] | None:
        """What it is better than another by: mean, its errors by seeds and by the choice of test samples, number of seeds."""
        seeds = sorted(self.rows.keys() & other.rows.keys())
        if not seeds:
            return None
        each = np.stack([right_of(self.rows[s], readout) * 100.0 - right_of(other.rows[s], of_other) * 100.0 for s in seeds])
        by_seeds = np.std(each.mean(1), ddof=1) / math.sqrt(len(seeds)) if len(seeds) > 1 else math.nan
        return float(each.mean()), float(by_seeds), float(np.std(each.mean(0)) / math.sqrt(each.shape[1])), len(seeds)

    @property
    def row(self) -> Kept:
        """That of one seed."""
        return next(iter(self.rows.values()))

    @property
    def n_test(self) -> int:
        """Number of test samples."""
        return self.row["n_test"]


def tables(rows: Sequence[Row], kept: Mapping[str, Kept]) -> str:
    """All tables of which there are rows."""
    rows = [row for row in rows if row.name in kept]
    cells = by_cell(rows, kept)
    parts = [line for name in DATA_SETS for line in _models(name, cells)]
    parts += [*_readouts(cells), *_beside(cells), *_changes(cells), *_labels(cells), *_speakers(cells)]
    return "\n".join(parts)


def commands(rows: Iterable[Row]) -> str:
    """What the scripts are told, a line a row, but for where data are."""
    return "\n".join(f"{row.name}: {row.command}" for row in rows if row.what == NETWORK)


def by_cell(rows: Iterable[Row], kept: Mapping[str, Kept]) -> dict[tuple[str, str, str, int], Cell]:
    """What is kept of the rows, seeds together."""
    found: dict[tuple[str, str, str, int], Cell] = {}
    for row in rows:
        if row.name in kept:
            found.setdefault((row.table, row.data, row.model, row.n_neurons), Cell({})).rows[row.seed] = kept[row.name]
    return found


def percent(value: float, n: int) -> str:
    """An accuracy ± its sampling error."""
    return f"{value:.1f} ± {sampling_error(value, n):.1f}"


def difference(found: tuple[float, float, float, int] | None) -> str:
    """A difference ± its errors by seeds and by sampling, bold if it is more than two of either, of enough seeds."""
    if found is None:
        return "–"
    mean, by_seeds, by_samples, n = found
    told = f"{mean:+.1f} ± {by_seeds:.1f} ± {by_samples:.1f}" if n > 1 else f"{mean:+.1f} ± – ± {by_samples:.1f}"
    return f"**{told}**" if n >= ENOUGH and abs(mean) > 2 * max(by_seeds, by_samples) else told


def _table(title: str, head: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield from (f"\n### {title}\n", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}")
        yield from (f"| {' | '.join(line)} |" for line in lines)


def _models(name: str, cells: Mapping[tuple, Cell]) -> Iterator[str]:
    of_data = {key[2:]: cell for key, cell in cells.items() if key[:2] == ("models", name)}
    if of_data:
        any_row = next(iter(of_data.values())).row
        title = f"{DATA_SETS[name].title}: {any_row['n_train']:,} training, {any_row['n_test']:,} test recordings"
        yield from _table(title, ("", *(f"{n:,}" for n in N_NEURONS)), _lines_of_models(of_data))


def _lines_of_models(cells: Mapping[tuple, Cell]) -> Iterator[list[str]]:
    for model in MODELS:
        line = [cells[model, n].figure(VOTES if model in NETWORKS else KMEANS) if (model, n) in cells else "–" for n in N_NEURONS]
        if set(line) != {"–"}:
            yield [TITLES.get(model, model), *line]
    baselines = cells.get((BASELINES, N_CHANGED))
    for readout in baselines.row["accuracy"] if baselines else ():
        yield [f"{TITLES[readout]} on events", "", percent(baselines.row["accuracy"][readout], baselines.n_test), ""]


def _readouts(cells: Mapping[tuple, Cell]) -> Iterator[str]:
    lines = []
    for name in DATA_SETS:
        for model in NETWORKS:
            if cell := cells.get(("models", name, model, N_CHANGED)):
                figures = [cell.figure(readout) for readout in (PROPORTION, VOTES, LINEAR)]
                seconds = [f"{cell.mean(f'{part}_seconds'):.1f} s" for part in ("train", "test")]
                lines.append([DATA_SETS[name].title, TITLES[model], *figures, *seconds])
    head = ("data", "400 neurons", "proportion weighting", "votes", "logistic regression", "trained in", "tested in")
    yield from _table("Read-outs and time", head, lines)


def _beside(cells: Mapping[tuple, Cell]) -> Iterator[str]:
    head = ("data", "neurons", "features, votes", EVENTS, "better by", FEATURES, "better by")
    yield from _table("Beside k-means with as many centroids", head, _lines_beside(cells))


def _lines_beside(cells: Mapping[tuple, Cell]) -> Iterator[list[str]]:
    for name in DATA_SETS:
        for n in N_NEURONS:
            network = cells.get(("models", name, BEST, n))
            others = [cells.get(("models", name, what, n)) for what in (EVENTS, FEATURES)]
            if network and any(others):
                line = [DATA_SETS[name].title, f"{n:,}", network.figure(VOTES)]
                for other in others:
                    line += [other.figure(KMEANS), difference(network.less(VOTES, other, KMEANS))] if other else ["–", "–"]
                yield line


def _changes(cells: Mapping[tuple, Cell]) -> Iterator[str]:
    for table, title in (("changes", "Single changes of the best preset"), ("beyond", "Beyond")):
        yield from _table(title, ("data", "change", "votes", "better by", "trained in"), _lines_of_changes(table, cells))


def _lines_of_changes(table: str, cells: Mapping[tuple, Cell]) -> Iterator[list[str]]:
    for (in_table, name, model, n), cell in sorted(cells.items(), key=lambda item: item[0][1]):
        best = cells.get(("models", name, BEST, n))
        if in_table == table and best:
            better, seconds = difference(cell.less(VOTES, best, VOTES)), f"{cell.mean('train_seconds'):.1f} s"
            yield [DATA_SETS[name].title, model, cell.figure(VOTES), better, seconds]


def _labels(cells: Mapping[tuple, Cell]) -> Iterator[str]:
    of_labels = {key[1:3]: cell for key, cell in cells.items() if key[0] == "labels"}
    of_labels |= {
        (key[1], ALL_LABELS): cell for key, cell in cells.items() if key[2:] == (BEST, N_CHANGED) and (key[1], "0.1") in of_labels
    }
    lines = []
    for (name, share), cell in sorted(of_labels.items()):
        labels = f"{cell.mean('n_labels'):,.0f}"
        lines.append([DATA_SETS[name].title, share, labels, cell.figure(PROPORTION), cell.figure(VOTES), cell.figure(LINEAR)])
    head = ("data", "share of the labels", "labels", "proportion weighting", "votes", "logistic regression")
    yield from _table("Fewer labels, and shuffled ones", head, lines)


def _speakers(cells: Mapping[tuple, Cell]) -> Iterator[str]:
    lines = []
    for (table, name, model, n), cell in cells.items():
        if table == "speakers" and model == BEST:
            others = [cells.get((table, name, what, n), Cell({})) for what in (EVENTS, FEATURES)]
            figures = [cell.figure(VOTES), cell.figure(LINEAR), *(other.figure(KMEANS) for other in others)]
            lines.append([DATA_SETS[name].title.removeprefix("without "), f"{cell.n_test:,}", *figures])
    head = ("speaker left out", "test", "features, votes", "logistic regression", EVENTS, FEATURES)
    yield from _table("Speakers never heard", head, lines)
