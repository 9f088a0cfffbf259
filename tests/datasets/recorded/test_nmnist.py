import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets import DatasetError, MissingDataError
from eventvision import Events, encode_nmnist, read_nmnist

RECORDINGS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "nmnist"


def of(files, split):
    return {name: content for name, content in files.items() if name.startswith(split)}


def same(one, other):
    return torch.equal(one.targets, other.targets) and all(
        torch.equal(a, b) for a, b in zip(one.data[:3], other.data[:3], strict=True)
    )


@pytest.fixture
def reference(files, nmnist, raw, put):
    """What any way of laying out the recordings has to give."""
    put(raw, files)
    dataset = nmnist()
    for split in ("Train", "Test"):
        (raw / split).rename(raw.parent / split)
    return dataset


def test_samples_come_by_digit_then_by_number(files, reference):
    assert reference.targets.tolist() == sorted([*range(10)] * 2)
    names = sorted(of(files, "Train"))
    for index, name in enumerate(names):
        events = read_nmnist(files[name])
        dense = np.zeros((105, 1156), np.uint8)
        for x, y, p, ts in events.data.tolist():
            if p and ts < 105_000:
                dense[ts // 1000, 34 * y + x] = 1
        sample, label = reference[index]
        assert np.array_equal(sample.numpy(), dense)
        assert label == int(name.split("/")[1])


LAYOUTS = {
    "the official archives": {"Train.zip": "", "Test.zip": ""},
    "one archive with both": {"everything.zip": ""},
    "one archive, one level deeper": {"n-mnist.tar.gz": "NMNIST/"},
    "lower case": {"x.tar": "lower"},
    "digits only, named after the split": {"Train.zip": "strip", "Test.zip": "strip"},
    "loose folders": {".": ""},
    "loose folders one level deeper": {"downloads": ""},
    "archives in a folder": {"downloads/Train.zip": "", "downloads/Test.zip": ""},
    "an archive and a folder": {"Train.zip": "", "more": ""},
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_recordings_are_found_however_they_lie(layout, files, reference, nmnist, raw, put):
    for place, change in layout.items():
        chosen = files
        if place.endswith(("Train.zip", "Test.zip")):
            chosen = of(files, "Train" if place.endswith("Train.zip") else "Test")
        if change == "lower":
            chosen = {name.lower(): content for name, content in chosen.items()}
        elif change == "strip":
            chosen = {name.partition("/")[2]: content for name, content in chosen.items()}
        else:
            chosen = {change + name: content for name, content in chosen.items()}
        put(raw / place, {"README.txt": b"", **chosen})
    assert same(nmnist(), reference)
    assert nmnist(train=False).targets.tolist() == [*range(10)]


def test_a_recording_that_lies_there_twice_is_taken_once(files, reference, nmnist, raw, put):
    put(raw / "Train.zip", of(files, "Train"))
    put(raw / "unpacked", of(files, "Train"))
    assert same(nmnist(), reference)
    report = nmnist().report
    assert report.sources == [str(raw / "Train.zip")]
    assert report.notes == [f"20 recordings of {raw / 'unpacked'} passed over: the same are in {raw / 'Train.zip'}"]


@pytest.mark.parametrize("place", ["Train more.zip", "more", "more.tar"])
def test_different_recordings_of_one_name_are_refused_whatever_holds_them(files, nmnist, raw, put, place):
    name = "Train/7/00001.bin"
    put(raw / "Train.zip", of(files, "Train"))
    put(raw / place, {name: files[name] + files[name][:5]})
    with pytest.raises(DatasetError, match="different recordings of the same name") as caught:
        nmnist()
    assert str(raw / "Train.zip" / name) in str(caught.value)
    assert str(raw / place / name) in str(caught.value)


def test_recordings_of_one_name_and_size_in_two_zips_are_told_apart_by_their_checksums(files, nmnist, raw, put):
    name = "Train/7/00001.bin"
    put(raw / "Train.zip", of(files, "Train"))
    put(raw / "more.zip", {name: files[name]})
    assert nmnist().report.notes == [f"1 recordings of {raw / 'more.zip'} passed over: the same are in {raw / 'Train.zip'}"]
    put(raw / "more.zip", {name: files[name][:-1] + b"\1"})
    with pytest.raises(DatasetError, match="different recordings of the same name"):
        nmnist()


def test_recordings_may_be_spread_over_several_places(files, reference, nmnist, raw, put):
    train = of(files, "Train")
    half = {name: train[name] for name in list(train)[:7]}
    put(raw / "Train.zip", half)
    put(raw, {name: content for name, content in train.items() if name not in half})
    dataset = nmnist()
    assert same(dataset, reference)
    assert dataset.report.sources == [str(raw / "Train"), str(raw / "Train.zip")]


def test_without_data_the_message_says_what_to_put_where_and_what_needs_none(nmnist, raw):
    raw.rmdir()
    with pytest.raises(MissingDataError) as caught:
        nmnist()
    message = str(caught.value)
    assert str(raw) in message
    assert "Train.zip" in message
    assert "--source emulated" in message


def test_a_split_that_is_missing_is_named(files, nmnist, raw, put):
    put(raw / "Train.zip", of(files, "Train"))
    with pytest.raises(MissingDataError, match="no test recordings"):
        nmnist(train=False)


def test_a_class_without_recordings_is_named(files, nmnist, raw, put):
    put(raw, {name: content for name, content in files.items() if "/3/" not in name})
    with pytest.raises(DatasetError, match=rf"no usable train recording of class 3 in {raw}"):
        nmnist()


def test_a_recording_without_events_is_a_silent_sample(files, nmnist, raw, put):
    put(raw, {**files, "Train/0/00000.bin": b"", "Train/0/00001.bin": bytes([1, 0, 128, 0, 0])})
    dataset = nmnist()
    assert dataset[0][0].sum() == 0
    assert dataset[1][0].nonzero().tolist() == [[0, 1]]
    assert dataset.report.n_silent == 1


def test_events_past_the_window_are_counted_and_not_in_the_last_bin(files, nmnist, raw, put):
    late = encode_nmnist(Events.from_columns([1, 2, 3], [0, 0, 0], [1, 1, 1], [104_999, 105_000, 314_000], 34, 34))
    put(raw, dict.fromkeys(files, late))
    dataset = nmnist()
    assert dataset.report.n_past_window == 2 * len(dataset)
    assert all(sample.nonzero().tolist() == [[104, 1]] for sample, _ in dataset)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no real recordings beside the project")
def test_real_archives_give_every_event_its_place_and_time(nmnist, raw):
    for split in ("Train", "Test"):
        (raw / f"{split}.zip").symlink_to(RECORDINGS / f"{split}.zip")
    assert len(nmnist(train=False)) == 150
    dataset = nmnist(n_workers=2)
    assert len(dataset) == 750
    mean = (dataset.report.n_events - dataset.report.n_past_window) / 750
    assert 737.5 < mean < 739.5
    assert dataset.report.left_out == []
    with zipfile.ZipFile(RECORDINGS / "Train.zip") as archive:
        names = sorted(archive.namelist())
        for index in range(0, 750, 50):
            events = read_nmnist(archive.read(names[index]))
            events = events[events.p & (events.ts < 105_000)]
            expected = np.unique(events.ts // 1000 * 1156 + events.y.astype(int) * 34 + events.x)
            sample = dataset.data.sample(index)
            assert np.array_equal(sample.steps.int() * 1156 + sample.units.int(), expected)
            assert dataset.targets[index] == int(names[index].split("/")[1])
