"""How a run begins with what another has learned: `--start_from`, with `--freeze` or without."""

from __future__ import annotations

from pathlib import Path

import torch

from experiment.command_line.options import Options, shown
from experiment.errors import OptionError
from experiment.model.features.network import FeatureNetwork
from experiment.model.features.suited import OF_LEARNING
from experiment.model.network import SpikingNetwork
from experiment.protocol.features import FeatureTraining
from experiment.results.trained import TrainedNetwork


def begin_from(options: Options, network: SpikingNetwork, features: FeatureTraining | None) -> None:
    """Give the run the weights and thresholds of the network that `--start_from` names; with `--freeze` features alone, for good.

    Raises:
        OptionError: it is another model, or has other sizes or features of other settings.
    """
    folder = options.start_from
    before = TrainedNetwork(folder)
    if (model := before.options["model"]) != options.model:
        raise OptionError([f"--start_from {folder}: its network is of another model; --model {model} takes it"])
    pairs = [] if options.freeze else [(before.network, network)]
    if features is not None:
        _refuse_other_settings(folder, before.features, features.network)
        pairs.append((before.features, features.network))
        features.frozen = options.freeze
    for source, target in pairs:
        found, expected = ({name: tuple(each.shape) for name, each in part.arrays.items()} for part in (source, target))
        if found != expected:
            what = "network has" if isinstance(source, SpikingNetwork) else "features are"
            raise OptionError([f"--start_from {folder}: its {what} {_sizes(source)}, this run's {_sizes(target)}"])
        with torch.no_grad():
            for name, tensor in target.arrays.items():
                tensor.copy_(source.arrays[name])


def _refuse_other_settings(folder: Path, before: FeatureNetwork, now: FeatureNetwork) -> None:
    """What sees features has learned what these make of recordings: other settings than those of learning are other features."""
    differing = [name for name in before.settings | now.settings if before.settings.get(name) != now.settings.get(name)]
    complaints = [
        f"--start_from {folder}: its features have {name} {shown(before.settings.get(name))}, this run's "
        f"{shown(now.settings.get(name))}"
        for name in differing
        if name not in OF_LEARNING
    ]
    if complaints:
        raise OptionError(complaints)


def _sizes(part: SpikingNetwork | FeatureNetwork) -> str:
    if isinstance(part, SpikingNetwork):
        return "{} inputs and {} neurons".format(*part.w.shape)
    return part.summary()
