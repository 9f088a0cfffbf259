import pickle
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from datasets import DatasetError, OwnSpikeTrains
from datasets.own.single_files import read_files

SHAPE = (3, 4)  # rows and columns


def arrays(n_samples=10, **changes):
    """Two classes in turn; sample i has i spikes."""
    generator = np.random.default_rng(0)
    counts = np.arange(n_samples)
    n = counts.sum()
    made = {
        "shape": np.array(SHAPE),
        "pointers": np.concatenate([[0], np.cumsum(counts)]),
        "times": generator.uniform(0, 50, n),
        "units": generator.integers(0, 12, n),
        "labels": np.arange(n_samples) % 2,
    }
    return {name: array for name, array in (made | changes).items() if array is not None}


@pytest.fixture
def own(tmp_path):
    def make(content, train=True, **options):
        np.savez(tmp_path / "own.npz", **content)
        return OwnSpikeTrains(tmp_path / "own.npz", tmp_path / "data", train, **{"pattern_time": 50.0} | options)

    return make


def test_samples_hold_the_spikes_of_the_file_at_any_time_step(own):
    content = arrays(is_test=np.zeros(10, bool))
    content["is_test"][[0, 1]] = True
    for dt, n_steps in ((1.0, 50), (0.5, 100), (7.0, 7)):
        dataset = own(content, dt=dt)
        for i, (sample, label) in enumerate(dataset, start=2):
            spikes = slice(content["pointers"][i], content["pointers"][i + 1])
            expected = np.zeros((n_steps + 8, 12), np.uint8)
            expected[(content["times"][spikes] / dt).astype(int), content["units"][spikes]] = 1
            assert np.array_equal(sample.numpy(), expected[:n_steps])
            assert label == i % 2
    assert (dataset.input_shape, dataset.class_names) == (SHAPE, ("0", "1"))


@pytest.mark.parametrize("dt", [1000 / 60, 1000 / 30, 1 / 3, 0.0125, 0.226757, 0.1, 1.0])
def test_spikes_at_steps_times_dt_have_these_steps_at_any_dt_also_when_they_are_predicted(own, tmp_path, dt):
    steps = np.tile(np.arange(100), 4)
    samples = {"shape": np.array([1]), "pointers": np.arange(5) * 100, "labels": np.arange(4) % 2}
    trained = own(samples | {"times": steps * dt, "units": np.zeros(400, int)}, dt=dt, pattern_time=100 * dt)
    _, predicted = read_files(None, [tmp_path / "own.npz"], 1, dt, 100 * dt, "on")
    for trains in (trained.spike_trains, predicted):
        assert np.array_equal(trains.steps, steps[: len(trains.steps)])
        assert len(trains.steps) == 100 * trains.n_samples


def test_a_file_without_a_split_is_split_as_recordings_are(own):
    train, test = own(arrays()), own(arrays(), train=False)
    assert (train.targets.bincount().tolist(), test.targets.bincount().tolist()) == ([4, 4], [1, 1])


def test_off_spikes_are_inputs_of_their_own_where_the_file_tells_them(own):
    polarities = np.zeros(45, bool)
    polarities[::2] = True
    content = arrays(polarities=polarities)
    both, on, off = (own(content, polarities=which) for which in ("both", "on", "off"))
    assert both.n_inputs == 24
    assert both.report.n_events == on.report.n_events + off.report.n_events
    with pytest.raises(DatasetError, match="polarities must be on, not both"):
        own(arrays(), polarities="both")


@pytest.mark.parametrize(
    ("off", "on", "dtype"), [(0, 1, "u1"), (0, 1, "i8"), (-1, 1, "i1"), (-1, 1, "f4"), (0, 1, "f8"), (False, True, "?")]
)
def test_polarities_may_be_flags_or_the_numbers_that_stand_for_them(own, off, on, dtype):
    flags = np.arange(45) % 2 == 0
    expected, numbers = (
        own(arrays(polarities=polarities), polarities="both").spike_trains
        for polarities in (flags, np.where(flags, on, off).astype(dtype))
    )
    assert np.array_equal(expected.steps, numbers.steps)
    assert np.array_equal(expected.units, numbers.units)


