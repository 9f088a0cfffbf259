import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventvision import (
    EVENT_DTYPE,
    EventFileError,
    EventFileWarning,
    Events,
    decode_nmnist,
    encode_nmnist,
    read_nmnist,
    write_nmnist,
)

RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "nmnist"

# Written by hand: x, y, polarity and the upper 7 bits of the time, the lower 16 bits.
ON_AT_1_MS = bytes([3, 5, 0b1000_0000, 0x03, 0xE8])
OFF_AT_70_MS = bytes([33, 0, 0b0000_0001, 0x11, 0x70])
ON_AT_THE_LAST_US = bytes([0, 33, 0b1111_1111, 0xFF, 0xFF])
OVERFLOW = bytes([0, 240, 0, 0, 0])


def columns(events):
    return list(zip(*(events.data[name].tolist() for name in ("x", "y", "p", "ts")), strict=True))


def test_bytes_written_by_hand_are_read_as_the_format_says():
    events = read_nmnist(ON_AT_1_MS + OFF_AT_70_MS + ON_AT_THE_LAST_US)
    assert columns(events) == [
        (3, 5, True, 1000),
        (33, 0, False, 70000),
        (0, 33, True, 2**23 - 1),
    ]
    assert events.data.dtype == EVENT_DTYPE
    assert (events.width, events.height) == (34, 34)


def test_overflow_markers_shift_all_later_times_and_are_no_events():
    content = ON_AT_1_MS + OVERFLOW + ON_AT_1_MS + OVERFLOW + OVERFLOW + ON_AT_1_MS + OVERFLOW
    assert read_nmnist(content).ts.tolist() == [1000, 1000 + 8192, 1000 + 3 * 8192]


def test_an_overflow_marker_needs_no_sensible_x_polarity_or_time():
    marker = bytes([255, 240, 0xFF, 0xFF, 0xFF])
    assert columns(read_nmnist(marker + ON_AT_1_MS)) == [(3, 5, True, 9192)]


def test_an_empty_file_is_a_recording_without_events():
    assert len(read_nmnist(b"")) == 0
    assert len(read_nmnist(OVERFLOW)) == 0


@pytest.mark.parametrize("n_bytes", [1, 2, 3, 4])
def test_a_trailing_partial_event_is_dropped_and_its_bytes_are_counted(n_bytes, tmp_path):
    content = ON_AT_1_MS + OFF_AT_70_MS[:n_bytes]
    events, n_trailing_bytes = decode_nmnist(content)
    assert columns(events) == [(3, 5, True, 1000)]
    assert n_trailing_bytes == n_bytes
    path = tmp_path / "cut.bin"
    path.write_bytes(content)
    with pytest.warns(EventFileWarning, match=rf"cut\.bin: .*{n_bytes} bytes"):
        assert read_nmnist(path) == events


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        (bytes([34, 0, 0, 0, 0]), "event 1 has x = 34, outside 0 … 33"),
        (bytes([0, 34, 0, 0, 0]), "event 1 has y = 34, outside 0 … 33"),
        (bytes([0, 239, 0, 0, 0]), "y = 239"),
        (bytes([0, 241, 0, 0, 0]), "y = 241"),
    ],
)
def test_an_event_outside_the_sensor_is_an_error_that_names_file_and_event(event, complaint, tmp_path):
    path = tmp_path / "wrong.bin"
    path.write_bytes(ON_AT_1_MS + event)
    with pytest.raises(EventFileError, match=rf"wrong\.bin: .*{complaint}"):
        read_nmnist(path)


def test_a_larger_sensor_of_the_same_format_is_read_if_its_size_is_given():
    assert len(read_nmnist(bytes([233, 179, 0, 0, 0]), width=240, height=180)) == 1


def at(ts, x=0):
    return bytes([x, 0, ts >> 16, (ts >> 8) & 0xFF, ts & 0xFF])


def test_events_up_to_1_ms_late_are_sorted_and_those_of_equal_time_keep_their_order():
    content = at(2000, 1) + at(3000, 2) + at(2000, 3) + at(3000, 4)
    assert [(x, ts) for x, _, _, ts in columns(read_nmnist(content))] == [
        (1, 2000),
        (3, 2000),
        (2, 3000),
        (4, 3000),
    ]


def test_time_running_back_more_than_1_ms_is_an_error_that_says_where():
    with pytest.raises(EventFileError, match="runs back by 1001 µs at event 1"):
        read_nmnist(at(3000) + at(1999))


def test_time_running_back_by_just_1_ms_is_no_damage_but_hides_none_behind_it():
    assert columns(read_nmnist(at(3000, 1) + at(2000, 2))) == [(2, 0, False, 2000), (1, 0, False, 3000)]
    with pytest.raises(EventFileError, match="runs back by 1001 µs at event 2"):
        read_nmnist(at(3000) + at(2000) + at(1999))


