"""A run of one sample from rest: the fused engine takes it whole, with the bits of the plain one."""

from __future__ import annotations

import logging

import pytest
import torch

from bindsnet.engine import whole_run
from bindsnet.engine.fused import CannotFuseError
from bindsnet.errors import NetworkError
from bindsnet.learning import MSTDP, PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import Connection

N_STEPS = 40


def network_of(rule=PostPre, **options) -> Network:
    torch.manual_seed(0)
    network = Network()
    network.add_layer(Input(shape=[4, 5], traces=True), "X")
    network.add_layer(DiehlAndCookNodes(6, traces=True, theta_plus=1.0), "Y")
    options = {"nu": (1e-3, 1e-2), "wmin": 0.0, "wmax": 5.0, "norm": 30.0} | options
    network.add_connection(Connection(*network.layers.values(), update_rule=rule, **options), "X", "Y")
    network.add_connection(Connection(network.layers["Y"], network.layers["Y"], w=-torch.rand(6, 6), delay=2), "Y", "Y")
    return network


def sample(k: int) -> torch.Tensor:
    return torch.rand(N_STEPS, 1, 4, 5, generator=torch.Generator().manual_seed(k)) < 0.2


def observed(engine: str, learning: bool, reset_monitors: bool) -> list[torch.Tensor]:
    """What a program sees that runs the network once a sample and resets it in between, and what it is left with."""
    network = network_of()
    network.train(learning)
    monitors = {
        "all": Monitor(network.layers["Y"], ("s", "v", "theta")),
        "ring": Monitor(network.layers["Y"], ("v",), time=N_STEPS + 10),
        "some": Monitor(network.layers["X"], ("x",), every=3, neurons=[1, 7]),
        "network": NetworkMonitor(network, layers=["X"], connections=[], state_vars=("s",)),
    }
    for name, monitor in monitors.items():
        network.add_monitor(monitor, name)
    seen = []
    for k in range(4):
        network.run({"X": sample(k)}, N_STEPS, engine=engine)
        seen += [network.layers["X"].s.clone(), network.layers["X"].x.clone(), network.layers["Y"].past.clone()]
        if reset_monitors or k == 3:
            seen += [monitors[name].peek(var) for name in ("all", "ring", "some") for var in monitors[name].state_vars]
            seen.append(monitors["network"].get()["X"]["s"])
            network.reset_state_variables()
        else:
            for part in (*network.layers.values(), *network.connections.values()):
                part.reset_state_variables()
    return [*seen, network.connections["X", "Y"].w.clone(), network.layers["Y"].theta.clone()]


@pytest.mark.parametrize(("learning", "reset_monitors"), [(True, False), (False, True)])
def test_a_program_sees_the_same_whichever_engine_takes_its_runs(learning, reset_monitors):
    plain, fused = (observed(engine, learning, reset_monitors) for engine in ("plain", "fused"))
    assert all(torch.equal(a, b) for a, b in zip(plain, fused, strict=True))
    assert sum(int(tensor.sum()) for tensor in plain if tensor.dtype is torch.bool and tensor.shape[1:] == (1, 6)) > 20


def test_rewards_reach_rules_in_either_engine():
    weights = []
    for engine in ("plain", "fused"):
        network = network_of(MSTDP, nu=1e-1)
        for k, reward in enumerate((1.0, torch.tensor([-0.5]), torch.ones(1, 1))):
            network.run({"X": sample(k)}, N_STEPS, reward=reward, a_plus=0.8, engine=engine)
            network.reset_state_variables()
        weights.append(network.connections["X", "Y"].w.clone())
    assert torch.equal(*weights)
    assert not torch.equal(weights[0], network_of(MSTDP, nu=1e-1).connections["X", "Y"].w)


def test_the_fused_engine_takes_over_once_the_plain_one_has_run_for_long(monkeypatch):
    taken = []
    monkeypatch.setattr(whole_run, "N_STEPS_BEFORE", 2 * N_STEPS)
    monkeypatch.setattr(whole_run, "run", lambda *_: taken.append(network.n_plain_steps))
    network = network_of()
    for k in range(4):
        network.run({"X": sample(k)}, N_STEPS)
        network.reset_state_variables()
    assert taken == [2 * N_STEPS, 2 * N_STEPS]


