"""Which figures there are of a run, and what they are drawn from."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from common.terminal import drawable
from experiment.command_line.options import Options, changed
from experiment.figures.assignments import assignments_figure
from experiment.figures.confusion import confusion_figure
from experiment.figures.cumulative_spikes import cumulative_spikes_figure
from experiment.figures.fields import LONGEST_FIELD
from experiment.figures.labels import labels_figure
from experiment.figures.neurons import Neurons
from experiment.figures.performance import performance_figure
from experiment.figures.spectra import spectra_figure
from experiment.figures.weights import weights_figure
from experiment.model.parameters import LARGEST_FIRST_WEIGHT
from experiment.readouts import PROPORTION_WEIGHTING, READOUTS, readable
from experiment.run_data import RunData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Drawings = dict[str, Callable[[], "Figure"]]


def figures_of_training(run: RunData) -> Drawings:
    """The figures of a network as it is now, by name, each drawn when called: together they would take much memory."""
    names, note, record, training = run.sense.class_names, note_of(run), run.record, run.training
    seen = [row["n_seen"] for row in record.rows]
    spikes = [round(row["spikes_per_sample"] * row["n_samples"]) for row in record.rows]
    accuracies = {readable(name): [row[name] for row in record.rows] for name in READOUTS}
    assignments = training.label_counts.assignments.numpy()
    title = "While training, proportion weighting"
    weights = {} if run.features else {"weights": lambda: _weights(run, note)}
    return weights | {
        "assignments": lambda: assignments_figure(assignments, names, note=note),
        "performance": lambda: performance_figure(seen, accuracies, len(names), training.n_train, note=note),
        "confusion_matrix": lambda: confusion_figure(*record.classified(), names, title=title, note=note),
        "cumulative_spikes": lambda: cumulative_spikes_figure(seen, spikes, record.spikes_per_neuron.numpy(), note=note),
    }


def figures_of_test(run: RunData) -> Drawings:
    """The figures of its test: of proportion weighting and of each further read-out, and how many labels are enough."""
    further = {f"test_confusion_matrix_{name}": name for name in run.testing.readouts}
    matrices = {"test_confusion_matrix": PROPORTION_WEIGHTING} | further
    drawings: Drawings = {name: lambda of=readout: _test_confusion(run, of) for name, readout in matrices.items()}
    return drawings if run.fitting is None else drawings | {"labels": lambda: _labels(run)}


def note_of(run: RunData) -> str:
    """The footnote of all figures: the run, where its events come from, and what is not the default."""
    options = run.options
    source = f"own recordings: {options.source.name}" if isinstance(options.source, Path) else f"{options.source} events"
    told = [f"{name} {value}" for name, value in changed(options, run.modality).items() if name not in ("seed", "source")]
    return drawable("; ".join([f"run {options.filename}, seed {options.seed}", source, *filter(None, [", ".join(told)])]))


def _weights(run: RunData, note: str) -> Figure:
    shape, w = run.sense.input_shape, run.network.w.cpu().numpy()
    assignments, spikes = run.training.label_counts.assignments.numpy(), run.record.spikes_per_neuron.numpy()
    neurons = Neurons(assignments, run.sense.class_names, spikes, _enough_spikes(run.options))
    if max(shape) > LONGEST_FIELD * min(shape):
        return spectra_figure(w, neurons, w_max=run.network.w_max, note=note)
    return weights_figure(w, shape, neurons, w_max=run.network.w_max, note=note)


def _enough_spikes(options: Options) -> int:
    """So many spikes take away the first, random weight of an input that stays silent, in good measure."""
    if options.start_from is not None:
        return 0
    loss = options.nu * options.x_tar  # each spike's, at the most
    return math.ceil(min(LARGEST_FIRST_WEIGHT / loss, sys.maxsize)) if loss else 1


def _test_confusion(run: RunData, readout: str) -> Figure:
    labels, predictions = run.testing.labels.numpy(), run.testing.predictions[readout].numpy()
    title = f"Test, {readable(readout)}"
    return confusion_figure(labels, predictions, run.sense.class_names, title=title, note=note_of(run))


def _labels(run: RunData) -> Figure:
    curve, testing = run.fitting.curve, run.testing
    found, tested = curve.accuracies(testing.counts, testing.labels), testing.accuracies()
    return labels_figure(
        curve.n_labels,
        {readable(name): percent for name, percent in found.items()},
        run.training.n_labels,
        curve.n_classes,
        len(testing.labels),
        {readable(name): tested[name] for name in found},
        note=note_of(run),
    )
