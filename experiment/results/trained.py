"""A trained network, as a run left it in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch

from experiment.errors import OptionError
from experiment.model.models import new_features, new_network
from experiment.prediction import Predictor
from experiment.readouts.readout import stored_readouts
from experiment.results.arrays import copy_arrays, network_file, read_arrays, sizes
from experiment.results.saved import is_finished, read_results, read_saved, trained_options
from experiment.sense import Sense


class Labels(NamedTuple):
    """Labels of a network's neurons, as a run found them: `assignments` and `proportions` as `LabelCounts` has them."""

    assignments: torch.Tensor
    proportions: torch.Tensor
    n_labels: int


class TrainedNetwork(Predictor):
    """The network that a run left in its folder of results.

    Args:
        folder: the folder, such as "results/demo"; its `options.json` and `network_….npz` are enough.
        device: where it runs.

    Attributes:
        sense: what it was trained for.
        options: the options that shaped it, by name.
        network: the network.
        known: labels of its neurons.
        readouts: the further read-outs that were fitted to it, by name.
        accuracies: of its test, %, by read-out; None if the folder does not tell. With a `validation` in its options it was
            tested on that part of the training samples.

    Raises:
        OptionError: the folder holds no trained network, or a damaged one.
    """

    def __init__(self, folder: str | Path, device: torch.device | str = "cpu") -> None:
        folder = Path(folder)
        options, (n_inputs, _) = trained_options(folder), sizes(folder)
        sense = _sense_of(folder)
        features = new_features(sense, n_inputs, options)
        network = new_network(features.n_features if features else n_inputs, options)
        arrays = read_arrays(folder, network, features)
        copy_arrays(arrays, network, features)
        network.end_map_formation()
        labels = Labels(*map(torch.from_numpy, (arrays["assignments"], arrays["proportions"])), len(sense.class_names))
        super().__init__(sense, options, network.to(device).train(False), labels, features and features.to(device).train(False))
        n_read = len(network.w) if options["readout_layer"] == "seen" else None
        try:
            self.readouts = stored_readouts(arrays, network.n_neurons, labels.n_labels, n_read)
        except ValueError as error:
            raise OptionError([f"{network_file(folder)}: {error}"]) from error
        self.accuracies = read_results(folder)["test_accuracy"] if is_finished(folder) else None


def _sense_of(folder: Path) -> Sense:
    saved = read_saved(folder)["modality"]
    try:
        names = str(saved["name"]), str(saved["dataset"])
        return Sense(*names, tuple(saved["input_shape"]), tuple(saved["class_names"]), str(saved.get("features", "fields")))
    except (KeyError, TypeError):
        raise OptionError([f"{folder}: its options do not say for which sense it was trained"]) from None
