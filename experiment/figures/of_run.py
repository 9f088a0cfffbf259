"""Which figures there are of a run, and what they are drawn from."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from bindsnet.numbers.random import ELSEWHERE
from common.spike_trains import SpikeTrains
from common.terminal import drawable
from experiment.command_line.options import Options, changed
from experiment.figures.assignments import assignments_figure
from experiment.figures.confusion import confusion_figure
from experiment.figures.cumulative_spikes import cumulative_spikes_figure
from experiment.figures.fields import LONGEST_FIELD
from experiment.figures.labels import labels_figure
from experiment.figures.maps import maps_figure
from experiment.figures.neurons import Neurons
from experiment.figures.performance import performance_figure
from experiment.figures.raster import LayerSpikes, raster_figure
from experiment.figures.spectra import spectra_figure
from experiment.figures.weights import weights_figure
from experiment.model.features.network import FeatureNetwork
from experiment.model.network import EXCITATORY, INPUT
from experiment.model.parameters import LARGEST_FIRST_WEIGHT
from experiment.readouts import PROPORTION_WEIGHTING, READOUTS, readable
from experiment.readouts.labels import classify
from experiment.run_data import RunData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_LOOKED_AT, N_AT_ONCE = 128, 16  # training samples for a picture, and of which all spikes are kept at a time

Drawings = dict[str, Callable[[], "Figure"]]


def figures_of_training(run: RunData) -> Drawings:
    """The figures of a network as it is now, by name, each drawn when called: together they would take much memory."""
    names, note, record, training = run.sense.class_names, note_of(run), run.record, run.training
    seen = [row["n_seen"] for row in record.rows]
    spikes = [round(row["spikes_per_sample"] * row["n_samples"]) for row in record.rows]
    accuracies = {readable(name): [row[name] for row in record.rows] for name in READOUTS}
    assignments = training.label_counts.assignments.numpy()
    title = "While training, proportion weighting"
    drawings = {"weights": lambda: _weights(run, note)}
    if run.layers is not None and run.layers.learned is not None:
        drawings["fields"] = lambda: _maps(run, note)
    if run.options.model != "diehl_cook":
        drawings["raster"] = lambda: _raster(run, note)
    return drawings | {
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
    shape, w, largest = run.sense.input_shape, run.network.w, run.network.w_max
    told = {}
    if run.layers is not None:
        w, shape = run.layers.drawn_back(w)
        told = {"source": "features", "seen": run.layers.drawn}
        largest = float(w.max())
    w = w.cpu().numpy()
    assignments, spikes = run.training.label_counts.assignments.numpy(), run.record.spikes_per_neuron.numpy()
    neurons = Neurons(assignments, run.sense.class_names, spikes, _enough_spikes(run.options))
    if run.layers is None and max(shape) > LONGEST_FIELD * min(shape):
        return spectra_figure(w, neurons, w_max=largest, note=note)
    return weights_figure(w, shape, neurons, w_max=largest, note=note, **told)


def _enough_spikes(options: Options) -> int:
    """So many spikes take away the first, random weight of an input that stays silent, in good measure."""
    if options.start_from is not None or options.model != "diehl_cook":
        return 0
    loss = options.nu * options.x_tar  # each spike's, at the most
    return math.ceil(min(LARGEST_FIRST_WEIGHT / loss, sys.maxsize)) if loss else 1


def _maps(run: RunData, note: str) -> Figure:
    """What maps see, and where each fires for some of the training samples."""
    features, trains = run.layers.clone().train(False), run.features.spike_trains
    spikes = torch.zeros(features.layers[features.learned].shape, dtype=torch.int64)
    for piece in torch.arange(min(N_LOOKED_AT, trains.n_samples)).split(N_AT_ONCE):
        found = _spikes_in(features, trains.select(piece), (features.learned,), run.options)[features.learned]
        spikes += found.sum((0, 1)).view(spikes.shape)
    kernels = next(iter(features.arrays.values())).cpu().numpy()
    return maps_figure(kernels, spikes.numpy(), note)


def _raster(run: RunData, note: str) -> Figure:
    """The first training sample in all layers, with nothing learning."""
    network, features, training, options = run.network.clone().train(False), run.layers, run.training, run.options
    sample = seen = (run.features or training).spike_trains.select([0])
    shape = run.sense.input_shape
    inputs = [sample.n_units // math.prod(shape), *shape]
    layers = [LayerSpikes(INPUT, inputs, sample.steps.numpy(), sample.units.numpy())]
    if features is not None:
        names = [name for name, layer in features.layers.items() if layer.n > 1 or name == features.output][1:]
        for name, found in _spikes_in(features.clone().train(False), sample, names, options).items():
            seen = SpikeTrains.from_dense(found)  # at last of those that the neurons see
            layers.append(LayerSpikes(name, features.layers[name].shape, seen.steps.numpy(), seen.units.numpy()))
    answer = network.answer(seen, [0], options.seed, ELSEWHERE, engine=options.engine, spike_times=True)
    found = answer.spike_trains
    layers.append(LayerSpikes(EXCITATORY, [network.n_neurons], found.steps.numpy(), found.units.numpy()))
    taken = int(classify(answer.spike_counts, training.label_counts)[PROPORTION_WEIGHTING])
    names = run.sense.class_names
    told = f"{names[int(training.labels[0])]}, taken for {names[taken] if taken >= 0 else 'nothing'}"
    return raster_figure(layers, sample.n_steps, found.n_steps - sample.n_steps, network.dt, told, note)


def _spikes_in(features: FeatureNetwork, trains: SpikeTrains, names: Sequence[str], options: Options) -> dict[str, torch.Tensor]:
    """The spikes of some layers, bool ``[n_samples, n_steps, n_neurons]``, by the program that is compiled anyway."""
    which = {"samples": [0] * trains.n_samples, "seed": options.seed, "stream": ELSEWHERE, "engine": options.engine}
    records = features.present(trains, layer=features.output, record={name: ["s"] for name in names}, **which).records
    return {name: records[name, "s"] for name in names}


def _test_confusion(run: RunData, readout: str) -> Figure:
    labels, predictions = run.testing.labels.numpy(), run.testing.predictions[readout].numpy()
    title = f"{run.options.test_name}, {readable(readout)}"
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
        run.options.test_name,
        run.options.tested_on.partition(" (")[0],  # the footnote tells which part
        note=note_of(run),
    )
