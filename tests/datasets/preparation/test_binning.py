from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datasets.preparation.binning import (
    Grid,
    bin_events,
    n_time_steps,
    smallest_index_type,
    step_of,
    whole_microseconds,
    window_end,
)
from eventvision import Events

SIDE = 34


def events(*rows):
    """From (x, y, p, ts) rows."""
    return Events.from_columns(*(np.array(rows, np.int64).reshape(-1, 4).T), SIDE, SIDE)


def grid(dt=1.0, pattern_time=105.0, polarities="on"):
    return Grid(dt, pattern_time, polarities, SIDE, SIDE)


def spikes(recording, on):
    binned = bin_events([recording], on)
    return list(zip(binned.steps.tolist(), binned.units.tolist(), strict=True))


@pytest.mark.parametrize(
    ("pattern_time", "dt", "n_steps"),
    [
        (105, 1, 105),
        (105, 0.5, 210),
        (105, 1.5, 70),
        (105, 0.1, 1050),
        (1, 0.1, 10),
        (0.3, 0.1, 3),
        (105, 2, 52),
        (315, 0.7, 450),
        (4, 5, 0),
    ],
)
def test_a_window_holds_as_many_whole_steps_as_fit(pattern_time, dt, n_steps):
    assert n_time_steps(pattern_time, dt) == n_steps


@given(st.integers(1, 20_000), st.integers(0, 2_000_000))
def test_an_event_at_the_start_of_a_step_belongs_to_it_and_just_before_does_not(dt_us, k):
    dt = dt_us / 1000
    assert step_of(np.array([k * dt_us, k * dt_us + dt_us - 1]), dt).tolist() == [k, k]
    assert step_of(np.array([k * dt_us - 1]), dt).tolist() == [k - 1]


