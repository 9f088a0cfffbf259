import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import loadmat, savemat

from eventvision import (
    EVENT_DTYPE,
    EventFileError,
    EventFileWarning,
    Events,
    decode_stmnist,
    encode_stmnist,
    read_stmnist,
    write_stmnist,
)

ORIGINAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "events" / "stmnist_original_0.mat"


def mat(variables, **options):
    file = io.BytesIO()
    savemat(file, variables, **options)
    return file.getvalue()


def spiketrain(*columns):
    """101 × N, given each column as its time (s) and its entries by taxel row."""
    matrix = np.zeros((101, len(columns)))
    for i, (time, entries) in enumerate(columns):
        matrix[100, i] = time
        for taxel, value in entries.items():
            matrix[taxel, i] = value
    return matrix


def columns(events):
    return list(zip(*(events.data[name].tolist() for name in ("x", "y", "p", "ts")), strict=True))


SOUND = spiketrain((0.5, {0: 1}), (0.5000004, {7: -1}), (1.2345678, {70: 1}), (1.5, {99: -1}))
SOUND_EVENTS = [(0, 0, True, 500_000), (0, 7, False, 500_000), (7, 0, True, 1_234_568), (9, 9, False, 1_500_000)]


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_taxel_row_k_lies_in_column_k_div_10_and_row_k_mod_10_and_seconds_become_microseconds(dtype, compressed):
    matrix = SOUND.astype(dtype)
    events = read_stmnist(mat({"LUT": np.eye(3), "spiketrain": matrix}, do_compression=compressed))
    assert columns(events) == SOUND_EVENTS
    assert events.data.dtype == EVENT_DTYPE
    assert (events.width, events.height) == (10, 10)


def test_whole_numbers_will_do_as_long_as_the_times_are():
    assert columns(read_stmnist(mat({"spiketrain": spiketrain((3, {12: -1})).astype(np.int8)}))) == [(1, 2, False, 3_000_000)]


def test_a_file_of_no_columns_is_a_recording_without_events():
    assert decode_stmnist(mat({"spiketrain": np.zeros((101, 0))})) == (Events(np.empty(0, EVENT_DTYPE), 10, 10), 0)


@pytest.mark.parametrize("entries", [{3: 1, 4: 1}, {3: 1, 4: -1}, {3: -1, 4: -1}, {}, dict.fromkeys(range(100), 1)])
def test_a_column_that_holds_not_just_one_event_is_dropped_and_counted_and_no_other(entries, tmp_path):
    content = mat({"spiketrain": spiketrain((0.1, {5: 1}), (0.2, entries), (0.3, {60: -1}), (0.4, entries), (0.5, {0: 1}))})
    events, n_corrupted_columns = decode_stmnist(content)
    assert columns(events) == [(0, 5, True, 100_000), (6, 0, False, 300_000), (0, 0, True, 500_000)]
    assert n_corrupted_columns == 2
    (tmp_path / "some.mat").write_bytes(content)
    with pytest.warns(EventFileWarning, match=r"some\.mat: .*2 columns"):
        assert read_stmnist(tmp_path / "some.mat") == events


@pytest.mark.parametrize("entries", [{3: 1, 4: 1}, {}])
@pytest.mark.parametrize("time", [0.0, -5.0, np.nan, np.inf, 1e12])
def test_the_time_of_a_corrupted_column_damages_no_recording(time, entries):
    content = mat({"spiketrain": spiketrain((0.1, {5: 1}), (time, entries), (0.3, {60: -1}), (time, entries))})
    events, n_corrupted_columns = decode_stmnist(content)
    assert columns(events) == [(0, 5, True, 100_000), (6, 0, False, 300_000)]
    assert n_corrupted_columns == 2


def test_a_column_that_is_dropped_moves_no_column_of_a_complaint():
    matrix = spiketrain((0.1, {5: 1}), (0.0, {}), (0.3, {60: -1}), (0.2, {1: 1}))
    with pytest.raises(EventFileError, match=r"back from 0\.3.* to 0\.2.* in column 3"):
        decode_stmnist(mat({"spiketrain": matrix}))


