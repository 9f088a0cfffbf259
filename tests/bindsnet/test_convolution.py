"""Convolutional connections against torch's convolution, dense connections and plain loops."""

from __future__ import annotations

import copy
import io
import itertools
import pickle

import numpy as np
import pytest
import torch
from populations import fire, generator, populations
from torch.nn.functional import conv1d, conv2d, conv3d

from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, PostPre
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection, Conv1dConnection, Conv2dConnection, Conv3dConnection, synapses
from bindsnet.numbers.ops import pow

X_TAR, MU = 0.4, 0.2


@pytest.fixture(autouse=True)
def seeded():
    """Weights that are drawn are the same each time."""
    torch.manual_seed(0)


SHAPES = [  # channels, rows, columns, maps, kernel_size, stride, padding, dilation
    (1, 5, 5, 1, 3, 1, 0, 1),
    (2, 6, 7, 3, (3, 2), 1, 0, 1),
    (2, 7, 6, 4, 3, 2, 1, 1),
    (3, 8, 9, 2, (2, 3), (2, 3), (0, 2), 1),
    (1, 9, 8, 2, 3, 1, 2, 2),
    (2, 9, 10, 3, (3, 2), (3, 2), (2, 1), (2, 3)),
    (2, 5, 4, 5, 1, 2, 0, 1),
    (1, 3, 4, 2, (3, 4), 1, 0, 1),
]


def convolution(channels, rows, columns, maps, kernel_size, stride, padding, dilation, batch_size=1, **kwargs):
    geometry = {"stride": stride, "padding": padding, "dilation": dilation}
    kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    shape = conv2d(torch.zeros(1, channels, rows, columns), torch.zeros(maps, channels, *kernel), **geometry).shape[1:]
    layers = populations([channels, rows, columns], shape, batch_size)
    return Conv2dConnection(*layers, kernel_size, **geometry, **kwargs)


def drive_by_torch(connection, s):
    geometry = {name: getattr(connection, name) for name in ("stride", "padding", "dilation")}
    return conv2d(s.float(), connection.w, **geometry)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_drive_of_a_convolution_is_torchs(shape, batch_size):
    connection = convolution(*shape, batch_size=batch_size, wmin=-1.0, wmax=1.0)
    for _ in range(5):
        fire([connection.source, connection.target], generator(1))
        drive = connection.compute(connection.source.s)
        assert drive.shape == connection.target.s.shape
        assert torch.allclose(drive, drive_by_torch(connection, connection.source.s), atol=1e-5)
        assert drive.any()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_convolution_has_the_bits_of_the_dense_connection_with_its_weights_also_where_it_is_scaled_and_has_a_bias(shape):
    bias = torch.arange(1.0, shape[3] + 1.0)
    connection = convolution(*shape, b=bias)
    n_positions = connection.target.n // shape[3]
    dense = Connection(connection.source, connection.target, w=connection.dense(), b=bias.repeat_interleave(n_positions))
    connection.weight_factor = dense.weight_factor = 1.3
    for seed in range(5):
        fire([connection.source], generator(seed))
        s = connection.source.s
        assert torch.equal(connection.compute(s), dense.compute(s))


@pytest.mark.parametrize("at_a_time", [synapses.AT_A_TIME, 1])
def test_samples_drive_as_each_would_alone_bit_for_bit_in_whatever_parts_a_batch_is_taken(monkeypatch, at_a_time):
    monkeypatch.setattr(synapses, "AT_A_TIME", at_a_time)
    connection = convolution(*SHAPES[2], batch_size=5, wmin=-1.0, wmax=1.0)
    s = torch.rand(5, *connection.source.shape, generator=generator(4)) < 0.4
    s[3] = False
    assert torch.equal(connection.compute(s), torch.cat([connection.compute(alone) for alone in s.split(1)]))


