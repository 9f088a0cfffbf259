import tracemalloc
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventvision import EVENT_DTYPE, EventFileError, Events, NTIDIGITSFile, write_ntidigits


def cochlea(channels, ts, p=None):
    return Events.from_columns(channels, [0] * len(ts), [1] * len(ts) if p is None else p, ts, 64, 1)


def beyond(x, y):
    """An event that lies outside its own sensor."""
    return Events(np.array([(x, y, True, 1)], EVENT_DTYPE), 64, 1)


def write_by_hand(path, recordings, labels=None, **parts):
    """A file as documented, made without the writer: recordings are key → (addresses, timestamps in s)."""
    with h5py.File(path, "w") as file:
        for split in ("train", "test"):
            file[f"{split}_labels"] = np.array([key.encode() for key in recordings] if labels is None else labels, dtype="S20")
            for name, column in (("addresses", 0), ("timestamps", 1)):
                group = file.create_group(f"{split}_{name}")
                for key, recording in parts.get(name, recordings).items():
                    group[key] = np.asarray(recording[column])
    return path


def read(path, key, split="train"):
    with NTIDIGITSFile(path) as file:
        return file.read(split, key)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "n-tidigits.hdf5"


def test_a_file_made_as_documented_is_read(path):
    write_by_hand(path, {"man-im-a-7": ([3, 63, 0], [0.001, 0.0015, 1.25]), "woman-ac-b-7557": ([], [])})
    with NTIDIGITSFile(path) as file:
        assert file.keys("test") == {"man-im-a-7": None, "woman-ac-b-7557": None}
        assert file.read("train", "man-im-a-7") == cochlea([3, 63, 0], [1000, 1500, 1_250_000])
        assert len(file.read("train", "woman-ac-b-7557")) == 0


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("channel_dtype", ["u1", "i8", "f8"])
def test_numbers_of_any_kind_are_read(path, dtype, channel_dtype):
    recording = (np.array([5, 6], channel_dtype), np.array([0.25, 0.5], dtype))
    assert read(write_by_hand(path, {"a-1": recording}), "a-1") == cochlea([5, 6], [250_000, 500_000])


def test_labels_of_varying_length_or_in_a_group_are_read(path):
    write_by_hand(path, {"a-1": ([1], [0.1])})
    with h5py.File(path, "a") as file:
        del file["train_labels"], file["test_labels"]
        file.create_dataset("train_labels", data=["a-1"], dtype=h5py.string_dtype())
        file.create_group("test_labels")["a-1"] = b"1"
    with NTIDIGITSFile(path) as file:
        assert file.keys("train") == file.keys("test") == {"a-1": None}


def test_slightly_disordered_events_are_sorted_and_equal_times_stay_in_order(path):
    write_by_hand(path, {"a-1": ([1, 2, 3, 4], [0.002, 0.001, 0.002, 0.002])})
    assert read(path, "a-1") == cochlea([2, 1, 3, 4], [1000, 2000, 2000, 2000])


def test_time_running_back_by_just_1_ms_is_no_damage_but_hides_none_behind_it(path):
    write_by_hand(path, {"a-1": ([1, 2], [0.003, 0.002]), "b-1": ([1, 2, 3], [0.003, 0.002, 0.001999])})
    assert read(path, "a-1") == cochlea([2, 1], [2000, 3000])
    with pytest.raises(EventFileError, match="runs back by 1,001 µs at event 2"):
        read(path, "b-1")


def test_of_many_events_those_of_equal_time_keep_the_files_order(path):
    ts, channels = np.random.default_rng(0).integers(0, 5, 1000), np.arange(1000) % 64
    write_by_hand(path, {"a-1": (channels, ts / 1e6)})
    assert read(path, "a-1").x.tolist() == [channel for t in range(5) for channel in channels[ts == t].tolist()]