def test_the_share_for_testing_may_be_given_by_numbers(own):
    assert len(own(arrays(is_test=np.array([1, 1] + 8 * [0])), train=False)) == 2


def test_labels_that_begin_at_one_are_refused_with_a_hint(own):
    for names in ({}, {"class_names": np.array(["a", "b"])}):
        with pytest.raises(DatasetError, match="; labels begin at 1: the first class is 0, so subtract 1 from each"):
            own(arrays(labels=np.arange(10) % 2 + 1, **names))


def test_samples_of_the_second_class_alone_can_be_predicted(own, tmp_path):
    with pytest.raises(DatasetError, match="no usable train recording of class 0"):
        own(arrays(labels=np.ones(10, int)))
    names, _ = read_files(None, [tmp_path / "own.npz"], 12, 1.0, 50.0, "on")
    assert len(names) == 10


def test_two_classes_of_one_name_are_refused(own):
    with pytest.raises(DatasetError, match="class_names holds 'a' 2 times"):
        own(arrays(class_names=np.array(["a", "a"])))


def test_a_file_of_no_samples_is_told(own):
    empty = arrays(0, times=np.zeros(0), units=np.zeros(0, int), labels=np.zeros(0, int))
    with pytest.raises(DatasetError, match="holds no samples: labels is empty"):
        own(empty)


