"""A layer of prototypes: neurons that gather a recording, decide at its end, and learn what they win by.

The pieces, each an option of its own: depressing synapses (Tsodyks & Markram 1997), neurons that decide as their bound falls
(:mod:`bindsnet.network.nodes.decision`), learning at each neuron's own rate
(:mod:`bindsnet.learning.rules.competitive`). While it learns, the first spike silences all others at once: one prototype moves.
Afterwards inhibition takes `margin` steps, and prototypes that are nearly as near fire with it, the less often the farther.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch

from bindsnet.engine import Presentation
from bindsnet.learning import Competitive, SaturatingCompetitive
from bindsnet.network.nodes import DecisionNodes, Input
from bindsnet.network.nodes.decision import UNUSED
from bindsnet.network.topology import Connection, UniformLateralConnection
from common.spike_trains import SpikeTrains
from experiment.model.network import EXCITATORY, INPUT, SpikingNetwork
from experiment.model.parameters import LENGTH_OF_WEIGHTS, SILENCING

BLOCK = 64  # samples whose spikes are counted at once


class PrototypeNetwork(SpikingNetwork):
    """Prototypes that compete for recordings.

    Args:
        n_inputs: number of input units.
        n_neurons: number of prototypes.
        n_steps: number of steps of a recording; then the decision begins.
        depression: part of a synapse's resources that a spike uses up.
        own_rate: exponent with which a prototype's learning rate falls with its number of spikes.
        conscience: what a spike adds to θ, as part of the bound.
        forgetting: the part of θ that fades while as many recordings are seen as there are prototypes: on average θ then rises to
            conscience / forgetting and no farther.
        closing: number of steps of the decision, after the recording.
        ramp: part of the bound that it loses in each of them.
        margin: steps from the first spike to the end of the decision, when nothing learns.
        dt: time step, ms.
        seed: seed of the first weights.
    """

    w_max = LENGTH_OF_WEIGHTS
    theta_least: ClassVar[float] = UNUSED

    def __init__(
        self,
        n_inputs: int,
        n_neurons: int,
        n_steps: int,
        *,
        depression: float = 0.5,
        own_rate: float = 0.5,
        conscience: float = 0.003,
        forgetting: float = 0.03,
        closing: int = 100,
        ramp: float = 0.02,
        margin: int = 4,
        dt: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(n_neurons, dt)
        self.closing, self.margin, self.depression = closing, margin, depression
        inputs = Input(n_inputs)
        lifetime = n_neurons * (n_steps + closing) * dt / forgetting if forgetting else float("inf")  # ms
        prototypes = DecisionNodes(n_neurons, decides_at=n_steps * dt, ramp=ramp, theta_plus=conscience, tc_theta_decay=lifetime)
        self.add_layer(inputs, INPUT)
        self.add_layer(prototypes, EXCITATORY)
        w = torch.rand(n_inputs, n_neurons, generator=torch.Generator().manual_seed(seed))
        rule = {"update_rule": Competitive}
        if depression > 0:
            rule = {"update_rule": SaturatingCompetitive, "release": depression, "depression": depression}
        first = w * (LENGTH_OF_WEIGHTS / w.norm(dim=0))
        learning = {"w": first, "wmin": 0.0, "wmax": self.w_max, "nu": 1.0, "own_rate": own_rate, "length": LENGTH_OF_WEIGHTS}
        self.add_connection(Connection(inputs, prototypes, **rule, **learning), INPUT, EXCITATORY)
        # Made with its longest delay, for which spikes must be kept.
        lateral = UniformLateralConnection(prototypes, prototypes, -SILENCING, itself=True, delay=margin)
        self.add_connection(lateral, EXCITATORY, EXCITATORY)
        self.train(True)

    watched: ClassVar[tuple[str, ...]] = ("v", "theta", "bound")

    def thresholds(self, watched: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """See :meth:`SpikingNetwork.thresholds`."""
        return watched["bound"] * self.layers[EXCITATORY].threshold(watched["theta"])

    @property
    def ceiling(self) -> torch.Tensor:
        """The bound as the decision begins, mV: no less than any sample that it was calibrated with can drive a prototype."""
        return self.layers[EXCITATORY].ceiling

    @property
    def arrays(self) -> dict[str, torch.Tensor]:
        """See :attr:`SpikingNetwork.arrays`."""
        learned = self.connections[INPUT, EXCITATORY].plasticity  # each one's wins, and the rate that follows from them
        return super().arrays | {"ceiling": self.ceiling, "wins": learned.n, "rates_of_wins": learned.rate}

    def calibrate(self, spike_trains: SpikeTrains) -> None:
        """Let the decision begin at the most that any of these samples could drive a prototype: one whose weights are like it."""
        longest = max([1.0, *lengths_of(spike_trains, self.depression).tolist()])
        self.ceiling.fill_(LENGTH_OF_WEIGHTS * longest)

    def train(self, mode: bool = True) -> PrototypeNetwork:
        """Let one prototype decide and learn, or all that are near enough vote."""
        super().train(mode)
        if EXCITATORY in self.layers:  # while it is being built there is none
            self.layers[EXCITATORY].one_spike = mode
        if (EXCITATORY, EXCITATORY) in self.connections:
            self.connections[EXCITATORY, EXCITATORY].delay = 1 if mode else self.margin
        return self

    def answer(self, spike_trains: SpikeTrains, numbers: Sequence[int], seed: int, stream: int, **how: Any) -> Presentation:
        """What prototypes answer to samples; see :meth:`SpikingNetwork.answer`. Silence follows each, in which they decide."""
        which = {"samples": numbers, "seed": seed, "stream": stream}
        spike_trains = spike_trains._replace(n_steps=spike_trains.n_steps + self.closing)
        return self.present(spike_trains, layer=EXCITATORY, **which, **how)


def lengths_of(spike_trains: SpikeTrains, depression: float) -> torch.Tensor:
    """The length of what depressing synapses with weights of 1 have let through of each sample, float64 ``[n_samples]``."""
    lengths = [torch.zeros(0, dtype=torch.float64)]
    for piece in torch.arange(spike_trains.n_samples).split(BLOCK):
        counts = spike_trains.select(piece).counts().double()
        passed = (1.0 - (1.0 - depression) ** counts) / depression if depression else counts
        lengths.append(passed.square().sum(1).sqrt())
    return torch.cat(lengths)
