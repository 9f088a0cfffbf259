"""When becomes where: neurons that relay what happens in overlapping phases of a recording, of places that overlap (touch)."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import pad

from bindsnet.network.nodes import Input, LIFNodes, Nodes, PhaseNodes
from bindsnet.network.nodes.phases import START
from bindsnet.network.topology import Connection, RegionConnection
from bindsnet.network.topology.fields import Fields
from experiment.model.features.network import NO_LEAK, FeatureNetwork
from experiment.model.network import INPUT

PHASES, ONSET = "Phases", "Onset"
FOR_GOOD = 1e9  # ms, a refractory period that outlasts any recording


def add_phases(
    network: FeatureNetwork,
    source: str,
    n_phases: int,
    phase: float,
    phase_span: float,
    onset: int,
    region: int = 1,
    stride: int = 1,
) -> None:
    """Add a layer that relays a source's spikes in phases, and the neuron that lets them begin.

    Args:
        network: the network, whose first layer is its input.
        source: name of a layer ``[n_channels, rows, columns]``.
        n_phases: number of phases, which begin evenly apart.
        phase: how long each lasts, ms.
        phase_span: from the beginning of the first to the end of the last, ms.
        onset: input spikes after which the first begins; 0 begins with the recording.
        region, stride: side of the places, in neurons of the source, and how far apart they are.
    """
    layer = network.layers[source]
    places = Fields(tuple(layer.shape[1:]), (region, region), (stride, stride)).positions
    begins = torch.linspace(0.0, max(phase_span - phase, 0.0), n_phases).view(-1, 1, 1, 1)
    shape = [n_phases, layer.shape[0], *places]
    phases = PhaseNodes(shape=shape, begins=begins, ends=begins + phase, awaits_onset=float(onset > 0))
    if onset > 0:
        first: Nodes = LIFNodes(1, **NO_LEAK | {"thresh": onset - 0.5, "refrac": FOR_GOOD})
        network.add_layer(first, ONSET)
        network.add_connection(Connection(network.layers[INPUT], first, w=torch.ones(network.layers[INPUT].n, 1)), INPUT, ONSET)
    network.add_layer(phases, PHASES)
    network.add_connection(RegionConnection(layer, phases, region, stride), source, PHASES)
    if onset > 0:
        network.add_connection(Connection(first, phases, w=torch.full((1, phases.n), START)), ONSET, PHASES)


class PhaseNetwork(FeatureNetwork):
    """Input → phases of overlapping places.

    Args:
        input_shape: taxels of one polarity (rows, columns).
        n_channels: number of polarities.
        n_phases, phase, phase_span, onset, region, region_stride: as in :func:`add_phases`.
        dt: time step, ms.
    """

    output = PHASES
    drawn = "the pad in each phase, row by row"

    def __init__(
        self,
        input_shape: tuple[int, int],
        n_channels: int,
        *,
        n_phases: int,
        phase: float,
        phase_span: float,
        onset: int,
        region: int,
        region_stride: int,
        dt: float = 1.0,
    ) -> None:
        super().__init__(dt=dt)
        self.add_layer(Input(shape=[n_channels, *input_shape]), INPUT)
        add_phases(self, INPUT, n_phases, phase, phase_span, onset, region, region_stride)

    def drawn_back(self, w: torch.Tensor) -> tuple[torch.Tensor, tuple[int, int]]:
        """See there: the places in each phase, phases row by row."""
        n_phases, n_channels, rows, columns = self.layers[PHASES].shape
        n_across = math.ceil(math.sqrt(n_phases))
        n_down = math.ceil(n_phases / n_across)
        tiles = w.T.reshape(-1, n_phases, n_channels, rows, columns)
        tiles = pad(tiles, (0, 0, 0, 0, 0, 0, 0, n_down * n_across - n_phases)).unflatten(1, (n_down, n_across))
        plane = tiles.permute(0, 3, 1, 4, 2, 5).reshape(len(tiles), -1)
        return plane.T, (n_down * rows, n_across * columns)
