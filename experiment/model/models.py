"""The network that options ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.time_steps import n_time_steps
from experiment.model.diehl_cook import DiehlCookNetwork
from experiment.model.features.network import FeatureNetwork
from experiment.model.features.suited import feature_network
from experiment.model.network import SpikingNetwork
from experiment.model.prototypes import PrototypeNetwork
from experiment.sense import Sense

OF_DIEHL_COOK = ("thresh", "tc_decay", "theta_plus", "nu", "x_tar", "tc_trace", "exc", "inh", "som")
OF_PROTOTYPES = ("depression", "own_rate", "conscience", "forgetting", "closing", "ramp", "margin")


def new_network(n_inputs: int, options: Mapping[str, Any]) -> SpikingNetwork:
    """The layer that is read out, with first weights.

    Args:
        n_inputs: number of the units that it sees.
        options: all options, by name.
    """
    about = {"dt": options["dt"], "seed": options["seed"]}
    if options["model"] == "diehl_cook":
        return DiehlCookNetwork(n_inputs, options["n_neurons"], **{name: options[name] for name in OF_DIEHL_COOK}, **about)
    n_steps = n_time_steps(options["pattern_time"], options["dt"])
    given = {name: options[name] for name in OF_PROTOTYPES}
    return PrototypeNetwork(n_inputs, options["n_neurons"], n_steps, **given, **about)


def new_features(sense: Sense, n_inputs: int, options: Mapping[str, Any]) -> FeatureNetwork | None:
    """The layers before it, with first weights; None where it sees the sensor itself.

    Raises:
        bindsnet.errors.NetworkError: they do not fit the sensor.
    """
    if options["model"] != "features":
        return None
    rows, columns = sense.input_shape
    about = {"dt": options["dt"], "seed": options["seed"]}
    return feature_network(sense.features, (rows, columns), n_inputs // (rows * columns), options, **about)
