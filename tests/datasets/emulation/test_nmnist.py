"""The emulated camera and the pen behave like what they stand for."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from datasets import DatasetError, EmulatedNMNIST
from datasets.emulation.camera import REFRACTORY, US_PER_MS, look_at
from datasets.emulation.nmnist import labelled_images
from datasets.emulation.pen import render, write_digit
from tests.idx_files import idx


def image(digit: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng([seed, digit])
    return render(write_digit(digit, generator), generator)


def test_written_digits_can_be_told_apart():
    centres = np.array([np.mean([image(d, s) for s in range(15)], axis=0).ravel() for d in range(10)])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    found = [np.argmax(centres @ image(d, 100 + s).ravel()) == d for d in range(10) for s in range(5)]
    assert np.mean(found) > 0.6


def test_dark_scene_gives_noise_alone():
    assert len(look_at(np.zeros((28, 28)), np.random.default_rng(0))) < 300
    assert len(look_at(image(3, 0), np.random.default_rng(0))) > 1_500


def test_events_are_sorted_in_the_sensor_and_in_three_saccades():
    events = look_at(image(8, 1), np.random.default_rng(1))
    assert (np.diff(events.ts) >= 0).all()
    assert events.ts.min() >= 0
    assert events.ts.max() < 315_000
    assert max(events.x.max(), events.y.max()) < 34


def test_pixel_rests_after_an_event(monkeypatch):
    monkeypatch.setattr("datasets.emulation.camera.LEAK_RATE", 0.0)
    events = look_at(image(0, 2), np.random.default_rng(2))
    pixel = events.x.astype(int) + 34 * events.y.astype(int)
    shortest = min(np.diff(events.ts[pixel == k]).min() for k in np.unique(pixel) if (pixel == k).sum() > 1)
    assert shortest >= (REFRACTORY - 1) * US_PER_MS  # events lie anywhere within their step of 1 ms


def test_edge_moves_over_pixels_with_both_polarities(monkeypatch):
    monkeypatch.setattr("datasets.emulation.camera.LEAK_RATE", 0.0)
    bar = np.zeros((28, 28))
    bar[12:16, 4:24] = 1.0
    events = look_at(bar, np.random.default_rng(0))
    assert 0.35 < events.p.mean() < 0.65


def test_ink_moves_over_the_sensor_as_in_the_recordings(monkeypatch):
    monkeypatch.setattr("datasets.emulation.camera.LEAK_RATE", 0.0)
    dot = np.zeros((28, 28))
    dot[12:16, 12:16] = 1.0
    events = look_at(dot, np.random.default_rng(0))

    def middle(start: int, stop: int, on: bool | None = None) -> tuple[float, float]:
        then = events[(events.ts >= start * US_PER_MS) & (events.ts < stop * US_PER_MS)]
        then = then if on is None else then[then.p == on]
        return then.x.mean(), then.y.mean()

    assert middle(70, 85)[1] - middle(0, 30)[1] > 2  # down in the first saccade
    assert middle(120, 140)[1] - middle(180, 200)[1] > 2  # up in the second
    assert middle(225, 240)[0] - middle(280, 300)[0] > 2  # to the left in the third
    assert middle(0, 90, on=False)[1] > middle(0, 90, on=True)[1]  # what ink covers darkens


def test_a_pixel_that_sees_nothing_leaks_on_events_only():
    events = look_at(np.zeros((28, 28)), np.random.default_rng(0))
    assert len(events) > 50
    assert events.p.all()


def test_larger_set_begins_with_the_smaller_whatever_the_workers(tmp_path):
    small = EmulatedNMNIST(tmp_path, n_samples=3, progress=False)
    large = EmulatedNMNIST(tmp_path, n_samples=12, n_workers=2, progress=False)
    assert large.targets.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert all((small[i][0] == large[i][0]).all() for i in range(3))
    assert not (large[0][0] == large[10][0]).all()


def test_images_of_a_file_are_shown_and_skipped_ones_are_not(tmp_path):
    images = np.stack([np.round(255 * image(d, 0)).astype(np.uint8) for d in range(10)])
    for name, array in (("train-images-idx3-ubyte.gz", images), ("train-labels-idx1-ubyte.gz", np.arange(10, dtype=np.uint8))):
        (tmp_path / name).write_bytes(gzip.compress(idx(array)))
    stimuli = tmp_path / "train-images-idx3-ubyte.gz"
    train = EmulatedNMNIST(tmp_path, stimuli=stimuli, progress=False)
    test = EmulatedNMNIST(tmp_path, train=False, stimuli=stimuli, progress=False)
    assert sorted([*train.targets.tolist(), *test.targets.tolist()]) == list(range(10))
    assert EmulatedNMNIST(tmp_path, stimuli=stimuli, skip_first=2, progress=False).targets[0] == 2
    with pytest.raises(DatasetError, match="100 train samples wanted"):
        EmulatedNMNIST(tmp_path, stimuli=stimuli, n_samples=100, progress=False)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.full(10, 7, np.uint8))))
    assert set(EmulatedNMNIST(tmp_path, stimuli=stimuli, progress=False).targets.tolist()) == {7}


def test_a_chosen_image_is_seen_as_in_the_whole_set(tmp_path):
    images = np.stack([np.round(255 * image(d, 0)).astype(np.uint8) for d in range(8)])
    for name, array in (("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", np.arange(8, dtype=np.uint8))):
        (tmp_path / name).write_bytes(idx(array))
    options = {"stimuli": tmp_path / "train-images-idx3-ubyte", "progress": False}
    whole = EmulatedNMNIST(tmp_path, **options)
    few = EmulatedNMNIST(tmp_path, chosen=[5, 2], **options)
    assert EmulatedNMNIST(tmp_path, prepare=False, **options).stimuli_labels().tolist() == whole.targets.tolist()
    assert few.targets.tolist() == [5, 2]
    assert (few[0][0] == whole[5][0]).all()
    assert (few[1][0] == whole[2][0]).all()
    assert EmulatedNMNIST(tmp_path, chosen=[2, 5], **options).key != few.key
    for outside in ([-1], [7]):
        with pytest.raises(DatasetError, match="train samples wanted, 7 there"):
            EmulatedNMNIST(tmp_path, chosen=outside, **options)


def test_without_a_test_file_skipped_images_are_the_first_of_the_file_in_both_splits(tmp_path):
    images = np.stack([np.full((28, 28), number, np.uint8) for number in range(42)])
    for name, array in (("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", np.arange(42, dtype=np.uint8) % 10)):
        (tmp_path / name).write_bytes(idx(array))
    shown = set()
    for train in (True, False):
        options = {"stimuli": tmp_path / "train-images-idx3-ubyte", "skip_first": 14, "progress": False}
        shown |= {int(r.locator[1][0, 0]) for r in EmulatedNMNIST(tmp_path, train, **options).list_recordings().recordings}
    assert shown == set(range(14, 42))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"n_samples": 0}, "n_samples must be at least 1, or None for all, got 0"),
        ({"n_samples": -3}, "n_samples must be at least 1"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"skip_first": -2}, "skip_first must be at least 0, got -2"),
        ({"dt": 1e-320}, "pattern_time 105.0 ms must hold 1 to 2,147,483,647 time steps"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path, options, complaint):
    with pytest.raises(DatasetError, match=complaint):
        EmulatedNMNIST(tmp_path, progress=False, **options)


def test_labels_of_images_that_begin_at_one_get_a_hint(tmp_path):
    for name, array in (("images-idx3", np.zeros((10, 2, 2))), ("labels-idx1", np.arange(1, 11))):
        (tmp_path / name).write_bytes(idx(array.astype(np.uint8)))
    with pytest.raises(DatasetError, match="holds the label 10; expected digits, 0 to 9; its labels begin at 1, not at 0"):
        labelled_images(tmp_path / "images-idx3")
