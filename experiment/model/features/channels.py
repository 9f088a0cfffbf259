"""Of a row of channels: cells that compare each with those around it, ON and OFF, in phases from the onset (hearing).

Lateral inhibition sharpens what the cochlea's overlapping filters blur (Shamma 1985, J. Acoust. Soc. Am. 78:1622): an ON cell is
excited by its channel and inhibited by the mean of those around, an OFF cell the other way round.
"""

from __future__ import annotations

import torch

from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection
from experiment.model.features.network import NO_LEAK, FeatureNetwork
from experiment.model.features.phases import PHASES, add_phases
from experiment.model.network import INPUT

CELLS = "Cells"


class ChannelNetwork(FeatureNetwork):
    """Input → ON and OFF cells → phases.

    Args:
        input_shape: channels of one polarity (rows, columns), one of which is 1.
        n_channels: number of polarities.
        surround: channels on each side whose mean a channel is compared with.
        tc_cell: time constant of the cells' membrane, ms.
        n_phases, phase, phase_span, onset: as in :func:`experiment.model.features.phases.add_phases`.
        dt: time step, ms.
    """

    output = PHASES
    drawn = "channels down, phases across; cells"

    def __init__(
        self,
        input_shape: tuple[int, int],
        n_channels: int,
        *,
        surround: int,
        tc_cell: float,
        n_phases: int,
        phase: float,
        phase_span: float,
        onset: int,
        dt: float = 1.0,
    ) -> None:
        super().__init__(dt=dt)
        n = input_shape[0] * input_shape[1]
        inputs = Input(shape=[n_channels, 1, n])
        cells = LIFNodes(shape=[2 * n_channels, 1, n], **NO_LEAK | {"thresh": 1.0, "tc_decay": tc_cell}, lbound=0.0)
        self.add_layer(inputs, INPUT)
        self.add_layer(cells, CELLS)
        self.add_connection(Connection(inputs, cells, w=centre_and_surround(n_channels, n, surround)), INPUT, CELLS)
        add_phases(self, CELLS, n_phases, phase, phase_span, onset)

    def drawn_back(self, w: torch.Tensor) -> tuple[torch.Tensor, tuple[int, int]]:
        """See there: channel by phase of the ON cells, and of the OFF cells."""
        n_phases, n_cells, _, n = self.layers[PHASES].shape
        tiles = w.T.reshape(-1, n_phases, 2, n_cells // 2, n).sum(3)
        return tiles.permute(0, 2, 3, 1).reshape(len(tiles), -1).T, (n, n_phases)


def centre_and_surround(n_channels: int, n: int, surround: int) -> torch.Tensor:
    """Weights from rows of channels to their ON cells and then their OFF cells, ``[n_channels * n, 2 * n_channels * n]``, mV."""
    distance = (torch.arange(n)[:, None] - torch.arange(n)).abs()
    on = torch.eye(n) - (distance <= surround) / (2 * surround + 1)
    return torch.cat([torch.kron(torch.eye(n_channels), sign * on) for sign in (1, -1)], dim=1)