@pytest.mark.parametrize(
    ("kind", "convolve", "source", "size", "stride", "padding", "dilation"),
    [
        (Conv1dConnection, conv1d, [3, 11], (3,), 2, 1, 2),
        (Conv3dConnection, conv3d, [2, 5, 4, 6], (2, 3, 2), (2, 1, 3), (1, 0, 1), (1, 1, 2)),
    ],
)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_drive_on_a_line_and_in_space_is_torchs(kind, convolve, source, size, stride, padding, dilation, batch_size):
    w, geometry = torch.rand(4, source[0], *size) - 0.3, {"stride": stride, "padding": padding, "dilation": dilation}
    target = convolve(torch.zeros(1, *source), w, **geometry).shape[1:]
    connection = kind(*populations(source, target, batch_size), size, **geometry, w=w, b=torch.arange(4.0))
    fire([connection.source], generator(1))
    s = connection.source.s
    assert torch.allclose(connection.compute(s), convolve(s.float(), w, torch.arange(4.0), **geometry), atol=1e-5)


@pytest.mark.parametrize("rule", [PostPre, DiehlAndCook])
def test_convolutions_on_a_line_and_in_space_learn_as_those_on_a_plane_with_an_axis_more_or_less(rule):
    learning = {"update_rule": rule, "nu": (0.1, 0.2), "wmin": -0.25, "wmax": 2.5, "norm": 2.0}
    w = torch.rand(3, 2, 3)
    line = Conv1dConnection(*populations([2, 9], [3, 4]), 3, 2, w=w, **learning)
    plane = Conv2dConnection(*populations([2, 1, 9], [3, 1, 4]), (1, 3), 2, w=w.unsqueeze(2), **learning)
    space = Conv3dConnection(*populations([2, 1, 9, 1], [3, 1, 4, 1]), (1, 3, 1), 2, w=w.view(3, 2, 1, 3, 1), **learning)
    for step in range(4):
        for each in (line, plane, space):
            fire([each.source, each.target], generator(step))
            each.update(learning=True)
            each.normalize()
        assert torch.equal(line.w.flatten(), plane.w.flatten())
        assert torch.equal(line.w.flatten(), space.w.flatten())
    assert (line.w != w).all()


def test_a_bias_of_the_maps_drives_in_every_step():
    connection = convolution(*SHAPES[1], b=[1.0, 2.0, 3.0])
    assert connection.drives_without_spikes
    assert not convolution(*SHAPES[1]).drives_without_spikes
    drive = connection.compute(connection.source.s)
    assert [each.unique().tolist() for each in drive[0]] == [[1.0], [2.0], [3.0]]
    assert convolution(*SHAPES[1], b=0.5).b.tolist() == [0.5, 0.5, 0.5]


def changed_by_loops(connection, rule):
    """The weights after a step: changes from those before it, one synapse after the other by target and then by source."""
    w, source, target = (part.numpy().copy() for part in (connection.w, connection.source.s[0], connection.target.s[0]))
    x_pre, x_post = connection.source.x[0].numpy(), connection.target.x[0].numpy()
    nu_pre, nu_post = connection.update_rule.nu.numpy()
    f32, total = np.float32, np.zeros_like(w)
    spots = itertools.product(*(range(n) for n in (*target.shape[1:], len(target))))
    synapses = [
        ((o, y, x), (i, row, column), (o, i, k, m))
        for y, x, o in spots
        for i, row, column in itertools.product(*(range(n) for n in source.shape))
        for k, m in itertools.product(*(range(n) for n in connection.kernel_size))
        if row == y * connection.stride[0] - connection.padding[0] + k * connection.dilation[0]
        and column == x * connection.stride[1] - connection.padding[1] + m * connection.dilation[1]
    ]
    for neuron, unit, weight in synapses:
        if rule is PostPre and source[unit]:
            total[weight] += -nu_pre * x_post[neuron]
    for neuron, unit, weight in synapses:
        if target[neuron] and rule is PostPre:
            total[weight] += nu_post * x_pre[unit]
        if target[neuron] and rule is DiehlAndCook:
            power = pow(np.array(f32(connection.wmax) - w[weight]), np.array(f32(MU)))
            total[weight] += nu_post * (x_pre[unit] - f32(X_TAR)) * power
    return np.clip(w + total, f32(connection.wmin), f32(connection.wmax))


