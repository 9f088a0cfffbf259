"""The rows of the study: what is trained on what, in the order of what matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.study.data import DATA_SETS, EIGHT, EMULATED, HEARD, NMNIST, POISSON, REAL_TIME, SPEAKERS, STMNIST
from experiment.command_line.keywords import keyword_options
from experiment.senses import declared

NETWORK, EVENTS, FEATURES, BASELINES = "network", "k-means on events", "k-means on features", "baselines"
FAITHFUL, PROTOTYPES, BEST = "diehl_cook", "prototypes", "features"
BEST_OPTIONS = {"preset": "best"}
N_NEURONS, N_CHANGED = (100, 400, 1600), 400
SEEDS, FEW, ONE = range(5), range(2), range(1)  # few and one: of what takes long
MOST = {REAL_TIME: 400}  # neurons where there are few recordings
CENTROIDS = {NMNIST: 400}  # at most, there being no more recordings
CHANGED = (NMNIST, STMNIST, HEARD)  # that single changes are tried on
FRACTIONS = (0.01, 0.03, 0.1, 0.3)  # of the labels; all of them are in the first table

EVERY: dict[str, dict[str, Any]] = {  # of all senses
    "no depression": {"depression": 0.0},
    "own rate 0": {"own_rate": 0.0},
    "own rate 1": {"own_rate": 1.0},
    "no conscience": {"conscience": 0.0},
    "no forgetting": {"forgetting": 0.0},
    "margin 1": {"margin": 1},
    "no features": {"model": "prototypes"},
}
CHANGES = {
    NMNIST: EVERY
    | {
        "random fields": {"field_rate": 0.0},
        "no regions": {"region": 1, "region_stride": 1},
        "threshold of fields 2": {"field_thresh": 2.0},
        "threshold of fields 6": {"field_thresh": 6.0},
        "16 maps": {"n_maps": 16},
        "128 maps": {"n_maps": 128},
    },
    STMNIST: EVERY | {"one phase": {"n_phases": 1, "phase": 2000.0}, "no regions": {"region": 1}},
    HEARD: EVERY
    | {
        "one phase": {"n_phases": 1, "phase": 700.0},
        "no onset": {"onset": 0},
        "inhibition by one neighbour": {"surround": 1},
    },
}
BEYOND = {
    NMNIST: {
        "three saccades": {"pattern_time": 315.0},
        "layers learn together": {"train_layers": "together", "n_epochs": 6},
        "fields of 7 pixels": {"field": 7},
        "regions of 5 fields": {"region": 5},
        "features learn three epochs": {"feature_epochs": 3},
        "ten epochs": {"n_epochs": 10},
    },
    STMNIST: {"regions of 3 taxels": {"region": 3}, "twelve phases": {"n_phases": 12}, "ten epochs": {"n_epochs": 10}},
    HEARD: {"surround of 8 channels": {"surround": 8}, "sixteen phases": {"n_phases": 16}, "ten epochs": {"n_epochs": 10}},
}


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes:
        table: the table that it belongs to.
        data: name of the data set, of `DATA_SETS`.
        model: what it is in that table.
        n_neurons: neurons, or centroids.
        seed: seed of all random choices.
        options: all further options of the script but those that say where data are.
        what: what is measured.
    """

    table: str
    data: str
    model: str
    n_neurons: int
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)
    what: str = NETWORK

    @property
    def name(self) -> str:
        """Its name, which `--only` looks for."""
        return "/".join((self.table, self.data, self.model.replace(" ", "_"), str(self.n_neurons), str(self.seed)))

    @property
    def asked(self) -> dict[str, Any]:
        """All options but where data are."""
        return {**DATA_SETS[self.data].options, **self.options, "n_neurons": self.n_neurons, "seed": self.seed}

    @property
    def shaping(self) -> dict[str, Any]:
        """All options of the script as they come out, but for where data are: a default that has changed asks for a new row."""
        options = keyword_options(declared(DATA_SETS[self.data].sense), self.asked, None).as_dict()
        return {name: value for name, value in options.items() if name not in ("root", "source", "stimuli", "n_workers")}

    @property
    def command(self) -> str:
        """How its script is told to do the same, but for where data are; of baselines the network that they stand beside."""
        words = [f"python {DATA_SETS[self.data].sense}_network.py"]
        for name, value in self.asked.items():
            words.append(f"--{name} {' '.join(value) if isinstance(value, list) else value}")
        return " ".join(words)


