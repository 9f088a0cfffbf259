"""Monitors are saved and loaded with their network, and go on where they were; so are weights of BindsNET's own networks."""

from __future__ import annotations

import pytest
import torch

from bindsnet.errors import NetworkError
from bindsnet.network import Network, load
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import Connection


def network(batch_size: int = 1) -> Network:
    made = Network(batch_size=batch_size)
    for name, layer in (("X", Input(4, traces=True)), ("Y", DiehlAndCookNodes(3, traces=True)), ("Z", LIFNodes(3))):
        made.add_layer(layer, name)
    for source, target in (("X", "Y"), ("Y", "Z")):
        ends = made.layers[source], made.layers[target]
        made.add_connection(Connection(*ends, w=torch.full((ends[0].n, 3), 9.0)), source, target)
    return made


def run(made: Network, seed: int = 0) -> None:
    spikes = torch.rand(7, made.batch_size, 4, generator=torch.Generator().manual_seed(seed)) < 0.5
    made.run({"X": spikes}, time=7, seed=seed, samples=list(range(made.batch_size)))


KINDS = {
    "list": {},
    "ring": {"time": 4},
    "sparse": {"sparse": True},
    "sparse ring": {"sparse": True, "time": 4},
    "packed": {"packed": True},
    "packed ring": {"packed": True, "time": 4},
    "some": {"every": 3, "neurons": [2, 0], "time": 5},
}


@pytest.mark.parametrize("has_run", [False, True])
def test_monitors_are_loaded_with_what_they_recorded_and_go_on_as_if_nothing_had_happened(has_run, tmp_path):
    made = network(batch_size=2)
    for name, options in KINDS.items():
        made.add_monitor(Monitor(made.layers["Y"], ["s"], batch_size=2, **options), name)
    made.add_monitor(Monitor(made.connections["X", "Y"], ["w"], 3), "weights")
    made.add_monitor(NetworkMonitor(made, state_vars=("s", "v"), every=2), "all")
    made.add_monitor(NetworkMonitor(made, layers=["Z"]), "default")
    if has_run:
        run(made)
        assert made.monitors["list"].peek("s").any()
    made.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    assert list(loaded.monitors) == list(made.monitors)
    assert all(monitor.network is loaded for monitor in loaded.monitors.values())
    assert loaded.monitors["some"].obj is loaded.layers["Y"]
    for _ in range(2):
        for name, monitor in made.monitors.items():
            if isinstance(monitor, NetworkMonitor):
                for part, recording in monitor.get().items():
                    found = loaded.monitors[name].get()[part]
                    assert recording.keys() == found.keys()
                    assert all(torch.equal(rows, found[var]) for var, rows in recording.items())
            else:
                var = monitor.state_vars[0]
                found, expected = loaded.monitors[name].peek(var), monitor.peek(var)
                assert (found.layout, found.dtype) == (expected.layout, expected.dtype)
                assert torch.equal(found.to_dense(), expected.to_dense()), name
        run(made, seed=1)
        run(loaded, seed=1)


@pytest.mark.parametrize("packed", [False, True])
def test_a_recording_in_a_file_is_loaded_by_its_path_and_only_read(packed, tmp_path):
    made = network()
    made.add_monitor(Monitor(made.layers["Y"], ["s"], time=5, file=tmp_path / "s.npy", packed=packed), "s")
    run(made)
    made.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    before = (tmp_path / "s.npy").read_bytes()
    assert torch.equal(loaded.monitors["s"].get("s"), made.monitors["s"].get("s"))
    with pytest.raises(NetworkError, match=r"s\.npy: a copied or loaded monitor reads this recording"):
        run(loaded)
    assert (tmp_path / "s.npy").read_bytes() == before
    loaded.save(tmp_path / "again.pt")
    assert torch.equal(load(tmp_path / "again.pt").monitors["s"].get("s"), made.monitors["s"].get("s"))


class Counting(Monitor):
    """A monitor of a user's own."""


def test_monitors_of_a_users_own_and_of_other_parts_are_left_out_with_a_warning(tmp_path):
    made = network()
    made.add_monitor(Counting(made.layers["Y"], ["s"]), "own")
    made.add_monitor(Monitor(LIFNodes(2), ["s"]), "elsewhere")
    made.add_monitor(Monitor(made.layers["Y"], ["s"]), "kept")
    with pytest.warns(UserWarning, match="the file does not hold the monitor") as caught:
        made.save(tmp_path / "network.pt")
    assert [str(warning.message).split(";")[0] for warning in caught] == [
        "the file does not hold the monitor 'own', which is a Counting",
        "the file does not hold the monitor 'elsewhere', which watches no part of this network",
    ]
    assert list(load(tmp_path / "network.pt").monitors) == ["kept"]


def test_a_monitor_of_what_a_layer_has_only_when_it_runs_is_left_out_with_a_warning(tmp_path):
    made = network()
    made.layers["Y"].heard = torch.zeros(3)
    made.add_monitor(Monitor(made.layers["Y"], ["heard"]), "heard")
    made.save(tmp_path / "network.pt")
    with pytest.warns(
        UserWarning, match="the monitor 'heard' is not loaded; add it again: DiehlAndCookNodes has no state variable"
    ):
        assert not load(tmp_path / "network.pt").monitors


def test_a_file_without_monitors_is_read(tmp_path):
    network().save(tmp_path / "network.pt")
    content = torch.load(tmp_path / "network.pt", weights_only=True)
    del content["monitors"]
    torch.save(content, tmp_path / "old.pt")
    assert not load(tmp_path / "old.pt", weights_only=True).monitors


@pytest.mark.parametrize("weights_only", [False, True])
def test_a_pickle_of_objects_is_not_read_and_told_how_to_carry_over(weights_only, tmp_path):
    torch.save(network(), tmp_path / "network.pt")
    with pytest.raises(NetworkError, match=r"no network .* but a pickle of objects \(bindsnet\.") as refused:
        load(tmp_path / "network.pt", weights_only=weights_only)
    assert f'torch.load("{tmp_path / "network.pt"}", weights_only=False).state_dict()' in str(refused.value)
    assert "network.load_state_dict(torch.load(" in str(refused.value)


def of_bindsnet(made: Network) -> dict[str, torch.Tensor]:
    """A state dict as BindsNET 0.3.4 gives of the same network: bounds, spikes of inputs as numbers, ends of connections too."""
    state = {name: tensor for name, tensor in made.state_dict().items() if not name.endswith("lower_bound")}
    for source, target in made.connections:
        ends = {"source": source, "target": target}
        inside = {
            f"{end}.{name.split('.')[1]}": state[name]
            for end, part in ends.items()
            for name in state
            if name.startswith(f"{part}.")
        }
        state |= {f"{source}_to_{target}.{name}": tensor for name, tensor in inside.items()}
        state |= {f"{source}_to_{target}.{bound}": torch.tensor(0.0) for bound in ("wmin", "wmax")}
    state |= {"X.s": state["X.s"].float(), "Y.theta": state["Y.theta"].float(), "Y.refrac": state["Y.refrac"].long()}
    return state


def test_a_state_of_bindsnets_own_network_is_taken_over():
    taught, made = network(2), network(2)
    run(taught)
    taught.connections["X", "Y"].w.data.uniform_(generator=torch.Generator().manual_seed(3))
    result = made.load_state_dict(of_bindsnet(taught), strict=False)
    assert set(result.missing_keys) == {"Y.lower_bound", "Z.lower_bound"}
    for name, tensor in taught.state_dict().items():
        assert torch.equal(made.state_dict()[name].float(), tensor.float()), name