def test_of_many_events_those_of_equal_time_keep_the_files_order():
    ts = np.random.default_rng(0).integers(0, 5, 1000)
    x = np.arange(1000) % 34
    events = read_nmnist(b"".join(at(int(t), int(k)) for t, k in zip(ts, x, strict=True)))
    assert events.x.tolist() == [k for t in range(5) for k in x[ts == t].tolist()]


def test_many_small_steps_back_that_add_up_to_more_than_1_ms_are_an_error():
    with pytest.raises(EventFileError, match="runs back by 1200 µs at event 2"):
        read_nmnist(at(3000) + at(2400) + at(1800))


def test_the_writer_makes_the_bytes_that_were_written_by_hand():
    content = ON_AT_1_MS + OFF_AT_70_MS + ON_AT_THE_LAST_US
    assert encode_nmnist(read_nmnist(content)) == content


def test_the_writer_adds_as_many_overflow_markers_as_a_late_time_needs():
    latest = 2**23 - 1
    events = Events.from_columns([0, 0, 0], [0, 0, 0], [1, 1, 1], [latest, latest + 1, 2**24], 1, 1)
    content = encode_nmnist(events)
    markers = [content[i + 1] == 240 for i in range(0, len(content), 5)]
    assert markers == [False, True, False, *[True] * 1024, False]
    assert read_nmnist(content, 1, 1) == events


@st.composite
def streams(draw):
    n_events = draw(st.integers(0, 50))
    whole = st.integers(0, 2**25) | st.integers(2**23 - 3, 2**23 + 8195)

    def column(values):
        return np.array(draw(st.lists(values, min_size=n_events, max_size=n_events)), np.int64)

    x, y = column(st.integers(0, 255)), column(st.integers(0, 254).filter(lambda y: y != 240))
    ts = np.sort(column(whole))
    return Events.from_columns(x, y, column(st.booleans()), ts, 256, 255)


@given(streams(), st.data())
def test_every_stream_and_every_slice_of_it_is_read_back_as_it_was_written(events, data):
    start = data.draw(st.integers(0, len(events)))
    for part in (events, events[start:]):
        assert decode_nmnist(encode_nmnist(part), 256, 255) == (part, 0)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_clearly(content):
    try:
        events, n_trailing_bytes = decode_nmnist(content, 256, 256)
    except EventFileError:
        return
    assert n_trailing_bytes == len(content) % 5
    assert (np.diff(events.ts) >= 0).all()
    assert len(events) == sum(content[i + 1] != 240 for i in range(0, len(content) - 4, 5))
    assert decode_nmnist(encode_nmnist(events), 256, 256).events == events


@pytest.mark.parametrize(
    ("x", "y", "ts", "complaint"),
    [
        ([256], [0], [0], "x = 256"),
        ([0], [256], [0], "y = 256"),
        ([0], [240], [0], "y = 240"),
        ([0], [0], [-1], "before 0"),
        ([0, 0], [0, 0], [5, 4], "in order of time"),
        ([0], [0], [2**60], "as late as"),
        (
            [0],
            [0],
            [2**23 + 2**24 * 2**13],
            "as late as 137447342080 µs",
        ),  # a µs after 2²⁴ overflows and the last time of a field
    ],
)
def test_what_the_format_cannot_hold_is_refused_and_nothing_is_written(x, y, ts, complaint, tmp_path):
    events = Events.from_columns(x, y, [1] * len(x), ts, 300, 300)
    with pytest.raises(EventFileError, match=complaint):
        write_nmnist(tmp_path / "a.bin", events)
    assert list(tmp_path.iterdir()) == []


def test_an_event_outside_its_own_sensor_is_not_written():
    data = np.zeros(1, EVENT_DTYPE)
    data["x"] = 34
    with pytest.raises(EventFileError, match="x = 34"):
        encode_nmnist(Events(data, 34, 34))


def test_paths_and_open_files_hold_the_same_bytes(tmp_path):
    events = read_nmnist(ON_AT_1_MS + OFF_AT_70_MS)
    file = io.BytesIO()
    write_nmnist(file, events)
    write_nmnist(str(tmp_path / "a.bin"), events)
    assert file.getvalue() == (tmp_path / "a.bin").read_bytes() == ON_AT_1_MS + OFF_AT_70_MS
    assert read_nmnist(tmp_path / "a.bin") == events


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no real recordings beside the project")
def test_real_recordings_come_back_byte_for_byte_and_show_the_known_number_of_events():
    n_on = n_recordings = 0
    with zipfile.ZipFile(RECORDINGS / "Train.zip") as archive:
        for name in archive.namelist():
            content = archive.read(name)
            events = read_nmnist(content)
            assert encode_nmnist(events) == content
            n_on += int((events.p & (events.ts < 105_000)).sum())
            n_recordings += 1
    assert n_recordings == 750
    assert round(n_on / n_recordings) in (738, 739)
