"""Pooling: which neurons of a plane a region holds, copies, and what it drives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from populations import generator, populations

from bindsnet.errors import NetworkError
from bindsnet.learning import PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import RegionConnection

GEOMETRIES = [  # plane, size, stride, regions
    ((5, 7), 3, 2, (2, 3)),
    ((6, 6), (3, 2), (3, 1), (2, 5)),
    ((4, 5), 2, 2, (2, 2)),
    ((3, 4), (3, 4), 1, (1, 1)),
    ((3, 3), 1, 1, (3, 3)),
]


def pooled_by_hand(s: np.ndarray, size: tuple, stride: tuple, regions: tuple, w: float) -> np.ndarray:
    """The drive of each region, ``[n_channels, *regions]``, of spikes ``[n_channels, rows, columns]``."""
    drive = np.zeros((len(s), *regions))
    for channel, row, column in np.ndindex(drive.shape):
        top, left = row * stride[0], column * stride[1]
        drive[channel, row, column] = w * s[channel, top : top + size[0], left : left + size[1]].sum()
    return drive


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


@pytest.mark.parametrize("copies", [(), (1,), (3,)])
@pytest.mark.parametrize(("plane", "size", "stride", "regions"), GEOMETRIES)
def test_a_region_drives_by_what_fires_in_it_in_each_channel_and_copy(plane, size, stride, regions, copies):
    source, target = populations([2, *plane], [*copies, 2, *regions], batch_size=3)
    connection = RegionConnection(source, target, size, stride, w=1.5)
    connection.prepare(1.0, 3)
    s = torch.rand(3, 2, *plane, generator=generator()) < 0.4
    drive = connection.compute(s).numpy()
    for sample in range(3):
        expected = pooled_by_hand(s[sample].numpy(), pair(size), pair(stride), regions, 1.5)
        for found in drive[sample] if copies else drive[sample][None]:
            np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(s.view(3, -1).float() @ connection.dense(), drive.reshape(3, -1))


def test_the_one_weight_learns_from_all_pairs():
    network = Network()
    network.add_layer(Input(shape=[1, 2, 4], traces=True), "X")
    network.add_layer(LIFNodes(shape=[1, 1, 2], traces=True), "Y")
    connection = RegionConnection(*network.layers.values(), 2, 2, w=0.5, update_rule=PostPre, nu=(0.0, 0.01), wmax=0.55)
    network.add_connection(connection, "X", "Y")
    s = torch.tensor([[[True, False, True, True], [False, False, False, False]]])
    fires = torch.tensor([[[True, True]]])
    network.run({"X": s[None]}, time=1, clamp={"Y": fires})
    assert connection.w.tolist() == [pytest.approx(0.5 + 3 * 0.01)]
    network.run({"X": s[None]}, time=1, clamp={"Y": fires})
    assert connection.w.tolist() == [pytest.approx(0.55)]  # where its bound holds it


def test_regions_are_saved_with_all_that_their_connection_has(tmp_path):
    network = Network()
    network.add_layer(Input(shape=[2, 5, 5], traces=True), "X")
    network.add_layer(LIFNodes(shape=[3, 2, 2, 2], traces=True), "Y")
    options = {"w": 2.0, "delay": 3, "depression": 0.5, "tc_recovery": 40.0, "wmax": 7.0, "update_rule": PostPre, "nu": 0.25}
    network.add_connection(RegionConnection(*network.layers.values(), 3, 2, **options), "X", "Y")
    network.save(tmp_path / "network.pt")
    found = load(tmp_path / "network.pt").connections["X", "Y"]
    assert (found.size, found.stride, found.w.tolist(), found.delay, found.wmax) == ((3, 3), (2, 2), [2.0], 3, 7.0)
    assert (found.depression, found.tc_recovery) == (0.5, 40.0)
    assert (type(found.update_rule), found.update_rule.nu.tolist()) == (PostPre, [0.25, 0.25])
    assert torch.equal(found.dense(), network.connections["X", "Y"].dense())


@pytest.mark.parametrize(
    ("source", "target", "options", "complaint"),
    [
        ([9], [1, 2, 2], {}, r"regions: the source has the shape \[n_channels, rows, columns\], got \[9\]"),
        ([1, 5, 5], [1, 2, 3], {"size": 3, "stride": 2}, r"regions: the target has the shape \[1, 2, 2\], or \[n_copies, ...\]"),
        ([1, 5, 5], [2, 2, 1, 2, 2], {"size": 3, "stride": 2}, r"regions: the target has the shape \[1, 2, 2\]"),
        ([1, 5, 5], [1, 1, 1], {"size": 6}, r"a field of \(6, 6\) inputs, dilation \(1, 1\), fits not once into \(5, 5\)"),
        ([1, 5, 5], [1, 5, 5], {"size": 0}, "size"),
        ([1, 5, 5], [1, 5, 5], {"stride": 1.5}, "stride"),
        ([1, 5, 5], [1, 5, 5], {"w": torch.ones(2)}, r"regions: one weight for all, got the shape \[2\]"),
    ],
)
def test_what_are_no_regions_is_refused_in_a_line(source, target, options, complaint):
    with pytest.raises(NetworkError, match=complaint) as raised:
        RegionConnection(Input(shape=source), LIFNodes(shape=target), **options)
    assert "\n" not in str(raised.value)
