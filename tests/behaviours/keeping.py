"""Programs that keep things: monitors, copies, files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch

from behaviours.common import lines, numbers, pattern
from behaviours.programs import chain, learning, program
from bindsnet.network import load
from bindsnet.network.monitors import Monitor, NetworkMonitor


@program
def a_monitor_without_time_gives_what_it_has_and_forgets_it() -> dict[str, list]:
    """``get`` is ``[n_steps, batch_size, *shape]`` since the last ``get``."""
    network, shapes = chain(batch_size=3), []
    shapes.append(list(network.monitors["Y"].get("s").shape)[:1])
    for n_steps in (4, 2):
        network.run({"X": pattern(n_steps, 3, 2)}, time=n_steps)
        shapes.append(list(network.monitors["Y"].get("s").shape))
    shapes.append(list(network.monitors["Y"].get("s").shape)[:1])
    return {"shapes": shapes}


@program
def a_monitor_with_time_keeps_the_latest_steps() -> dict[str, list]:
    """Before it is full it has what there is; ``get`` forgets nothing."""
    network = chain()
    network.add_monitor(Monitor(network.layers["X"], ["s"], time=5), "five")
    found = {}
    for n_steps in (3, 4, 2):
        network.run({"X": pattern(n_steps, 2, start=n_steps)}, time=n_steps)
        found[f"after {n_steps} more"] = lines(network.monitors["five"].get("s"))
    return found | {"again": lines(network.monitors["five"].get("s"))}


@program
def a_sparse_monitor_gives_the_same_as_a_sparse_tensor() -> dict[str, list]:
    """``sparse=True`` records sparse tensors."""
    network = chain()
    network.add_monitor(Monitor(network.layers["X"], ["s"], sparse=True), "sparse")
    network.run({"X": pattern(5, 2)}, time=5)
    recording = network.monitors["sparse"].get("s")
    return {"sparse": [recording.is_sparse, *recording.shape], "s": lines(recording.to_dense())}


@program
def a_monitor_of_a_connection_keeps_its_weights() -> dict[str, list]:
    """``[n_steps, n_source, n_target]``, after each step's update."""
    network = learning()
    network.add_monitor(Monitor(network.connections["X", "Y"], ["w"]), "w")
    network.run({"X": pattern(4, 4)}, time=4)
    w = network.monitors["w"].get("w")
    return {"shape": list(w.shape), "w": numbers(w[:, 0])}


@program
def a_network_monitor_keeps_everything_by_name() -> dict[str, list]:
    """``get`` is name -> variable -> ``[n_steps, ...]``; connections are named by their two layers."""
    network = learning()
    everything = NetworkMonitor(network, state_vars=("v", "s", "w"))
    last = NetworkMonitor(network, layers=["Y"], connections=[("X", "Y")], state_vars=("v", "w"), time=3)
    network.add_monitor(everything, "all")
    network.add_monitor(last, "last")
    network.run({"X": pattern(5, 4)}, time=5)
    names = {"Y": "Y", ("X", "Y"): "X to Y", "X": "X"}
    found = {}
    for monitor, kept in ((everything, "all"), (last, "last")):
        for name, recording in monitor.get().items():
            for variable, values in recording.items():
                found[f"{kept}: {variable} of {names[name]}"] = list(values.shape)
    return found | {"v": numbers(last.get()["Y"]["v"])}


@program
def a_network_monitor_that_is_not_full_gives_what_it_has() -> dict[str, list]:
    """As ``Monitor`` does: no rows of steps that were not."""
    network = learning()
    network.add_monitor(NetworkMonitor(network, state_vars=("v",), time=4), "last")
    network.run({"X": pattern(2, 4)}, time=2)
    return {"v": numbers(network.monitors["last"].get()["Y"]["v"])}


@program
def a_network_monitor_is_saved() -> dict[str, list]:
    """In NumPy's format by default: ``<layer>_<variable>`` and ``<source>-<target>_<variable>``; or as a pickle of tensors."""
    network = learning()
    monitor = NetworkMonitor(network, state_vars=("v", "w"))
    network.add_monitor(monitor, "all")
    network.run({"X": pattern(3, 4)}, time=3)
    with tempfile.TemporaryDirectory() as folder:
        monitor.save(str(Path(folder) / "arrays.npz"))
        monitor.save(str(Path(folder) / "pickle.pt"), fmt="pickle")
        arrays, pickled = np.load(Path(folder) / "arrays.npz"), torch.load(Path(folder) / "pickle.pt")
        found = {name: list(arrays[name].shape) for name in sorted(arrays.files)}
    return found | {"pickled": numbers(pickled["X", "Y"]["w"][-1])}


@program
def a_copy_is_independent() -> dict[str, list]:
    """``clone`` copies weights, state and rules; neither network knows of the other afterwards."""
    network = learning()
    network.run({"X": pattern(5, 4)}, time=5)
    copy = network.clone()
    copy.run({"X": pattern(5, 4)}, time=5)
    learned, untouched = copy.connections["X", "Y"].w, network.connections["X", "Y"].w.clone()
    network.run({"X": pattern(5, 4)}, time=5)
    return {"same": [torch.equal(learned, network.connections["X", "Y"].w)], "untouched": numbers(untouched)}


@program
def a_saved_network_goes_on_where_it_was() -> dict[str, list]:
    """``load`` gives back weights, thresholds, state and monitors; ``learning=False`` one that does not learn."""
    network = learning()
    network.add_monitor(Monitor(network.layers["Y"], ["s"]), "Y")
    network.run({"X": pattern(5, 4)}, time=5)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "network.pt")
        network.save(file)
        again, frozen = load(file), load(file, learning=False)
    found = {"same": [again.learning, frozen.learning], "monitors": list(again.monitors)}
    for each in (network, again, frozen):
        each.run({"X": pattern(5, 4)}, time=5)
    found["same"] += [torch.equal(again.connections["X", "Y"].w, network.connections["X", "Y"].w)]
    found["same"] += [torch.equal(again.layers["Y"].v, network.layers["Y"].v)]
    return found | {"recorded": lines(again.monitors["Y"].get("s")), "frozen": numbers(frozen.connections["X", "Y"].w)}
