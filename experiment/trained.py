"""A trained network, as a run left it: it tells the classes of recordings, or is trained further."""

from __future__ import annotations

import hashlib
import math
import zipfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from bindsnet.evaluation.readout import largest_votes
from bindsnet.numbers.random import TESTING
from common import NO_LABEL
from experiment.errors import OptionError
from experiment.network import LARGEST_WEIGHT, SpikingNetwork
from experiment.options import LEARNING_RULE, NETWORK, NEURON, READOUTS, Options, shown
from experiment.protocol import present, votes
from experiment.readouts import ARRAYS, stored_readouts
from experiment.saved import OPTIONS_FILE, plain, read_saved, refuse_packed, trained_options
from experiment.showing import TEST_BLOCK

MOST_WINNERS = 5  # neurons that a prediction names


class Winner(NamedTuple):
    """A neuron that fired for a recording: its number, its label (None if it has none), and its spikes."""

    neuron: int
    label: str | None
    n_spikes: int


class Prediction(NamedTuple):
    """What a recording was taken for.

    Attributes:
        name: of the recording.
        classes: by read-out, the class; None without an answer.
        confidences: by read-out, the class's share of all votes, 0 to 1.
        winners: the neurons that fired most, most spikes first.
    """

    name: str
    classes: dict[str, str | None]
    confidences: dict[str, float]
    winners: list[Winner]

    def __str__(self) -> str:
        answers = [
            f"{readout.replace('_', ' ')} {found or 'no answer'} ({100 * self.confidences[readout]:.0f} %)"
            for readout, found in self.classes.items()
        ]
        winners = [f"{w.neuron} ({w.label or 'no label'}, {w.n_spikes}×)" for w in self.winners]
        return f"{self.name}: {', '.join(answers)}; neurons {', '.join(winners) or 'none'}"


class TrainedNetwork:
    """The network that a run left in its folder of results.

    Args:
        folder: the folder, such as "results/demo"; its `options.json` and `network_….npz` are enough.
        device: where it runs.

    Attributes:
        sense: name of the sense that it was trained for.
        class_names: what the labels stand for.
        options: the options that shaped it, by name.
        assignments, proportions, n_labels: labels of its neurons, as `LabelCounts` has them.
        readouts: the further read-outs that were fitted to it, by name.

    Raises:
        OptionError: the folder holds no trained network, or a damaged one.
    """

    def __init__(self, folder: str | Path, device: torch.device | str = "cpu") -> None:
        folder = Path(folder)
        self.options = trained_options(folder)
        sense = read_saved(folder)["modality"]
        try:
            self.sense, self.dataset = str(sense["name"]), str(sense["dataset"])
            self.class_names = tuple(sense["class_names"])
        except (KeyError, TypeError):
            raise OptionError([f"{folder}: its options do not say for which sense it was trained"]) from None
        arrays = read_arrays(folder)
        self.n_labels = len(self.class_names)
        self.assignments = torch.from_numpy(arrays["assignments"])
        self.proportions = torch.from_numpy(arrays["proportions"])
        try:
            self.readouts = stored_readouts(arrays, len(self.assignments), self.n_labels)
        except ValueError as error:
            raise OptionError([f"{network_file(folder)}: {error}"]) from error
        names = [f.name for f in fields(Options) if f.metadata["group"] in (NEURON, LEARNING_RULE, NETWORK)]
        of_network = {name: self.options[name] for name in names}
        self.network = SpikingNetwork(len(arrays["w"]), **of_network, dt=self.options["dt"], seed=self.options["seed"])
        copy_arrays(arrays, self.network)
        self.network.end_map_formation()
        self.network.to(device).train(False)

    def predict(self, paths: Sequence[str | Path]) -> list[Prediction]:
        """What recordings are taken for, given by files in the sensor's raw format.

        Raises:
            datasets.DatasetError: a file is not there, damaged, or of another kind.
        """
        from datasets.own.single_files import read_files
        from datasets.registry import data_set

        about = {name: self.options[name] for name in ("dt", "pattern_time", "polarities")}
        if isinstance(self.options["source"], Path):
            dataset, about["like"] = None, self.dataset
        else:
            dataset = self.dataset
            about |= {option.name: self.options[option.name] for option in data_set(dataset).options}
        names, spike_trains = read_files(dataset, paths, self.network.w.shape[0], **about)
        # Every file has the number 0, so that what it is taken for does not depend on the others.
        counts = self._spike_counts(spike_trains)
        found = votes(counts, self)
        return [
            self._prediction(name, counts[i], {readout: found[readout][i] for readout in READOUTS})
            for i, name in enumerate(names)
        ]

    def _spike_counts(self, spike_trains: object) -> torch.Tensor:
        """Spike counts ``[n_samples, n_neurons]``, as in testing, of samples that all have the number 0."""
        seed, counts = self.options["seed"], [torch.empty(0, len(self.assignments), dtype=torch.int32)]
        for block in torch.arange(spike_trains.n_samples).split(TEST_BLOCK) if spike_trains.n_samples else ():
            chosen = spike_trains.select(block)
            counts.append(present(self.network, chosen, [0] * len(block), seed, TESTING, "auto").spike_counts)
        return torch.cat(counts)

    def _prediction(self, name: str, counts: torch.Tensor, found: dict[str, torch.Tensor]) -> Prediction:
        classes, confidences = {}, {}
        for readout, vote in found.items():
            label = int(largest_votes(vote[None]))
            classes[readout] = None if label == NO_LABEL else self.class_names[label]
            confidences[readout] = 0.0 if label == NO_LABEL else float(vote[label] / vote.sum())
        order = torch.argsort(counts, descending=True, stable=True)[:MOST_WINNERS].tolist()
        winners = [Winner(neuron, self._label_of(neuron), int(counts[neuron])) for neuron in order if counts[neuron] > 0]
        return Prediction(name, classes, confidences, winners)

    def _label_of(self, neuron: int) -> str | None:
        label = int(self.assignments[neuron])
        return self.class_names[label] if label >= 0 else None