@pytest.mark.parametrize("shape", SHAPES[:-1])
@pytest.mark.parametrize("rule", [PostPre, DiehlAndCook])
def test_a_convolution_learns_as_loops_over_its_synapses_do(shape, rule):
    connection = convolution(*shape, update_rule=rule, nu=(0.1, 0.2), wmin=-0.25, wmax=0.75)
    some, layers, before = generator(2), (connection.source, connection.target), connection.w.clone()
    clipped = False
    for _ in range(6):
        fire(layers, some)
        expected = changed_by_loops(connection, rule)
        connection.update(learning=True)
        assert np.array_equal(connection.w.numpy(), expected)
        clipped |= bool(np.isin(expected, (-0.25, 0.75)).any())
    assert (connection.w != before).all()
    assert clipped


@pytest.mark.parametrize("rule", [PostPre, DiehlAndCook])
def test_a_convolution_of_one_position_shares_no_weights_and_learns_as_the_dense_connection(rule):
    connection = convolution(*SHAPES[-1], update_rule=rule, nu=(0.1, 0.2), wmin=0.0, wmax=1.0)
    layers, some = (connection.source, connection.target), generator(2)
    dense = Connection(*layers, w=connection.dense(), update_rule=rule, nu=(0.1, 0.2), wmin=0.0, wmax=1.0)
    before = dense.w.clone()
    assert not connection.shares_weights
    for _ in range(6):
        fire(layers, some)
        for each in (connection, dense):
            each.update(learning=True)
        assert torch.equal(connection.dense(), dense.w)
    assert (dense.w != before).all()


@pytest.mark.parametrize("rule", [PostPre, DiehlAndCook])
@pytest.mark.parametrize(("reduction", "share"), [(None, 1.0), (torch.mean, 1 / 3)])
def test_samples_of_a_batch_change_a_convolution_as_each_would_alone(rule, reduction, share):
    arguments = {"update_rule": rule, "nu": (0.1, 0.2), "wmin": -9.0, "wmax": 9.0}
    batch = convolution(*SHAPES[2], batch_size=3, reduction=reduction, w=torch.rand(4, 2, 3, 3), **arguments)
    before, total = batch.w.clone(), torch.zeros_like(batch.w)
    fire([batch.source, batch.target], generator(3))
    for sample in range(3):
        alone = convolution(*SHAPES[2], w=before, **arguments)
        for one, all_three in ((alone.source, batch.source), (alone.target, batch.target)):
            one.s[:], one.x[:] = all_three.s[sample], all_three.x[sample]
        alone.update(learning=True)
        total += alone.w - before
    batch.update(learning=True)
    assert torch.allclose(batch.w - before, share * total, atol=1e-5)
    assert total.abs().max() > 0.1


def test_each_kernel_of_a_map_and_a_channel_is_normalised_by_its_absolute_values():
    connection = convolution(*SHAPES[2], norm=2.5, wmin=-1.0, wmax=1.0)
    connection.w[0, 1] = 0.0
    before = connection.w.clone()
    connection.normalize()
    sums = before.abs().sum((2, 3), keepdim=True)
    sums[sums == 0] = 1.0
    assert torch.allclose(connection.w, before * 2.5 / sums)
    expected = torch.full((4, 2), 2.5)
    expected[0, 1] = 0.0
    assert torch.allclose(connection.w.abs().sum((2, 3)), expected)