def test_a_program_goes_on_where_its_network_does_not_compile(monkeypatch, caplog):
    monkeypatch.setattr(whole_run, "N_STEPS_BEFORE", 0)
    tried = []

    def fail(*arguments):
        tried.append(arguments)
        raise CannotFuseError("the program of this network does not compile")

    monkeypatch.setattr(whole_run.fused, "run_compiled", fail)
    network = network_of()
    with caplog.at_level(logging.INFO):
        for k in range(3):
            network.run({"X": sample(k)}, N_STEPS)
            network.reset_state_variables()
    assert len(tried) == 1
    assert [record.message for record in caplog.records] == [
        "The plain engine goes on: the program of this network does not compile"
    ]
    with pytest.raises(CannotFuseError):
        network.run({"X": sample(0)}, N_STEPS, engine="fused")


def test_a_ring_of_a_long_run_takes_no_room_for_all_of_its_steps(monkeypatch):
    network = network_of()
    network.add_monitor(Monitor(network.layers["Y"], ("v", "s"), time=2), "ring")
    monkeypatch.setattr(whole_run, "ROOM", N_STEPS * 6 * 5 - 1)
    with pytest.raises(NetworkError, match="a record of what monitors watch would take much memory"):
        network.run({"X": sample(0)}, N_STEPS, engine="fused")


CLAMPED = torch.ones(6, dtype=torch.bool)


@pytest.mark.parametrize(
    ("inputs", "options", "reason"),
    [
        ({"X": sample(0).expand(-1, 3, -1, -1)}, {}, "there are 3 samples in a batch"),
        ({"X": sample(0), "Y": torch.ones(N_STEPS, 1, 6)}, {}, "'Y' is given a drive, and is no input layer"),
        ({}, {}, "there is no input"),
        ({"X": sample(0)}, {"clamp": {"Y": CLAMPED}}, "it is given clamp"),
        ({"X": sample(0)}, {"one_step": True}, "it is given one_step"),
        ({"X": sample(0)}, {"masks": {("X", "Y"): torch.zeros(20, 6, dtype=torch.bool)}}, "it is given masks"),
    ],
)
def test_other_runs_are_left_to_the_plain_engine_which_says_why(monkeypatch, caplog, inputs, options, reason):
    with pytest.raises(NetworkError, match=f"with spikes alone: {reason}"):
        network_of().run(inputs, N_STEPS, engine="fused", **options)
    monkeypatch.setattr(whole_run, "N_STEPS_BEFORE", 0)
    network = network_of()
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            network.run(inputs, N_STEPS, **options)
            network.reset_state_variables()
    assert [record.message for record in caplog.records] == [f"The plain engine takes this run: {reason}"]


@pytest.mark.parametrize(
    "disturb",
    [
        lambda network: network.layers["Y"].v.add_(1.0),
        lambda network: network.layers["Y"].past.fill_(True),
        lambda network: network.layers["X"].x.fill_(0.5),
        lambda network: network.layers["X"].s.fill_(True),
        lambda network: network.run({"X": sample(1)}, N_STEPS),
    ],
)
def test_a_network_that_is_not_at_rest_goes_on_as_it_is(disturb):
    network = network_of()
    disturb(network)
    with pytest.raises(NetworkError, match="the network is not as a reset leaves it"):
        network.run({"X": sample(0)}, N_STEPS, engine="fused")


def test_a_rule_without_its_reward_is_refused_in_the_same_words():
    network = network_of(MSTDP, nu=1e-1)
    with pytest.raises(NetworkError, match="it is given no reward"):
        network.run({"X": sample(0)}, N_STEPS, engine="fused")


def test_layers_of_no_samples_or_steps_run_as_before():
    network = network_of()
    network.run({"X": sample(0)[:0]}, 0, engine="fused")
    assert not network.layers["X"].s.any()
    with pytest.raises(NetworkError, match="there is no engine 'fast'"):
        network.run({"X": sample(0)}, N_STEPS, engine="fast")


def test_a_layer_that_sums_its_input_is_run_by_the_plain_engine():
    network = network_of()
    network.add_layer(LIFNodes(3, sum_input=True), "Z")
    with pytest.raises(NetworkError, match="sums its input"):
        network.run({"X": sample(0)}, N_STEPS, engine="fused")
