"""Which features suit a sensor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiment.model.features.channels import ChannelNetwork
from experiment.model.features.fields import FieldNetwork
from experiment.model.features.network import FeatureNetwork
from experiment.model.features.phases import PhaseNetwork

KINDS = {"fields": FieldNetwork, "channels": ChannelNetwork, "phases": PhaseNetwork}
TAKEN = {
    "fields": ("n_maps", "field", "field_stride", "field_thresh", "field_rate", "tc_field", "region", "region_stride"),
    "channels": ("surround", "tc_cell", "n_phases", "phase", "phase_span", "onset"),
    "phases": ("n_phases", "phase", "phase_span", "onset", "region", "region_stride"),
}
# Where an option says nothing; of times the part of pattern_time.
SUITED = {
    "fields": {"region": 3, "region_stride": 2},
    "channels": {"n_phases": 8, "phase": 0.15, "phase_span": 0.7, "onset": 20},
    "phases": {"n_phases": 6, "phase": 0.3, "phase_span": 1.0, "onset": 0, "region": 2, "region_stride": 1},
}
OF_LEARNING = ("field_rate", "tc_field")  # what changes how they learn, and not what they make of a recording
TIMES = ("phase", "phase_span")


def kind_of(features: str, input_shape: tuple[int, int]) -> str:
    """What suits a sensor: channels where its units stand in a row, else what its sense has for planes."""
    if min(input_shape) == 1:
        return "channels"
    return "fields" if features == "channels" else features


def feature_network(
    features: str, input_shape: tuple[int, int], n_channels: int, options: Mapping[str, Any], dt: float, seed: int
) -> FeatureNetwork:
    """The layers that suit a sensor.

    Args:
        features: what the sense has.
        input_shape: the sensor's units of one polarity (rows, columns).
        n_channels: number of polarities.
        options: all options, by name.
        dt: time step, ms.
        seed: seed of first weights.

    Raises:
        bindsnet.errors.NetworkError: fields or regions do not fit into the plane.
    """
    kind = kind_of(features, input_shape)
    given = {name: options[name] for name in TAKEN[kind]}
    for name, value in SUITED[kind].items():
        if given[name] is None:
            given[name] = value * options["pattern_time"] if name in TIMES else value
    further = {"seed": seed} if kind == "fields" else {}
    network = KINDS[kind](input_shape, n_channels, **given, dt=dt, **further)
    network.settings = {"kind": kind, **given}
    return network
