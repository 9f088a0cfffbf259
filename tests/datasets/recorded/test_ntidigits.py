import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from datasets import NTIDIGITS, DatasetError, MissingDataError
from eventvision import Events, write_ntidigits


def heard(seed, n_events=50, duration=900_000):
    generator = np.random.default_rng(seed)
    ts = np.sort(generator.integers(0, duration, n_events))
    return Events.from_columns(generator.integers(0, 64, n_events), [0] * n_events, [1] * n_events, ts, 64, 1)


def speech():
    """Both takes of each digit by a man, in no order, "oh" once a split, and connected digits."""
    keys = [f"man-im-{take}-{digit}" for digit in "z37o1285946" for take in "ba"]
    keys += ["woman-ac-a-7557", "woman-ac-b-zo", "woman-ac-a-ooooooo"]
    return {split: {key: heard([i, j]) for j, key in enumerate(keys)} for i, split in enumerate(("train", "test"))}


def place(raw, splits):
    raw.mkdir(parents=True, exist_ok=True)
    write_ntidigits(raw / "n-tidigits.hdf5", {split: recordings.items() for split, recordings in splits.items()})


@pytest.fixture
def raw(tmp_path) -> Path:
    return tmp_path / "NTIDIGITS" / "raw"


def ntidigits(raw, **options):
    return NTIDIGITS(raw.parents[1], progress=False, **options)


def test_single_digits_come_by_digit_then_by_key_and_the_rest_is_counted(raw):
    splits = speech()
    place(raw, splits)
    for train in (True, False):
        dataset = ntidigits(raw, train=train)
        assert dataset.targets.tolist() == sorted([*range(10)] * 2)
        assert "3 recordings of connected digits passed over" in dataset.report.lines()
        assert "2 recordings of “oh” left out" in dataset.report.lines()
        for index, key in enumerate(f"man-im-{take}-{digit}" for digit in "z123456789" for take in "ab"):
            events = splits[dataset.split][key]
            dense = np.zeros((1000, 64), np.uint8)
            dense[events.ts // 1000, events.x] = 1
            assert np.array_equal(dataset[index][0].numpy(), dense)


def test_a_pipe_in_place_of_the_file_is_named(raw, pipe):
    raw.mkdir(parents=True)
    pipe.rename(raw / "n-tidigits.hdf5")
    with pytest.raises(MissingDataError) as caught:
        ntidigits(raw)
    passed_over = f"pipes, sockets and devices passed over: 1, such as {raw}/n-tidigits.hdf5, a pipe"
    assert f"found no n-tidigits.hdf5 in {raw}; {passed_over}. " in str(caught.value)


def test_oh_is_an_eleventh_class_if_asked_for(raw):
    place(raw, speech())
    dataset = ntidigits(raw, oh_class=True)
    assert dataset.n_classes == 11
    assert dataset.class_names[10] == "o"
    assert dataset.targets.tolist() == sorted([*range(11)] * 2)
    assert dataset.key != ntidigits(raw).key


def test_takes_behind_the_digit_are_no_further_digits(raw):
    keys = [f"im-{digit}{take}" for digit in "z123456789" for take in "ab"] + ["im-77a", "im-oa"]
    place(raw, {"train": {key: heard(i) for i, key in enumerate(keys)}})
    dataset = ntidigits(raw)
    assert dataset.targets.tolist() == sorted([*range(10)] * 2)
    assert len(dataset.report.notes) == 2


def test_silent_recordings_are_samples_and_late_events_are_counted(raw):
    splits = speech()
    splits["train"]["man-im-a-z"] = heard(0, 0)
    splits["train"]["man-im-b-z"] = Events.from_columns([5, 6], [0, 0], [1, 1], [999_999, 1_000_000], 64, 1)
    place(raw, splits)
    dataset = ntidigits(raw)
    assert dataset.report.n_silent == 1
    assert dataset.report.n_past_window == 1
    assert dataset[1][0].nonzero().tolist() == [[999, 5]]


def test_damaged_recordings_are_left_out_up_to_one_in_a_hundred(raw):
    keys = [f"man-{speaker:03d}-a-{digit}" for speaker in range(20) for digit in "z123456789"]
    place(raw, {"train": {key: heard(i) for i, key in enumerate(keys)}})
    with h5py.File(raw / "n-tidigits.hdf5", "a") as file:
        file["train_timestamps"]["man-003-a-5"][7] = np.nan
        file["train_addresses"]["man-004-a-5"][0] = 64
    dataset = ntidigits(raw)
    assert len(dataset) == 198
    assert [name.partition("train ")[2] for name, _ in dataset.report.left_out] == ["man-003-a-5", "man-004-a-5"]
    assert dataset.report.left_out[0][1].startswith("event 7: nan")
    with pytest.raises(DatasetError, match="none may be"):
        ntidigits(raw, strict=True)
    with h5py.File(raw / "n-tidigits.hdf5", "a") as file:
        del file["train_addresses"]["man-005-a-5"]
    with pytest.raises(DatasetError, match=r"3 of 200 .*man-005-a-5: it is missing in train_addresses"):
        ntidigits(raw)


def test_a_key_without_what_was_spoken_is_damage(raw):
    splits = speech()
    splits["train"]["man-im-a-five"] = heard(0)
    place(raw, splits)
    ((_, why),) = ntidigits(raw).report.left_out
    assert "'man-im-a-five' does not end in what was spoken" in why


def test_a_file_cut_in_half_is_refused_and_nothing_prepared_is_lost(raw):
    place(raw, speech())
    before = ntidigits(raw)
    path = raw / "n-tidigits.hdf5"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match=rf"{path} .* damaged or cut short.*replace the file"):
        ntidigits(raw)
    assert before.processed_path.exists()
    path.unlink()
    assert ntidigits(raw).key == before.key


def test_a_missing_part_is_named(raw):
    place(raw, speech())
    with h5py.File(raw / "n-tidigits.hdf5", "a") as file:
        del file["test_timestamps"]
    assert len(ntidigits(raw)) == 20
    with pytest.raises(DatasetError, match=r"n-tidigits\.hdf5: test_timestamps is missing"):
        ntidigits(raw, train=False)


def test_without_the_file_the_message_says_what_to_put_where(raw):
    with pytest.raises(MissingDataError) as caught:
        ntidigits(raw)
    assert all(part in str(caught.value) for part in (str(raw), "n-tidigits.hdf5", "--source emulated"))


def test_a_file_in_an_archive_or_two_files_are_refused_with_what_to_do(raw):
    place(raw, speech())
    with zipfile.ZipFile(raw / "all.zip", "w") as archive:
        archive.write(raw / "n-tidigits.hdf5", "n-tidigits.hdf5")
    with pytest.raises(DatasetError, match="only one HDF5 file"):
        ntidigits(raw)
    (raw / "n-tidigits.hdf5").unlink()
    with pytest.raises(DatasetError, match="unpack"):
        ntidigits(raw)


@pytest.mark.parametrize("polarities", ["off", "both"])
def test_a_cochlea_has_no_polarities(raw, polarities):
    with pytest.raises(DatasetError, match="polarities"):
        ntidigits(raw, polarities=polarities)


def test_workers_change_no_result(raw):
    place(raw, {"train": {f"m-{i:03d}-a-{'z123456789'[i % 10]}": heard(i) for i in range(100)}})
    one = ntidigits(raw)
    one.processed_path.unlink()
    two = ntidigits(raw, n_workers=2)
    assert (one.data.steps == two.data.steps).all()
    assert one.report == two.report
