"""What a trained network takes recordings for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch

from bindsnet.errors import NetworkError
from bindsnet.evaluation.readout import largest_votes
from bindsnet.numbers.random import TESTING
from common import NO_LABEL
from common.spike_trains import ChosenTrains, SpikeTrains
from common.time_steps import n_time_steps
from datasets.own.single_files import read_files
from datasets.registry import data_set
from experiment.model.features.network import FeatureNetwork
from experiment.model.network import INPUT, SpikingNetwork
from experiment.readouts import READOUTS, readable
from experiment.readouts.labels import BLOCK, Labelled, votes_by_label
from experiment.sense import Sense

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
            f"{readable(readout)} {found or 'no answer'} ({100 * self.confidences[readout]:.0f} %)"
            for readout, found in self.classes.items()
        ]
        winners = [f"{w.neuron} ({w.label or 'no label'}, {w.n_spikes}×)" for w in self.winners]
        return f"{self.name}: {', '.join(answers)}; neurons {', '.join(winners) or 'none'}"


@dataclass(repr=False)
class Predictor:
    """A trained network whose neurons have labels.

    Attributes:
        sense: what it was trained for.
        options: the options that shaped it, by name.
        network: the network.
        known: labels of its neurons.
        features: the layers before it, if there are any.
    """

    sense: Sense
    options: Mapping[str, Any]
    network: SpikingNetwork
    known: Labelled
    features: FeatureNetwork | None = None

    def predict(self, recordings: str | Path | Sequence[str | Path] | SpikeTrains | ChosenTrains) -> list[Prediction]:
        """What recordings are taken for, given by files in the sensor's raw format, or as spike trains.

        Raises:
            datasets.DatasetError: a file is not there, damaged, or of another kind.
            bindsnet.errors.NetworkError: spike trains are of other inputs or steps than those of the network's samples.
        """
        if isinstance(recordings, str | Path):
            recordings = [recordings]
        if isinstance(recordings, torch.Tensor):
            raise NetworkError("expected files or spike trains, got a tensor; SpikeTrains.from_dense makes spike trains of it")
        if isinstance(recordings, SpikeTrains | ChosenTrains):
            self._refuse_other_times(recordings)
            names, spike_trains = [f"sample {i}" for i in range(recordings.n_samples)], recordings
        else:
            names, spike_trains = self._read(recordings)
        # Every recording has the number 0, so that what it is taken for does not depend on the others.
        counts = self._spike_counts(spike_trains)
        found = votes_by_label(counts, self.known)
        return [
            self._prediction(name, counts[i], {readout: found[readout][i] for readout in READOUTS})
            for i, name in enumerate(names)
        ]

    @property
    def n_inputs(self) -> int:
        """Number of the sensor's units."""
        return self.network.w.shape[0] if self.features is None else self.features.layers[INPUT].n

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.sense.name}, {self.network.summary()})"

    def _refuse_other_times(self, spike_trains: SpikeTrains) -> None:
        n_steps = n_time_steps(self.options["pattern_time"], self.options["dt"])
        if spike_trains.n_steps != n_steps:
            raise NetworkError(f"spike trains have {spike_trains.n_steps} steps, those of the network's samples {n_steps}")

    def _read(self, paths: Sequence[str | Path]) -> tuple[list[str], SpikeTrains]:
        dataset, n_inputs = self.sense.dataset, self.n_inputs
        about = {name: self.options[name] for name in ("dt", "pattern_time", "polarities")}
        if isinstance(self.options["source"], Path):
            return read_files(None, paths, n_inputs, **about, like=dataset)
        own = {option.name: self.options[option.name] for option in data_set(dataset).options}
        return read_files(dataset, paths, n_inputs, **about, **own)

    def _spike_counts(self, spike_trains: SpikeTrains) -> torch.Tensor:
        """Spike counts ``[n_samples, n_neurons]``, as in testing, of samples that all have the number 0."""
        network = self.network.clone().train(False)  # its own, since several threads may ask at once
        features = self.features and self.features.clone()
        seed, counts = self.options["seed"], [torch.empty(0, network.n_neurons, dtype=torch.int32)]
        for block in torch.arange(spike_trains.n_samples).split(BLOCK) if spike_trains.n_samples else ():
            seen = spike_trains.select(block)
            if features is not None:
                seen = features.see(seen, seed, "auto")
            answer = network.answer(seen, [0] * len(block), seed, TESTING)
            counts.append(answer.spike_counts)
        return torch.cat(counts)

    def _prediction(self, name: str, counts: torch.Tensor, found: dict[str, torch.Tensor]) -> Prediction:
        classes, confidences = {}, {}
        for readout, vote in found.items():
            label = int(largest_votes(vote[None]))
            classes[readout] = None if label == NO_LABEL else self.sense.class_names[label]
            confidences[readout] = 0.0 if label == NO_LABEL else float(vote[label] / vote.sum())
        order = torch.argsort(counts, descending=True, stable=True)[:MOST_WINNERS].tolist()
        winners = [Winner(neuron, self._label_of(neuron), int(counts[neuron])) for neuron in order if counts[neuron] > 0]
        return Prediction(name, classes, confidences, winners)

    def _label_of(self, neuron: int) -> str | None:
        label = int(self.known.assignments[neuron])
        return self.sense.class_names[label] if label >= 0 else None
