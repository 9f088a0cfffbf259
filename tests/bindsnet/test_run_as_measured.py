"""What `run` does with its arguments, as measured on BindsNET 0.3.4: spikes and voltages of the same network."""

from __future__ import annotations

import pytest
import torch

from bindsnet.learning import LearningRule, PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection

T = 30
FIRST = torch.tensor([True, False, False])
IN_TURN = torch.arange(T)[:, None] % 3 == torch.arange(3)
ALL = {("X", "Y"): torch.eye(4, 3) > 0}


def drawn(seed: int, *shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def network(batch_size: int = 1, recurrent: bool = False, learns: bool = False, third: bool = False) -> Network:
    generator = torch.Generator().manual_seed(5)
    made = Network(batch_size=batch_size)
    x, y = Input(4, traces=True), LIFNodes(3, traces=True)
    made.add_layer(x, "X")
    made.add_layer(y, "Y")
    rule = {"update_rule": PostPre, "nu": (1e-2, 1e-1), "wmin": 0.0, "wmax": 20.0} if learns else {}
    made.add_connection(Connection(x, y, w=torch.rand(4, 3, generator=generator) * 12, **rule), "X", "Y")
    if recurrent:
        made.add_connection(Connection(y, y, w=-torch.rand(3, 3, generator=generator) * 5), "Y", "Y")
    if third:
        made.add_layer(z := LIFNodes(2, traces=True), "Z")
        made.add_connection(Connection(y, z, w=torch.rand(3, 2, generator=generator) * 30), "Y", "Z")
    made.add_monitor(Monitor(y, ["s", "v"], time=200), "Y")
    return made


TAUGHT = {"learns": True, "third": True}

#: network, arguments of run; number of spikes, their sum weighted by their place, sum of voltages, sum of weights
MEASURED = {
    "one sample": ({}, {}, 13, 541, -5771.9278, 81.85522),
    "a batch": ({"batch_size": 3}, {}, 42, 5652, -17335.5263, 81.85522),
    "recurrent": ({"recurrent": True, "third": True}, {}, 13, 583, -5737.9452, 81.85522),
    "recurrent, in one step": ({"recurrent": True, "third": True}, {"one_step": True}, 14, 633, -5737.9452, 81.85522),
    "learning": ({"learns": True}, {}, 13, 541, -5770.2042, 85.19635),
    "learning, a batch": ({"learns": True, "batch_size": 3}, {}, 42, 5643, -17338.0584, 93.1897),
    "learning, in one step": (TAUGHT, {"one_step": True}, 14, 591, -5761.2505, 85.46984),
    "clamp": (TAUGHT, {"clamp": {"Y": FIRST}}, 38, 1649, -5769.463, 94.39734),
    "clamp in turn": (TAUGHT, {"clamp": {"Y": IN_TURN}}, 39, 1824, -5809.8566, 94.72725),
    "clamp by number": (TAUGHT, {"clamp": {"Y": torch.tensor([1])}}, 39, 1754, -5792.7886, 94.74973),
    "clamp a batch": ({"learns": True, "batch_size": 3}, {"clamp": {"Y": FIRST}}, 117, 15708, -17370.1538, 120.36651),
    "clamp the input": (TAUGHT, {"clamp": {"X": torch.tensor([True, False, False, True])}}, 15, 627, -5841.1158, 85.41873),
    "unclamp": (TAUGHT, {"unclamp": {"Y": FIRST}}, 8, 314, -5770.2747, 83.84955),
    "unclamp in turn": (TAUGHT, {"unclamp": {"Y": IN_TURN}}, 4, 117, -5771.2231, 82.46704),
    "both": (TAUGHT, {"clamp": {"Y": FIRST}, "unclamp": {"Y": ~FIRST}}, 30, 1335, -5771.1161, 92.40301),
    "both, the same": (TAUGHT, {"clamp": {"Y": FIRST}, "unclamp": {"Y": FIRST}}, 8, 314, -5770.2747, 83.84955),
    "injected": ({"third": True}, {"injects_v": {"Y": torch.tensor([1.0, 0.0, 2.0])}}, 14, 598, -5600.9438, 81.85522),
    "injected step by step": ({"third": True}, {"injects_v": {"Y": drawn(3, T, 3)}}, 15, 690, -5714.3801, 81.85522),
    "masked": ({"learns": True}, {"masks": ALL}, 12, 495, -5747.2067, 62.77737),
    "masked, not learning": ({}, {"masks": ALL}, 12, 495, -5748.8547, 60.45178),
    "a reward": ({"learns": True}, {"reward": 1.0}, 13, 541, -5770.2042, 85.19635),
    "another drive": ({}, {"inputs": {"Y": drawn(2, T, 1, 3) * 4}}, 15, 690, -5776.0778, 81.85522),
    "a drive alone": ({}, {"inputs": {"X": torch.zeros(T, 1, 4), "Y": drawn(2, T, 1, 3) * 14}}, 12, 447, -5709.3063, 81.85522),
    "a part of a step more": ({}, {"time": 29.7}, 13, 541, -5589.3688, 81.85522),
}


@pytest.mark.filterwarnings("ignore:.*but the network runs 29")
@pytest.mark.parametrize("case", MEASURED)
def test_a_run_is_as_measured(case):
    built, given, n_spikes, weighted, voltages, weights = MEASURED[case]
    made = network(**built)
    spikes = {"X": (drawn(1, T, made.batch_size, 4) < 0.5).float()}
    arguments = {"time": T} | given | {"inputs": spikes | given.get("inputs", {})}
    made.run(**arguments)
    s, v = made.monitors["Y"].get("s").flatten(), made.monitors["Y"].get("v")
    assert (int(s.sum()), int((s * torch.arange(1, s.numel() + 1)).sum())) == (n_spikes, weighted)
    assert v.double().sum().item() == pytest.approx(voltages, abs=1e-3)
    assert made.connections["X", "Y"].w.sum().item() == pytest.approx(weights, abs=2e-4)


class OwnLoop(Network):
    """A network that takes its time steps itself, as programs do that were written for BindsNET."""

    def run(self, inputs: dict, time: int, one_step: bool = False) -> None:
        for t in range(time):
            drives = {} if one_step else self._get_inputs()
            for name, layer in self.layers.items():
                drives |= self._get_inputs(layers=[name]) if one_step else {}
                if name in inputs:
                    drives[name] = drives.get(name, 0) + inputs[name][t]
                layer.forward(x=drives.get(name, torch.zeros(layer.s.shape)))
            for connection in self.connections.values():
                connection.update(learning=self.learning, mask=None)
            for monitor in self.monitors.values():
                monitor.record()
        for connection in self.connections.values():
            connection.normalize()


@pytest.mark.parametrize("case", ["recurrent", "recurrent, in one step", "learning", "learning, in one step"])
def test_a_loop_of_the_programs_own_takes_the_steps_of_run(case):
    parts, arguments, *_ = MEASURED[case]
    ran, looped = network(**parts), network(**parts)
    looped.__class__ = OwnLoop
    for made in (ran, looped):
        made.run(inputs={"X": (drawn(0, T, 1, 4) < 0.4).byte()}, time=T, **arguments)
    assert ran.monitors["Y"].get("s").any()
    assert torch.equal(ran.monitors["Y"].get("v"), looped.monitors["Y"].get("v"))
    assert torch.equal(ran.connections["X", "Y"].w, looped.connections["X", "Y"].w)


class PostByDt(LearningRule):
    """A rule with an update of its own, which reads what BindsNET's connections have."""

    def update(self, **kwargs) -> None:
        self.connection.w += self.nu[1] * self.connection.dt * self.source.x.T @ self.target.s.float()


def test_a_rule_of_the_users_own_finds_the_time_step_at_its_connection():
    made = Network(dt=0.5)
    made.add_layer(x := Input(4, traces=True), "X")
    made.add_layer(y := LIFNodes(3, traces=True), "Y")
    made.add_connection(connection := Connection(x, y, w=torch.full((4, 3), 20.0), update_rule=PostByDt, nu=(0, 0.1)), "X", "Y")
    made.run({"X": torch.ones(2, 4)}, time=1.0)
    torch.testing.assert_close(connection.w, torch.full((4, 3), 20.05))  # one spike, trace 1
