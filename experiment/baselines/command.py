"""What `python -m experiment baselines` does: measures, prints a table beside finished runs, keeps the figures for reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from experiment.baselines.baseline import baseline_class
from experiment.baselines.beside import runs_beside, unlike
from experiment.baselines.measure import measured, shape_of
from experiment.baselines.names import ACTIVE, BASELINES, NUMBER, ROOT
from experiment.baselines.options import is_heeded
from experiment.baselines.saved import Measured, keep, make_place
from experiment.command_line.options import Options, option_table
from experiment.modality import Modality
from experiment.protocol.sampling import labelled_samples
from experiment.readouts import readable
from experiment.readouts.labels import sampling_error
from experiment.report.compared import Run
from experiment.results.saved import RESULTS
from experiment.samples import Samples, load_samples, report_lines

SEEN = {NUMBER: "the number of spikes", ROOT: "the square root of the number of spikes", ACTIVE: "whether there is a spike"}
FIRST, WIDTH = 24, 18  # letters of the first column of the table that grows, and of its others
SPACES = "  "


def run_baselines(modality: Modality, options: Options, counts: str) -> None:
    """Measure, print and keep.

    Raises:
        OptionError: the options do not fit the machine, the data or what lies in the folder of results.
        datasets.DatasetError: the data cannot be had.
    """
    train, test = load_samples(modality, options)
    place = make_place(RESULTS)
    found = _yet_to_measure(modality, options, counts, train, test)
    print(*report_lines(train, test), *_about(found, train), sep="\n")
    print(f"\n{'from spike counts alone':{FIRST}}{'test accuracy':>{WIDTH}}{'fitted in':>{WIDTH}}", flush=True)
    for result in measured(train, test, options.n_neurons, counts, options.label_fraction, options.seed, tuple(BASELINES)):
        found.accuracy[result.name], found.seconds[result.name] = result.accuracy, result.seconds
        percent, seconds = _percent(result.accuracy, found.n_test), _seconds(result.seconds)
        silent = f"{SPACES}{result.n_without_answer:,} without an answer" if result.n_without_answer else ""
        print(f"{BASELINES[result.name]:{FIRST}}{percent:>{WIDTH}}{seconds:>{WIDTH}}{silent}", flush=True)
    print(f"± is the standard error by the choice of {found.n_test:,} test samples.\n")
    print(*_beside(found, runs_beside(found, RESULTS)), sep="\n")
    print(f"\nKept for `python -m experiment report`: {keep(found, place)}")


def _yet_to_measure(modality: Modality, options: Options, counts: str, train: Samples, test: Samples) -> Measured:
    """What shapes the figures, and no figure."""
    heeded = {row.name for row in option_table(modality).values() if is_heeded(row)}
    shaping = [f.name for f in fields(Options) if f.name in heeded and (f.metadata["shapes"] or f.name == "stimuli")]
    values, keys = options.as_dict() | {"counts": counts}, {"train": train.key, "test": test.key}
    n_labels = int(labelled_samples(train.labels, options.label_fraction, options.seed).sum())
    sizes = len(train.labels), n_labels, len(test.labels)
    return Measured(modality.name, {name: values[name] for name in (*shaping, "counts")}, keys, *sizes, {}, {})


def _about(found: Measured, train: Samples) -> Iterator[str]:
    labels = "" if found.n_labels == found.n_train else f", the labels of {found.n_labels:,} of them"
    yield f"{found.n_train:,} training samples{labels}; {found.n_test:,} test samples; {len(train.class_names)} classes"
    yield f"Seen of each of {train.spike_trains.n_units:,} inputs: {SEEN[found.options['counts']]}"
    yield f"{found.options['n_neurons']:,} centroids, seed {found.options['seed']}"
    unsuited = [title for name, title in BASELINES.items() if not baseline_class(name).suits(shape_of(train))]
    yield from (f"No {title}: the sensor has no two dimensions" for title in unsuited)


def _beside(found: Measured, runs: Sequence[Run]) -> Iterator[str]:
    """A table of the runs, their read-outs side by side."""
    if not runs:
        yield f"No finished run in {RESULTS} was tested on {found.n_test:,} samples of this sense and source."
        return
    readouts = list(dict.fromkeys(name for run in runs for name in run.results["test_accuracy"]))
    rows = [["trained networks", *map(readable, readouts), "trained in", "unlike above"]]
    for run in runs:
        percents = [_percent(run.accuracy(name), found.n_test) for name in readouts]
        rows.append([str(run.folder), *percents, _seconds(run.number("train_seconds")), unlike(run, found)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *numbers, last in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(numbers, widths[1:], strict=False)]
        line = SPACES.join([f"{first:{widths[0]}}", *cells, last]).rstrip()
        yield line if line.isprintable() else ascii(line)


def _percent(accuracy: float | None, n: int) -> str:
    return "" if accuracy is None else f"{accuracy:.1f} ± {sampling_error(accuracy, n):.1f} %"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:,.1f} s"
