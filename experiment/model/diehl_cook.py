"""The network of Diehl & Cook (2015): input, excitatory and inhibitory neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from bindsnet.engine import Presentation, Repetition
from bindsnet.learning import DiehlAndCook
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import Connection, DistanceLateralConnection, OneToOneConnection, UniformLateralConnection
from common.spike_trains import SpikeTrains
from experiment.model.network import EXCITATORY, INPUT, SpikingNetwork
from experiment.model.parameters import (
    EXCITATORY_REFRACTORY,
    EXCITATORY_RESET,
    EXCITATORY_REST,
    FACTOR_GROWTH,
    FIRST_FACTOR,
    INHIBITORY_DECAY,
    INHIBITORY_REFRACTORY,
    INHIBITORY_RESET,
    INHIBITORY_REST,
    INHIBITORY_THRESHOLD,
    LARGEST_FIRST_WEIGHT,
    LARGEST_WEIGHT,
    MAX_PRESENTATIONS,
    MIN_SPIKES,
    THETA_DECAY,
)

INHIBITORY = "Inhibitory"


class DiehlCookNetwork(SpikingNetwork):
    """Diehl & Cook's network: plastic input weights, one-to-one excitation, lateral inhibition.

    Args:
        n_inputs: number of input units.
        n_neurons: number of excitatory and of inhibitory neurons.
        thresh: threshold of excitatory neurons, mV.
        tc_decay: time constant of the excitatory membrane, ms.
        theta_plus: what a spike adds to a neuron's threshold, mV.
        nu: learning rate.
        x_tar: trace of an input above which its weight grows.
        tc_trace: time constant of the input traces, ms.
        exc: weight from an excitatory neuron to its inhibitory one, mV.
        inh: strength of inhibition, mV.
        som: whether inhibition grows with distance at first (a self-organising map).
        dt: time step, ms.
        seed: seed of the first weights.
    """

    def __init__(
        self,
        n_inputs: int,
        n_neurons: int,
        *,
        thresh: float = -52.0,
        tc_decay: float = 215.0,
        theta_plus: float = 0.2,
        nu: float = 0.05,
        x_tar: float = 0.4,
        tc_trace: float = 20.0,
        exc: float = 22.5,
        inh: float = 17.5,
        som: bool = False,
        dt: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(n_neurons, dt)
        self.inh = inh
        inputs = Input(n_inputs, traces=True, tc_trace=tc_trace)
        excitatory = DiehlAndCookNodes(
            n_neurons,
            rest=EXCITATORY_REST,
            reset=EXCITATORY_RESET,
            thresh=thresh,
            refrac=EXCITATORY_REFRACTORY,
            tc_decay=tc_decay,
            theta_plus=theta_plus,
            tc_theta_decay=THETA_DECAY,
        )
        inhibitory = LIFNodes(
            n_neurons,
            rest=INHIBITORY_REST,
            reset=INHIBITORY_RESET,
            thresh=INHIBITORY_THRESHOLD,
            refrac=INHIBITORY_REFRACTORY,
            tc_decay=INHIBITORY_DECAY,
        )
        self.add_layer(inputs, INPUT)
        self.add_layer(excitatory, EXCITATORY)
        self.add_layer(inhibitory, INHIBITORY)

        generator = torch.Generator().manual_seed(seed)
        plastic = Connection(
            inputs,
            excitatory,
            w=LARGEST_FIRST_WEIGHT * torch.rand(n_inputs, n_neurons, generator=generator),
            wmin=0.0,
            wmax=LARGEST_WEIGHT,
            update_rule=DiehlAndCook if nu > 0 else None,
            **({"nu": nu, "x_tar": x_tar} if nu > 0 else {}),
        )
        lateral = (
            DistanceLateralConnection(inhibitory, excitatory) if som else UniformLateralConnection(inhibitory, excitatory, -inh)
        )
        self.add_connection(plastic, INPUT, EXCITATORY)
        self.add_connection(OneToOneConnection(excitatory, inhibitory, exc), EXCITATORY, INHIBITORY)
        self.add_connection(lateral, INHIBITORY, EXCITATORY)

    @property
    def w_max(self) -> float:
        """The largest weight from an input that learning reaches."""
        return float(self.connections[INPUT, EXCITATORY].wmax)

    def answer(self, spike_trains: SpikeTrains, numbers: Sequence[int], seed: int, stream: int, **how: Any) -> Presentation:
        """What excitatory neurons answer to samples, each presented again while they fire too little; see there."""
        which = {"samples": numbers, "seed": seed, "stream": stream}
        return self.present(spike_trains, layer=EXCITATORY, repetition=self.repetition(), **which, **how)

    def repetition(self) -> Repetition:
        """When a sample is presented again: as the network stands, in training or in testing."""
        return Repetition(
            connection=(INPUT, EXCITATORY),
            min_spikes=MIN_SPIKES,
            first_factor=FIRST_FACTOR["training" if self.learning else "testing"],
            growth=FACTOR_GROWTH,
            max_presentations=MAX_PRESENTATIONS,
        )

    def end_map_formation(self) -> None:
        """Make the inhibition of a self-organising map uniform; nothing to do without one."""
        lateral = self.connections[INHIBITORY, EXCITATORY]
        if isinstance(lateral, DistanceLateralConnection):
            lateral.make_uniform(-self.inh)
