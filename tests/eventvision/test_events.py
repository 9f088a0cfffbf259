import numpy as np
import pytest

from eventvision import EVENT_DTYPE, Events


def some_events():
    return Events.from_columns([1, 2, 3], [4, 5, 6], [1, 0, 1], [10, 20, 1 << 40], 34, 34)


def test_columns_come_back_as_they_were_given():
    events = some_events()
    assert events.data.dtype == EVENT_DTYPE
    assert events.x.tolist() == [1, 2, 3]
    assert events.y.tolist() == [4, 5, 6]
    assert events.p.tolist() == [True, False, True]
    assert events.ts.tolist() == [10, 20, 1 << 40]
    assert len(events) == 3


def test_slices_and_masks_keep_sensor_and_times():
    events = some_events()
    assert events[1:] == Events(events.data[1:], 34, 34)
    assert events[events.p].ts.tolist() == [10, 1 << 40]


def test_units_count_row_after_row_and_wrap_at_no_size_of_sensor():
    events = Events.from_columns([0, 345, 0, 345], [200, 259, 200, 259], [1, 1, 0, 0], range(4), 346, 260)
    assert events.units().dtype == np.int64
    assert events.units().tolist() == [346 * 200, 346 * 260 - 1] * 2
    assert events.units(by_polarity=True).tolist() == [346 * 200, 346 * 260 - 1, 346 * 460, 2 * 346 * 260 - 1]
    largest = Events.from_columns([65_535], [65_535], [0], [0], 65_536, 65_536)
    assert largest.units(by_polarity=True).tolist() == [(1 << 33) - 1]
    assert len(events[:0].units()) == 0


@pytest.mark.parametrize("field", ["x", "y", "p", "ts"])
def test_events_differ_if_any_column_differs(field):
    other = some_events()
    other.data[field][1] = not other.data[field][1] if field == "p" else 7
    assert other != some_events()


def test_events_of_different_sensors_differ():
    assert some_events() != Events(some_events().data, 34, 35)
    assert some_events() != "events"


def test_events_can_be_changed_and_so_have_no_hash():
    with pytest.raises(TypeError):
        hash(some_events())


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (([34], [0], [0], [0]), "x lies outside 0 … 33"),
        (([0], [-1], [0], [0]), "y lies outside 0 … 33"),
        (([0, 1], [0], [0], [0]), "equally long"),
        (([[0]], [[0]], [[0]], [[0]]), "one-dimensional"),
        (([0], [0], [0], [0.5]), "ts must be whole"),
        (([0.5], [0], [0], [0]), "x must be whole"),
        (([0], [0], [0], [np.nan]), "ts must be whole"),
        (([0], [0], [0], [2.0**63]), "ts must be whole numbers within 64 bits"),
        (([0], [0], [0], np.array([2**63 + 5], np.uint64)), "ts must be whole numbers within 64 bits, got 9223372036854775813"),
        (([0], [0], [0], [2**70]), "ts must be whole numbers within 64 bits"),
        ((["a"], [0], [0], [0]), "x must be whole"),
        (([0, 1], [0, 0], [1, -1], [0, 0]), "p must be 1 .ON. or 0 .OFF., got -1; if OFF is -1, give p > 0"),
        (([0], [0], [2], [0]), "p must be 1 .ON. or 0 .OFF., got 2"),
        (([0], [0], [0.5], [0]), "p must be whole"),
    ],
)
def test_wrong_columns_are_refused(columns, complaint):
    with pytest.raises(ValueError, match=complaint):
        Events.from_columns(*columns, 34, 34)


@pytest.mark.parametrize("kind", [bool, int, float, np.uint8, np.float32])
def test_polarities_are_flags_or_zeros_and_ones_of_any_type(kind):
    events = Events.from_columns([0, 0], [0, 0], np.array([1, 0], kind), [0, 0], 1, 1)
    assert events.p.tolist() == [True, False]


def test_the_largest_coordinates_and_times_come_back_as_they_were_given():
    limits = np.iinfo(np.int64)
    events = Events.from_columns([65_535, 0], [0, 65_535], [1, 1], [limits.min, limits.max], 65_536, 65_536)
    assert (events.x.tolist(), events.y.tolist()) == ([65_535, 0], [0, 65_535])
    assert events.ts.tolist() == [limits.min, limits.max]


@pytest.mark.parametrize(("width", "height"), [(65_537, 1), (1, 100_000)])
def test_a_sensor_whose_coordinates_would_not_fit_is_refused(width, height):
    with pytest.raises(ValueError, match="at most 65,536 pixels a side"):
        Events.from_columns([0], [0], [1], [0], width, height)


def test_no_event_at_all_is_fine():
    assert len(Events.from_columns([], [], [], [], 34, 34)) == 0


@pytest.mark.parametrize(("data", "width"), [(np.zeros(3), 34), (np.zeros((1, 1), EVENT_DTYPE), 34), ([], 34)])
def test_only_arrays_of_events_are_events(data, width):
    with pytest.raises(ValueError, match="one-dimensional array"):
        Events(data, width, 34)


def test_a_sensor_without_pixels_is_refused():
    with pytest.raises(ValueError, match="at least one pixel"):
        Events(np.zeros(0, EVENT_DTYPE), 0, 34)
