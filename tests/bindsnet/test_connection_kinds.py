"""Masked, local and sparse connections against dense ones, and all kinds that store weights in files and copies."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch
from populations import fire, generator, populations
from torch.nn.functional import conv2d

from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, PostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import (
    AbstractConnection,
    Connection,
    Conv2dConnection,
    LocalConnection,
    MaskedConnection,
    SparseConnection,
)


@pytest.fixture(autouse=True)
def seeded():
    """Weights that are drawn are the same each time."""
    torch.manual_seed(0)


FIELDS = {"kernel_size": (3, 2), "stride": (1, 2), "n_filters": 2}  # on 5 × 4 inputs: 3 × 2 positions


def mask_of_fields() -> torch.Tensor:
    """Which of 5 × 4 inputs each of 2 filters sees at each of 3 × 2 positions, by loops."""
    mask = torch.zeros(20, 12, dtype=torch.bool)
    for filter_, y, x, row, column in itertools.product(range(2), range(3), range(2), range(3), range(2)):
        mask[(y + row) * 4 + 2 * x + column, filter_ * 6 + y * 2 + x] = True
    return mask


def random_mask() -> torch.Tensor:
    mask = torch.rand(20, 12, generator=generator(6)) < 0.4
    mask[3], mask[:, 5], mask[4], mask[7, ::2] = False, False, True, True  # a silent source, a target without any, a full row
    return mask


def masked(layers, w, **kwargs):
    return MaskedConnection(*layers, random_mask(), w=w, **kwargs)


def local(layers, w, **kwargs):
    return LocalConnection(*layers, **FIELDS, w=w, input_shape=(5, 4), **kwargs)


def sparse(layers, w, **kwargs):
    indices = random_mask().nonzero().T
    return SparseConnection(*layers, w=w[tuple(indices)], indices=indices, **kwargs)


MASKS = {masked: random_mask(), local: mask_of_fields(), sparse: random_mask()}
KINDS = pytest.mark.parametrize(("kind", "mask"), list(MASKS.items()), ids=[kind.__name__ for kind in MASKS])


def both(kind: Callable, mask, batch_size=1, low=0.0, **kwargs) -> tuple[AbstractConnection, Connection]:
    """A connection and the dense one with its weights, between the same populations."""
    w = low + (1.0 - low) * torch.rand(20, 12, generator=generator(7))
    layers = populations([20], [12], batch_size)
    return kind(layers, w, **kwargs), Connection(*layers, w=torch.where(mask, w, 0.0), **kwargs)


@KINDS
def test_its_synapses_are_those_of_the_mask(kind, mask):
    connection, dense = both(kind, mask)
    assert connection.n_synapses == mask.sum()
    assert not connection.shares_weights
    assert torch.equal(connection.dense(), dense.w)
    found = connection.runs.from_sources(np.arange(20))
    assert [found.sources.tolist(), found.targets.tolist()] == mask.nonzero().T.tolist()


@KINDS
@pytest.mark.parametrize("batch_size", [1, 3])
def test_its_drive_is_that_of_the_dense_connection(kind, mask, batch_size):
    connection, dense = both(kind, mask, batch_size, low=-1.0, b=torch.arange(12.0))
    connection.weight_factor = dense.weight_factor = 0.7
    for seed in range(10):
        fire([connection.source], generator(seed))
        s = connection.source.s
        assert torch.equal(connection.compute(s), torch.cat([dense.compute(sample[None]) for sample in s]))
    assert connection.drives_without_spikes
    assert not both(kind, mask)[0].drives_without_spikes


@KINDS
@pytest.mark.parametrize("rule", [PostPre, DiehlAndCook])
@pytest.mark.parametrize(("batch_size", "reduction"), [(1, None), (3, None), (3, torch.mean)])
def test_it_learns_as_the_dense_connection_does_where_there_are_synapses(kind, mask, rule, batch_size, reduction):
    arguments = {"update_rule": rule, "nu": (0.05, 0.1), "reduction": reduction, "weight_decay": 0.01, "wmin": 0.0, "wmax": 1.0}
    connection, dense = both(kind, mask, batch_size, **arguments)
    some, before = generator(8), connection.dense()
    for _ in range(10):
        fire([connection.source, connection.target], some)
        connection.update(learning=True)
        dense.update(learning=True, mask=~mask)
        assert torch.equal(connection.dense(), dense.w)
    assert (connection.dense() != before).sum() > 0.9 * mask.sum()
    assert ((connection.dense() > 0) & (connection.dense() < 1)).sum() > 10


@KINDS
def test_its_weights_into_each_target_are_normalised_as_the_dense_ones(kind, mask):
    connection, dense = both(kind, mask, low=-1.0, norm=2.0)
    dense.norm = 12.0 if kind is local else 2.0  # of each of the 3 × 2 inputs of a field, as BindsNET has it
    for each in (connection, dense):
        each.normalize()
    assert torch.equal(connection.dense(), dense.w)
    assert torch.allclose(dense.w.abs().sum(0), torch.where(mask.any(0), dense.norm, 0.0))


def network_of(connection: AbstractConnection) -> Network:
    network = Network()
    for name, layer in (("X", connection.source), ("Y", connection.target)):
        network.add_layer(layer, name)
    network.add_connection(connection, "X", "Y")
    return network


@KINDS
@pytest.mark.parametrize("rule", [PostPre, DiehlAndCook])
@pytest.mark.parametrize("each_delay", [False, True])
def test_a_network_with_it_runs_as_one_with_a_masked_dense_connection(kind, mask, rule, each_delay):
    arguments = {"update_rule": rule, "nu": (0.01, 0.1), "wmin": 0.0, "wmax": 9.0, "norm": 6.0}
    w, delays = torch.rand(20, 12, generator=generator(9)), 1 + torch.arange(240).view(20, 12) % 4
    answers = []
    for make in (kind, lambda layers, w, **kwargs: Connection(*layers, w=torch.where(mask, w, 0.0), **kwargs)):
        delay = 3 if not each_delay else delays[mask] if make is sparse else delays
        connection = make((Input(20, traces=True), LIFNodes(12, traces=True, thresh=-60.0)), w, delay=delay, **arguments)
        connection.norm /= connection.weights_per_norm
        network = network_of(connection)
        masks = {} if make is kind else {("X", "Y"): ~mask}
        spikes = torch.rand(60, 20, generator=generator(10)) < 0.2
        n_spikes = torch.zeros(12)
        for window in spikes.split(20):
            network.run({"X": window}, time=20, masks=masks, seed=0)
            n_spikes += network.layers["Y"].s.sum(0)
        answers.append((connection.dense(), network.layers["Y"].v.clone(), n_spikes))
    assert all(torch.equal(a, b) for a, b in zip(*answers, strict=True))
    assert not torch.equal(answers[0][0][mask], w[mask])


@KINDS
def test_a_batch_runs_and_learns(kind, mask):
    connection, _ = both(kind, mask, update_rule=PostPre, nu=(0.01, 0.1), wmax=1.0)
    connection.target.thresh.fill_(-64.0)
    network, before = network_of(connection), connection.dense()
    spikes = torch.rand(20, 4, 20, generator=generator(11)) < 0.2
    network.run({"X": spikes}, time=20)
    assert network.layers["Y"].s.shape == (4, 12)
    assert (connection.dense() > before).any()
    assert not connection.dense()[~mask].any()


def test_a_local_connection_with_the_weights_of_a_convolution_has_its_drive():
    kernels, layers = torch.rand(3, 1, 3, 2), populations([1, 7, 6], [3, 3, 3])
    convolved = Conv2dConnection(*layers, (3, 2), 2, w=kernels)
    connection = LocalConnection(*layers, (3, 2), 2, 3, w=convolved.dense())
    fire(layers, generator(12))
    assert connection.input_shape == (7, 6)
    assert torch.equal(connection.dense(), convolved.dense())
    assert torch.allclose(connection.compute(layers[0].s), conv2d(layers[0].s.float(), kernels, stride=2), atol=1e-6)


@pytest.mark.parametrize(("shape", "expected"), [([16], (4, 4)), ([2, 8], (2, 8)), ([1, 8, 2], (8, 2))])
def test_the_plane_of_a_local_connection_is_its_sources_or_a_square(shape, expected):
    assert LocalConnection(Input(shape=shape), LIFNodes(16), 1, 1, 1).input_shape == expected


def test_weights_outside_a_mask_are_0_also_after_they_were_replaced():
    mask = random_mask()
    connection = MaskedConnection(*populations([20], [12]), mask, wmax=1.0)
    assert torch.equal(connection.w != 0, mask)
    connection.w.data = torch.ones(20, 12)
    connection.check_weights()
    assert torch.equal(connection.w, mask.float())
    connection.w.data = torch.rand(12, 20).T  # which lies otherwise
    connection.check_weights()
    connection.flat_weights.fill_(0.5)
    assert connection.w.eq(0.5).all()


def test_weights_of_a_masked_connection_are_drawn_as_those_of_a_dense_one():
    torch.manual_seed(4)
    expected = Connection(*populations([20], [12]), wmin=-1.0, wmax=2.0).w
    torch.manual_seed(4)
    connection = MaskedConnection(*populations([20], [12]), random_mask(), wmin=-1.0, wmax=2.0)
    assert torch.equal(connection.w, torch.where(random_mask(), expected, 0.0))


@pytest.mark.parametrize("form", [torch.Tensor.to_sparse, lambda w: w, lambda w: w.double().to_sparse(), torch.Tensor.numpy])
def test_a_sparse_connection_takes_a_matrix_in_any_form(form):
    w = torch.where(random_mask(), torch.rand(20, 12), 0.0)
    connection = SparseConnection(*populations([20], [12]), w=form(w))
    assert torch.equal(connection.dense(), w)
    assert connection.w.shape == (random_mask().sum(),)


def test_what_a_sparse_matrix_lists_is_a_synapse_also_where_it_is_0_and_twice_is_once():
    layers = populations([3], [2])
    w = torch.sparse_coo_tensor([[2, 0, 2], [1, 0, 1]], [0.25, 0.0, 0.5], (3, 2), check_invariants=True)
    connection = SparseConnection(*layers, w=w, update_rule=PostPre, nu=(0.0, 0.5))
    assert (connection.indices.tolist(), connection.w.tolist()) == ([[0, 2], [0, 1]], [0.0, 0.75])
    layers[0].x[:], layers[1].s[:] = 1.0, True
    connection.update(learning=True)
    assert connection.dense().tolist() == [[0.5, 0.0], [0.0, 0.0], [0.0, 1.25]]


def test_every_set_of_pairs_can_be_drawn_and_the_seed_says_which():
    found = []
    for seed in range(200):
        torch.manual_seed(seed)
        connection = SparseConnection(Input(1), LIFNodes(3), sparsity=0.5)
        found.append(tuple(connection.indices[1].tolist()))
        torch.manual_seed(seed)
        assert torch.equal(SparseConnection(Input(1), LIFNodes(3), sparsity=0.5).dense(), connection.dense())
    assert set(found) == {pairs for k in range(4) for pairs in itertools.combinations(range(3), k)}
    assert all(10 <= found.count(pairs) <= 45 for pairs in set(found))  # 25 on average
    assert all(SparseConnection(Input(3), LIFNodes(2), **given).n_synapses == 6 for given in ({}, {"sparsity": 0}))


def test_the_share_of_pairs_without_a_synapse_is_the_sparsity_all_over_the_matrix():
    torch.manual_seed(5)
    connection = SparseConnection(Input(400), LIFNodes(400), sparsity=0.9, wmin=-1.0, wmax=2.0)
    present = connection.dense() != 0
    for part in (present, present[:100], present[-100:], present[:, :100], present[:, -100:]):
        assert abs(part.float().mean().item() - 0.1) < 5 * (0.09 / part.numel()) ** 0.5
    assert connection.w.min() < -0.9
    assert connection.w.max() > 1.9


def test_a_sparse_connection_of_ten_thousand_million_pairs_keeps_its_synapses_only():
    connection = SparseConnection(Input(100_000), LIFNodes(100_000), sparsity=1 - 1e-6, norm=1.0)
    assert 9_000 < connection.n_synapses < 11_000
    assert sum(part.nbytes for part in connection.state_dict().values()) == 20 * connection.n_synapses
    connection.source.s[0, connection.indices[0]] = True
    drive = connection.compute(connection.source.s)
    assert (drive != 0).sum() == connection.indices[1].unique().numel()


def test_another_mask_and_other_indices_are_loaded_with_their_weights():
    first, second = (populations([20], [12]) for _ in range(2))
    s = torch.ones(1, 20, dtype=torch.bool)
    flipped, indices = random_mask().flip(0), random_mask().flip(1).nonzero().T
    for given, other in (
        (MaskedConnection(*first, flipped), MaskedConnection(*second, random_mask())),
        (SparseConnection(*first, indices=indices), SparseConnection(*second, indices=random_mask().nonzero().T)),
    ):
        other.norm = given.norm = 2.0
        for each in (given, other):
            each.normalize()
        assert not torch.equal(other.compute(s), given.compute(s))
        other.load_state_dict(given.state_dict())
        assert torch.equal(other.dense(), given.dense())
        assert torch.equal(other.compute(s), given.compute(s))
        assert np.array_equal(other.norm_groups, given.norm_groups)


def test_mask_indices_and_weights_that_were_given_stay_the_givers():
    mask, w = random_mask(), torch.rand(20, 12)
    matrix = torch.where(mask, w, 0.0).to_sparse().coalesce()
    given = [mask, w, matrix.indices(), matrix.values()]
    before = [part.clone() for part in given]
    for connection in (
        MaskedConnection(*populations([20], [12]), mask, w=w),
        SparseConnection(*populations([20], [12]), w=matrix),
    ):
        for part in connection.state_dict().values():
            part.zero_()
    assert all(torch.equal(*parts) for parts in zip(given, before, strict=True))


def convolved(layers, w, **kwargs):
    return Conv2dConnection(*layers, (2, 3), stride=(2, 1), padding=(1, 0), dilation=(2, 1), **kwargs)


def drawn(layers, w, **kwargs):
    return SparseConnection(*layers, sparsity=0.5, **kwargs)


def network_with(kind: Callable, rule: type) -> Network:
    source, target = ([1, 5, 4], [2, 3, 2]) if kind is convolved else ([20], [12])
    layers = Input(shape=source, traces=True), LIFNodes(shape=target, traces=True, thresh=-62.0)
    arguments = {"update_rule": rule, "nu": (0.01, 0.1), "reduction": torch.mean, "weight_decay": 1e-3}
    arguments |= {"wmin": -0.5, "wmax": 1.5, "norm": 5.0, "delay": 2, "b": 0.125}
    return network_of(kind(layers, torch.rand(20, 12, generator=generator(13)), **arguments))


def run_on(network: Network, seed: int) -> None:
    spikes = torch.rand(30, *network.layers["X"].shape, generator=generator(seed)) < 0.3
    network.run({"X": spikes}, time=30, seed=0)


@pytest.mark.parametrize("kind", [convolved, masked, local, sparse, drawn])
@pytest.mark.parametrize("rule", [PostPre, DiehlAndCook])
def test_loaded_and_cloned_networks_go_on_bit_for_bit(kind, rule, tmp_path):
    network = network_with(kind, rule)
    run_on(network, seed=1)
    network.save(tmp_path / "network.pt")
    others = [load(tmp_path / "network.pt"), network.clone()]
    before = network.connections["X", "Y"].w.clone()
    run_on(network, seed=2)
    assert not torch.equal(network.connections["X", "Y"].w, before)
    for other in others:
        assert torch.equal(other.connections["X", "Y"].w, before)  # a copy of its own
        run_on(other, seed=2)
        states = network.state_dict(), other.state_dict()
        assert states[0].keys() == states[1].keys()
        assert all(torch.equal(a, b) for a, b in zip(*(state.values() for state in states), strict=True))
        one, another = network.connections["X", "Y"], other.connections["X", "Y"]
        assert torch.equal(one.dense(), another.dense())
        assert (one.norm, one.wmin, one.wmax, one.delay) == (another.norm, another.wmin, another.wmax, another.delay)
        assert another.update_rule.reduction is torch.mean


@pytest.mark.parametrize("kind", [convolved, masked, local, sparse])
def test_what_does_not_learn_is_saved_too(kind, tmp_path):
    layers = (Input(shape=[1, 5, 4]), LIFNodes(shape=[2, 3, 2])) if kind is convolved else (Input(20), LIFNodes(12))
    connection = kind(layers, torch.rand(20, 12))
    network_of(connection).save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt").connections["X", "Y"]
    assert type(loaded) is type(connection)
    assert torch.equal(loaded.dense(), connection.dense())


def on_plane(n_source, n_target, kernel_size=3, stride=1, n_filters=2, **kwargs):
    return LocalConnection(Input(n_source), LIFNodes(n_target), kernel_size, stride, n_filters, **kwargs)


def with_mask(mask, **kwargs):
    return MaskedConnection(Input(4), LIFNodes(3), mask, **kwargs)


def of_pairs(**kwargs):
    return SparseConnection(Input(4), LIFNodes(3), **kwargs)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: on_plane(24, 18), r"an input_shape \(rows, columns\) of 24 source neurons is needed, got \(4, 4\)"),
        (lambda: on_plane(25, 18, input_shape=(5, 4)), "input_shape .* of 25 source neurons"),
        (lambda: on_plane(25, 17), "the target has 2 filters · 3 · 3 positions = 18 neurons, got 17"),
        (lambda: on_plane(25, 18, n_filters=0), "n_filters is a whole number from 1 on"),
        (lambda: on_plane(25, 18, wmin=0.1), "LocalConnection: 0, the weight without a synapse, is not between wmin 0.1"),
        (lambda: with_mask(torch.ones(4, 3)), r"a mask is bool of shape \[4, 3\], got torch.float32"),
        (lambda: with_mask(torch.ones(3, 4) > 0), r"a mask is bool of shape \[4, 3\], got torch.bool, \[3, 4\]"),
        (lambda: with_mask(torch.ones(4, 3) > 0, w=torch.ones(12)), r"weights have the shape \[4, 3\] and are float32"),
        (lambda: of_pairs(w=torch.eye(4, 3), sparsity=0.5), "takes w or sparsity, one of them"),
        (lambda: of_pairs(sparsity=1), "sparsity is a share of pairs from 0 to below 1, got 1"),
        (lambda: of_pairs(sparsity="0.5"), "sparsity is a share of pairs from 0 to below 1, got '0.5'"),
        (lambda: of_pairs(w=torch.ones(3, 4)), r"are a matrix \[4, 3\], got \[3, 4\]"),
        (lambda: of_pairs(w="much"), r"takes n indices within \[4, 3\] and n weights: "),
        (lambda: of_pairs(indices=[[0, 4], [0, 0]]), r"takes n indices within \[4, 3\] .* found index 4"),
        (lambda: of_pairs(indices=[[0, 1], [0, -1]]), r"takes n indices within \[4, 3\] .* negative index"),
        (lambda: of_pairs(indices=[[0, 1], [0, 1]], w=torch.ones(3)), r"takes n indices within \[4, 3\] and n weights: "),
        (lambda: of_pairs(indices=[0, 1]), r"takes n indices within \[4, 3\] and n weights: "),
        (lambda: of_pairs(indices=torch.rand(2, 2)), "indices are whole numbers, not torch.float32"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(make, complaint):
    with pytest.raises(NetworkError, match=complaint) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_a_bound_that_excludes_0_is_refused_by_a_mask_and_changes_nothing():
    connection = with_mask(torch.eye(4, 3) > 0, wmin=-1.0, wmax=1.0)
    with pytest.raises(NetworkError, match=r"0, the weight without a synapse, is not between wmin 0\.5 and wmax 1\.0"):
        connection.wmin = 0.5
    assert (connection.wmin, connection.wmax) == (-1.0, 1.0)
    assert connection.w[~connection.mask].eq(0).all()


def test_learning_rates_of_each_weight_are_saved(tmp_path):
    network = Network()
    for name, layer in (("X", Input(3, traces=True)), ("Y", LIFNodes(2, traces=True))):
        network.add_layer(layer, name)
    connection = Connection(network.layers["X"], network.layers["Y"], update_rule=PostPre, nu=(0.5, 0.25))
    network.add_connection(connection, "X", "Y")
    rates = torch.rand(3, 2)
    connection.update_rule.declare(nu_post=rates)
    network.save(tmp_path / "network.pt")
    rule = load(tmp_path / "network.pt").connections["X", "Y"].update_rule
    assert torch.equal(rule.parameters["nu_post"], rates)
    assert rule.nu.tolist() == [0.5, 0.25]
