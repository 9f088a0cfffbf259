"""Data that are sound, and hardly what was meant, get a warning."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from datasets import DatasetError, OwnRecordings, OwnSpikeTrains
from datasets.look.look import look_at_dataset
from datasets.look.text import look_lines
from datasets.own.single_files import read_files
from eventvision import Events, encode_nmnist

N_SAMPLES, N_SPIKES = 20, 50  # of each sample
US_PER_MS, MS_PER_S = 1000, 1000


@pytest.fixture
def path(tmp_path):
    return tmp_path / "own.npz"


def write(path, times):
    """Two classes in turn; `times` [n_samples, n_spikes] as the file has them."""
    generator = np.random.default_rng(0)
    pointers = np.arange(len(times) + 1) * times.shape[1]
    units, labels = generator.integers(0, 12, times.size), np.arange(len(times)) % 2
    np.savez(path, shape=[3, 4], pointers=pointers, times=times.ravel(), units=units, labels=labels)


def times_in_ms():
    return np.random.default_rng(1).uniform(0, 100, (N_SAMPLES, N_SPIKES))


MISTAKES = {
    "µs": (times_in_ms() * US_PER_MS, "of the events lie outside the 100 ms that are shown: are their times in another unit"),
    "absolute": (times_in_ms() + 1e9, "100.0 % of the events lie outside the 100 ms that are shown: are their times in another"),
    "s": (times_in_ms() / MS_PER_S, "100.0 % of the spikes lie in the first 1 ms of the 100 ms that are shown: are times in s"),
    "late": (times_in_ms() + np.where(np.arange(N_SAMPLES) < 15, 1e6, 0)[:, None], " samples are silent: are these recordings"),
    "empty": (np.empty((N_SAMPLES, 0)), " samples are silent: are these recordings empty, without ON events"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_times_of_another_unit_or_clock_and_empty_samples_get_a_warning_each_time(path, mistake, caplog):
    times, warning = MISTAKES[mistake]
    write(path, times)
    for _ in range(2):  # prepared, and as it was prepared before
        caplog.clear()
        OwnSpikeTrains(path, path.parent / "data", pattern_time=100.0)
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert record.getMessage().startswith("own.npz train: warning: ")
        assert record.getMessage().count("\n") == 0
        assert warning in record.getMessage()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_look_and_a_prediction_say_it_too(path, mistake, caplog):
    times, warning = MISTAKES[mistake]
    write(path, times)
    found = look_at_dataset([OwnSpikeTrains(path, path.parent / "data", pattern_time=100.0, prepare=False)], None)
    assert warning in "\n".join(look_lines(found))
    read_files(None, [path], 12, 1.0, 100.0, "on")
    assert "warning: " in caplog.text or "holds no events" in caplog.text


def test_times_since_1970_are_said_to_be_no_time_from_the_start(path):
    write(path, times_in_ms() + 1.6e12)
    with pytest.raises(DatasetError, match=r"sample 2: its spike 0 has the time 16\d+\.\d+ ms, not ms from its start"):
        OwnSpikeTrains(path, path.parent / "data")


@pytest.mark.parametrize("options", [{}, {"dt": 20.0}, {"dt": 100.0}, {"pattern_time": 10.0}, {"pattern_time": 1000.0}])
def test_what_is_as_it_was_meant_gets_none(path, options, caplog):
    write(path, times_in_ms())
    OwnSpikeTrains(path, path.parent / "data", **{"pattern_time": 100.0} | options)
    assert not caplog.records


def test_a_folder_of_empty_recordings_or_of_the_other_polarity_gets_a_warning(tmp_path, caplog):
    for number in range(8):
        place = tmp_path / "pets" / ("cat", "dog")[number % 2] / f"{number}.bin"
        place.parent.mkdir(parents=True, exist_ok=True)
        ts = np.sort(np.random.default_rng(number).integers(0, 100_000, 20))
        place.write_bytes(encode_nmnist(Events.from_columns(ts % 34, ts % 34, np.ones(20), ts, 34, 34)))
    for polarities, n_warnings in (("on", 0), ("both", 0), ("off", 1)):
        OwnRecordings(tmp_path / "pets", tmp_path / "data", polarities=polarities, pattern_time=100.0)
        assert len(caplog.records) == n_warnings
    assert "6 of 6 samples are silent: are these recordings empty, without OFF events" in caplog.text
    for file in tmp_path.glob("pets/*/*"):
        file.write_bytes(b"")
    OwnRecordings(tmp_path / "pets", tmp_path / "data", polarities="both")
    assert "6 of 6 samples are silent: are these recordings empty, without events" in caplog.text
