"""Bounded recordings: sparse, thinned out, of some neurons, a bit a spike, in files; each gives what a whole one would."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import torch

from bindsnet.errors import NetworkError
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection

N_STEPS = 11


def network(batch_size: int = 1) -> Network:
    """Two layers of several sides, whose spikes are drawn."""
    made = Network(batch_size=batch_size)
    for name, layer in (("X", Input(shape=(2, 3))), ("Y", LIFNodes(shape=(2, 5), thresh=-60.0, refrac=0))):
        made.add_layer(layer, name)
    w = torch.rand(6, 10, generator=torch.Generator().manual_seed(1)) * 5
    made.add_connection(Connection(*made.layers.values(), w=w), "X", "Y")
    return made


def run(made: Network, seed: int = 0) -> None:
    spikes = torch.rand(N_STEPS, made.batch_size, 2, 3, generator=torch.Generator().manual_seed(seed)) < 0.4
    made.run({"X": spikes}, time=N_STEPS)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_whatever_bounds_a_recording_it_gives_the_steps_and_neurons_of_a_whole_one(batch_size, tmp_path):
    made = network(batch_size)
    part = {"X": made.layers["X"], "Y": made.layers["Y"], ("X", "Y"): made.connections["X", "Y"]}
    watched = [("X", "s"), ("Y", "s"), ("Y", "v"), (("X", "Y"), "w")]
    whole = {pair: Monitor(part[pair[0]], [pair[1]]) for pair in watched}
    monitors, expected = dict(whole), {}
    neurons, mask = [5, 0, 3], torch.tensor([True, False, True, True, False, False])
    for (name, var), time, every, chosen, place in product(
        watched, (None, 4, 50), (1, 3), (None, neurons, mask), ("memory", "sparse", "packed", "file", "packed file")
    ):
        if ("packed" in place and var != "s") or (chosen is mask and name != "X"):
            continue
        file = tmp_path / f"{len(monitors)}.npy" if "file" in place else None
        options = {"sparse": place == "sparse", "packed": "packed" in place, "file": file, "neurons": chosen}
        key = name, var, time, every, place, len(monitors)
        monitors[key] = Monitor(part[name], [var], time, batch_size, every=every, **options)
        expected[key] = chosen
    for key, monitor in monitors.items():
        assert monitor.get(key[1]).shape == (0,)
        made.add_monitor(monitor, str(key))
    run(made)
    whole = {pair: monitor.get(pair[1]) for pair, monitor in whole.items()}
    assert whole["Y", "s"].any()
    for key, chosen in expected.items():
        name, var, time, every, place, _ = key
        rows = whole[name, var][::every][-(time or N_STEPS) :]
        if chosen is not None:
            flat = rows.flatten(1 if var == "w" else 2)
            rows = flat[..., mask if chosen is mask else neurons]
        found = monitors[key].get(var)
        assert found.layout == (torch.sparse_coo if place == "sparse" else torch.strided)
        assert found.dtype == rows.dtype, key
        assert torch.equal(found.to_dense(), rows), key


def test_variables_that_are_no_spikes_lie_unpacked_beside_packed_ones():
    made = network()
    packed, whole = Monitor(made.layers["Y"], ["s", "v"], packed=True), Monitor(made.layers["Y"], ["s", "v"])
    made.add_monitor(packed, "packed")
    made.add_monitor(whole, "whole")
    run(made)
    assert packed.recording["s"].rows.all().nbytes == 2 * N_STEPS  # ten neurons
    assert all(torch.equal(packed.get(var), whole.get(var)) for var in ("s", "v"))


def test_a_networks_monitor_hands_its_options_on(tmp_path):
    made = network()
    options = {"time": 4, "every": 2, "packed": True, "neurons": {"Y": [1, 2], ("X", "Y"): [0, 59]}}
    for name in ("memory", "files"):
        file = tmp_path / "all.npy" if name == "files" else None
        made.add_monitor(NetworkMonitor(made, state_vars=("s", "v", "w"), file=file, **options), name)
    made.add_monitor(NetworkMonitor(made, sparse=True), "sparse")
    run(made)
    found = made.monitors["memory"].get()
    shapes = {(name, var): list(rows.shape) for name, part in found.items() for var, rows in part.items()}
    assert shapes == {("X", "s"): [4, 1, 2, 3], ("Y", "s"): [4, 1, 2], ("Y", "v"): [4, 1, 2], (("X", "Y"), "w"): [4, 2]}
    files = {"all.X.s.npy", "all.Y.s.npy", "all.Y.v.npy", "all.X-Y.w.npy"}
    assert {path.name for path in tmp_path.iterdir()} == files
    for name, part in made.monitors["files"].get().items():
        assert all(torch.equal(rows, found[name][var]) for var, rows in part.items())
    made.monitors["sparse"].save(tmp_path / "sparse.npz")
    assert np.load(tmp_path / "sparse.npz")["X-Y_w"].shape == (N_STEPS, 6, 10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, r"\(every\) is a whole number from 1 on, got 0"),
        ({"sparse": True, "packed": True}, "a sparse recording lies in memory, neither packed nor in a file"),
        ({"sparse": True, "file": "never.npy"}, "a sparse recording lies in memory"),
        ({"state_vars": ["v"], "packed": True}, "only spikes are packed, but none of v is bool"),
        ({"neurons": [10]}, "numbers from 0 to 9, or a bool mask of 10, got "),
        ({"neurons": [-1]}, "numbers from 0 to 9"),
        ({"neurons": []}, "expected one or more numbers"),
        ({"neurons": [0.5]}, "numbers from 0 to 9"),
        ({"neurons": torch.zeros(10, dtype=torch.bool)}, "numbers from 0 to 9"),
        ({"neurons": torch.ones(9, dtype=torch.bool)}, "a bool mask of 10"),
        ({"neurons": [1], "state_vars": ["thresh"]}, r"neurons: LIFNodes's thresh has no value of each neuron, but \[\]"),
    ],
)
def test_options_that_fit_nothing_are_refused(options, message):
    given = {"state_vars": ["s"]} | options
    with pytest.raises(NetworkError, match=message):
        Monitor(network().layers["Y"], **given)


def test_a_networks_monitor_refuses_neurons_of_what_it_does_not_record():
    with pytest.raises(NetworkError, match="there is no part 'Z' to monitor; there are X, Y"):
        NetworkMonitor(network(), neurons={"Z": [1]})


@pytest.mark.parametrize("time", [None, 50])
def test_a_file_is_a_numpy_array_at_any_time_and_outlives_resets_and_reads(time, tmp_path):
    made, file = network(), tmp_path / "v.npy"
    made.add_monitor(monitor := Monitor(made.layers["Y"], ["v"], time, file=file), "v")
    assert np.load(file, mmap_mode="r").shape == (0, 1, 2, 5)
    for n_runs in (1, 2):
        run(made, seed=n_runs)
        made.reset_state_variables()
        rows = np.load(file, mmap_mode="r")
        assert rows.shape == (n_runs * N_STEPS, 1, 2, 5)
        assert torch.equal(monitor.get("v"), torch.from_numpy(np.load(file)))
    monitor.get("v").zero_()  # in memory alone
    assert (np.load(file) < -50).all()
    made.run({"X": torch.zeros(1, 1, 2, 3)}, time=1)
    with pytest.raises(NetworkError, match=r"v.npy has rows float32\[1, 2, 5\], got one float32\[2, 2, 5\]"):
        made.run({"X": torch.zeros(1, 2, 2, 3)}, time=1)


def test_a_file_takes_the_batch_size_of_the_first_run(tmp_path):
    made = network()
    made.add_monitor(monitor := Monitor(made.layers["Y"], ["s"], time=4, file=tmp_path / "s.npy"), "s")
    made.run({"X": torch.zeros(6, 300, 2, 3)}, time=6)
    assert monitor.get("s").shape == np.load(tmp_path / "s.npy", mmap_mode="r").shape == (4, 300, 2, 5)


def test_a_file_with_time_has_its_room_from_the_start(tmp_path):
    Monitor(network().layers["Y"], ["v"], time=1000, file=tmp_path / "v.npy")
    size = os.stat(tmp_path / "v.npy").st_size
    assert size == 128 + 1000 * 10 * 4
    assert np.load(tmp_path / "v.npy").shape == (0, 1, 2, 5)


def test_files_that_are_there_are_left_alone_and_no_other_is_made(tmp_path):
    (tmp_path / "r.v.npy").write_bytes(b"mine")
    made = network()
    for kind, given in ((Monitor, (made.layers["Y"], ["s", "v"])), (NetworkMonitor, (made, ["Y"], [], ["s", "v"]))):
        (tmp_path / "r.Y.v.npy").write_bytes(b"mine")
        with pytest.raises(FileExistsError, match=r"a recording overwrites no file.*r.*v\.npy"):
            kind(*given, file=tmp_path / "r.npy")
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"mine"}


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Monitor(network().layers["Y"], ["s"], file=tmp_path / "nowhere" / "s.npy")


@pytest.mark.parametrize("time", [None, 4])
def test_a_copy_reads_a_file_and_writes_nothing(time, tmp_path):
    made = network()
    made.add_monitor(Monitor(made.layers["Y"], ["s"], time, file=tmp_path / "s.npy", packed=True), "s")
    run(made)
    clone, before = made.clone(), (tmp_path / "s.npy").read_bytes()
    assert clone.monitors["s"].obj is clone.layers["Y"]
    assert torch.equal(clone.monitors["s"].get("s"), made.monitors["s"].get("s"))
    with pytest.raises(NetworkError, match=r"s\.npy: a copied or loaded monitor reads this recording but does not write to it"):
        run(clone)
    assert (tmp_path / "s.npy").read_bytes() == before
    run(made)


def test_a_clones_monitors_record_the_clone_on(tmp_path):
    made = network()
    for name, options in {"list": {}, "ring": {"time": 4}, "sparse": {"sparse": True}, "packed": {"packed": True}}.items():
        made.add_monitor(Monitor(made.layers["Y"], ["s"], **options), name)
    run(made)
    clone = copy.deepcopy(made)
    run(clone, seed=2)
    lengths = {name: [len(each.monitors[name].peek("s")) for each in (made, clone)] for name in made.monitors}
    assert lengths == {"list": [11, 22], "ring": [4, 4], "sparse": [11, 22], "packed": [11, 22]}


FULL_DISK = """
import resource, signal, sys, torch
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import LIFNodes
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
layer = LIFNodes(1000)
monitor = Monitor(layer, ["v"], file=sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    Monitor(layer, ["v"], time=100, file=sys.argv[2])
except OSError as error:
    print(error.filename)
for _ in range(2):
    try:
        for step in range(100):
            monitor.record()
    except OSError as error:
        print(error.filename)
print(len(monitor.get("v")))
"""


@pytest.mark.skipif(os.name == "nt", reason="no limit of a file's size")
def test_a_full_disk_is_told_with_the_files_name_and_what_was_recorded_stays(tmp_path):
    growing, sized = tmp_path / "growing.npy", tmp_path / "sized.npy"
    command = [sys.executable, "-c", FULL_DISK, str(growing), str(sized)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert told == [str(sized), str(growing), str(growing), "12"]
    assert np.load(growing, mmap_mode="r").shape == (12, 1, 1000)
    assert not sized.exists()
