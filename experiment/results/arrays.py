"""The arrays of a trained network, as a run left them in its folder."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import torch

from common import NO_LABEL
from experiment.command_line.options import shown
from experiment.errors import OptionError
from experiment.model.features.network import FeatureNetwork
from experiment.model.network import SpikingNetwork
from experiment.model.parameters import LENGTH_OF_WEIGHTS
from experiment.readouts.readout import all_array_names
from experiment.results.saved import OPTIONS_FILE, plain, read_saved, refuse_packed, trained_options


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


def read_arrays(folder: Path, network: SpikingNetwork, features: FeatureNetwork | None) -> dict[str, np.ndarray]:
    """The arrays of a trained network, checked.

    Args:
        folder: the folder of a run.
        network, features: a network like its own, and the layers before it, as its options make them.

    Raises:
        OptionError: they are not there, damaged, or do not fit the run's options or one another.
    """
    path = network_file(folder)
    _, n_labels = sizes(folder)
    n_neurons = network.n_neurons
    # By name: type, shape, least and largest number.
    tensors = network.arrays | (features.arrays if features else {})
    least_of = {"theta": network.theta_least, "ceiling": LENGTH_OF_WEIGHTS}
    largest_of = {"w": network.w_max} | dict.fromkeys(features.arrays if features else (), LENGTH_OF_WEIGHTS)
    expected = {
        name: (_kind_of(tensor), tuple(tensor.shape), least_of.get(name, 0), largest_of.get(name, np.inf))
        for name, tensor in tensors.items()
    }
    expected |= {
        "assignments": (np.int64, (n_neurons,), NO_LABEL, n_labels - 1),
        "proportions": (np.float64, (n_neurons, n_labels), 0, 1),
        "rates": (np.float64, (n_neurons, n_labels), 0, np.inf),
    }
    try:
        refuse_packed(path)
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in (*expected, *all_array_names().intersection(file.files))}
    except OptionError:
        raise
    except OSError as error:
        raise OptionError([f"{path}: cannot be read: {error.strerror or 'it is damaged'}"]) from error
    except Exception as error:  # NumPy raises one of a dozen kinds, depending on where the damage lies
        raise OptionError([f"{path}: is damaged, or not the network of a run"]) from error
    for name, (kind, shape, least, largest) in expected.items():
        if arrays[name].dtype != kind or arrays[name].shape != shape:
            found = f"{arrays[name].dtype} {list(arrays[name].shape)}"
            raise OptionError(
                [f"{path}: its array {name} is {found}; by {folder / OPTIONS_FILE} it must be {np.dtype(kind)} {list(shape)}"]
            )
        if not (np.isfinite(arrays[name]) & (arrays[name] >= least) & (arrays[name] <= largest)).all():
            raise _unlike(path, name, least, largest)
    return arrays


def _kind_of(tensor: torch.Tensor) -> type:
    return tensor.cpu().numpy().dtype.type


def sizes(folder: Path) -> tuple[int, int]:
    """The numbers of input units and of classes that the run's options tell."""
    saved = read_saved(folder)
    shape, names = saved["modality"].get("input_shape"), saved["modality"].get("class_names")
    sides = [side for side in shape if type(side) is int and side > 0] if isinstance(shape, list) else []
    if not sides or sides != shape:
        raise OptionError([f"{folder / OPTIONS_FILE}: input_shape {shown(str(shape))}: must be the sensor's rows and columns"])
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name.isprintable() for name in names):
        raise OptionError([f"{folder / OPTIONS_FILE}: class_names {shown(str(names))}: must be the names of the classes"])
    return math.prod(sides) * (2 if trained_options(folder)["polarities"] == "both" else 1), len(names)


def copy_arrays(arrays: dict[str, np.ndarray], network: SpikingNetwork, features: FeatureNetwork | None) -> None:
    """Give a network, and the layers before it, the weights and thresholds of a trained one."""
    with torch.no_grad():
        for name, tensor in (network.arrays | (features.arrays if features else {})).items():
            tensor.copy_(torch.from_numpy(arrays[name]))


def _unlike(path: Path, name: str, least: float, largest: float) -> OptionError:
    return OptionError([f"{path}: its array {name} holds numbers that no run writes, outside {least} to {largest:g}"])
