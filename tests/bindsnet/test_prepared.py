"""What the fused engine keeps of a network from run to run holds for as long as nothing that it was made from is replaced."""

from __future__ import annotations

import copy

import pytest
import torch

from bindsnet.engine import fused
from bindsnet.errors import NetworkError
from bindsnet.learning import NoOp, PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import Connection

N_STEPS = 30


def network_of() -> Network:
    torch.manual_seed(0)
    network = Network()
    network.add_layer(Input(shape=[4, 5], traces=True), "X")
    network.add_layer(DiehlAndCookNodes(6, traces=True, theta_plus=1.0), "Y")
    x, y = network.layers.values()
    learns = {"update_rule": PostPre, "nu": (1e-3, 1e-2), "wmin": 0.0, "wmax": 5.0, "norm": 30.0}
    network.add_connection(Connection(x, y, w=5 * torch.rand(20, 6), **learns), "X", "Y")
    network.add_connection(Connection(y, y, w=-torch.rand(6, 6), delay=2), "Y", "Y")
    network.add_monitor(Monitor(y, ("s", "v"), time=N_STEPS), "some")
    return network


def run(network: Network, k: int, engine: str, n_samples: int = 1) -> list[torch.Tensor]:
    """What a program sees of a run and is left with after it; then the network is reset."""
    spikes = torch.rand(N_STEPS, n_samples, 4, 5, generator=torch.Generator().manual_seed(k)) < 0.3
    network.run({"X": spikes}, N_STEPS, engine=engine, seed=k)
    seen = [monitor.get(var) for monitor in network.monitors.values() for var in monitor.state_vars]
    seen += [tensor.clone() for tensor in network.state_dict().values()]
    network.reset_state_variables()
    return seen


def assert_same(plain: Network, fused_one: Network, k: int) -> None:
    """Both engines, each on its network, do the same."""
    for expected, found in zip(run(plain, k, "plain"), run(fused_one, k, "fused"), strict=True):
        assert torch.equal(expected, found)


def replace(part: torch.nn.Module, **values: object) -> None:
    for name, value in values.items():
        setattr(part, name, value)


def other_weights() -> torch.nn.Parameter:
    return torch.nn.Parameter(4 * torch.rand(20, 6, generator=torch.Generator().manual_seed(3)), requires_grad=False)


CHANGES = {
    "a threshold in its place": lambda n: n.layers["Y"].thresh.fill_(-54.0),
    "a threshold by NumPy": lambda n: n.layers["Y"].thresh.numpy().fill(-55.0),
    "another threshold": lambda n: replace(n.layers["Y"], thresh=torch.tensor(-53.0)),
    "another voltage": lambda n: replace(n.layers["Y"], v=torch.full((1, 6), -65.0)),
    "weights in their place": lambda n: n.connections["X", "Y"].w.mul_(0.9),
    "other weights": lambda n: replace(n.connections["X", "Y"], w=other_weights()),
    "other data of weights": lambda n: replace(n.connections["X", "Y"].w, data=4.5 - n.connections["X", "Y"].w),
    "the same data read otherwise": lambda n: replace(n.connections["Y", "Y"].w, data=n.connections["Y", "Y"].w.data.T),
    "a weight factor": lambda n: replace(n.connections["X", "Y"], weight_factor=1.2),
    "a norm": lambda n: replace(n.connections["X", "Y"], norm=25.0),
    "norms": lambda n: replace(n.connections["X", "Y"], norm=torch.arange(20.0, 26.0)),
    "norms in their place": lambda n: n.connections["X", "Y"].norm.add_(3.0),
    "a learning rate in its place": lambda n: n.connections["X", "Y"].update_rule.nu[1].fill_(0.05),
    "other learning rates": lambda n: replace(n.connections["X", "Y"].update_rule, nu=(2e-3, 2e-2)),
    "bounds": lambda n: replace(n.connections["X", "Y"], wmax=2.0),
    "another step": lambda n: n.layers["Y"].compute_decays(0.5),
    "a state dictionary": lambda n: n.load_state_dict(network_of().state_dict()),
    "one more monitor": lambda n: n.add_monitor(Monitor(n.layers["X"], ("x",), time=7), "more"),
    "one monitor less": lambda n: n.monitors.pop("some"),
    "another number of samples": lambda n: run(n, 1, "plain", n_samples=3),
}

#: after these the network has another program, which takes seconds to compile
CHANGES_OF_PROGRAM = {
    "no learning from sources": lambda n: n.connections["X", "Y"].update_rule.nu[0].fill_(0.0),
    "a frozen layer": lambda n: n.layers["Y"].train(False),
    "one more layer": lambda n: n.add_layer(LIFNodes(3), "Z"),
    "one more connection": lambda n: n.add_connection(Connection(n.layers["X"], n.layers["Z"], w=torch.ones(20, 3)), "X", "Z"),
    "another rule": lambda n: replace(n.connections["X", "Y"], update_rule=NoOp(n.connections["X", "Y"])),
    "one spike of all": lambda n: replace(n.layers["Y"], one_spike=False),
    "a longer delay": lambda n: replace(n.connections["X", "Y"], delay=2),
    "no learning": lambda n: n.train(False),
}


def test_whatever_is_changed_between_runs_both_engines_heed():
    plain, fused_one = network_of(), network_of()
    assert_same(plain, fused_one, 0)
    for k, (what, change) in enumerate(CHANGES.items(), start=1):
        for network in (plain, fused_one):
            change(network)
        try:
            assert_same(plain, fused_one, k)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from error


def test_another_program_is_prepared_for_another_network():
    network = network_of()
    for what, change in CHANGES_OF_PROGRAM.items():
        before = fused.prepared(network, None, None)
        signature = before.plan.signature
        assert fused.prepared(network, None, None) is before
        change(network)
        assert fused.prepared(network, None, None).plan.signature != signature, what


def test_nothing_is_prepared_twice_while_nothing_is_replaced(monkeypatch):
    network = network_of()
    run(network, 0, "fused")
    prepared = network.prepared[None, None]
    monkeypatch.setattr(fused.prepared.__globals__["Prepared"], "__init__", lambda *_: pytest.fail("it is prepared again"))
    network.layers["Y"].thresh.fill_(-50.0)
    network.connections["X", "Y"].w.mul_(0.9)
    for k in range(3):
        run(network, k, "fused")
    assert network.prepared[None, None] is prepared


def test_a_copy_has_nothing_of_what_was_prepared():
    network, expected = network_of(), network_of()
    run(network, 0, "fused")
    twin = copy.deepcopy(network)
    assert not twin.prepared
    w = network.connections["X", "Y"].w.clone()
    run(expected, 0, "plain")
    assert_same(expected, twin, 1)
    assert torch.equal(network.connections["X", "Y"].w, w)
    assert not torch.equal(twin.connections["X", "Y"].w, w)


def test_what_is_replaced_and_does_not_fit_is_refused_as_before():
    network = network_of()
    run(network, 0, "fused")
    network.connections["X", "Y"].w.data = torch.ones(3, 6)
    with pytest.raises(NetworkError, match=r"weights have the shape \[20, 6\]"):
        run(network, 1, "fused")
    network.connections["X", "Y"].w.data = torch.ones(20, 6)
    network.layers["Y"].v = torch.full((1, 5), -65.0)
    with pytest.raises(NetworkError, match="v must be a contiguous tensor of its 6 neurons"):
        run(network, 1, "fused")
