"""The emulated pad behaves like what it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from datasets import DatasetError, EmulatedSTMNIST
from datasets.emulation import pad
from datasets.emulation.pen import write_digit

LINE = np.column_stack([np.linspace(-8, 8, 50), np.zeros(50)])


def felt(digit: int, seed: int):
    generator = np.random.default_rng([seed, digit])
    return pad.press(write_digit(digit, generator), generator)


def image(digit: int, seed: int) -> np.ndarray:
    events = felt(digit, seed)
    counts = np.sqrt(np.bincount(10 * events.y.astype(int) + events.x, minlength=100))
    return counts / np.linalg.norm(counts)


def calm(monkeypatch):
    for name in ("FAULTY_TAXELS", "TREMBLE", "MISMATCH", "UNSTEADINESS", "OFFSET_SPREAD", "THRESHOLD_OFF_SPREAD"):
        monkeypatch.setattr(pad, name, 0.0)


def test_felt_digits_can_be_told_apart():
    labels = np.repeat(np.arange(10), 60)
    known = np.array([image(label, seed) for seed, label in enumerate(labels)])
    found = [labels[np.argmax(known @ image(d, 1_000 + s))] == d for d in range(10) for s in range(15)]
    assert np.mean(found) > 0.5


@pytest.mark.parametrize("digit", range(10))
def test_events_lie_on_the_pad_in_order_of_time_and_within_two_seconds(digit):
    for seed in range(10):
        events = felt(digit, seed)
        assert len(events) > 0
        assert (np.diff(events.ts) >= 0).all()
        assert 0 <= events.ts[0] <= events.ts[-1] < 2_000_000
        assert max(events.x.max(), events.y.max()) < 10


def test_a_line_is_felt_where_and_in_the_order_in_which_it_is_drawn_and_on_comes_before_off(monkeypatch):
    calm(monkeypatch)
    events = pad.press([LINE], np.random.default_rng(0))
    assert set(events.y.tolist()) <= {3, 4, 5, 6}
    row = events[events.y == 4]
    columns = np.unique(row.x)
    medians = [np.median(row.ts[row.x == x]) for x in columns]
    assert len(columns) >= 6
    assert (np.diff(medians) > 0).all()
    for x in columns:
        p = row.p[row.x == x]
        assert p[0]
        assert not p[-1]


def test_pressing_harder_gives_more_events_and_no_pressure_none(monkeypatch):
    calm(monkeypatch)
    counts = []
    for force in (0.5, 5.0, 20.0):
        monkeypatch.setattr(pad, "FORCE", force)
        counts.append(len(pad.press([LINE], np.random.default_rng(1))))
    assert 0 == counts[0] < counts[1] < counts[2]


def test_a_taxel_reports_a_change_once_it_reaches_a_threshold_as_often_as_that_fits_in():
    pressure = np.zeros((6, 2))
    pressure[:, 1] = [0.9, 1.0, 1.9, 4.2, 4.2, 0.0]
    scans, taxels, signs = pad._changes(pressure, 1.4, 5)
    assert set(taxels.tolist()) == {1}
    # 1.0 − 0 is one ON threshold, 4.2 − 1.0 three, 0 − 4.2 three OFF thresholds.
    assert list(zip(scans.tolist(), signs.tolist(), strict=True)) == [(1, 1), *[(3, 1)] * 3, *[(5, -1)] * 3]
    assert len(pad._changes(np.full((1, 1), 100.0), 1.4, 5)[0]) == 5


def test_means_of_recorded_ones_are_met():
    """663 recordings with real time: 1,712 ± 1,316 events, 58.3 % ON, 1.06 s, 35.1 taxels hit."""
    recordings = [felt(i % 10, i) for i in range(400)]
    n = np.array([len(events) for events in recordings])
    assert n.mean() == pytest.approx(1_712, rel=0.2)
    assert n.std() == pytest.approx(1_316, rel=0.3)
    assert np.mean([events.p.mean() for events in recordings]) == pytest.approx(0.583, rel=0.1)
    assert np.mean([np.ptp(events.ts) for events in recordings]) == pytest.approx(1.057e6, rel=0.2)
    hit = [len(np.unique(10 * events.y.astype(int) + events.x)) for events in recordings]
    assert np.mean(hit) == pytest.approx(35.1, rel=0.2)


def test_larger_set_begins_with_the_smaller_whatever_the_workers(tmp_path):
    small = EmulatedSTMNIST(tmp_path, n_samples=3, progress=False)
    large = EmulatedSTMNIST(tmp_path, n_samples=12, n_workers=2, progress=False)
    assert large.targets.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert all((small[i][0] == large[i][0]).all() for i in range(3))
    assert not (large[0][0] == large[10][0]).all()


def test_test_split_other_seeds_and_limits_give_other_samples(tmp_path):
    first = EmulatedSTMNIST(tmp_path, n_samples=1, progress=False)
    for options in ({"train": False}, {"seed": 1}, {"taxel_limit": 3}):
        other = EmulatedSTMNIST(tmp_path, n_samples=1, progress=False, **options)
        assert other.key != first.key
        assert not (other[0][0] == first[0][0]).all()
    with pytest.raises(DatasetError, match="taxel_limit must be"):
        EmulatedSTMNIST(tmp_path, n_samples=1, taxel_limit=0, progress=False)
