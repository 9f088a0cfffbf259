"""Trains are those of BindsNET 0.3.4: numbers and hashes here were measured on it (torch 2.13, CPU)."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
import torch

from bindsnet import encoding
from bindsnet.encoding import bernoulli, encodings, poisson, rank_order, repeat, single
from bindsnet.errors import NetworkError


def image() -> torch.Tensor:
    """Values from 0 to 128, a third of the rows dark."""
    values = torch.arange(784.0).view(28, 28) % 129
    values[::3] = 0
    return values


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# What BindsNET 0.3.4 gives for torch.manual_seed(7): shape, spikes, the train's hash, and what torch.rand(1) gives next.
TRAINS = {
    "intervals": (lambda d: poisson(d, 100), (100, 28, 28), 3027, "a31b0ed8bbd4bb56", 0.997789),
    "few intervals": (lambda d: poisson(d[1:2, :10], 50), (50, 1, 10), 12, "87cf06df42221364", 0.3230172),
    "chances": (lambda d: bernoulli(d / 128, 100), (100, 28, 28), 25677, "b8bad508363f8298", 0.4424219),
    "limited chances": (lambda d: bernoulli(d, 100, max_prob=0.3), (100, 28, 28), 7753, "5137acc981c55a86", 0.4424219),
    "chances of one step": (lambda d: bernoulli(d / 128), (28, 28), 271, "89274503d936ba6e", 0.5004631),
    "approximation": (lambda d: poisson(d, 100, approx=True), (100, 28, 28), 5211, "53f417f6db7558ca", 0.4424219),
    "half": (lambda d: single(d, 10), (10, 28, 28), 388, "6dbaaa992da8a78d", 0.5349225),
    "a tenth": (lambda d: single(d, 10, sparsity=0.1), (10, 28, 28), 76, "1b3155f41a40a1af", 0.5349225),
    "ranks": (lambda d: rank_order(d, 100), (100, 28, 28), 498, "f7dd5d741a2293cc", 0.5349225),
}


@pytest.mark.parametrize(("encode", "shape", "n_spikes", "digest", "after"), TRAINS.values(), ids=TRAINS)
def test_a_seed_gives_bindsnets_train_and_leaves_the_generator_where_bindsnet_does(encode, shape, n_spikes, digest, after):
    datum = image()
    torch.manual_seed(7)
    train = encode(datum)
    assert torch.rand(1).item() == pytest.approx(after, abs=1e-7)
    assert (train.shape, train.dtype, train.sum()) == (shape, torch.uint8, n_spikes)
    assert hashlib.sha256(train.contiguous().numpy().tobytes()).hexdigest()[:16] == digest
    assert torch.equal(datum, image())  # BindsNET divides it


# Mean and variance of counts of 40,000 trains of 250 steps, and the share that fires in the first step, for torch.manual_seed(1).
COUNTS = [
    (20.0, 4.518, 0.254, 0.0),
    (63.75, 15.498, 1.105, 0.0),
    (128.0, 31.634, 4.173, 0.0032),
    (500.0, 117.001, 40.689, 0.4094),
    (1500.0, 211.855, 35.321, 0.8541),
]


@pytest.mark.parametrize(("rate", "mean", "variance", "in_first_step"), COUNTS)
def test_intervals_have_bindsnets_statistics(rate, mean, variance, in_first_step):
    train = poisson(torch.full((4000,), rate), 250, generator=seeded(3))
    counts = train.sum(0).float()
    error = 5 * max(variance, 1e-9) ** 0.5 / 4000**0.5
    assert counts.mean().item() == pytest.approx(mean, abs=error + 1e-6)
    assert counts.var().item() == pytest.approx(variance, rel=0.15, abs=1e-6)
    assert train[0].float().mean().item() == pytest.approx(in_first_step, abs=0.04)


@pytest.mark.parametrize(("rate", "dt"), [(20.0, 1.0), (128.0, 1.0), (128.0, 0.5), (1500.0, 1.0)])
def test_a_process_has_independent_steps_with_the_chance_of_an_event(rate, dt):
    train = poisson(torch.full((4000,), rate), 100, dt, process=True, generator=seeded(3))
    steps, chance = len(train), 1 - np.exp(-rate * dt / 1000)
    counts = train.sum(0).float()
    assert train.max() == 1
    assert counts.mean().item() == pytest.approx(steps * chance, rel=0.03)
    assert counts.var().item() == pytest.approx(steps * chance * (1 - chance), rel=0.12)
    assert train[0].float().mean().item() == pytest.approx(chance, abs=0.03)
    both = (train[1:] & train[:-1]).float().mean().item()  # no interval is more likely after a spike
    assert both == pytest.approx(chance**2, abs=0.003)


@pytest.mark.parametrize(("rate", "share"), [(0.0, 0.0048), (64.0, 0.0955), (128.0, 0.2068)])
def test_the_approximation_fires_as_often_as_bindsnets(rate, share):
    train = poisson(torch.full((2000,), rate), 100, approx=True, generator=seeded(3))
    assert train.float().mean().item() == pytest.approx(share, rel=0.1)


@pytest.mark.parametrize("before", [0, 1, 5, 623, 624, 625])
def test_intervals_are_torchs_own_wherever_its_generator_is(before):
    from bindsnet.encoding.poisson_draws import draw_spikes

    rates = torch.rand(60, generator=seeded(1)) * 300 + 1e-6
    ours, torchs = seeded(5), seeded(5)
    for generator in (ours, torchs):
        torch.rand(before, generator=generator)
    means = 1000 / rates
    spikes = draw_spikes(means, 50, ours)
    times = torch.poisson(means.expand(51, -1), generator=torchs).clamp(min=1).cumsum(0).long()
    expected = torch.zeros(50, 60, dtype=torch.uint8)
    step, unit = (times <= 50).nonzero().T
    expected[times[step, unit] - 1, unit] = 1
    assert torch.equal(spikes, expected)
    assert torch.equal(torch.rand(3, generator=ours), torch.rand(3, generator=torchs))
    assert torch.equal(torch.randn(3, generator=ours), torch.randn(3, generator=torchs))


@pytest.mark.parametrize("encode", [poisson, bernoulli, lambda *a, **k: poisson(*a, **k, approx=True)])
def test_a_generator_of_ones_own_is_drawn_from_alone(encode):
    torch.manual_seed(0)
    state = torch.get_rng_state()
    for datum in (image(), image()[1, :5]):
        first, second = (encode(datum, 100, generator=seeded(9)) for _ in range(2))
        assert torch.equal(first, second)
        assert not torch.equal(first, encode(datum, 100, generator=seeded(10)))
    assert torch.equal(torch.get_rng_state(), state)


def test_ranks_come_in_order_and_the_smallest_never():
    datum = torch.tensor([0.0, 1.0, 2.0, 4.0, 8.0, 1.0])
    assert rank_order(datum, 16).nonzero().tolist() == [[1, 4], [3, 3], [7, 2]]
    assert rank_order(torch.ones(3), 16).sum() == rank_order(torch.zeros(3), 16).sum() == 0


@pytest.mark.parametrize(("sparsity", "n_spikes"), [(0.0, 0), (0.3, 3), (0.5, 5), (1.0, 9)])
def test_single_spikes_come_from_what_is_above_the_quantile_in_the_first_step(sparsity, n_spikes):
    train = single(torch.arange(10.0), 3, sparsity=sparsity)
    assert train[0].tolist() == [0] * (10 - n_spikes) + [1] * n_spikes
    assert train[1:].sum() == 0


def test_ranks_are_of_any_numbers():
    small = torch.tensor([1e-45, 0.5, 1.0])
    for values in (small, small.to_sparse(), torch.tensor([1e-300, 0.5e300, 1e300], dtype=torch.float64)):
        spikes = rank_order(values, 5)
        assert spikes.sum(0).tolist() == spikes[0].tolist() == [0, 1, 1]


def test_chances_above_1_are_divided_by_the_largest():
    torch.manual_seed(0)
    shares = bernoulli(torch.tensor([0.75, 1.5]), 4000).float().mean(0)
    assert shares[1] == 1
    assert shares[0] == pytest.approx(0.5, abs=0.03)


def test_repeat_keeps_values_and_type():
    for datum in (image(), image().byte(), image().double()):
        train = repeat(datum, 3)
        assert train.dtype == datum.dtype
        assert torch.equal(train, torch.stack([datum] * 3))


@pytest.mark.parametrize(
    ("time", "dt", "steps"), [(10, 3, 3), (7, 2, 3), (4.9, 0.7, 7), (100, 0.1, 1000), (0, 1, 0), (0.3, 0.1, 3)]
)
def test_steps_are_counted_as_a_run_counts_them(time, dt, steps):
    for encode in (single, repeat, bernoulli, poisson, rank_order):
        assert encode(torch.ones(2, 3), time, dt).shape == (steps, 2, 3)


def test_what_is_no_tensor_of_floats_is_encoded_as_well():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    for encode in (single, bernoulli, poisson, rank_order):
        torch.manual_seed(1)
        expected = encode(torch.as_tensor(pixels).float(), 20)
        for datum in (pixels, torch.as_tensor(pixels), torch.as_tensor(pixels).int(), pixels.tolist()):
            torch.manual_seed(1)
            assert torch.equal(encode(datum, 20), expected)
    assert poisson(3, 20).shape == (20,)
    assert poisson(torch.empty(0, 4), 20).shape == (20, 0, 4)


@pytest.mark.parametrize("encode", [single, bernoulli, poisson, rank_order])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_values_below_0_and_infinite_ones_are_refused(encode, value):
    with pytest.raises(NetworkError, match="what is encoded is finite and not negative, got values from"):
        encode(torch.tensor([value, 1.0]), 5)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (lambda d: poisson(d, -1), "a time is a number of ms from 0 on"),
        (lambda d: poisson(d, 5, 0), "dt is above 0 ms, got 0"),
        (lambda d: poisson(d, 5, dt="1"), "dt is above 0 ms, got '1'"),
        (lambda d: poisson(d, 5, rate=3), "poisson knows no rate; it takes datum, time, dt, device, approx, process, generator"),
        (lambda d: poisson(d, 5, approx=True, process=True), "not by both"),
        (lambda d: bernoulli(d, 5, max_prob=2), "max_prob is from 0 to 1, got 2"),
        (lambda d: single(d, 5, sparsity=-0.1), "sparsity is from 0 to 1, got -0.1"),
        (lambda d: single(d, 5, max_prob=1), "single knows no max_prob"),
        (lambda d: repeat(d, 5, max_prob=1), "repeat knows no max_prob"),
        (lambda d: rank_order(d, 5, max_prob=1), "rank_order knows no max_prob"),
        (lambda d: poisson("five", 5), "a tensor or an array of numbers, got str"),
        (lambda d: poisson(None, 5), "a tensor or an array of numbers, got NoneType"),
        (lambda d: repeat(d.to(torch.complex64), 5), "real numbers"),
        (lambda d: poisson(d, 1e30), "2,147,483,647 time steps at the most, got 1e[+]30 ms"),
        (lambda d: repeat(d, 5, dt=1e-300), "time steps at the most"),
        (lambda d: single(d, 5, device="nowhere"), "no device 'nowhere' can hold what is encoded"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, complaint):
    with pytest.raises(NetworkError, match=complaint):
        wrong(torch.ones(3))


@pytest.mark.parametrize("least", [0, 10**9])
def test_rates_too_small_for_an_interval_send_nothing(least, monkeypatch):
    monkeypatch.setattr(encodings, "WORTH_COMPILING", least)
    assert poisson(torch.tensor([1e-20, 1e-38]), 50).sum() == 0  # BindsNET: an IndexError


ENCODERS = [
    (encoding.SingleEncoder(20, sparsity=0.3), single, (20,), {"dt": 1.0, "sparsity": 0.3}),
    (encoding.RepeatEncoder(20, dt=2.0), repeat, (20,), {"dt": 2.0}),
    (encoding.BernoulliEncoder(20, max_prob=0.5), bernoulli, (20,), {"dt": 1.0, "max_prob": 0.5}),
    (encoding.PoissonEncoder(time=20, dt=0.5), poisson, (20,), {"dt": 0.5, "approx": False}),
    (encoding.PoissonEncoder(20, process=True), poisson, (20,), {"dt": 1.0, "approx": False, "process": True}),
    (encoding.RankOrderEncoder(20), rank_order, (20,), {"dt": 1.0}),
]


@pytest.mark.parametrize(("encoder", "enc", "args", "kwargs"), ENCODERS)
def test_an_encoder_calls_its_encoding_with_all_that_it_was_given(encoder, enc, args, kwargs):
    assert (encoder.enc, encoder.enc_args, encoder.enc_kwargs) == (enc, args, kwargs)
    torch.manual_seed(2)
    expected = enc(image(), *args, **kwargs)
    torch.manual_seed(2)
    assert torch.equal(encoder(image()), expected)


def test_encoders_of_a_programs_own_and_none():
    class Twice(encoding.Encoder):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.enc = lambda datum, factor, shift=0: factor * datum + shift

    assert Twice(2, shift=1)(5) == 11
    datum = object()
    assert encoding.NullEncoder()(datum) is datum


@pytest.mark.parametrize(
    ("load", "encode", "kwargs"),
    [
        (encoding.bernoulli_loader, bernoulli, {"max_prob": 0.2}),
        (encoding.poisson_loader, poisson, {"process": True}),
        (encoding.rank_order_loader, rank_order, {"dt": 2.0}),
    ],
)
def test_loaders_encode_one_datum_after_the_other_with_all_keywords(load, encode, kwargs):
    data = torch.rand(3, 4, generator=seeded(0)) * 100
    torch.manual_seed(4)
    expected = [encode(datum, 30, **kwargs) for datum in data]
    for given in (data, iter(data)):
        torch.manual_seed(4)
        trains = load(given, 30, **kwargs)
        assert torch.equal(next(trains), expected[0])
        assert all(map(torch.equal, trains, expected[1:]))


def test_nothing_slow_is_imported_with_the_encodings():
    program = "import sys, bindsnet.encoding; print(*{'numba', 'scipy', 'matplotlib', 'PIL'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