@given(st.fractions(Fraction(1, 10), 30, max_denominator=700), st.integers(0, 10**9))
def test_steps_of_any_length_are_those_of_exact_arithmetic(dt, ts):
    assert step_of(np.array([ts]), float(dt)).tolist() == [Fraction(ts, 1000) // dt]


@given(st.fractions(Fraction(1, 10), 30, max_denominator=700), st.integers(1, 100_000))
def test_the_window_ends_where_the_step_after_its_last_begins(dt, n_steps):
    end = window_end(n_steps, float(dt))
    assert step_of(np.array([end - 1, end]), float(dt)).tolist() == [n_steps - 1, n_steps]


DTS = [1000 / 60, 1000 / 30, 1 / 3, 0.0125, 0.226757, 0.0015, 0.001, 0.1, 0.7, 1.0, 7.0, 1e6]  # ms


@pytest.mark.parametrize("dt", DTS)
def test_times_that_are_multiples_of_dt_in_ms_have_their_step_whether_dt_is_whole_microseconds_or_not(dt):
    steps = np.arange(3000)
    assert np.array_equal(step_of(whole_microseconds(steps * dt, dt), dt), steps)
    running_sum = np.cumsum(np.full(1000, dt))
    assert np.array_equal(step_of(whole_microseconds(running_sum, dt), dt), steps[1:1001])


@pytest.mark.parametrize("dt", DTS)
def test_times_in_ms_anywhere_in_a_step_have_that_step(dt):
    times = np.random.default_rng(0).uniform(-2 * dt, 3000 * dt, 3000)
    assert step_of(whole_microseconds(times, dt), dt).tolist() == [int(Fraction(time) // Fraction(dt)) for time in times]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("dt", [0.001, 0.1, 1.0, 1000 / 60])
def test_whole_microseconds_given_in_ms_have_the_step_that_they_have_as_such(dtype, dt):
    ts = np.arange(-10, 50_000)
    assert np.array_equal(step_of(whole_microseconds((ts / 1000).astype(dtype), dt), dt), step_of(ts, dt))


@pytest.mark.parametrize("ts", [8_192_000, 16_384_000])
def test_a_time_as_coarse_as_float32_counts_as_half_a_microsecond_more_at_most(ts):
    times = ((ts + np.arange(-9, 1)) / 1000).astype(np.float32)
    assert np.spacing(times).min() > 0.0004  # ms
    assert step_of(whole_microseconds(times, 1.0), 1.0).tolist() == [ts // 1000 - 1] * 9 + [ts // 1000]


def test_a_rest_of_a_subtraction_is_not_before_time_0():
    assert whole_microseconds(np.array([0.3 - 3 * 0.1]), 1.0).tolist() == [0]


def test_place_and_time_of_an_event_belong_together():
    # Every second event is OFF: looking up an ON event's place by its number among the ON events
    # would give the place of another event.
    recording = events((9, 9, 0, 500), (1, 2, 1, 1500), (8, 8, 0, 2500), (3, 4, 1, 3500))
    assert spikes(recording, grid()) == [(1, 34 * 2 + 1), (3, 34 * 4 + 3)]
    assert spikes(recording, grid(polarities="off")) == [(0, 34 * 9 + 9), (2, 34 * 8 + 8)]
    assert spikes(recording, grid(polarities="both")) == [
        (0, 1156 + 34 * 9 + 9),
        (1, 34 * 2 + 1),
        (2, 1156 + 34 * 8 + 8),
        (3, 34 * 4 + 3),
    ]


def test_events_after_the_window_are_left_out_and_counted_and_fill_no_bin():
    recording = events((0, 0, 1, 104_999), (1, 0, 1, 105_000), (2, 0, 1, 314_000))
    binned = bin_events([recording], grid())
    assert binned.steps.tolist() == [104]
    assert binned.units.tolist() == [0]
    assert (binned.n_events, binned.n_outside) == (3, 2)


def test_only_wanted_polarities_are_counted():
    binned = bin_events([events((0, 0, 0, 0), (0, 0, 0, 200_000), (0, 0, 1, 0))], grid())
    assert (binned.n_events, binned.n_outside) == (1, 0)


def test_the_rest_of_a_window_that_no_whole_step_fills_is_outside():
    recording = events((0, 0, 1, 103_999), (1, 0, 1, 104_000))
    assert spikes(recording, grid(dt=2, pattern_time=105)) == [(51, 0)]


def test_an_event_before_time_0_is_outside():
    recording = Events.from_columns([0, 0], [0, 0], [1, 1], [-1, 0], SIDE, SIDE)
    binned = bin_events([recording], grid())
    assert (binned.steps.tolist(), binned.n_outside) == ([0], 1)


def test_bins_start_at_time_0_whenever_the_first_event_comes():
    assert spikes(events((0, 0, 1, 1200), (0, 0, 1, 2100)), grid()) == [(1, 0), (2, 0)]


def test_a_bin_holds_a_unit_once():
    recording = events((0, 0, 1, 0), (0, 0, 1, 999), (0, 0, 1, 1000), (1, 0, 1, 1))
    assert spikes(recording, grid()) == [(0, 0), (0, 1), (1, 0)]


def test_long_recordings_at_short_steps_exceed_no_index():
    recording = events((33, 33, 1, 314_950), (33, 33, 0, 3_999_999))
    assert spikes(recording, grid(0.01, 315, "both")) == [(31_495, 1155)]
    assert spikes(recording, grid(0.1, 4000, "both")) == [(3149, 1155), (39_999, 2311)]


def test_indices_are_as_small_as_they_may_be():
    assert smallest_index_type(32_768) is np.int16
    assert smallest_index_type(32_769) is np.int32


def test_recordings_with_one_event_or_none_are_samples():
    one, none = events((5, 0, 1, 0)), events()
    assert bin_events([none, one, none, one, none], grid()).counts.tolist() == [0, 1, 0, 1, 0]
    assert bin_events([none], grid()).counts.tolist() == [0]
    assert bin_events([], grid()).counts.tolist() == []


ROWS = st.lists(
    st.tuples(st.integers(0, 33), st.integers(0, 33), st.booleans(), st.integers(0, 20_000)),
    max_size=30,
)


@given(
    st.lists(ROWS, max_size=4),
    st.sampled_from([0.1, 0.5, 1.0, 1.5, 0.7]),
    st.sampled_from(["on", "off", "both"]),
)
def test_many_recordings_give_what_each_event_by_itself_would(recordings, dt, polarities):
    on = grid(dt, 15.0, polarities)
    expected, n_outside = [], 0
    for rows in recordings:
        cells = set()
        for x, y, p, ts in rows:
            if polarities != "both" and p != (polarities == "on"):
                continue
            step = int(Fraction(ts) // (Fraction(str(dt)) * 1000))
            if step >= on.n_steps:
                n_outside += 1
            else:
                cells.add((step, 34 * y + x + (1156 if polarities == "both" and not p else 0)))
        expected.append(sorted(cells))
    binned = bin_events([events(*rows) for rows in recordings], on)
    flat = [cell for cells in expected for cell in cells]
    assert binned.counts.tolist() == [len(cells) for cells in expected]
    assert list(zip(binned.steps.tolist(), binned.units.tolist(), strict=True)) == flat
    assert binned.n_outside == n_outside


@given(
    st.integers(1, 1 << 16),
    st.integers(1, 1 << 16),
    st.lists(st.tuples(*[st.integers(0, (1 << 16) - 1)] * 2, st.booleans(), st.integers(-1, 1 << 52)), max_size=20),
    st.sampled_from([0.1, 1.0, 1.5, 1000.0]),
    st.integers(0, 31),
)
@example(1 << 16, 1 << 16, [((1 << 16) - 1, (1 << 16) - 1, False, 5)], 1.0, 31)
def test_sensors_of_any_size_and_times_of_any_length_give_what_whole_numbers_of_any_length_would(width, height, rows, dt, power):
    rows = [(x % width, y % height, p, ts) for x, y, p, ts in rows]
    rows += [(x, y, p, ts % (1 << power)) for x, y, p, ts in rows]
    step_time = round(dt * 1000)
    n_steps = 1 << 20
    expected = {
        (ts // step_time, x + width * y + (0 if p else width * height)) for x, y, p, ts in rows if 0 <= ts < n_steps * step_time
    }
    recording = Events.from_columns(*(np.array(rows, np.int64).reshape(-1, 4).T), width, height)
    on = Grid(dt, n_steps * dt, "both", width, height)
    assert spikes(recording, on) == sorted(expected)
