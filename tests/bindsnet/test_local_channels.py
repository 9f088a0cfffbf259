"""Local connections in channels against numbers of BindsNET 0.3.4, torch's convolutions and dense connections."""

from __future__ import annotations

import math

import pytest
import torch
from populations import fire, generator, populations
from torch.nn.functional import conv1d, conv2d, conv3d

from bindsnet.errors import NetworkError
from bindsnet.learning import PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import (
    Connection,
    Conv1dConnection,
    Conv2dConnection,
    Conv3dConnection,
    LocalConnection,
    LocalConnection1D,
    LocalConnection2D,
    LocalConnection3D,
)

SMALL = {  # source, target, arguments: with these the numbers below were measured
    LocalConnection1D: ([2, 7], [2, 3], (3, 2, 2)),
    LocalConnection2D: ([2, 4, 3], [2, 3, 2], ((2, 2), (1, 1), 2)),
    LocalConnection3D: ([2, 2, 3, 2], [2, 1, 2, 1], ((2, 2, 2), (1, 1, 1), 2)),
    Conv1dConnection: ([2, 7], [2, 4], (3, 2, 1)),
    Conv2dConnection: ([2, 4, 3], [2, 3, 2], ((2, 2), 1, 0)),
    Conv3dConnection: ([2, 2, 3, 2], [2, 1, 2, 1], (2,)),
}
DRIVES = {
    LocalConnection1D: [0.7, 0.9, 1.1, 0.9, 1.1, 1.3],
    LocalConnection2D: [2.1, 0.9, 1.6, 2.6, 0.8, 1.3, 2.8, 0.7, 1.3, 2.3, 0.6, 2.0],
    LocalConnection3D: [2.9, 2.1, 2.8, 4.2],
    Conv1dConnection: [0.8, 1.7, 1.4, 0.9, 0.2, 0.8, 1.6, 1.4],
    Conv2dConnection: [2.1, 1.3, 1.7, 1.1, 1.3, 2.0, 2.7, 0.5, 1.6, 1.0, 0.5, 2.6],
    Conv3dConnection: [2.2, 4.1, 3.2, 2.9],
}
NORMALIZED = {1: [0.0, 0.66667, 1.33333, 0.5], 2: [0.0, 0.52632, 1.05263, 0.42105], 3: [0.0, 0.2439, 0.4878, 0.19512]}

# of a matrix of weights that is 0 outside the fields
MATRIX_DRIVES = [0.7, 2.0, 0.6, 3.1, 2.1, 1.4, 2.0, 2.3]
MATRIX_ROW = [0.9, 2.57143, 0.43902, 2.16, 0.0, 2.14286, 4.0, 1.67442]
MATRIX_FIRST_ROW = [0.0, 0.0, 0.0, 0.0, 3.68182, 0.0, 0.0, 0.0]


def pattern(*shape: int) -> torch.Tensor:
    return (torch.arange(math.prod(shape)) * 7 % 5 < 2).view(1, *shape)


def ramp(*shape: int) -> torch.Tensor:
    return (torch.arange(math.prod(shape)) * 5 % 11).float().view(shape) / 10


@pytest.mark.parametrize("kind", list(SMALL))
def test_seeded_weights_drives_and_normalised_weights_are_bindsnets(kind):
    source, target, arguments = SMALL[kind]
    torch.manual_seed(5)
    connection = kind(Input(shape=source), LIFNodes(shape=target), *arguments, norm=2.0)
    assert connection.w.flatten()[:3].tolist() == pytest.approx([0.830252, 0.126111, 0.90747], abs=1e-6)
    connection.w = torch.nn.Parameter(ramp(*connection.w.shape), requires_grad=False)
    drive = connection.compute(pattern(*source))
    assert drive.shape == (1, *target)
    assert drive.flatten().tolist() == pytest.approx(DRIVES[kind], abs=1e-6)
    connection.normalize()
    assert connection.w.flatten()[:4].tolist() == pytest.approx(NORMALIZED[len(source) - 1], abs=1e-5)


def test_the_matrix_of_a_local_connection_drives_and_is_normalised_as_bindsnets():
    connection = LocalConnection(Input(shape=[1, 4, 4]), LIFNodes(8), 3, 1, 2, norm=2.0, w=ramp(16, 8))
    assert connection.compute(pattern(1, 4, 4))[0].tolist() == pytest.approx(MATRIX_DRIVES)
    connection.normalize()
    assert connection.w[5].tolist() == pytest.approx(MATRIX_ROW, abs=1e-5)
    assert connection.w[0].tolist() == pytest.approx(MATRIX_FIRST_ROW, abs=1e-5)  # seen by the first position alone