def test_time_may_run_back_by_less_than_the_microsecond_to_which_it_is_rounded():
    events = read_stmnist(mat({"spiketrain": spiketrain((0.1, {5: 1}), (0.2, {1: 1}), (0.19999999, {60: -1}))}))
    assert events.ts.tolist() == [100_000, 200_000, 200_000]
    with pytest.raises(EventFileError, match="runs back"):
        read_stmnist(mat({"spiketrain": spiketrain((0.2, {5: 1}), (0.199999, {1: 1}))}))


WRONG = {
    "empty": (b"", "is empty"),
    "text": (b"spiketrain" * 30, "no MATLAB 5 file"),
    "only half a header": (mat({"spiketrain": SOUND})[:60], "no MATLAB 5 file, or cut short"),
    "nothing but a header": (mat({"spiketrain": SOUND})[:128], "no variable spiketrain"),
    "MATLAB 4": (mat({"spiketrain": SOUND}, format="4"), "no MATLAB 5 file"),
    "MATLAB 7.3": (b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + b"\x89HDF", "another version than 5"),
    "another variable": (mat({"spikes": SOUND}), "no variable spiketrain"),
    "turned": (mat({"spiketrain": SOUND.T}), "4 × 101, expected 101 × N"),
    "without times": (mat({"spiketrain": SOUND[:100]}), "100 × 4, expected 101 × N"),
    "three dimensions": (mat({"spiketrain": np.zeros((101, 2, 2))}), "101 × 2 × 2, expected"),
    "text inside": (mat({"spiketrain": "abc"}), "no matrix of numbers"),
    "a structure": (mat({"spiketrain": {"a": 1}}), "no matrix of numbers"),
    "complex": (mat({"spiketrain": SOUND * 1j}), "no matrix of numbers"),
    "time runs back": (mat({"spiketrain": spiketrain((0.5, {0: 1}), (0.4, {1: 1}))}), r"back from 0\.5.* to 0\.4.* in column 1"),
    "time is no number": (mat({"spiketrain": spiketrain((0.5, {0: 1}), (np.nan, {1: 1}))}), "no number, in column 1"),
    "time without end": (mat({"spiketrain": spiketrain((np.inf, {0: 1}))}), "no number, in column 0"),
    "time beyond reason": (mat({"spiketrain": spiketrain((1e12, {0: 1}))}), r"too far from 0: 1e\+12 s"),
    "an entry is no number": (mat({"spiketrain": spiketrain((0.5, {8: np.nan}))}), "nan at taxel 8, column 0"),
    "an entry is 2": (mat({"spiketrain": spiketrain((0.1, {1: 1}), (0.5, {8: 2}))}), r"2\.0 at taxel 8, column 1"),
    "an entry is half": (mat({"spiketrain": spiketrain((0.5, {8: 0.5}))}), r"0\.5 at taxel 8"),
}


@pytest.mark.parametrize(("content", "complaint"), WRONG.values(), ids=WRONG.keys())
def test_every_other_fault_is_an_error_that_names_the_file_and_says_what_is_wrong(content, complaint, tmp_path):
    (tmp_path / "wrong.mat").write_bytes(content)
    with pytest.raises(EventFileError, match=rf"wrong\.mat: .*{complaint}"):
        read_stmnist(tmp_path / "wrong.mat")


@pytest.mark.parametrize("compressed", [True, False])
def test_a_file_cut_anywhere_is_an_error(compressed):
    content = mat({"spiketrain": SOUND}, do_compression=compressed)
    for size in range(len(content)):
        with pytest.raises(EventFileError):
            decode_stmnist(content[:size])
    with pytest.raises(EventFileError, match=f"is cut short: {len(content) - 1:,} bytes of at least {len(content):,}"):
        decode_stmnist(content[:-1])


def test_a_flipped_bit_in_packed_content_is_found_by_its_checksum():
    content = bytearray(mat({"spiketrain": SOUND}, do_compression=True))
    packed = bytearray(zlib.compress(zlib.decompress(content[136:]), 0))  # stored as it is, so that a flip still unpacks
    packed[-100] ^= 1
    content[132:] = len(packed).to_bytes(4, "little") + packed
    with pytest.raises(EventFileError, match="damaged"):
        decode_stmnist(bytes(content))


