"""What `--predict` prints: classes of recordings, or how right a trained network is on its test samples."""

from __future__ import annotations

from dataclasses import fields, replace

import torch

from experiment.command_line.options import Options, option_table, shown
from experiment.errors import OptionError
from experiment.modality import Modality
from experiment.protocol.features import FeatureTraining
from experiment.protocol.testing import Testing
from experiment.readouts import readable
from experiment.readouts.labels import accuracy
from experiment.results.trained import TrainedNetwork
from experiment.samples import load_test_samples


def predict(modality: Modality, options: Options, device: torch.device) -> None:
    """Print what the recordings that `--predict` names are taken for; without any, a report on the test samples.

    Raises:
        OptionError: the folder holds no trained network of this sense, or options contradict it.
        datasets.DatasetError: recordings cannot be read.
    """
    folder, *files = options.predict
    _refuse_other_options(modality, options)
    trained = TrainedNetwork(folder, device)
    if trained.sense.name != modality.name:
        raise OptionError(
            [f"--predict {folder}: was trained by {shown(trained.sense.name)}_network.py, not {modality.name}_network.py"]
        )
    missing = [name for name in options.further_readouts if name not in trained.readouts]
    if missing:
        raise OptionError(
            [f"--readout {name}: is not stored in {folder}; it is fitted in a run with --readout" for name in missing]
        )
    if files:
        for prediction in trained.predict(files):
            print(prediction)
        return
    shaped_by = replace(options, **trained.options)
    if shaped_by.held_out is not None:
        print(f"On the test samples; {folder} tells of {shaped_by.tested_on}")
    for line in report(trained, modality, options):
        print(line)


def report(trained: TrainedNetwork, modality: Modality, options: Options) -> list[str]:
    """How right a network is on the test samples of the run that trained it, class by class."""
    test = load_test_samples(modality, replace(options, **trained.options))
    seen = test.spike_trains
    if trained.features is not None:
        how = {"seed": trained.options["seed"], "engine": options.engine, "n_workers": options.n_threads}
        seen = FeatureTraining(trained.features, seen, n_epochs=0, share=1.0, **how).seen(seen)
    samples = seen, test.labels, test.numbers
    how = trained.options["seed"], options.engine, options.n_threads, trained.readouts
    testing = Testing(trained.network, *samples, *how, known=trained.known)
    for _ in testing:
        pass
    found = testing.predictions
    lines = [f"{'class':>8} {'samples':>8}" + "".join(f" {readable(name):>22}" for name in found)]
    for label, name in enumerate(trained.sense.class_names):
        of_class = test.labels == label
        cells = [f"{accuracy(found[readout][of_class], test.labels[of_class]):20.1f} %" for readout in found]
        lines.append(f"{name:>8} {int(of_class.sum()):8,} " + " ".join(cells if of_class.any() else []))
    cells = [f"{accuracy(found[readout], test.labels):20.1f} %" for readout in found]
    lines.append(f"{'all':>8} {len(test.labels):8,} " + " ".join(cells))
    return lines


def _refuse_other_options(modality: Modality, options: Options) -> None:
    table = option_table(modality)
    shaping = [
        f.name for f in fields(Options) if f.metadata["shapes"] and f.name not in ("gpu", "readout") and f"--{f.name}" in table
    ]
    given = [name for name in shaping if getattr(options, name) != table[f"--{name}"].default]
    if given:
        raise OptionError(
            [f"--{name} {shown(getattr(options, name))}: must not come with --predict, which knows it" for name in given]
        )
