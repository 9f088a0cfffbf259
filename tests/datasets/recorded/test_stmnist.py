import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets import STMNIST, DatasetError, EmulatedSTMNIST, MissingDataError
from datasets.raw.split import test_part as part_for_testing
from eventvision import Events, encode_stmnist, read_stmnist

RECORDINGS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "stmnist" / "STMNIST_true_time.zip"
N_EACH = 6  # recordings of a digit: five for training, one for testing


def recording(seed, n_events=30):
    generator = np.random.default_rng(seed)
    x, y = generator.integers(0, 10, (2, n_events))
    ts = np.sort(generator.integers(0, 1_500_000, n_events))
    return encode_stmnist(Events.from_columns(x, y, generator.integers(0, 2, n_events), ts, 10, 10))


@pytest.fixture(scope="module")
def recordings():
    """Files as the archive holds them, the table of the pad's wiring and a note beside them."""
    files = {f"data_submission/{i % 10}/{i:04d}.mat": recording(i) for i in range(10 * N_EACH)}
    return {"data_submission/LUT.mat": b"no recording", "data_submission/3/LUT.mat": b"nor this", "note.txt": b"", **files}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "STMNIST" / "raw"


@pytest.fixture
def stmnist(folder):
    return lambda **options: STMNIST(folder.parents[1], **options)


def test_training_and_test_part_hold_every_recording_once_and_every_class_in_proportion(recordings, stmnist, folder, put):
    put(folder / "ST-MNIST dataset.zip", recordings)
    train, test = stmnist(), stmnist(train=False)
    assert train.targets.bincount().tolist() == [N_EACH - 1] * 10
    assert test.targets.bincount().tolist() == [1] * 10
    names = [r.name for dataset in (train, test) for r in dataset.list_recordings().recordings]
    assert len(set(names)) == len(names) == 10 * N_EACH