@pytest.mark.parametrize(
    ("kind", "source", "size", "stride", "convolve"),
    [
        (LocalConnection1D, [3, 9], (3,), (2,), conv1d),
        (LocalConnection2D, [2, 6, 5], (3, 2), (1, 2), conv2d),
        (LocalConnection3D, [2, 4, 5, 3], (2, 2, 3), (1, 2, 1), conv3d),
    ],
)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_with_the_same_weights_everywhere_it_is_a_convolution(kind, source, size, stride, convolve, batch_size):
    kernels = torch.rand(4, source[0], *size, generator=generator(1))
    target = convolve(torch.zeros(1, *source), kernels, stride=stride).shape[1:]
    layers = populations(source, target, batch_size)
    n_positions = math.prod(target[1:])
    w = kernels.flatten(2).transpose(0, 1).repeat_interleave(n_positions, 1)
    connection = kind(*layers, size, stride, 4, w=w, b=0.5)
    fire(layers, generator(2))
    s = layers[0].s
    expected = convolve(s.float(), kernels, stride=stride) + 0.5
    assert torch.allclose(connection.compute(s), expected, atol=1e-6)
    assert not connection.shares_weights
    dense = Connection(*layers, w=connection.dense(), b=0.5)
    assert torch.equal(connection.compute(s), torch.cat([dense.compute(sample[None]) for sample in s]))


@pytest.mark.parametrize("batch_size", [1, 3])
def test_it_learns_as_the_dense_connection_with_its_synapses_does(batch_size):
    layers = populations([2, 5, 4], [3, 2, 3], batch_size)
    learning = {"update_rule": PostPre, "nu": (0.05, 0.1), "wmin": 0.0, "wmax": 1.0}
    connection = LocalConnection2D(*layers, (3, 2), (2, 1), 3, w=torch.rand(2, 18, 6, generator=generator(3)), **learning)
    mask = connection.dense() == 0
    dense, some, before = Connection(*layers, w=connection.dense(), **learning), generator(4), connection.w.clone()
    for _ in range(5):
        fire(layers, some)
        connection.update(learning=True)
        dense.update(learning=True, mask=mask)
        assert torch.equal(connection.dense(), dense.w)
    assert (connection.w != before).float().mean() > 0.9


def test_a_file_holds_it(tmp_path):
    network = Network()
    network.add_layer(Input(shape=[2, 7], traces=True), "X")
    network.add_layer(LIFNodes(shape=[2, 3], traces=True), "Y")
    learning = {"update_rule": PostPre, "nu": 0.1, "wmax": 0.9, "norm": 2.0, "b": 0.25}
    network.add_connection(LocalConnection1D(*network.layers.values(), 3, 2, 2, **learning), "X", "Y")
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    one, other = (each.connections["X", "Y"] for each in (network, loaded))
    assert (other.kernel_size, other.stride, other.n_filters, other.norm, other.wmax) == ((3,), (2,), 2, 2.0, 0.9)
    assert torch.equal(one.w, other.w)
    assert torch.equal(one.b, other.b)


def local(source, target, *arguments, kind=LocalConnection2D, **kwargs):
    return kind(Input(shape=source), LIFNodes(shape=target), *arguments, **kwargs)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: local([2, 4, 4], [3, 3, 3], 2, 1, 2), r"the target has 2 filters · 3 · 3 positions = 18 neurons, got 27"),
        (lambda: local([16], [2, 3, 3], 2, 1, 2), r"the source has the shape \[n_channels, rows, columns\], got \[16\]"),
        (lambda: local([1, 9], [2, 3], (3, 3), 2, 2, kind=LocalConnection1D), r"kernel_size is a whole number or one in a tuple"),
        (
            lambda: local([1, 4, 4], [2, 3, 3], 5, 1, 2),
            r"a field of \(5, 5\) inputs, dilation \(1, 1\), fits not once into \(4, 4\)",
        ),
        (lambda: local([1, 4, 4], [18], 2, 1, 2, w=torch.ones(18, 4)), r"weights have the shape \[1, 18, 4\] and are float32"),
        (lambda: local([1, 4, 4], [18], 2, 1, 0), "n_filters is a whole number from 1 on, got 0"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(make, complaint):
    with pytest.raises(NetworkError, match=complaint) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_positions_and_what_they_see_are_told_as_bindsnet_tells_them():
    matrix = LocalConnection(Input(36), LIFNodes(18), kernel_size=2, stride=2, n_filters=2)
    assert matrix.conv_size == (3, 3)
    assert matrix.locations[:, :4].tolist() == [[0, 2, 4, 12], [1, 3, 5, 13], [6, 8, 10, 18], [7, 9, 11, 19]]  # of 0.3.4
    channels = LocalConnection2D(Input(shape=[2, 6, 4]), LIFNodes(12), 2, 2, 2)
    assert (channels.in_channels, channels.conv_size) == (2, (3, 2))