def network_file(folder: Path) -> Path:
    """The file of a run's trained network; a folder may have been renamed, so its name does not tell.

    Raises:
        OptionError: there is none, or several.
    """
    found = sorted(folder.glob("network_*.npz"))
    if len(found) != 1:
        raise OptionError([f"{folder}: holds {len(found) or 'no'} network_….npz; the folder of one finished run is needed"])
    return plain(found[0])


def fingerprint(folder: Path) -> str:
    """A hex string that changes with the trained network in a folder."""
    return hashlib.sha256(network_file(folder).read_bytes()).hexdigest()


def read_arrays(folder: Path) -> dict[str, np.ndarray]:
    """The arrays of a trained network, checked.

    Raises:
        OptionError: they are not there, damaged, or do not fit the run's options or one another.
    """
    path = network_file(folder)
    n_inputs, n_labels = _sizes(folder)
    n_neurons = trained_options(folder)["n_neurons"]
    # By name: type, shape, least and largest number.
    expected = {
        "w": (np.float32, (n_inputs, n_neurons), 0, LARGEST_WEIGHT),
        "theta": (np.float64, (n_neurons,), 0, np.inf),
        "assignments": (np.int64, (n_neurons,), NO_LABEL, n_labels - 1),
        "proportions": (np.float64, (n_neurons, n_labels), 0, 1),
        "rates": (np.float64, (n_neurons, n_labels), 0, np.inf),
    }
    further = set().union(*ARRAYS.values())
    try:
        refuse_packed(path)
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in (*expected, *further.intersection(file.files))}
    except OptionError:
        raise
    except OSError as error:
        raise OptionError([f"{path}: cannot be read: {error.strerror or 'it is damaged'}"]) from error
    except (ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise OptionError([f"{path}: is damaged, or not the network of a run"]) from error
    for name, (kind, shape, least, largest) in expected.items():
        if arrays[name].dtype != kind or arrays[name].shape != shape:
            found = f"{arrays[name].dtype} {list(arrays[name].shape)}"
            raise OptionError(
                [f"{path}: its array {name} is {found}; by {folder / OPTIONS_FILE} it must be {np.dtype(kind)} {list(shape)}"]
            )
        if not (np.isfinite(arrays[name]) & (arrays[name] >= least) & (arrays[name] <= largest)).all():
            raise OptionError([f"{path}: its array {name} holds numbers that no run writes, outside {least} to {largest}"])
    return arrays


def _sizes(folder: Path) -> tuple[int, int]:
    """The numbers of input units and of classes that the run's options tell."""
    saved = read_saved(folder)
    shape, names = saved["modality"].get("input_shape"), saved["modality"].get("class_names")
    sides = [side for side in shape if type(side) is int and side > 0] if isinstance(shape, list) else []
    if not sides or sides != shape:
        raise OptionError([f"{folder / OPTIONS_FILE}: input_shape {shown(str(shape))}: must be the sensor's rows and columns"])
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name.isprintable() for name in names):
        raise OptionError([f"{folder / OPTIONS_FILE}: class_names {shown(str(names))}: must be the names of the classes"])
    return math.prod(sides) * (2 if trained_options(folder)["polarities"] == "both" else 1), len(names)


def copy_arrays(arrays: dict[str, np.ndarray], network: SpikingNetwork) -> None:
    """Give a network the weights and thresholds of a trained one."""
    with torch.no_grad():
        network.w.copy_(torch.from_numpy(arrays["w"]))
        network.theta.copy_(torch.from_numpy(arrays["theta"]))
