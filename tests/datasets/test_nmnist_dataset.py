"""N-MNIST end to end: from hand-made archives to spike trains."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from datasets import NMNIST, DatasetError
from eventvision import Events, encode_nmnist

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "nmnist"


def archive(root: Path, of_digit: dict[int, bytes] | None = None) -> Path:
    """Test.zip with one recording a digit: by default OFF, ON, ON, and an ON event past the window."""
    usual = encode_nmnist(Events.from_columns([1, 2, 3, 4], [5, 6, 7, 8], [0, 1, 1, 1], [100, 2_500, 104_999, 105_000], 34, 34))
    folder = root / "NMNIST" / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "Test.zip", "w") as file:
        for digit in range(10):
            file.writestr(f"Test/{digit}/{digit:05d}.bin", (of_digit or {}).get(digit, usual))
    return root


def test_times_and_places_of_on_events_belong_together(tmp_path):
    spikes = NMNIST(archive(tmp_path), train=False, progress=False).spike_trains.sample(0)
    assert spikes.steps.tolist() == [2, 104]
    assert spikes.units.tolist() == [34 * 6 + 2, 34 * 7 + 3]


def test_events_past_the_window_are_counted_and_not_in_the_last_bin(tmp_path):
    data = NMNIST(archive(tmp_path), train=False, progress=False)
    assert data.report.n_past_window == 10
    assert data.spike_trains.n_steps == 105


def test_every_option_that_shapes_the_data_has_a_file_of_its_own(tmp_path):
    archive(tmp_path)
    options = [{}, {"dt": 1.5}, {"pattern_time": 50.0}, {"polarities": "both"}]
    keys = {NMNIST(tmp_path, train=False, progress=False, **each).key for each in options}
    assert len(keys) == 4


def test_recordings_of_one_event_or_none_are_samples(tmp_path):
    one = encode_nmnist(Events.from_columns([1], [1], [1], [10], 34, 34))
    data = NMNIST(archive(tmp_path, {0: one, 1: b""}), train=False, progress=False)
    assert data.spike_trains.pointers[:3].tolist() == [0, 1, 1]
    assert data[1][0].sum() == 0


def test_damaged_recording_is_named(tmp_path):
    outside = bytes([99, 1, 128, 0, 0])
    with pytest.raises(DatasetError, match=r"00003\.bin"):
        NMNIST(archive(tmp_path, {3: outside}), train=False, progress=False)


def test_trailing_partial_event_is_dropped_and_counted(tmp_path):
    data = NMNIST(archive(tmp_path, {3: bytes([1, 1, 128, 0, 0, 7])}), train=False, progress=False)
    assert data.report.n_damaged_events == 1
    assert data.spike_trains.sample(3).units.tolist() == [35]


def test_spoilt_processed_file_is_made_again(tmp_path, caplog):
    first = NMNIST(archive(tmp_path), train=False, progress=False)
    first.processed_path.write_bytes(first.processed_path.read_bytes()[:100])
    again = NMNIST(tmp_path, train=False, progress=False)
    assert "prepared again" in caplog.text
    assert (again[0][0] == first[0][0]).all()


@pytest.mark.skipif(not REAL.exists(), reason="no real recordings beside the project")
def test_real_recordings_have_the_events_that_were_counted_in_them(tmp_path):
    (tmp_path / "NMNIST" / "raw").mkdir(parents=True)
    for name in ("Train.zip", "Test.zip"):
        (tmp_path / "NMNIST" / "raw" / name).symlink_to(REAL / name)
    train = NMNIST(tmp_path, progress=False)
    assert len(train) == 750
    assert len(NMNIST(tmp_path, train=False, progress=False)) == 150
    in_window = train.report.n_events - train.report.n_past_window
    assert np.isclose(in_window / 750, 738.5, atol=0.1)