@pytest.mark.parametrize(
    ("addresses", "timestamps", "complaint"),
    [
        ([1, 2], [0.1], "2 addresses and 1 timestamps"),
        ([1, 2], [0.1, np.nan], "event 1: nan"),
        ([1, 2], [0.1, np.inf], "event 1: inf"),
        ([1, 2], [-0.1, 0.1], "before 0"),
        ([1], [1e300], "later than any"),
        ([1, 2, 3], [0.1, 0.2, 0.19], "runs back by 10,000 µs at event 2"),
        ([64], [0.1], "64 is a channel outside 0 … 63"),
        ([-1], [0.1], "-1 is a channel outside"),
        ([1.5], [0.1], "1.5 is no channel"),
        ([np.nan], [0.1], "nan is a channel outside"),
        ([[1]], [[0.1]], "no list of numbers"),
        ([b"x"], [0.1], "no list of numbers"),
    ],
)
def test_a_damaged_recording_is_refused_with_file_and_key(path, addresses, timestamps, complaint):
    write_by_hand(path, {"man-im-a-7": (addresses, timestamps)})
    with pytest.raises(EventFileError, match=complaint) as caught:
        read(path, "man-im-a-7")
    assert f"{path}, train man-im-a-7" in str(caught.value)


def test_a_recording_that_declares_more_than_any_memory_holds_is_refused(path):
    write_by_hand(path, {})
    with h5py.File(path, "a") as file:
        for part in ("addresses", "timestamps"):
            file[f"train_{part}"].create_dataset("a-1", shape=(10**13,), chunks=(1000,), dtype="f8")
    with pytest.raises(EventFileError, match="beyond belief"):
        read(path, "a-1")


@pytest.mark.parametrize("dtype", ["u1", "f8"])
def test_a_recording_that_unpacks_to_far_too_much_is_refused_before_it_is_unpacked(path, monkeypatch, dtype):
    write_by_hand(path, {})
    with h5py.File(path, "a") as file:
        for part in ("addresses", "timestamps"):
            file[f"train_{part}"].create_dataset("a-1", data=np.zeros(50_000, dtype), compression="gzip")
    monkeypatch.setattr("eventvision.ntidigits.LARGEST", 100_000)
    with pytest.raises(EventFileError, match="declares 50,000 events, beyond belief"):
        read(path, "a-1")


def test_labels_that_unpack_to_far_too_much_are_refused(path, monkeypatch):
    write_by_hand(path, {}, [b"a-1"] * 1000)
    monkeypatch.setattr("eventvision.ntidigits.LARGEST", 10_000)
    with NTIDIGITSFile(path) as file, pytest.raises(EventFileError, match="train_labels declares 1,000 keys, beyond belief"):
        file.keys("train")


@pytest.mark.parametrize("what", ["link", "group link", "link to a link", "group link to a link", "external", "virtual"])
def test_what_lies_in_another_file_is_not_read(path, tmp_path, pipe, what):
    write_by_hand(path, {"a-1": ([1], [0.1])})
    with h5py.File(path, "a") as file:
        file["out"] = h5py.ExternalLink(str(pipe), "/x")
        if what == "group link":
            del file["train_addresses"]
            file["train_addresses"] = h5py.ExternalLink(str(pipe), "/x")
        elif what == "group link to a link":
            del file["train_addresses"]
            file["train_addresses"] = h5py.SoftLink("/out")
        else:
            group = file["train_addresses"]
            del group["a-1"]
            if what == "link":
                group["a-1"] = h5py.ExternalLink(str(pipe), "/x")
            elif what == "link to a link":
                group["a-1"] = h5py.SoftLink("/out")
            elif what == "external":
                group.create_dataset("a-1", (1,), "u1", external=[(str(pipe), 0, 1)])
            else:
                layout = h5py.VirtualLayout((1,), "u1")
                layout[:] = h5py.VirtualSource(str(pipe), "x", (1,), "u1")
                group.create_virtual_dataset("a-1", layout)
    with pytest.raises(EventFileError, match=r"is a link to another file|is a symbolic link|has its numbers in another file"):
        read(path, "a-1")