def test_each_weight_of_a_convolution_may_have_its_own_delay_and_its_own_learning_rate():
    channels, rows, columns, maps, *_ = shape = SHAPES[2]
    kernels = torch.arange(maps * channels * 9).view(maps, channels, 3, 3)
    connection = convolution(*shape, delay=1 + kernels % 3)
    past = torch.rand(4, 1, channels, rows, columns, generator=generator(4)) < 0.3
    expected = sum(
        conv2d(past[delay].float(), torch.where(connection.delay == delay, connection.w, 0.0), stride=2, padding=1)
        for delay in (1, 2, 3)
    )
    assert torch.allclose(connection.delayed(lambda n_steps: past[n_steps]), expected, atol=1e-5)

    connection = convolution(*shape, update_rule=PostPre, nu=(0.0, 0.1), w=torch.zeros(maps, channels, 3, 3))
    connection.update_rule.declare(nu_post=kernels)
    connection.source.x[:], connection.target.s[0, :, 1, 1] = 1.0, True  # a field that is nowhere over the edge
    connection.update(learning=True)
    assert torch.equal(connection.w, kernels.float())


def replaced_data(connection):
    connection.w.data = connection.w.data.contiguous()
    return connection


def replaced_parameter(connection):
    connection.w = torch.nn.Parameter(connection.w.detach().contiguous(), requires_grad=False)
    return connection


def loaded_state(connection, assign=False):
    other = convolution(*SHAPES[2], update_rule=PostPre, nu=(0.0, 0.1))
    state = {name: value.contiguous() for name, value in connection.state_dict().items()}
    other.load_state_dict(state, assign=assign)
    return other


