"""Programs with parts of their own, written against BindsNET's classes: neurons, a rule, a connection, a reward."""

from __future__ import annotations

import torch

from behaviours.common import grid, numbers, pattern
from behaviours.programs import program
from bindsnet.learning import MSTDP, LearningRule
from bindsnet.learning.reward import AbstractReward
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes, Nodes
from bindsnet.network.topology import AbstractConnection, Connection


class Amplified(LIFNodes):
    """LIF neurons that double their drive."""

    def forward(self, x: torch.Tensor) -> None:
        super().forward(2.0 * x)


class Counting(Nodes):
    """Neurons without time: every third mV is a spike."""

    def __init__(self, n: int, **kwargs) -> None:
        super().__init__(n=n, **kwargs)
        self.register_buffer("v", torch.zeros(1, n))

    def forward(self, x: torch.Tensor) -> None:
        self.v = 0.9 * self.v + x
        self.s = self.v >= 3.0
        self.v = self.v.masked_fill(self.s, 0.0)
        super().forward(x)

    def reset_state_variables(self) -> None:
        super().reset_state_variables()
        self.v.zero_()

    def set_batch_size(self, batch_size: int) -> None:
        super().set_batch_size(batch_size)
        self.v = torch.zeros(batch_size, *self.shape)


class Bounded(LearningRule):
    """A rule that is written on whole matrices, with an option of its own."""

    def __init__(self, connection, nu=None, reduction=None, weight_decay=0.0, **kwargs) -> None:
        super().__init__(connection=connection, nu=nu, reduction=reduction, weight_decay=weight_decay, **kwargs)
        self.gain = kwargs.get("gain", 1.0)

    def update(self, **kwargs) -> None:
        batch_size = self.source.batch_size
        x = self.source.x.view(batch_size, -1).unsqueeze(2)
        s = self.target.s.view(batch_size, -1).float().unsqueeze(1)
        self.connection.w += self.gain * self.nu[1] * self.reduction(torch.bmm(x, s), dim=0)
        super().update()


class Halved(AbstractConnection):
    """All to all, at half the weight."""

    def __init__(self, source, target, nu=None, reduction=None, weight_decay=0.0, **kwargs) -> None:
        super().__init__(source, target, nu, reduction, weight_decay, **kwargs)
        self.w = torch.nn.Parameter(kwargs["w"], requires_grad=False)

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        return 0.5 * (s.view(s.size(0), -1).float() @ self.w).view(s.size(0), *self.target.shape)

    def update(self, **kwargs) -> None:
        super().update(**kwargs)

    def normalize(self) -> None:
        pass

    def reset_state_variables(self) -> None:
        super().reset_state_variables()


class Twice(AbstractReward):
    """Twice the reward."""

    def compute(self, **kwargs) -> float:
        return 2.0 * kwargs["reward"]

    def update(self, **kwargs) -> None:
        pass


def result(target: Nodes, kind: type = Connection, reward_fn: type | None = None, **options) -> dict[str, list]:
    """Voltages and weights of a network of an input and a target."""
    network = Network(reward_fn=reward_fn)
    network.add_layer(Input(4, traces=True), "X")
    network.add_layer(target, "Y")
    network.add_connection(kind(network.layers["X"], target, w=grid(4, 3, high=6.0), **options), "X", "Y")
    network.run({"X": pattern(20, 4)}, time=20, reward=0.5)
    found = {"v": numbers(target.v), "w": numbers(network.connections["X", "Y"].w)}
    network.reset_state_variables()
    return found | {"v after a reset": numbers(target.v)}


@program
def neurons_whose_step_is_extended() -> dict[str, list]:
    """``forward`` may be overridden and call that of its base."""
    return result(Amplified(3, traces=True))


@program
def neurons_written_from_scratch() -> dict[str, list]:
    """``Nodes.forward`` updates traces, whatever found the spikes."""
    return result(Counting(3, traces=True))


@program
def a_rule_written_from_scratch_with_an_option_of_its_own() -> dict[str, list]:
    """``update`` may change ``connection.w`` as it likes; that of ``LearningRule`` decays and cuts weights."""
    options = {"update_rule": Bounded, "nu": (0.0, 0.1), "gain": 2.0, "wmax": 5.0}
    decaying = result(LIFNodes(3, traces=True), **options, weight_decay=0.01)
    return result(LIFNodes(3, traces=True), **options) | {"w that decays": decaying["w"]}


@program
def a_connection_written_from_scratch() -> dict[str, list]:
    """``compute`` says what drives."""
    return result(LIFNodes(3, traces=True), kind=Halved)


@program
def a_reward_written_from_scratch() -> dict[str, list]:
    """``compute`` of the reward's class is asked once a run."""
    return result(LIFNodes(3, traces=True), reward_fn=Twice, update_rule=MSTDP, nu=0.1)
