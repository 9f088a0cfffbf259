"""Arithmetic, random choices and spike trains: the same bits everywhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.network import Network
from bindsnet.network.nodes import Input
from bindsnet.numbers import ops
from bindsnet.numbers.random import draw_below, threefry
from common.spike_trains import SpikeTrainsError


@pytest.mark.parametrize("mu", [0.2, 0.9, 1.0, 2.0])
def test_pow_is_within_one_unit_in_the_last_place(mu):
    x = torch.rand(20_000, generator=torch.Generator().manual_seed(0))
    exact = x.numpy().astype(np.float64) ** np.float64(np.float32(mu))
    error = np.abs(ops.pow(x, torch.tensor(mu)).numpy() - exact)
    assert (error <= np.spacing(exact.astype(np.float32))).all()


def test_exp_and_log_are_within_one_unit_in_the_last_place():
    x = torch.linspace(-20, 20, 20_001)
    exact = np.exp(x.numpy().astype(np.float64))
    assert (np.abs(ops.exp(x).numpy() - exact) <= np.spacing(exact.astype(np.float32))).all()
    x = torch.linspace(0.01, 9, 20_001)
    exact = np.log(x.numpy().astype(np.float64))
    assert (np.abs(ops.log(x).numpy() - exact) <= np.spacing(np.abs(exact).astype(np.float32))).all()


def test_torch_and_numpy_give_the_same_bits():
    x = torch.rand(5_000, generator=torch.Generator().manual_seed(3)) * 4
    y = torch.tensor(0.2)
    assert np.array_equal(ops.pow(x, y).numpy(), ops.pow(x.numpy(), y.numpy()))
    assert np.array_equal(ops.exp(x).numpy(), ops.exp(x.numpy()))


def test_powers_of_zero():
    zero = torch.zeros(1)
    assert ops.pow(zero, torch.tensor(0.2)).item() == 0.0
    assert ops.pow(zero, torch.tensor(0.0)).item() == 1.0
    assert ops.pow(zero, torch.tensor(-2.0)).item() == np.inf


def test_powers_and_logarithms_of_infinity_and_of_negative_numbers():
    x = torch.tensor([np.inf, -1.0, np.nan])
    nan = np.nan
    for y, expected in ((0.05, [np.inf, nan, nan]), (-0.05, [0.0, nan, nan]), (0.0, [1.0, 1.0, 1.0])):
        assert np.array_equal(ops.pow(x, torch.tensor(y)).numpy(), np.float32(expected), equal_nan=True)
    assert np.array_equal(ops.log(x).numpy(), np.float32([np.inf, nan, nan]), equal_nan=True)
    assert ops.log(torch.zeros(1)).item() == -np.inf


@pytest.mark.parametrize("mu", [-3.0, 0.01, 0.2, 1.0, 7.0])
def test_powers_of_very_small_and_large_numbers_stay_within_one_unit(mu):
    x = np.geomspace(1e-44, 3e38, 20_000).astype(np.float32)
    exact = x.astype(np.float64) ** np.float64(np.float32(mu))
    usual = (exact > 1.2e-38) & (exact < 3.4e38)
    error = np.abs(ops.pow(torch.from_numpy(x), torch.tensor(mu)).double().numpy() - exact)[usual]
    assert usual.sum() > 1000
    assert (error <= np.spacing(exact[usual].astype(np.float32))).all()


def test_threefry_gives_the_published_answers():
    assert threefry(0, 0, 0, 0) == (0x6B200159, 0x99BA4EFE)
    ones = 0xFFFFFFFF
    assert threefry(ones, ones, ones, ones) == (0x1CB996FC, 0xBB002BE7)
    assert threefry(0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3) == (0xC4923A9C, 0x483DF7A0)


def test_draws_are_even():
    draws = [draw_below(3, 1, 2, step, 0) for step in range(9_000)]
    assert (abs(np.bincount(draws, minlength=3) - 3_000) < 200).all()  # over 4 standard deviations


@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 5), st.randoms(use_true_random=False))
def test_spike_trains_survive_dense_and_sparse_forms(n_samples, n_steps, n_units, random):
    spikes = [[[random.random() < 0.4 for _ in range(n_units)] for _ in range(n_steps)] for _ in range(n_samples)]
    dense = torch.tensor(spikes)
    trains = SpikeTrains.from_dense(dense)
    assert torch.equal(SpikeTrains.of(trains).to_dense(), dense)
    again = SpikeTrains.from_dense(trains.to_sparse())
    assert all(torch.equal(a, b) for a, b in zip(trains[:3], again[:3], strict=True))


@pytest.mark.parametrize(
    ("pointers", "steps", "units"),
    [([0, 2], [1, 0], [0, 0]), ([0, 2], [0, 0], [1, 1]), ([0, 1], [3], [0]), ([0, 1], [0], [-1]), ([0, 2], [0], [0])],
)
def test_spike_trains_out_of_order_or_range_are_refused(pointers, steps, units):
    packed = SpikeTrains(torch.tensor(pointers), torch.tensor(steps), torch.tensor(units), 3, 2)
    with pytest.raises(SpikeTrainsError, match="spike trains"):
        SpikeTrains.of(packed)
    network = Network()
    network.add_layer(Input(2), "A")
    with pytest.raises(NetworkError, match="spike trains"):
        network.present(packed, "A")
