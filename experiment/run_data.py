"""What a run consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from common.spike_trains import SpikeTrains
from experiment.command_line.options import Options
from experiment.modality import Modality
from experiment.model.network import SpikingNetwork
from experiment.protocol.features import FeatureTraining
from experiment.protocol.fitting import Fitting
from experiment.protocol.record import Record
from experiment.protocol.testing import Testing
from experiment.protocol.training import Training
from experiment.sense import Sense


@dataclass(eq=False)
class RunData:
    """A run under way, or done.

    Attributes:
        modality: the sense as its script declares it.
        sense: what this run perceives.
        options: all options.
        data_keys: what stands for the prepared data, and for the network it began with.
        device: where the network runs.
        network: the network.
        features: the layers before it, and how they are trained; None where there are none.
        training: how it is trained.
        fitting: one more pass over the training samples, where read-outs are fitted; None where none is needed.
        testing: its test.
        record: how training went.
        test_trains: the test samples as the sensor gave them.
        results: what ``results.json`` holds; empty until the run is done.
    """

    modality: Modality
    sense: Sense
    options: Options
    data_keys: dict[str, str]
    device: torch.device
    network: SpikingNetwork
    features: FeatureTraining | None
    training: Training
    fitting: Fitting | None
    testing: Testing
    record: Record
    test_trains: SpikeTrains
    results: dict[str, Any] = field(default_factory=dict)
