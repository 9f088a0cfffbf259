"""Bounds and norms of each weight or target, and weights of other types than float32."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from populations import fire, generator, populations

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, MCC_learning, PostPre, WeightDependentPostPre
from bindsnet.network import Network, load
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import (
    AbstractConnection,
    Connection,
    Conv1dConnection,
    LocalConnection,
    LocalConnection1D,
    MaskedConnection,
    MeanFieldConnection,
    MulticompartmentConnection,
    OneToOneConnection,
    SparseConnection,
)
from bindsnet.network.topology_features import Weight

HIGH = torch.linspace(0.0, 1.0, 12).view(4, 3)


def dense(layers=None, **kwargs):
    return Connection(*(layers or populations([4], [3])), **kwargs)


def test_weights_are_drawn_between_and_brought_within_bounds_of_their_own_as_in_bindsnet():
    torch.manual_seed(3)
    drawn = torch.rand(4, 3)
    for bounds, expected in (
        ({"wmin": torch.zeros(4, 3), "wmax": HIGH}, drawn * HIGH),
        ({"wmax": HIGH[3]}, drawn.minimum(HIGH[3])),
        ({"wmin": 0.5, "wmax": 1.0 + HIGH}, 0.5 + drawn * (0.5 + HIGH)),
    ):
        torch.manual_seed(3)
        assert torch.allclose(dense(**bounds).w, expected)
    connection = dense(w=torch.linspace(-1.0, 2.0, 12).view(4, 3), wmin=0.0, wmax=HIGH)
    assert torch.equal(connection.w, torch.linspace(-1.0, 2.0, 12).view(4, 3).clamp(min=0.0).minimum(HIGH))
    connection.wmin = HIGH
    assert torch.equal(connection.w, HIGH)
    connection.set_bounds(-1.0, torch.tensor(0.5))
    assert (connection.wmin, connection.wmax) == (-1.0, 0.5)


@pytest.mark.parametrize("rule", [PostPre, DiehlAndCook, WeightDependentPostPre])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_rule_heeds_the_bounds_of_each_weight(rule, batch_size):
    """Bounds that are tensors of one value change as a number does; others hold each weight."""
    learning = {"update_rule": rule, "nu": (0.2, 0.3), "w": 0.5 * torch.ones(4, 3)}
    layers, some = populations([4], [3], batch_size), generator(1)
    one = dense(layers, wmin=0.1, wmax=0.9, **learning)
    each = dense(layers, wmin=torch.full((4, 3), 0.1), wmax=torch.full((4, 3), 0.9), **learning)
    high, reached = 0.5 + 0.1 * HIGH, torch.zeros(4, 3, dtype=torch.bool)
    own = dense(layers, wmin=-0.5, wmax=high, **learning)
    for _ in range(12):
        fire(layers, some)
        for connection in (one, each, own):
            connection.update(learning=True)
        assert torch.equal(one.w, each.w)
        assert (own.w <= high).all()
        reached |= own.w == high
    assert reached[1:].sum() > 4 or rule is WeightDependentPostPre  # which slows before its bounds


def test_bounds_of_each_shared_weight_hold_their_sums():
    learning = {"update_rule": PostPre, "nu": (0.0, 1.0), "w": torch.zeros(2, 1, 3), "wmax": 0.1 * torch.arange(6).view(2, 1, 3)}
    connection = Conv1dConnection(*populations([1, 8], [2, 6]), 3, **learning)
    connection.source.x[:], connection.target.s[:] = 1.0, True
    connection.update(learning=True)
    assert torch.allclose(connection.w, connection.wmax)


@pytest.mark.parametrize(
    ("make", "weights"),
    [
        (dense, [3]),
        (lambda **k: Conv1dConnection(*populations([2, 5], [3, 3]), 3, **k), [3, 2]),
        (lambda **k: LocalConnection1D(*populations([2, 5], [2, 3]), 3, 1, 2, **k), [2, 6]),
        (lambda **k: SparseConnection(*populations([4], [3]), indices=torch.ones(4, 3).nonzero().T, **k), [3]),
    ],
)
def test_the_norm_may_be_one_for_each_group_of_weights(make, weights):
    norm = torch.arange(1.0, np.prod(weights) + 1).view(weights)
    connection = make(norm=norm)
    connection.normalize()
    groups = np.bincount(connection.norm_groups, connection.flat_weights.abs())
    assert groups == pytest.approx(norm.flatten().numpy())
    connection.norm = torch.ones(5)
    with pytest.raises(NetworkError, match=rf"norm is a number, or one for each of {np.prod(weights)}; got 5"):
        connection.normalize()


FINE = [torch.float64, torch.float16, torch.bfloat16]


@pytest.mark.parametrize("w_dtype", FINE)
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize(
    "make",
    [
        lambda **k: dense(k.pop("layers")([4], [3]), **k),
        lambda **k: Conv1dConnection(*k.pop("layers")([2, 5], [3, 3]), 3, **k),
        lambda **k: LocalConnection1D(*k.pop("layers")([2, 5], [2, 3]), 3, 1, 2, **k),
        lambda **k: LocalConnection(*k.pop("layers")([1, 3, 3], [8]), 2, 1, 2, **k),
        lambda **k: SparseConnection(*k.pop("layers")([4], [3]), **k),
    ],
)
def test_weights_of_another_type_drive_learn_and_are_normalised_as_float32_rounded_each_time(make, batch_size, w_dtype):
    arguments = {"update_rule": PostPre, "nu": (0.02, 0.05), "wmin": 0.0, "wmax": 1.0, "norm": 0.9, "weight_decay": 0.01}
    arguments["layers"] = lambda *shapes: populations(*shapes, batch_size)
    made = []
    for of_type in ({"w_dtype": w_dtype}, {}):
        torch.manual_seed(1)
        np.random.seed(1)  # noqa: NPY002 - local connections draw from it
        made.append(make(**of_type, **arguments))
    connection, plain = made
    assert torch.equal(connection.w, plain.w.to(w_dtype))
    for step in range(4):
        plain.w.copy_(connection.w)
        for each in (connection, plain):
            fire([each.source, each.target], generator(step))
        s = connection.source.s
        assert torch.equal(connection.compute(s), plain.compute(s))
        for each in (connection, plain):
            each.update(learning=True)
        assert connection.w.dtype == w_dtype
        assert torch.equal(connection.w, plain.w.to(w_dtype))
    for each in (connection, plain):
        each.normalize()
    assert torch.allclose(connection.w.float(), plain.w, rtol=1e-2)
    assert connection.dense().dtype == torch.float32


def test_what_did_not_learn_keeps_all_digits():
    connection = dense(w=torch.full((4, 3), 0.1, dtype=torch.float64), w_dtype=torch.float64, update_rule=PostPre, nu=(0.0, 0.1))
    connection.source.x[:], connection.target.s[0, 1] = 1.0, True
    connection.update(learning=True)
    assert connection.w[:, 0].tolist() == [0.1] * 4
    assert connection.w[:, 1].tolist() == pytest.approx([0.2] * 4)


def test_weights_are_cast_as_bindsnet_does_and_other_types_are_refused():
    w = torch.ones(2)
    assert AbstractConnection.cast_dtype_if_needed(w, torch.float32) is w
    assert AbstractConnection.cast_dtype_if_needed(w, torch.float16).dtype == torch.float16
    assert dense(w=torch.ones(4, 3, dtype=torch.float64)).w.dtype == torch.float32
    assert MeanFieldConnection(Input(2), LIFNodes(1), w_dtype=torch.float16).w.dtype == torch.float16
    for wrong in (torch.int8, torch.complex64, "float16", None):
        with pytest.raises(
            NetworkError, match="w_dtype is the type of weights, one of torch's float32, float64, float16, bfloat16"
        ):
            dense(w_dtype=wrong)
    connection = dense(w_dtype=torch.float16)
    connection.w = torch.nn.Parameter(torch.ones(4, 3), requires_grad=False)
    with pytest.raises(NetworkError, match=r"weights have the shape \[4, 3\] and are float16, got \[4, 3\], torch.float32"):
        connection.check_weights()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"w_dtype": torch.bfloat16}, "its weights are torch.bfloat16, the fused engine takes torch.float32"),
        ({"wmax": 1.0 + HIGH}, "each of its weights has bounds of its own"),
    ],
)
def test_the_plain_engine_runs_them_a_file_holds_them_and_the_fused_one_says_why_it_does_not(arguments, reason, tmp_path):
    network = Network()
    network.add_layer(Input(4, traces=True), "X")
    network.add_layer(LIFNodes(3, traces=True, thresh=-64.0), "Y")
    learning = {"update_rule": PostPre, "nu": (0.01, 0.1)}
    network.add_connection(dense(list(network.layers.values()), **learning, **arguments), "X", "Y")
    network.save(tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    trains = SpikeTrains.from_dense(torch.rand(3, 20, 4, generator=generator(2)) < 0.4)
    counts = [each.present(trains, "Y", seed=0).spike_counts for each in (network, loaded)]
    assert torch.equal(*counts)
    assert counts[0].sum() > 0
    one, other = (each.connections["X", "Y"].w for each in (network, loaded))
    assert torch.equal(one, other)
    assert one.dtype == other.dtype == arguments.get("w_dtype", torch.float32)
    with pytest.raises(NetworkError, match=f"connection X_to_Y: {reason}"):
        network.present(trains, "Y", engine="fused")


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: dense(wmin=torch.zeros(2, 2)), r"Connection: wmin is a number, or broadcasts to \[4, 3\]; got \[2, 2\]"),
        (lambda: dense(wmin=torch.zeros(4, 3), wmax=torch.zeros(3, 4)), "a number each, or one for each weight"),
        (lambda: dense(wmin=HIGH, wmax=0.5), "some of wmin is not below wmax"),
        (lambda: OneToOneConnection(Input(3), LIFNodes(3), 1.0, wmax=torch.ones(4)), r"broadcasts to \[3\]; got \[4\]"),
        (
            lambda: MaskedConnection(Input(4), LIFNodes(3), torch.ones(4, 3).bool(), wmin=HIGH, wmax=2.0),
            "0, the weight without a synapse, is not between all bounds",
        ),
        (
            lambda: dense(update_rule=DiehlAndCook, nu=0.1, wmax=torch.tensor([1.0, float("inf"), 1.0])),
            "give the connection a wmax",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(make, complaint):
    with pytest.raises(NetworkError, match=complaint) as refused:
        make()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("batch_size", "engine"), [(1, "plain"), (1, "fused"), (3, "plain")])
def test_weights_that_a_norm_lifts_beyond_their_bounds_come_back_when_a_sample_begins(batch_size, engine):
    torch.manual_seed(0)
    made = Network(batch_size=batch_size)
    x, y = Input(9, traces=True), LIFNodes(5, traces=True, thresh=-60.0)
    made.add_layer(x, "X")
    made.add_layer(y, "Y")
    learns = {"update_rule": PostPre, "nu": (1e-2, 1e-1), "wmin": 0.0, "wmax": 1.0, "norm": 8.0}
    made.add_connection(Connection(x, y, w=torch.rand(9, 5), **learns), "X", "Y")
    draws = torch.Generator().manual_seed(1)
    for _ in range(3):
        made.run({"X": torch.rand(20, batch_size, 9, generator=draws) < 0.08}, time=20, engine=engine)
        made.reset_state_variables()
    w = made.connections["X", "Y"].w
    # BindsNET 0.3.4, where every step that learns bounds all weights
    one, three = [1.045574, 1.062622, 0.4519396, 0.7708801, 1.033849], [0.9761775, 0.9998914, 0.7985697, 0.8558765, 0.9773993]
    assert w[0].tolist() == pytest.approx(one if batch_size == 1 else three, abs=1e-6)
    assert w.max().item() == pytest.approx(1.323544 if batch_size == 1 else 1.096367, abs=1e-6)
    made.train(False)
    made.run({"X": torch.zeros(20, batch_size, 9)}, time=20)
    assert w.max() > 1


def test_values_of_features_come_back_within_their_range_too():
    torch.manual_seed(0)
    networks = []
    for of_feature in (False, True):
        made = Network()
        x, y = Input(9, traces=True), LIFNodes(5, traces=True, thresh=-60.0)
        made.add_layer(x, "X")
        made.add_layer(y, "Y")
        w, learns = torch.linspace(0.0, 1.0, 45).view(9, 5), {"nu": (1e-2, 1e-1), "norm": 8.0}
        weight = Weight("weight", w.clone(), range=[0.0, 1.0], learning_rule=MCC_learning.PostPre, **learns)
        dense_one = partial(Connection, w=w.clone(), wmin=0.0, wmax=1.0, update_rule=PostPre, **learns)
        made.add_connection(MulticompartmentConnection(x, y, "cpu", [weight]) if of_feature else dense_one(x, y), "X", "Y")
        networks.append(made)
    for _ in range(3):
        spikes = torch.rand(20, 1, 9) < 0.08
        for made in networks:
            made.run({"X": spikes}, time=20)
            made.reset_state_variables()
    assert torch.equal(*(made.connections["X", "Y"].w for made in networks))
