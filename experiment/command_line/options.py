"""The one table of options.

The fields of `Options` are the table: reading, checking, `--help` and docs/options.md all follow
from it, so a new option is one new field. Standard library only: `--help` and wrong values are
answered before torch is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from common.machine import n_workers_of
from common.options import DATA, FEATURES, LEARNING_RULE, NETWORK, NEURON, PROTOTYPES, SIMULATION, Option
from common.time_steps import n_time_steps
from common.values import (
    Choice,
    Choices,
    ExistingPath,
    ExistingPaths,
    FileName,
    Flag,
    Folder,
    Part,
    Real,
    Stream,
    Value,
    Whole,
    WordOrPath,
)
from datasets.registry import data_set, names
from experiment.command_line.presets import preset_of
from experiment.modality import Modality
from experiment.model import MODELS
from experiment.model.parameters import EXCITATORY_RESET
from experiment.readouts import FURTHER_READOUTS, READOUTS

MAX_STEPS = 100_000  # time steps a sample: 50 times the longest recordings at 1 ms
# The following only stop slips of the finger, far beyond anything useful.
MAX_VOLTAGE = 1e6  # mV
MAX_TIME_CONSTANT = 1e9  # ms; longer than any run, so as good as no decay
MAX_PATTERN_TIME = 1e6  # ms
MIN_DT = 0.001  # ms; the sensors' clocks tick in microseconds
MAX_NEURONS = 100_000
MAX_SAMPLES = 100_000_000
MAX_EPOCHS = 1_000_000
MAX_WORKERS = 1024
MAX_SIDE = 10_000
MAX_SEED = 2**32 - 1  # of 32 bits, as random generators take them
MAX_PARTS = 1000

MAX_SHOWN = 60  # characters of a value that a complaint repeats


def _option(
    group: str, value: Value, help: str, default: Any = MISSING, unit: str = "", shown: str = "", shapes: bool = True
) -> Any:
    """A field of `Options`: without `default` the modality's, `shown` says it in words.

    Whether it `shapes` the result by itself (data have keys of their own) decides whether a resumed run must have the same.
    """
    about = {"group": group, "value": value, "help": help, "unit": unit, "shown": shown, "shapes": shapes}
    return field(default=default, metadata=about)


def _with_own_options(options: type) -> type:
    """Adds the options that data sets declare of their own, in front of `strict`; runs of other data sets have their defaults."""
    own = {option.name: option for name in names() for option in data_set(name).options}
    declared = dict(options.__annotations__)
    if taken := own.keys() & declared.keys():
        raise TypeError(f"a data set declares {', '.join(taken)}, which all scripts have: its own options need other names")
    behind = {name: declared.pop(name) for name in list(declared)[list(declared).index("strict") :]}
    options.__annotations__ = declared | dict.fromkeys(own, "Any") | behind
    for name, option in own.items():
        setattr(options, name, _option(option.group, option.value, option.help, option.default, option.unit, option.shown))
    return options


@dataclass(frozen=True, kw_only=True)
@_with_own_options
class Options:
    """The options of a run, checked."""

    thresh: float = _option(
        NEURON,
        Real(EXCITATORY_RESET, MAX_VOLTAGE, above=True),  # at or below it a neuron would fire at every step
        "firing threshold of excitatory neurons, before adaptation",
        -52.0,
        "mV",
    )
    tc_decay: float = _option(
        NEURON, Real(0, MAX_TIME_CONSTANT, above=True), "time constant of the excitatory membrane voltage", 215.0, "ms"
    )
    theta_plus: float = _option(NEURON, Real(0, MAX_VOLTAGE), "rise of the adaptive threshold with each spike", 0.2, "mV")

    nu: float = _option(LEARNING_RULE, Real(0, 1), "learning rate", 0.05)
    x_tar: float = _option(
        LEARNING_RULE, Real(0, 1), "trace of an input at which its weight stays as it is: above it grows, below it shrinks", 0.4
    )
    tc_trace: float = _option(
        LEARNING_RULE, Real(0, MAX_TIME_CONSTANT, above=True), "time constant of the input traces", 20.0, "ms"
    )

    preset: str = _option(
        NETWORK,
        Choice(("faithful", "best")),
        "values of all options that are not given: those of the papers, or those that are best for the sense: {best}",
        "faithful",
        shapes=False,
    )
    model: str = _option(
        NETWORK,
        Choice(MODELS),
        "network of Diehl & Cook (2015); prototypes that decide at a recording's end; or these on layers of features",
        "diehl_cook",
    )
    n_neurons: int = _option(NETWORK, Whole(1, MAX_NEURONS), "number of excitatory neurons")
    exc: float = _option(NETWORK, Real(0, MAX_VOLTAGE), "weight from an excitatory to its inhibitory neuron", 22.5, "mV")
    inh: float = _option(NETWORK, Real(0, MAX_VOLTAGE), "strength of inhibition of all other neurons", 17.5, "mV")
    som: bool = _option(
        NETWORK, Flag(), "self-organising map: inhibition grows with distance until 10 % of the first epoch is done", False
    )

    depression: float = _option(
        PROTOTYPES, Real(0, 1), "part of an input's resources that a spike uses up, so that later ones count less", 0.5
    )
    own_rate: float = _option(
        PROTOTYPES, Real(0, 1), "a neuron that has won n times learns at the rate (1 + n) to the power of minus this", 0.5
    )
    conscience: float = _option(
        PROTOTYPES, Real(0, 1), "rise of a neuron's threshold each time that it wins, as part of the threshold", 0.003
    )
    forgetting: float = _option(
        PROTOTYPES, Real(0, 1), "part of that rise that is gone after as many recordings as there are neurons", 0.03
    )
    closing: int = _option(PROTOTYPES, Whole(1, MAX_STEPS), "time after a recording in which neurons decide", 100, "steps")
    ramp: float = _option(
        PROTOTYPES, Real(0, 0.5, above=True), "part of the threshold that it loses in each step of the decision", 0.02
    )
    margin: int = _option(
        PROTOTYPES, Whole(1, 1000), "time from the first spike to the end of the decision, when nothing learns", 4, "steps"
    )

    n_maps: int = _option(FEATURES, Whole(1, MAX_NEURONS), "pixels: number of maps, each with fields of its own", 64)
    field: int = _option(FEATURES, Whole(1, MAX_SIDE), "pixels: side of a field", 5, "pixels")
    field_stride: int = _option(FEATURES, Whole(1, MAX_SIDE), "pixels: from one field to the next", 2, "pixels")
    field_thresh: float = _option(FEATURES, Real(0, MAX_VOLTAGE, above=True), "pixels: threshold of the fields", 4.0, "mV")
    field_rate: float = _option(FEATURES, Real(0, 1), "pixels: learning rate of the fields", 0.003)
    tc_field: float = _option(
        FEATURES, Real(0, MAX_TIME_CONSTANT, above=True), "pixels: time constant of the input that fields learn", 20.0, "ms"
    )
    region: int | None = _option(
        FEATURES, Whole(1, MAX_SIDE), "pixels, taxels: side of a region", None, "fields or taxels", "3 fields or 2 taxels"
    )
    region_stride: int | None = _option(
        FEATURES,
        Whole(1, MAX_SIDE),
        "pixels, taxels: from one region to the next",
        None,
        "fields or taxels",
        "2 fields or 1 taxel",
    )
    surround: int = _option(
        FEATURES, Whole(0, MAX_SIDE), "channels: those on each side whose mean inhibits a channel", 16, "channels"
    )
    tc_cell: float = _option(
        FEATURES, Real(0, MAX_TIME_CONSTANT, above=True), "channels: time constant of the cells that compare them", 50.0, "ms"
    )
    n_phases: int | None = _option(
        FEATURES, Whole(1, 1000), "channels, taxels: number of phases", None, shown="8 for channels, 6 for taxels"
    )
    phase: float | None = _option(
        FEATURES,
        Real(0, MAX_PATTERN_TIME, above=True),
        "channels, taxels: how long a phase lasts",
        None,
        "ms",
        "0.15 of pattern_time for channels, 0.3 for taxels",
    )
    phase_span: float | None = _option(
        FEATURES,
        Real(0, MAX_PATTERN_TIME, above=True),
        "channels, taxels: from the first phase's beginning to the last one's end",
        None,
        "ms",
        "0.7 of pattern_time for channels, all for taxels",
    )
    onset: int | None = _option(
        FEATURES,
        Whole(0, MAX_SAMPLES),
        "channels, taxels: input spikes after which the first phase begins",
        None,
        "spikes",
        "20 for channels, 0 for taxels",
    )
    train_layers: str = _option(
        FEATURES, Choice(("in_turn", "together")), "whether features are trained before the neurons that see them", "in_turn"
    )
    feature_epochs: int = _option(FEATURES, Whole(1, MAX_EPOCHS), "passes over the training samples that features learn from", 1)
    feature_share: float = _option(
        FEATURES, Real(0, 1, above=True), "share of the training samples that features learn from", 1.0
    )

    source: str | Path = _option(
        DATA,
        WordOrPath(("recorded", "emulated")),
        "real recordings; an emulation of the sensor, which needs no file and no network; or where your own recordings are",
        "recorded",
    )
    root: Path = _option(DATA, Folder(), "where data sets are kept", Path("data"), shapes=False)
    stimuli: Path | None = _option(
        DATA, ExistingPath(), "what the emulated sensor perceives: {stimuli}", None, shown="{own_stimuli}", shapes=False
    )
    n_train: int | None = _option(DATA, Whole(1, MAX_SAMPLES), "number of training samples", None, shown="all")
    n_test: int | None = _option(DATA, Whole(1, MAX_SAMPLES), "number of test samples", None, shown="all")
    validation: str | None = _option(
        DATA,
        Part(MAX_PARTS),
        "part I of K of the training samples that is held out of training and tested on, instead of the test samples: these are "
        "not looked at, and --n_test is without effect",
        None,
        shown="the test samples",
    )
    label_fraction: float = _option(
        DATA,
        Real(0, 1, above=True),
        "share of the training labels that neurons are labelled and read-outs are fitted with; the network learns without any",
        1.0,
    )
    pattern_time: float = _option(
        DATA, Real(0, MAX_PATTERN_TIME, above=True), "time for which a sample is shown ({pattern_time_note})", unit="ms"
    )
    dt: float = _option(DATA, Real(MIN_DT, MAX_PATTERN_TIME), "time step", 1.0, "ms")
    polarities: str = _option(DATA, Choice(("on", "off", "both")), "events taken as input; {polarities_note}")
    strict: bool = _option(DATA, Flag(), "stop at the first damaged recording instead of leaving it out", False, shapes=False)

    n_epochs: int = _option(SIMULATION, Whole(1, MAX_EPOCHS), "passes over the training samples", 1)
    n_workers: int = _option(
        SIMULATION,
        Whole(1, MAX_WORKERS, besides=-1),
        "processes and threads that prepare data and test",
        -1,
        shown="-1, all cores",
        shapes=False,
    )
    seed: int = _option(SIMULATION, Whole(0, MAX_SEED), "seed of all random choices", 0)
    progress_interval: int = _option(
        SIMULATION, Whole(1, MAX_EPOCHS), "epochs between progress lines", 10, "epochs", shapes=False
    )
    plot: bool = _option(
        SIMULATION, Flag(), "watch the network while it trains, in a window; without a display in live.png", False, shapes=False
    )
    plot_interval: float = _option(
        SIMULATION, Real(0.0, 3600.0), "least time between two drawings of that view", 1.0, "s", shapes=False
    )
    plot_hold: float | None = _option(
        SIMULATION,
        Real(0.0, 86400.0),
        "longest time that its window stays once the run is done",
        None,
        "s",
        shown="until it is closed; 0 without a terminal",
        shapes=False,
    )
    csv_stream: str | Path | None = _option(
        SIMULATION,
        Stream(),
        "append rows as they come, the run's name first; runs may share a file",
        None,
        shown="none",
        shapes=False,
    )
    tensorboard: bool = _option(
        SIMULATION, Flag(), "keep event files for TensorBoard, too; its package is in requirements-sweep.txt", False, shapes=False
    )
    gpu: bool = _option(SIMULATION, Flag(), "run on a CUDA device", False)
    engine: str = _option(
        SIMULATION,
        Choice(("auto", "fused", "plain")),
        "what runs the network: one compiled loop (fused), or step by step on tensors (plain); auto: the fastest that can",
        "auto",
        shapes=False,
    )
    readout: tuple[str, ...] | None = _option(
        SIMULATION,
        Choices((*READOUTS, *FURTHER_READOUTS)),
        "read-outs of the test; the two of the default are always there",
        None,
        shown=" ".join(READOUTS),
    )
    readout_layer: str = _option(
        SIMULATION,
        Choice(("neurons", "seen")),
        "what logreg reads: the neurons, or the layer that they see (of --model features the last of these)",
        "neurons",
    )
    filename: str = _option(SIMULATION, FileName(), "name of the run and of its folder in results/", "test", shapes=False)
    overwrite: bool = _option(SIMULATION, Flag(), "replace results of the same name instead of keeping them", False, shapes=False)
    resume: bool = _option(SIMULATION, Flag(), "go on with an interrupted run of the same name", False, shapes=False)
    start_from: Path | None = _option(
        SIMULATION, ExistingPath(), "folder of results whose network is trained further", None, shown="a new network"
    )
    freeze: bool = _option(
        SIMULATION,
        Flag(),
        "take of --start_from the features alone, and leave them as they are; what sees them begins anew",
        False,
    )
    predict: tuple[Path, ...] | None = _option(
        SIMULATION,
        ExistingPaths(),
        "instead of training, tell the classes of recordings: a folder of results, then files; without files its test samples",
        None,
        shown="train",
        shapes=False,
    )

    @property
    def n_steps(self) -> int:
        """Number of time steps for which a sample is shown."""
        return n_time_steps(self.pattern_time, self.dt)

    @property
    def further_readouts(self) -> tuple[str, ...]:
        """The read-outs that are asked for beyond those that are always there."""
        return tuple(name for name in FURTHER_READOUTS if name in (self.readout or ()))

    @property
    def held_out(self) -> tuple[int, int] | None:
        """The part of the training samples that is tested on, from 1, and of how many parts; None for the test samples."""
        if self.validation is None:
            return None
        part, n_parts = map(int, self.validation.split("/"))
        return part, n_parts

    @property
    def tested_on(self) -> str:
        """What the network is tested on, in words."""
        return "test samples" if self.held_out is None else "held-out training samples (part {} of {})".format(*self.held_out)

    @property
    def test_name(self) -> str:
        """What the test is called."""
        return "Test" if self.held_out is None else "Validation"

    @property
    def n_threads(self) -> int:
        """Number of workers, with −1 resolved to the cores that this process may use."""
        return n_workers_of(self.n_workers)

    def as_dict(self) -> dict[str, Any]:
        """All options as JSON can hold them."""
        values = asdict(self)
        values["predict"] = [str(path) for path in self.predict] if self.predict else None
        values["readout"] = list(self.readout) if self.readout else None
        return {name: str(v) if isinstance(v, Path) else v for name, v in values.items()}


@cache
def option_table(modality: Modality) -> Mapping[str, Option]:
    """The options of a modality's script, by what is typed, in the order of `--help`."""
    known = modality.recorded
    twin, own = known.twin, {option.name: option for option in known.options}
    texts = {"pattern_time_note": known.pattern_time_note, "polarities_note": known.polarities_note}
    texts["best"] = " ".join(f"--{name} {in_words(value)}" for name, value in preset_of(modality, "best").items())
    texts |= twin._asdict() if twin else {"stimuli": "", "own_stimuli": ""}
    others = {option.name for name in names() for option in data_set(name).options} - set(own)
    if not texts["stimuli"]:
        others.add("stimuli")
    rows = []
    for f in fields(Options):
        if f.name in others:
            continue
        about = {name: f.metadata[name] for name in ("group", "value", "unit")}
        about |= {name: f.metadata[name].format(**texts) for name in ("help", "shown")}
        default = getattr(modality, f.name) if f.default is MISSING else f.default
        rows.append(own.get(f.name) or Option(name=f.name, default=default, **about))
    return MappingProxyType({row.flag: row for row in rows})


def shown(value: object) -> str:
    """A value, or several, as it can stand in one line."""
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    short = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."
    return short if short and short.isprintable() else ascii(short)


def in_words(value: Any) -> str:
    """The value of an option, as it may be typed; "on" or "off" where it is given without a value."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def changed(options: Options, modality: Modality) -> dict[str, str]:
    """What shapes the result and is not the modality's default, in words, by name; of a path its last part."""
    rows = {row.name: row for row in option_table(modality).values()}
    shaping = [f.name for f in fields(Options) if (f.metadata["shapes"] or f.name == "stimuli") and f.name in rows]
    values = {name: getattr(options, name) for name in shaping if getattr(options, name) != rows[name].default}
    return {name: in_words(value.name if isinstance(value, Path) else value) for name, value in values.items()}