def all_rows() -> list[Row]:
    """The rows in the order in which they are measured: what matters most first."""
    return [
        *_best((NMNIST, STMNIST, HEARD), N_NEURONS, SEEDS),
        *_best((EIGHT,), (400, 100), SEEDS),
        *_best((REAL_TIME,), (100, 400), SEEDS),
        *_beside((NMNIST, STMNIST, HEARD, REAL_TIME), SEEDS),
        *_best((EIGHT,), (1600,), SEEDS),
        *_beside((EIGHT,), SEEDS),
        *_changes("changes", CHANGES),
        *_changes("beyond", BEYOND),
        *_left_out(),
        *_labels(),
        *_best((POISSON,), N_NEURONS, ONE),
        *_prototypes((POISSON,), N_NEURONS, ONE),
        *_best((EMULATED,), (400, 1600), ONE),
        *_beside((POISSON, EMULATED), ONE),
        *_prototypes((NMNIST, STMNIST, HEARD, EIGHT, REAL_TIME), N_NEURONS, SEEDS),
        *_faithful(),
    ]


def _best(names: tuple[str, ...], sizes: tuple[int, ...], seeds: range) -> Iterator[Row]:
    for name in names:
        for seed in seeds:
            for n in sizes:
                # What reads the features says the same of any number of neurons; and of any seed where no feature learns.
                is_read = n == N_CHANGED and (seed == 0 or DATA_SETS[name].sense == "Visual")
                readout = {} if is_read else {"readout": ["votes"]}
                yield Row("models", name, BEST, n, seed, BEST_OPTIONS | readout)


def _prototypes(names: tuple[str, ...], sizes: tuple[int, ...], seeds: range) -> Iterator[Row]:
    options = BEST_OPTIONS | {"model": "prototypes", "readout": ["votes"]}
    of_all = ((name, seed, n) for name in names for seed in seeds for n in sizes)
    return (Row("models", name, PROTOTYPES, n, seed, options) for name, seed, n in of_all if n <= MOST.get(name, n))


def _faithful() -> Iterator[Row]:
    for name in (NMNIST, STMNIST, HEARD, EIGHT, REAL_TIME, POISSON, EMULATED):
        seeds = ONE if name in (POISSON, EMULATED) else SEEDS
        options = {**DATA_SETS[name].faithful, "readout": ["votes", "logreg"] if name in CHANGED else ["votes"]}
        sizes = [n for n in N_NEURONS if n <= MOST.get(name, n)]
        yield from (Row("models", name, FAITHFUL, n, seed, options) for seed in seeds for n in sizes)


def _beside(names: tuple[str, ...], seeds: range) -> Iterator[Row]:
    for name in names:
        for n in N_NEURONS:
            of_n = seeds[: len(FEW)] if n == N_NEURONS[-1] and name == EIGHT else seeds
            if n <= min(MOST.get(name, n), CENTROIDS.get(name, n)):
                yield from (Row("models", name, what, n, s, BEST_OPTIONS, what) for s in of_n for what in (EVENTS, FEATURES))
        yield Row("models", name, BASELINES, N_CHANGED, 0, BEST_OPTIONS, BASELINES)


def _changes(table: str, changes: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Row]:
    for seed in SEEDS:
        for name, of_data in changes.items():
            for title, changed in of_data.items():
                yield Row(table, name, title, N_CHANGED, seed, BEST_OPTIONS | {"readout": ["votes"]} | changed)


def _left_out() -> Iterator[Row]:
    for speaker in SPEAKERS:
        yield Row("speakers", f"without-{speaker}", BEST, N_CHANGED, 0, BEST_OPTIONS)
        yield Row("speakers", f"without-{speaker}", EVENTS, N_CHANGED, 0, BEST_OPTIONS, EVENTS)
        yield Row("speakers", f"without-{speaker}", FEATURES, N_CHANGED, 0, BEST_OPTIONS, FEATURES)


def _labels() -> Iterator[Row]:
    for name in CHANGED:
        for seed in SEEDS:
            yield Row("labels", f"shuffled-{name}", "shuffled", N_CHANGED, seed, BEST_OPTIONS)
            for fraction in FRACTIONS:
                yield Row("labels", name, str(fraction), N_CHANGED, seed, BEST_OPTIONS | {"label_fraction": fraction})


def is_quick(row: Row) -> bool:
    """Whether a row is one of those that tell most in ten minutes."""
    return row.table == "models" and row.data in CHANGED and row.n_neurons <= N_CHANGED and row.seed == 0