def test_a_file_that_would_unpack_to_far_too_much_is_refused_before_it_is_read(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "own.npz", times=np.zeros(1_000_000))
    monkeypatch.setattr("common.content.LARGEST", 1 << 16)
    monkeypatch.setattr("numpy.load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(DatasetError, match=r"own\.npz: would unpack to 8,000,... bytes, more than the ...,... that"):
        OwnSpikeTrains(tmp_path / "own.npz", tmp_path / "data")


def test_a_pipe_or_a_folder_under_the_name_of_a_file_is_named(tmp_path, pipe):
    pipe.rename(tmp_path / "own.npz")
    (tmp_path / "folder.npz").mkdir()
    for name, what in (("own", "is a pipe, no regular file"), ("folder", "is a folder, no regular file")):
        with pytest.raises(DatasetError, match=rf"{name}\.npz: {what}"):
            OwnSpikeTrains(tmp_path / f"{name}.npz", tmp_path / "data")


def test_names_of_classes_and_one_row_of_inputs_are_taken(own):
    dataset = own(arrays(shape=np.array([12]), class_names=np.array(["cat", "dog"])))
    assert (dataset.class_names, dataset.input_shape) == (("cat", "dog"), (1, 12))


def test_a_changed_file_is_prepared_again(own):
    first, second = own(arrays()), own(arrays(n_samples=12))
    assert first.key != second.key
    assert len(second) > len(first)


@pytest.mark.parametrize(
    ("name", "value", "why"), [("units", 12, "unit 12, outside 0 … 11"), ("units", -1, "unit -1"), ("times", np.nan, "time nan")]
)
def test_a_damaged_sample_is_left_out_or_too_many(own, name, value, why):
    content = arrays(n_samples=300)
    content["is_test"] = np.arange(300) % 10 < 2
    content[name][content["pointers"][7]] = value  # the first spike of sample 7
    dataset = own(content)
    ((told, reason),) = dataset.report.left_out
    assert told.endswith("own.npz, sample 7")
    assert why in reason
    content[name][content["pointers"][[8, 9, 13, 14, 15]]] = value
    with pytest.raises(DatasetError, match="recordings are damaged, more than 1%"):
        own(content)


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", ">u2", ">i8"])
def test_whole_numbers_of_any_type_give_the_samples_that_int64_gives(own, dtype):
    # Of units in one byte there may be fewer than the sensor has, 300.
    wide, narrow = arrays(shape=np.array([300])), arrays(shape=np.array([300]))
    for name in ("pointers", "units", "labels"):
        narrow[name] = narrow[name].astype(dtype)
    for one, other in zip(own(wide), own(narrow), strict=True):
        assert np.array_equal(one[0], other[0])
        assert one[1] == other[1]
    assert own(arrays(shape=np.array(SHAPE, dtype))).input_shape == SHAPE


FLOATS = np.zeros(45)
TOO_LARGE = np.array([1 << 63] * 45, np.uint64)
WRONG = {
    "pointers": [np.zeros(4, int), np.array([1, *range(10)]), np.array([0, 9, 3, *range(10, 17), 45]), FLOATS, TOO_LARGE[:11]],
    "shape": [
        np.array([]),
        np.array([0]),
        np.array([3, 4, 1]),
        np.array([1 << 20]),
        np.array([5000, 5000]),
        np.array(12),
        TOO_LARGE[:2],
    ],
    "times": [np.zeros((45, 2)), np.array(["a"] * 45), None],
    "units": [np.zeros(44, int), FLOATS, TOO_LARGE, None],
    "labels": [np.arange(10) - 1, np.arange(10) + 5, np.zeros((10, 2), int), TOO_LARGE[:10], None],
    "polarities": [np.ones(44, bool), np.arange(45) % 3, np.arange(45) % 3 - 1, np.full(45, 0.5), np.full(45, np.nan)],
    "class_names": [np.array(["a"]), np.array([1, 2]), np.array(["a", "a"])],
    "is_test": [np.ones(9, bool), np.arange(10), np.arange(10) % 2 * 2 - 1],
    "is_tset": [np.ones(10, bool)],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_every_fault_is_one_line_that_names_the_file_and_the_array(own, tmp_path, name, value):
    with pytest.raises(DatasetError) as caught:
        own(arrays(**{name: value}))
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "own.npz") in str(caught.value)
    assert name in str(caught.value)


def test_labels_of_one_class_are_nothing_to_tell_apart(own):
    with pytest.raises(DatasetError, match="holds only the class 0"):
        own(arrays(labels=np.zeros(10, int)))


def test_what_is_pickled_is_refused(own, tmp_path):
    with pytest.raises(DatasetError, match="labels cannot be read: it is damaged, or holds Python objects, which are never read"):
        own(arrays(labels=np.array([{}] * 10, object)))


@pytest.mark.parametrize("damage", ["empty", "text", "npy", "zip", "cut", "pickle"])
def test_what_is_no_such_file_is_told(own, tmp_path, damage):
    path = tmp_path / "own.npz"
    own(arrays())
    if damage == "npy":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    elif damage == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("labels.npy", b"nothing")
    elif damage == "pickle":
        path.write_bytes(pickle.dumps({"labels": [1]}))
    else:
        path.write_bytes({"empty": b"", "text": b"hello", "cut": path.read_bytes()[:500]}[damage])
    with pytest.raises(DatasetError, match=r"own\.npz: ") as caught:
        OwnSpikeTrains(path, tmp_path / "data")
    assert "pickle" not in str(caught.value)  # NumPy's advice on how to read it all the same


def test_a_flipped_byte_raises_nothing_but_the_error_that_names_the_file(own, tmp_path):
    path = tmp_path / "own.npz"
    own(arrays())
    whole = path.read_bytes()
    for place in range(0, len(whole), 13):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with suppress(DatasetError):
            OwnSpikeTrains(path, tmp_path / "data", pattern_time=50.0)


def test_a_class_named_at_great_length_is_refused(own):
    with pytest.raises(DatasetError, match="'xxxxxxxxxxxxxxxxxxxx'… cannot be the name of a class: use at most 255 characters"):
        own(arrays(class_names=np.array(["x" * 256, "y"])))
