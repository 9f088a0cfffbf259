"""Of a plane of pixels: fields that compete for patches of it, and regions in which it does not matter where (vision).

Each field of the plane is seen by one neuron of every map; they share their map's weights. They gather without leak what they see
until one fires: it learns the patch that made it fire, all at this place begin anew (Kheradpisheh et al. 2018, Neural Networks
99:56; Thiele, Bichler & Dupret 2018). Regions that overlap pass on that a map fired somewhere in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.functional import conv_transpose2d, pad

from bindsnet.learning import Competitive
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Conv2dConnection, RegionConnection, UniformLateralConnection
from bindsnet.network.topology.fields import Fields
from experiment.model.features.network import NO_LEAK, FeatureNetwork
from experiment.model.network import INPUT
from experiment.model.parameters import LENGTH_OF_WEIGHTS, SILENCING

MAPS, REGIONS = "Maps", "Regions"
DRAWN_AT_ONCE = 32  # neurons
RELAY = NO_LEAK | {"thresh": 0.5}  # fires with any drive


class FieldNetwork(FeatureNetwork):
    """Input → maps of competing fields → regions.

    Args:
        input_shape: pixels of one polarity (rows, columns).
        n_channels: number of polarities.
        n_maps: number of maps.
        field: pixels along the side of a field.
        field_stride: pixels from one field to the next.
        field_thresh: threshold of the maps' neurons, mV: the patch times a map's weights, which have the length 1.
        field_rate: their learning rate.
        tc_field: time constant of the trace of the pixels that they learn, ms.
        region: fields along the side of a region.
        region_stride: fields from one region to the next.
        dt: time step, ms.
        seed: seed of the first weights.
    """

    output, learned = REGIONS, MAPS
    drawn = "the plane through the maps that a neuron prefers"

    def __init__(
        self,
        input_shape: tuple[int, int],
        n_channels: int,
        *,
        n_maps: int,
        field: int,
        field_stride: int,
        field_thresh: float,
        field_rate: float,
        tc_field: float,
        region: int,
        region_stride: int,
        dt: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(dt=dt)
        positions = Fields(tuple(input_shape), (field, field), (field_stride, field_stride)).positions
        regions = Fields(positions, (region, region), (region_stride, region_stride)).positions
        inputs = Input(shape=[n_channels, *input_shape])
        maps = LIFNodes(
            shape=[n_maps, *positions], thresh=field_thresh, lbound=0.0, one_spike_per="position", winner="highest", **NO_LEAK
        )
        maps.one_spike = True
        pooled = LIFNodes(shape=[n_maps, *regions], **RELAY)
        for name, layer in ((INPUT, inputs), (MAPS, maps), (REGIONS, pooled)):
            self.add_layer(layer, name)
        w = torch.rand(n_maps, n_channels, field, field, generator=torch.Generator().manual_seed(seed))
        w *= LENGTH_OF_WEIGHTS / w.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        learning = {"update_rule": Competitive, "nu": field_rate, "own_rate": 0.0, "tc_trace": tc_field}
        bounds = {"wmin": 0.0, "wmax": LENGTH_OF_WEIGHTS}
        seen = Conv2dConnection(inputs, maps, field, stride=field_stride, w=w, **learning, **bounds)
        self.add_connection(seen, INPUT, MAPS)
        self.add_connection(UniformLateralConnection(maps, maps, -SILENCING, within="position"), MAPS, MAPS)
        self.add_connection(RegionConnection(maps, pooled, region, region_stride), MAPS, REGIONS)

    def drawn_back(self, w: torch.Tensor) -> tuple[torch.Tensor, tuple[int, int]]:
        """See there: through the regions and the fields that they prefer, in the sensor's plane."""
        parts = [self._drawn_back(part) for part in w.T.split(DRAWN_AT_ONCE)]
        return torch.cat(parts).T, tuple(self.layers[INPUT].shape[1:])

    def _drawn_back(self, w: torch.Tensor) -> torch.Tensor:
        pooled, maps, inputs = (self.layers[name].shape for name in (REGIONS, MAPS, INPUT))
        seen, region = self.connections[INPUT, MAPS], self.connections[MAPS, REGIONS]
        one = torch.ones(maps[0], 1, *region.size, device=w.device)
        at_maps = conv_transpose2d(w.reshape(-1, *pooled), one, stride=region.stride, groups=maps[0])
        plane = conv_transpose2d(_filled(at_maps, maps[1:]), seen.w.detach(), stride=seen.stride)
        return _filled(plane, inputs[1:]).flatten(1)


def _filled(planes: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Planes with zeros where the rows and columns of this shape are beyond them."""
    rows, columns = (whole - part for whole, part in zip(shape, planes.shape[2:], strict=True))
    return pad(planes, (0, columns, 0, rows))