def test_keys_that_are_not_in_all_parts_are_told_with_the_parts(path):
    recording = ([1], [0.1])
    write_by_hand(path, {"a-1": recording}, [b"a-1", b"c-1"], addresses={"a-1": recording, "b-1": recording})
    with NTIDIGITSFile(path) as file:
        assert file.keys("train") == {
            "a-1": None,
            "b-1": "it is missing in train_labels and train_timestamps",
            "c-1": "it is missing in train_addresses and train_timestamps",
        }


@pytest.mark.parametrize("part", ["train_labels", "train_addresses", "train_timestamps"])
def test_a_missing_part_is_named_with_the_file(path, part):
    write_by_hand(path, {"a-1": ([1], [0.1])})
    with h5py.File(path, "a") as file:
        del file[part]
    with NTIDIGITSFile(path) as file, pytest.raises(EventFileError, match=f"{path}: {part} is missing"):
        file.keys("train")


@pytest.mark.parametrize("part", ["train_labels", "train_addresses"])
def test_a_part_of_another_kind_is_named(path, part):
    write_by_hand(path, {"a-1": ([1], [0.1])})
    with h5py.File(path, "a") as file:
        del file[part]
        file[part] = 7
    with NTIDIGITSFile(path) as file, pytest.raises(EventFileError, match=part):
        file.keys("train")


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"text"])
def test_a_file_cut_in_half_or_of_another_kind_is_refused_by_name(path, damage):
    write_by_hand(path, {f"a-{i}": ([1], [0.1]) for i in range(9)})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(EventFileError, match=r"n-tidigits\.hdf5"):
        NTIDIGITSFile(path)


@pytest.mark.parametrize("mark", [b"TREE", b"HEAP", b"SNOD"])
def test_a_file_whose_structure_is_damaged_anywhere_is_read_or_refused(path, mark):
    write_by_hand(path, {"a-1": ([1], [0.1])})
    whole = path.read_bytes()
    places = [place for place in range(len(whole)) if whole.startswith(mark, place)]
    for place in places:
        path.write_bytes(whole[:place] + b"X" + whole[place + 1 :])
        with suppress(EventFileError), NTIDIGITSFile(path) as file:
            file.keys("train")


def test_a_key_that_is_no_text_is_refused(path):
    write_by_hand(path, {"a-1": ([1], [0.1])})
    with h5py.File(path, "a") as file:
        file["train_addresses"][b"\xff-1"] = [1]
    with NTIDIGITSFile(path) as file, pytest.raises(EventFileError, match="key that is no text"):
        file.keys("train")


def test_a_file_that_is_not_there_is_an_error_of_the_system(path):
    with pytest.raises(FileNotFoundError):
        NTIDIGITSFile(path)


recordings = st.dictionaries(
    st.from_regex(r"[a-z]{1,3}-[ab]-[1-9oz]{1,3}", fullmatch=True),
    st.lists(st.tuples(st.integers(0, 2**45), st.integers(0, 63)), max_size=20).map(lambda rows: sorted(rows)),
    max_size=4,
)


@given(recordings, recordings)
def test_what_is_written_is_read_back(tmp_path_factory, train, test):
    path = tmp_path_factory.mktemp("ntidigits") / "file.hdf5"
    splits = {
        split: {key: cochlea([c for _, c in rows], [t for t, _ in rows]) for key, rows in recordings.items()}
        for split, recordings in (("train", train), ("test", test))
    }
    write_ntidigits(path, {split: recordings.items() for split, recordings in splits.items()})
    with NTIDIGITSFile(path) as file:
        for split, recordings in splits.items():
            assert file.keys(split) == dict.fromkeys(sorted(recordings))
            assert all(file.read(split, key) == events for key, events in recordings.items())


def test_the_latest_time_is_kept_and_the_next_that_float64_holds_is_refused(path):
    latest = cochlea([1], [2**53])
    write_ntidigits(path, {"train": [("a-1", latest)]})
    assert read(path, "a-1") == latest
    with pytest.raises(EventFileError, match="later than any"):
        read(write_by_hand(path, {"a-1": ([1], [np.nextafter(2**53 / 1e6, np.inf)])}), "a-1")