def test_labels_come_from_the_folder_and_each_event_gets_its_unit_and_step(recordings, stmnist, folder, put):
    put(folder, recordings)
    dataset = stmnist(polarities="both", dt=10.0)
    for (sample, label), listed in zip(dataset, dataset.list_recordings().recordings, strict=True):
        path = Path(listed.name)
        assert label == int(path.parent.name)
        events = read_stmnist(path)
        dense = np.zeros((200, 200), np.uint8)
        for x, y, p, ts in events.data.tolist():
            dense[ts // 10_000, 10 * y + x + (0 if p else 100)] = 1
        assert np.array_equal(sample.numpy(), dense)


def test_taxel_row_k_of_the_file_is_unit_10_k_mod_10_plus_k_div_10(stmnist, folder, put):
    events = Events.from_columns(
        [k // 10 for k in range(100)], [k % 10 for k in range(100)], [1] * 100, range(0, 100_000, 1000), 10, 10
    )
    put(folder, {f"data_submission/{i % 10}/{i}.mat": encode_stmnist(events) for i in range(20)})
    sample, _ = stmnist()[0]
    step, unit = sample.nonzero(as_tuple=True)
    assert step.tolist() == list(range(100))
    assert unit.tolist() == [10 * (k % 10) + k // 10 for k in range(100)]


LAYOUTS = {
    "the archive": ("official.zip", ""),
    "a packed tar": ("x.tar.gz", "folder around it/"),
    "the folder": (".", ""),
    "the folder one level deeper": ("downloads", ""),
}


@pytest.mark.parametrize(("place", "around"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_recordings_are_found_however_they_lie_and_split_alike(place, around, recordings, stmnist, folder, tmp_path, put):
    put(tmp_path / "other" / "STMNIST" / "raw", recordings)
    reference = STMNIST(tmp_path / "other")
    put(folder / place, {around + name: content for name, content in recordings.items()})
    dataset = stmnist()
    assert torch.equal(dataset.targets, reference.targets)
    assert all(torch.equal(a, b) for a, b in zip(dataset.data[:3], reference.data[:3], strict=True))


def test_a_recording_that_lies_there_twice_is_taken_once_and_counted(recordings, stmnist, folder, put):
    put(folder / "a.zip", recordings)
    put(folder, recordings)
    for train, n in ((True, (N_EACH - 1) * 10), (False, 10)):
        dataset = stmnist(train=train)
        assert len(dataset) == n
        copies, first = folder / "data_submission", folder / "a.zip"
        assert dataset.report.notes == [f"{10 * N_EACH} recordings of {copies} passed over: the same are in {first}"]


def test_different_recordings_of_one_name_in_two_archives_are_refused_and_both_are_named(recordings, stmnist, folder, put):
    put(folder / "a.zip", recordings)
    put(folder / "b.zip", recordings | {"data_submission/0/0000.mat": recording(99, 31)})
    with pytest.raises(DatasetError, match="are different recordings of the same name; move one of them away") as caught:
        stmnist()
    for archive in "ab":
        assert str(folder / f"{archive}.zip" / "data_submission/0/0000.mat") in str(caught.value)


@pytest.mark.parametrize(("n", "n_test"), [(1, 1), (2, 1), (5, 1), (7, 1), (8, 2), (12, 2), (13, 3), (500, 100)])
def test_a_fifth_of_each_class_rounded_to_the_nearest_is_for_testing_and_at_least_one(n, n_test):
    names = [(label, f"{i:04d}") for label in range(2) for i in range(n)]
    chosen = part_for_testing(names, 0)
    assert chosen <= set(names)
    assert [sum(label == k for label, _ in chosen) for k in range(2)] == [n_test, n_test]


def test_which_recordings_are_for_testing_differs_between_classes():
    chosen = part_for_testing([(label, f"{i:04d}") for label in range(2) for i in range(50)], 0)
    assert {name for label, name in chosen if label == 0} != {name for label, name in chosen if label == 1}


def test_split_moves_few_recordings_when_one_is_missing():
    names = [(label, f"{i:04d}") for label in range(3) for i in range(500)]
    whole = part_for_testing(names, 0)
    assert len(whole) == 300
    assert part_for_testing(names, 0) == whole
    assert part_for_testing(names, 1) != whole
    assert len(part_for_testing(names[1:], 0) ^ whole) <= 2


def test_without_data_the_message_leads_to_the_form_and_says_what_needs_none(stmnist, folder):
    with pytest.raises(MissingDataError) as caught:
        stmnist(download=True)
    for part in (str(folder), "https://scholarbank.nus.edu.sg/handle/10635/168106", "form", "zip", "--source emulated"):
        assert part in str(caught.value)


def test_a_class_without_a_recording_for_each_part_is_named(recordings, stmnist, folder, put):
    put(folder, {name: content for name, content in recordings.items() if "/3/" not in name or name.endswith("/0003.mat")})
    with pytest.raises(DatasetError, match="no usable train recording of class 3"):
        stmnist()


def test_a_limit_leaves_out_and_counts_the_events_of_busy_taxels_and_makes_another_file(stmnist, folder, put):
    busy = Events.from_columns([1] * 5 + [2] * 4, [1] * 5 + [2] * 4, [1, 1, 1, 1, 0, 1, 1, 1, 0], range(9), 10, 10)
    put(folder, {f"data_submission/{i % 10}/{i}.mat": encode_stmnist(busy) for i in range(20)})
    free, limited, high = stmnist(), stmnist(taxel_limit=3), stmnist(taxel_limit=4)
    assert len({free.key, limited.key, high.key}) == 3
    assert free[0][0].nonzero().tolist() == high[0][0].nonzero().tolist() == [[0, 11], [0, 22]]
    assert limited[0][0].nonzero().tolist() == [[0, 22]]
    assert limited.report.n_damaged_events == 5 * len(limited)
    assert free.report.n_damaged_events == 0
    for wrong in (0, -1):
        with pytest.raises(DatasetError, match="taxel_limit must be a whole number from 1 to 100000000 events, or None"):
            stmnist(taxel_limit=wrong)


def test_another_split_seed_makes_another_file(recordings, stmnist, folder, put, monkeypatch):
    put(folder, recordings)
    key = stmnist().key
    monkeypatch.setattr("datasets.raw.split.SPLIT_SEED", 1)
    assert stmnist().key != key


def test_corrupted_columns_are_counted_and_a_damaged_file_is_left_out_by_name(recordings, stmnist, folder, put):
    from scipy.io import loadmat, savemat

    put(folder, {**recordings, **{f"data_submission/7/9{i:03d}.mat": recording(i) for i in range(150)}})
    empty, corrupted, *_ = (Path(listed.name) for listed in stmnist().list_recordings().recordings)
    empty.write_bytes(b"")
    matrix = loadmat(corrupted)["spiketrain"]
    matrix[:100, 4] = 1
    savemat(corrupted, {"spiketrain": matrix})
    report = stmnist().report
    assert report.n_damaged_events == 1
    assert report.left_out == [(str(empty), "is empty")]


def test_emulated_files_are_read_as_recorded_ones_are(tmp_path):
    emulated = EmulatedSTMNIST(tmp_path, n_samples=30, polarities="both", progress=False)
    emulated.write_raw(tmp_path / "STMNIST" / "raw")
    train, test = (STMNIST(tmp_path, train, polarities="both", progress=False) for train in (True, False))
    assert (len(train), len(test)) == (20, 10)
    for dataset in (train, test):
        for (sample, label), listed in zip(dataset, dataset.list_recordings().recordings, strict=True):
            number = int(Path(listed.name).stem.removeprefix("train"))
            assert torch.equal(sample, emulated[number][0])
            assert label == emulated[number][1]


@pytest.mark.skipif(not RECORDINGS.exists(), reason="no real recordings beside the project")
def test_real_archive_gives_every_event_its_place_and_time(stmnist, folder):
    folder.mkdir(parents=True)
    (folder / "STMNIST.zip").symlink_to(RECORDINGS)
    dataset, test = stmnist(), stmnist(train=False)
    assert len(dataset) + len(test) == 663
    assert dataset.report.left_out == []
    assert dataset.report.n_damaged_events == dataset.report.n_past_window == 0
    listed = dataset.list_recordings().recordings
    with zipfile.ZipFile(RECORDINGS) as archive:
        for index in range(0, len(dataset), 100):
            name = listed[index].name.partition(".zip/")[2]
            events = read_stmnist(archive.read(name))
            events = events[events.p]
            sample = dataset.data.sample(index)
            expected = np.unique(events.ts // 1000 * 100 + 10 * events.y.astype(int) + events.x)
            assert np.array_equal(sample.steps.int() * 100 + sample.units.int(), expected)
            assert dataset.targets[index] == int(name.split("/")[1])