@settings(max_examples=50)
@given(st.data())
def test_damaged_bytes_are_read_or_refused_clearly(data):
    content = bytearray(mat({"spiketrain": SOUND}))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(128, 300) | st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        events, _ = decode_stmnist(bytes(content))
    except EventFileError:
        return
    assert (np.diff(events.ts) >= 0).all()


@st.composite
def streams(draw):
    n_events = draw(st.integers(0, 40))
    late = st.integers(-(2**50), 2**50)

    def column(values):
        return np.array(draw(st.lists(values, min_size=n_events, max_size=n_events)), np.int64)

    taxel = st.integers(0, 9)
    ts = np.sort(column(st.integers(0, 2_000_000) | late))
    return Events.from_columns(column(taxel), column(taxel), column(st.booleans()), ts, 10, 10)


@given(streams(), st.data())
def test_every_stream_and_every_slice_of_it_is_read_back_as_it_was_written(events, data):
    start = data.draw(st.integers(0, len(events)))
    for part in (events, events[start:]):
        assert decode_stmnist(encode_stmnist(part)) == (part, 0)


def test_the_writer_makes_the_matrix_that_the_format_describes_and_the_same_bytes_each_time():
    events = Events.from_columns([0, 7], [3, 0], [1, 0], [1, 2_500_000], 10, 10)
    content = encode_stmnist(events)
    assert np.array_equal(loadmat(io.BytesIO(content))["spiketrain"], spiketrain((1e-6, {3: 1}), (2.5, {70: -1})))
    assert content.startswith(b"MATLAB 5.0 MAT-file")
    assert encode_stmnist(events) == content


@pytest.mark.parametrize(
    ("x", "y", "ts", "complaint"),
    [
        ([10], [0], [0], "x = 10"),
        ([0], [11], [0], "y = 11"),
        ([0, 0], [0, 0], [5, 4], "in order of time"),
        ([0], [0], [2**60], "cannot hold times"),
        ([0], [0], [-(2**60)], "cannot hold times"),
    ],
)
def test_what_the_format_cannot_hold_is_refused_and_nothing_is_written(x, y, ts, complaint, tmp_path):
    events = Events.from_columns(x, y, [1] * len(x), ts, 20, 20)
    with pytest.raises(EventFileError, match=complaint):
        write_stmnist(tmp_path / "a.mat", events)
    assert list(tmp_path.iterdir()) == []


def test_paths_and_open_files_hold_the_same_bytes(tmp_path):
    events = read_stmnist(mat({"spiketrain": SOUND}))
    file = io.BytesIO()
    write_stmnist(file, events)
    write_stmnist(str(tmp_path / "a.mat"), events)
    assert file.getvalue() == (tmp_path / "a.mat").read_bytes()
    assert read_stmnist(tmp_path / "a.mat") == events


@pytest.mark.skipif(not ORIGINAL.exists(), reason="no real recordings beside the project")
def test_an_original_file_gives_every_event_its_place_polarity_and_time():
    events, n_corrupted_columns = decode_stmnist(ORIGINAL.read_bytes())
    assert (len(events), n_corrupted_columns, int(events.p.sum())) == (2_346, 0, 1_601)
    matrix = loadmat(ORIGINAL)["spiketrain"]
    taxel = np.abs(matrix[:100]).argmax(0)
    assert np.array_equal(10 * events.x.astype(int) + events.y, taxel)
    assert np.array_equal(events.p, matrix[taxel, np.arange(2_346)] == 1)
    assert np.abs(events.ts - matrix[100] * 1e6).max() <= 0.5
    assert (events.ts[0], events.ts[-1]) == (196_626, 895_745)
    assert decode_stmnist(encode_stmnist(events)).events == events


def test_a_file_of_variables_without_end_is_refused():
    whole = encode_stmnist(Events.from_columns([0], [0], [1], [0], 10, 10))
    with pytest.raises(EventFileError, match="more than 10,000 variables"):
        decode_stmnist(whole + bytes(8 * 20_000))