@given(st.lists(st.tuples(st.floats(width=64), st.integers(-3, 70)), max_size=6))
def test_any_numbers_give_sorted_events_or_a_complaint(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("ntidigits") / "file.hdf5"
    write_by_hand(path, {"a-1": (np.array([c for _, c in rows], int), np.array([t for t, _ in rows], float))})
    try:
        events = read(path, "a-1")
    except EventFileError:
        return
    assert len(events) == len(rows)
    assert (np.diff(events.ts) >= 0).all()
    assert (events.ts >= 0).all()


@pytest.mark.parametrize(
    ("key", "events", "complaint"),
    [
        ("a-1", cochlea([1, 2], [5, 4]), "order of time"),
        ("a-1", cochlea([1], [-1]), "times outside"),
        ("a-1", cochlea([1], [2**53 + 1]), "times outside"),
        ("a-1", cochlea([1], [1], [0]), "OFF"),
        ("a-1", Events.from_columns([1], [1], [1], [1], 34, 34), "another sensor"),
        ("a-1", Events.from_columns([1], [0], [1], [1], 34, 34), "another sensor"),
        ("a-1", Events.from_columns([1], [0], [1], [1], 65, 1), "another sensor"),
        ("a-1", beyond(64, 0), "another sensor"),
        ("a-1", beyond(0, 1), "another sensor"),
        ("a/1", cochlea([], []), "a key must"),
        ("", cochlea([], []), "a key must"),
    ],
)
def test_what_the_structure_cannot_hold_is_refused_and_nothing_is_written(path, key, events, complaint):
    path.write_bytes(b"before")
    with pytest.raises(EventFileError, match=complaint):
        write_ntidigits(path, {"train": [("ok-1", cochlea([1], [1])), (key, events)]})
    assert path.read_bytes() == b"before"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("part", ["labels", "timestamps"])
def test_numbers_packed_in_far_too_large_pieces_are_refused_before_they_are_unpacked(path, monkeypatch, part):
    write_by_hand(path, {"a-1": ([1], [0.1])})
    monkeypatch.setattr("eventvision.ntidigits.LARGEST", 10_000)
    name = f"train_{part}" + ("" if part == "labels" else "/a-1")
    with h5py.File(path, "a") as file:
        del file[name]
        file.create_dataset(name, (1,), "S8" if part == "labels" else "f8", chunks=(2000,), maxshape=(None,), compression="gzip")
    with NTIDIGITSFile(path) as file, pytest.raises(EventFileError, match="is packed in pieces of 16,000 bytes, beyond belief"):
        file.keys("train") if part == "labels" else file.read("train", "a-1")


def test_labels_of_varying_length_that_are_all_one_very_long_one_are_refused_early(path):
    write_by_hand(path, {"a-1": ([1], [0.1])})
    with h5py.File(path, "a") as file:
        del file["train_labels"]
        file.create_dataset("train_labels", (500_000,), h5py.string_dtype(), fillvalue="x" * 2000)
    tracemalloc.start()
    with NTIDIGITSFile(path) as file, pytest.raises(EventFileError, match="train_labels holds a key of more than 1,000 bytes"):
        file.keys("train")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_one_recording_under_very_many_keys_is_not_read_without_end(path, monkeypatch):
    write_by_hand(path, {"a-1": (np.zeros(1000), np.zeros(1000))})
    monkeypatch.setattr("common.content.LARGEST", 1000)
    monkeypatch.setattr("common.content.MOST_UNPACKED", 1)
    with NTIDIGITSFile(path) as file:
        n_bytes = path.stat().st_size
        for _ in range(n_bytes // 16_000):
            assert len(file.read("train", "a-1")) == 1000
        with pytest.raises(EventFileError, match="unpacks to far more, together with those before it, than recordings do"):
            file.read("train", "a-1")


def test_a_key_with_characters_that_a_terminal_obeys_is_told_with_escapes(path):
    write_by_hand(path, {"a\n\x1b-1": ([64], [0.1])})
    with pytest.raises(EventFileError, match=r"train a\\n\\x1b-1: event 0: 64"):
        read(path, "a\n\x1b-1")