def unpickled_by_torch(connection):
    file = io.BytesIO()
    torch.save(connection, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize(
    "treated",
    [
        lambda connection: connection,
        replaced_data,
        replaced_parameter,
        loaded_state,
        lambda connection: loaded_state(connection, assign=True),
        copy.deepcopy,
        lambda connection: pickle.loads(pickle.dumps(connection)),
        unpickled_by_torch,
        lambda connection: connection.to(torch.float64).to(torch.float32),
    ],
)
def test_what_a_convolution_learns_reaches_its_weights_however_they_came_to_be(treated):
    first = convolution(*SHAPES[2], update_rule=PostPre, nu=(0.0, 0.1))
    before = first.w.clone()
    connection = treated(first)
    w = connection.w
    assert torch.equal(w, before)
    fire([connection.source, connection.target], generator(5))
    expected = changed_by_loops(connection, PostPre)
    connection.update(learning=True)
    assert connection.w is w
    assert np.array_equal(w.numpy(), expected)
    assert not torch.equal(w, before)
    assert connection.flat_weights.data_ptr() == w.data_ptr()
    assert torch.equal(connection.flat_weights.view(2, 3, 3, 4), w.permute(1, 2, 3, 0))
    assert torch.allclose(connection.compute(connection.source.s), drive_by_torch(connection, connection.source.s), atol=1e-5)


@pytest.mark.parametrize("sides", [(1, 1, 1, 1), (1, 2, 3, 3), (3, 1, 1, 2), (2, 2, 1, 1)])
def test_weights_lie_with_the_maps_last_also_where_a_side_is_1(sides):
    maps, channels, *kernel = sides
    connection = convolution(channels, 4, 4, maps, tuple(kernel), 1, 0, 1)
    connection.w.data = torch.rand(sides)
    connection.flat_weights[:] = torch.arange(connection.w.numel())
    assert connection.w.permute(1, 2, 3, 0).flatten().tolist() == list(range(connection.w.numel()))


def test_weights_that_lie_as_they_should_stay_where_they_are():
    connection = convolution(*SHAPES[2])
    place = connection.w.data_ptr()
    connection.check_weights()
    assert connection.flat_weights.data_ptr() == connection.w.data_ptr() == place


def test_a_convolution_tells_how_many_channels_come_in_and_go_out():
    connection = convolution(*SHAPES[2])
    assert (connection.out_channels, connection.in_channels, *connection.kernel_size) == tuple(connection.w.shape)


def test_seeded_kernels_are_one_even_draw_in_bindsnets_shape_between_the_bounds_if_there_are_both():
    torch.manual_seed(3)
    drawn = torch.rand(4, 2, 3, 3)
    after = torch.rand(1)
    for bounds, expected in (({}, drawn), ({"wmin": -0.5, "wmax": 1.5}, 2.0 * drawn - 0.5), ({"wmin": 0.2}, drawn.clamp(0.2))):
        torch.manual_seed(3)
        assert torch.equal(convolution(*SHAPES[2], **bounds).w, expected)
        assert torch.equal(torch.rand(1), after)


def bytes_of(kept) -> int:
    return sum(map(bytes_of, kept)) if isinstance(kept, tuple) else getattr(kept, "nbytes", 0)


@pytest.mark.parametrize(("stride", "side", "megabytes"), [(2, 15, 0.7), (1, 30, 2.7)])
def test_what_64_maps_keep_of_their_synapses_is_small(stride, side, megabytes):
    connection = Conv2dConnection(Input(shape=[2, 34, 34]), LIFNodes(shape=[64, side, side]), 5, stride)
    runs = connection.runs
    assert sum(map(bytes_of, vars(runs).values())) < megabytes * 1e6
    assert runs.shared
    assert runs.n_synapses == connection.n_synapses
    assert len(runs.incoming.sources) == len(runs.targets) == len(runs.sources)
    kept = (*vars(runs).values(), connection.order_of_targets, connection.places_of_targets, connection.norm_groups)
    assert {"incoming", "sources", "firsts"} <= vars(runs).keys()
    assert sum(map(bytes_of, kept)) < 2 * megabytes * 1e6 < 10e6


def conv(source, target, kernel_size=3, kind=Conv2dConnection, **kwargs):
    return kind(Input(shape=source), LIFNodes(shape=target), kernel_size, **kwargs)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: conv([1, 5, 5], [2, 4, 4]), r"the target has the shape \[n_maps, 3, 3\], got \[2, 4, 4\]"),
        (lambda: conv([1, 6, 5], [18]), r"the target has the shape \[n_maps, 4, 3\], got \[18\]"),
        (lambda: conv([25], [2, 3, 3]), r"the source has the shape \[n_channels, rows, columns\], got \[25\]"),
        (lambda: conv([1, 5, 5], [2, 3, 3], 6), r"a field of \(6, 6\) inputs, dilation \(1, 1\), fits not once into \(5, 5\)"),
        (lambda: conv([1, 5, 5], [2, 3, 3], dilation=3), r"dilation \(3, 3\), fits not once"),
        (lambda: conv([1, 5, 5], [2, 3, 3], (3, 3, 3)), r"kernel_size is a whole number or a pair of them"),
        (lambda: conv([2, 9], [2, 7], (3, 3), kind=Conv1dConnection), r"kernel_size is a whole number or one in a tuple"),
        (lambda: conv([9], [2, 7], kind=Conv1dConnection), r"the source has the shape \[n_channels, columns\], got \[9\]"),
        (lambda: conv([1, 4, 4, 4], [2, 3, 3, 3], kind=Conv3dConnection), r"the target has the shape \[n_maps, 2, 2, 2\], got"),
        (lambda: conv([1, 5, 5], [2, 3, 3], 2.5), r"kernel_size is a whole number from 1 on, got 2\.5"),
        (lambda: conv([1, 5, 5], [2, 3, 3], "33"), "kernel_size is a whole number from 1 on, got '33'"),
        (lambda: conv([1, 5, 5], [2, 3, 3], stride=(1, 0)), "stride is a whole number from 1 on, got 0"),
        (lambda: conv([1, 5, 5], [2, 3, 3], padding=-1), "padding is a whole number from 0 on, got -1"),
        (
            lambda: conv([1, 5, 5], [2, 3, 3], w=torch.zeros(2, 3, 3, 1)),
            r"weights have the shape \[2, 1, 3, 3\] and are ",
        ),
        (lambda: conv([1, 5, 5], [2, 3, 3], b=torch.zeros(18)), r"a bias is float32 of shape \[2\], got \[18\]"),
        (lambda: conv([1, 5, 5], [2, 3, 3], kernels=3), "takes no argument 'kernels'"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(make, complaint):
    with pytest.raises(NetworkError, match=complaint) as refused:
        make()
    assert "\n" not in str(refused.value)
