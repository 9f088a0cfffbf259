import numpy as np
import pytest

from datasets import DatasetError, OwnRecordings
from eventvision import Events, encode_nmnist, encode_stmnist

N_EACH = 5  # recordings of a class: four for training, one for testing


def events(seed, side=34):
    generator = np.random.default_rng(seed)
    x, y = generator.integers(0, side, (2, 30))
    return Events.from_columns(x, y, generator.integers(0, 2, 30), np.sort(generator.integers(0, 90_000, 30)), side, side)


def pets(prefix="", n_each=N_EACH):
    places = [(name, i) for name in ("dog", "cat", "fish") for i in range(n_each)]
    return {f"{prefix}{name}/{i}.bin": encode_nmnist(events(i + len(name))) for name, i in places}


@pytest.fixture
def own(tmp_path):
    def make(train=True, **options):
        return OwnRecordings(tmp_path / "pets", tmp_path / "data", train, pattern_time=100.0, **options)

    return make


def complaint_of(own, **options):
    with pytest.raises(DatasetError) as caught:
        own(**options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def names(dataset):
    return [recording.name for recording in dataset.list_recordings().recordings]


@pytest.mark.parametrize("place", ["", "Pets.zip"])
def test_each_sub_folder_is_a_class_and_a_fifth_of_each_is_for_testing(own, put, tmp_path, place):
    put(tmp_path / "pets" / place, pets())
    train, test = own(), own(train=False)
    assert train.class_names == test.class_names == ("cat", "dog", "fish")
    assert (train.targets.bincount().tolist(), test.targets.bincount().tolist()) == ([N_EACH - 1] * 3, [1] * 3)
    assert len({*names(train), *names(test)}) == 3 * N_EACH


def test_folders_train_and_test_say_the_split_whatever_their_case(own, put, tmp_path):
    put(tmp_path / "pets", pets("TRAIN/", 2) | pets("test/", 1))
    train, test = own(), own(train=False)
    assert (len(train), len(test)) == (6, 3)
    assert all("TRAIN" in name for name in names(train))


@pytest.mark.parametrize("train", ["Training", "train"])
@pytest.mark.parametrize("test", ["Testing", "val", "Valid", "VALIDATION"])
def test_other_usual_names_say_the_split_too(own, put, tmp_path, train, test):
    put(tmp_path / "pets", pets(f"{train}/", 2) | pets(f"{test}/", 1))
    assert (len(own()), len(own(train=False))) == (6, 3)
    told = "what is there for validation is for testing, since there is no test/"
    assert own().report.notes == ([] if test == "Testing" else [told])


def test_a_third_part_is_refused_with_what_to_do(own, put, tmp_path):
    put(tmp_path / "pets", pets("train/", 2) | pets("val/", 1) | pets("test/", 1))
    assert "of train, val and test two are taken: move what is in val into train, or val away" in complaint_of(own)


def test_a_folder_val_without_train_and_test_says_no_split(own, put, tmp_path):
    put(tmp_path / "pets", {f"{who}/cat/{who}.bin": b"" for who in ("ann", "val")} | {"dog/1.bin": b"", "dog/2.bin": b""})
    assert (len(own()), len(own(train=False))) == (2, 2)


def test_empty_and_hidden_class_folders_are_passed_over_with_a_note(own, put, tmp_path):
    put(tmp_path / "pets", pets() | {".mouse/1.bin": b""})
    (tmp_path / "pets" / "bird" / "old").mkdir(parents=True)
    assert own().class_names == ("cat", "dog", "fish")
    assert own().report.notes == [
        f"folders whose names begin with a dot passed over: 1, such as {tmp_path}/pets/.mouse",
        f"folders beside the class folders that give no recordings passed over: 1, such as {tmp_path}/pets/bird",
    ]


def test_pipes_among_the_recordings_are_passed_over_with_a_note(own, put, tmp_path, pipe):
    put(tmp_path / "pets", pets())
    pipe.rename(tmp_path / "pets" / "cat" / "x.bin")
    assert own().report.notes == [f"pipes, sockets and devices passed over: 1, such as {tmp_path}/pets/cat/x.bin, a pipe"]


def test_samples_hold_the_events_that_the_files_hold(own, put, tmp_path):
    put(tmp_path / "pets", pets())
    dataset = own(polarities="both")
    for (sample, label), path in zip(dataset, names(dataset), strict=True):
        name, number = path.split("/")[-2:]
        expected = np.zeros((100, 2, 34, 34), np.uint8)
        held = events(int(number.removesuffix(".bin")) + len(name))
        expected[held.ts // 1000, np.where(held.p, 0, 1), held.y, held.x] = 1
        assert dataset.class_names[label] == name
        assert np.array_equal(sample.numpy(), expected.reshape(100, -1))


def test_the_format_says_the_sensor(own, put, tmp_path):
    put(tmp_path / "pets", {f"{c}/{i}.mat": encode_stmnist(events(i, 10)) for c in "ab" for i in range(2)} | {"LUT.mat": b""})
    assert (own().input_shape, own().n_inputs) == ((10, 10), 100)


def test_names_that_are_numbers_are_classes_by_value(own, put, tmp_path):
    put(tmp_path / "pets", {f"{c}/{i}.bin": encode_nmnist(events(i)) for c in (10, 9, 100) for i in range(2)})
    assert own().class_names == ("9", "10", "100")


def test_other_files_are_passed_over_and_counted(own, put, tmp_path):
    put(tmp_path / "pets", pets() | {"cat/notes.txt": b"", "cat/picture.png": b""})
    assert own().report.notes == ["2 files that are no .bin passed over"]


def test_recordings_that_lie_in_no_class_folder_are_passed_over_and_counted(own, put, tmp_path):
    content = encode_nmnist(events(0))
    put(tmp_path / "pets", pets() | {"9.bin": content, "10.bin": content, "LUT.mat": b"", "notes.txt": b""})
    put(
        tmp_path / "pets",
        {"a/b/c/cat/77.bin": content, "a/b/c/cat/notes.txt": b"", "a/b/c/.cat/78.bin": content, "a/b/c/cat/.79.bin": content},
    )
    dataset = own()
    assert dataset.class_names == ("cat", "dog", "fish")
    assert dataset.report.notes == [
        f"folders whose names begin with a dot passed over: 1, such as {tmp_path}/pets/a/b/c/.cat",
        "2 files that are no .bin passed over",
        "2 .bin files beside the class folders passed over",
        "1 .bin files more than 3 folders deep passed over",
        f"folders beside the class folders that give no recordings passed over: 1, such as {tmp_path}/pets/a",
    ]


@pytest.mark.parametrize(
    ("files", "outer", "inner"),
    [
        (["cat/1.bin", "cat/old/1.bin", "dog/1.bin"], "cat", "cat/old"),
        (["Train/1.bin", "Train/cat/1.bin", "Test/cat/2.bin"], "Train", "Train/cat"),
        (["ann/cat/1.bin", "ann/cat/old/1.bin", "bob/dog/1.bin"], "ann/cat", "ann/cat/old"),
    ],
)
def test_a_class_folder_within_another_is_refused_in_a_line_that_names_both(own, put, tmp_path, files, outer, inner):
    put(tmp_path / "pets", dict.fromkeys(files, encode_nmnist(events(0))))
    assert f"{outer} holds recordings, and so does {inner} in it" in complaint_of(own)
    (tmp_path / "pets").rename(tmp_path / "unpacked")
    put(tmp_path / "pets" / "all.zip", dict.fromkeys(files, encode_nmnist(events(0))))
    assert f"{outer} holds recordings, and so does all/{inner} in it" in complaint_of(own)


def test_what_shapes_the_samples_makes_another_file(own, put, tmp_path):
    put(tmp_path / "pets", pets())
    keys = [own().key, own(dt=2.0).key]
    put(tmp_path / "pets", {"cat/7.bin": encode_nmnist(events(7))})
    keys.append(own().key)
    put(tmp_path / "pets", {"ape/0.bin": encode_nmnist(events(0)), "ape/1.bin": encode_nmnist(events(1))})
    keys.append(own().key)
    assert len(set(keys)) == 4


def test_a_class_that_only_testing_has_moves_no_label_of_training_unnoticed(own, put, tmp_path):
    put(tmp_path / "pets", pets("Train/", 2) | pets("Test/", 1))
    key = own().key
    put(tmp_path / "pets", {"Test/ape/1.bin": encode_nmnist(events(0))})
    assert "no usable train recording of class ape" in complaint_of(own)
    put(tmp_path / "pets", {"Train/ape/1.bin": encode_nmnist(events(0))})
    assert own().key != key


def test_damaged_recordings_are_left_out_up_to_one_percent_and_not_at_all_with_strict(own, put, tmp_path):
    put(tmp_path / "pets", pets("Train/", n_each=40) | pets("Test/", 1) | {"Train/cat/odd.bin": bytes([200, 0, 0, 0, 0])})
    ((name, why),) = own().report.left_out
    assert name.endswith("odd.bin")
    assert "x = 200, outside 0 … 33" in why
    assert "none may be" in complaint_of(own, strict=True)
    put(tmp_path / "pets", {"Train/cat/odd2.bin": bytes([200, 0, 0, 0, 0])})
    assert "more than 1%" in complaint_of(own)


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({}, "found no recordings; expected a sub-folder for each class that holds *.bin"),
        ({"1.bin": b"", "2.bin": b""}, "found no recordings"),
        ({"cat/1.txt": b"", "dog/2.aedat": b""}, "found no recordings"),
        ({"cat/1.bin": b"", "cat/2.bin": b""}, "holds only the class cat"),
        ({"cat/1.bin": b"", "dog/2.mat": b""}, "holds .bin and .mat files"),
        ({"cat/1.bin": b"", "dog/1.bin": b"", "Train/cat/2.bin": b""}, "test must lie above all class folders"),
        ({"Train/cat/1.bin": b"", "Train/dog/1.bin": b""}, "test must lie above all class folders"),
        ({"ann/cat/1.bin": b"", "bob/cat/1.bin": b"", "bob/dog/1.bin": b""}, "would be the same sample"),
        ({"cat/1.bin": b"", "dog/1.bin": b""}, "no usable train recording of class cat, dog"),
        ({"c$t/1.bin": b"", "dog/1.bin": b""}, "'c$t' cannot be the name of a class"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line_that_names_the_path(own, put, tmp_path, files, complaint):
    (tmp_path / "pets").mkdir()
    put(tmp_path / "pets", files)
    told = complaint_of(own)
    assert complaint in told
    assert str(tmp_path / "pets") in told


def test_nothing_is_made_of_an_empty_folder(own, tmp_path):
    (tmp_path / "pets").mkdir()
    complaint_of(own)
    assert [path.name for path in tmp_path.iterdir()] == ["pets"]


@pytest.mark.parametrize("name", ["1" * 5000, "x" * 256])
def test_a_class_named_at_greater_length_than_any_folder_is_refused(put, tmp_path, name):
    put(tmp_path / "pets.zip", {f"{of}/{i}.bin": encode_nmnist(events(i)) for of in ("2", name) for i in range(2)})
    complaint = complaint_of(lambda: OwnRecordings(tmp_path / "pets.zip", tmp_path / "data"))
    assert complaint.endswith(f"pets.zip: '{name[:20]}'… cannot be the name of a class: use at most 255 characters")
