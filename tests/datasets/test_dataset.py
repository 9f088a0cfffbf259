import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock
from torch.utils.data import ConcatDataset, DataLoader, Subset, random_split

from datasets import NMNIST, DatasetError, EmulatedSTMNIST, EventDataset, MissingDataError
from datasets.preparation import processed, samples, workers
from datasets.recordings import Listing, Recording
from eventvision import Events
from eventvision.sensors import Sensor

ROOT = Path(__file__).resolve().parents[2]
OFF_SENSOR = bytes([200, 0, 0, 0, 0])


@pytest.fixture
def placed(files, raw, put, nmnist):
    """Makes N-MNIST of the recordings of the tests."""
    put(raw / "all.zip", files)
    return nmnist


def same(one, other):
    return (
        all(torch.equal(a, b) for a, b in zip(one.data[:3], other.data[:3], strict=True))
        and one.data[3:] == other.data[3:]
        and torch.equal(one.targets, other.targets)
        and one.report == other.report
    )


def processed_files(of):
    return sorted(path.name for path in of.processed_folder.glob("*.pt"))


def test_a_sample_is_a_dense_tensor_and_its_label(placed):
    recorded = placed()
    sample, label = recorded[3]
    assert sample.dtype == torch.uint8
    assert sample.shape == (105, 1156)
    assert label == 1
    assert len(recorded) == 20
    assert torch.equal(recorded[-1][0], recorded[19][0])
    assert torch.equal(recorded[torch.tensor(3)][0], sample)
    with pytest.raises(IndexError):
        recorded[20]
    assert len(list(recorded)) == 20


def test_the_facts_of_a_data_set_are_its_attributes(placed):
    recorded = placed(polarities="both")
    assert (recorded.n_inputs, recorded.n_classes, recorded.n_steps) == (2312, 10, 105)
    assert recorded.input_shape == (34, 34)
    assert (recorded.name, recorded.source) == ("NMNIST", "recorded")
    assert recorded.class_names == tuple("0123456789")
    assert recorded.targets.dtype == torch.int64
    assert recorded.data is recorded.spike_trains
    assert recorded.processed_path.stem == f"train-{recorded.key}"
    assert int(recorded.key, 16) > 0


def test_transforms_are_applied(placed):
    recorded = placed(transform=lambda sample: sample.sum(), target_transform=str)
    assert recorded[3] == (placed()[3][0].sum(), "1")


def test_a_data_loader_with_spawned_workers_gives_what_the_data_set_gives(placed):
    recorded = placed()
    loader = DataLoader(recorded, batch_size=8, num_workers=1, multiprocessing_context="spawn")
    batches = list(loader)
    assert torch.equal(torch.cat([labels for _, labels in batches]), recorded.targets)
    samples = torch.cat([samples for samples, _ in batches])
    assert torch.equal(samples, torch.stack([sample for sample, _ in recorded]))


def test_torch_splits_chooses_and_joins_it_as_any_data_set(placed):
    recorded = placed()
    parts = random_split(recorded, [15, 5], torch.Generator().manual_seed(0))
    assert sorted(int(label) for part in parts for _, label in DataLoader(part)) == recorded.targets.tolist()
    assert [label for _, label in Subset(recorded, [3, 19])] == [1, 9]
    for both in (recorded + placed(train=False), ConcatDataset([recorded, placed(train=False)])):
        assert len(both) == 30
        assert next(iter(DataLoader(both, batch_size=30)))[0].shape == (30, 105, 1156)


# What a key covers.


def test_options_that_shape_the_samples_each_make_their_own_file(placed):
    options = [
        {},
        {"dt": 1.5},
        {"dt": 0.5},
        {"pattern_time": 105.4},
        {"pattern_time": 315},
        {"polarities": "off"},
        {"polarities": "both"},
        {"train": False},
    ]
    paths = {placed(**chosen).processed_path for chosen in options}
    assert len(paths) == len(options)
    recorded = placed(dt=1.5)
    assert recorded.n_steps == 70
    assert int(recorded.data.steps.max()) <= 69


def test_options_that_change_no_sample_share_a_file(placed, raw):
    first = placed()
    changed = first.processed_path.stat().st_mtime_ns
    for options in ({"dt": 1}, {"n_workers": 2}, {"strict": True}, {"pattern_time": 105}):
        again = placed(**options)
        assert same(again, first)
        assert again.key == first.key
    assert processed_files(first) == [first.processed_path.name]
    assert first.processed_path.stat().st_mtime_ns == changed


def test_the_file_is_the_same_to_the_byte_whatever_the_number_of_workers(files, raw, put, nmnist, monkeypatch):
    monkeypatch.setattr(workers, "START_OF_WORKERS", 0.0)
    monkeypatch.setattr(workers, "BATCH", 4)
    put(raw / "all.zip", many(files, 60))
    path = nmnist(n_workers=1).processed_path
    content = path.read_bytes()
    path.unlink()
    assert nmnist(n_workers=2).processed_path == path
    assert path.read_bytes() == content


def test_options_that_are_numbers_of_numpy_are_the_options_that_plain_numbers_are(tmp_path):
    plain = EmulatedSTMNIST(tmp_path, n_samples=3, seed=1, taxel_limit=40, dt=0.5, pattern_time=300)
    numpy = {"n_samples": np.int64(3), "seed": np.uint8(1), "taxel_limit": np.int32(40), "dt": np.float32(0.5)}
    again = EmulatedSTMNIST(tmp_path, **numpy, pattern_time=np.int16(300))
    assert again.key == plain.key
    again.processed_path.unlink()
    assert same(EmulatedSTMNIST(tmp_path, **numpy, pattern_time=np.int16(300)), plain)


def test_changed_recordings_make_another_file(placed, files, raw, put):
    first = placed()
    put(raw / "all.zip", {**files, "Train/0/00002.bin": files["Train/1/00005.bin"]})
    second = placed()
    assert second.key != first.key
    assert not same(second, first)


def test_a_new_version_of_the_reader_makes_another_file(placed, monkeypatch):
    first = placed()
    monkeypatch.setattr(NMNIST, "reader_version", NMNIST.reader_version + 1)
    assert placed().key != first.key


# Files that are there, spoilt, or without their recordings.


def test_the_second_time_nothing_is_read_and_the_report_is_the_same(placed, monkeypatch):
    first = placed()
    monkeypatch.setattr(samples, "bin_recordings", None)
    assert same(placed(), first)


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "text"])
def test_a_spoilt_file_is_made_again_and_the_log_says_why(damage, placed, caplog):
    first = placed()
    path = first.processed_path
    whole = path.read_bytes()
    steps = whole.index(first.data.steps.numpy().tobytes())
    spoilt = {
        "cut": whole[:-100],
        "empty": b"",
        "flipped": whole[:steps] + bytes([whole[steps] ^ 1]) + whole[steps + 1 :],
        "text": b"not a file of ours",
    }
    path.write_bytes(spoilt[damage])
    assert same(placed(), first)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert f"{path} is prepared again: " in record.getMessage()
    assert same(placed(), first)
    assert len(caplog.records) == 1


def test_without_recordings_the_only_file_for_the_same_options_is_used(placed, raw, caplog):
    first = placed()
    placed(dt=2.0)
    (raw / "all.zip").unlink()
    again = placed(download=True)
    assert same(again, first)
    assert (again.key, again.processed_path) == (first.key, first.processed_path)
    assert f"no raw recordings in {raw}; using {first.processed_path}" in caplog.text
    with pytest.raises(MissingDataError):
        placed(dt=3.0)


def test_without_recordings_the_newest_of_the_files_for_the_same_options_is_used(placed, raw, files, put, caplog):
    first = placed()
    put(raw / "all.zip", {**files, "Train/0/00002.bin": b""})
    second = placed()
    (raw / "all.zip").unlink()
    for newer, older in ((first, second), (second, first)):
        os.utime(older.processed_path, (1, 1))
        os.utime(newer.processed_path, (2, 2))
        caplog.clear()
        assert same(placed(), newer)
        assert f"using {newer.processed_path}, the newest of 2 files for these options" in caplog.text
    second.processed_path.write_bytes(b"")
    assert same(placed(), first)
    assert f"{second.processed_path} cannot be used: " in caplog.text


def test_a_spoilt_file_without_recordings_is_no_data(placed, raw, caplog):
    path = placed().processed_path
    (raw / "all.zip").unlink()
    path.write_bytes(b"")
    with pytest.raises(MissingDataError):
        placed()
    assert f"{path} cannot be used: " in caplog.text


def test_an_interrupted_preparation_leaves_nothing(placed, raw, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(samples, "bin_recordings", interrupted)
    with pytest.raises(KeyboardInterrupt):
        placed()
    monkeypatch.undo()
    folder = raw.parent / "processed"
    assert [path.name for path in folder.iterdir() if path.name != ".lock"] == []
    assert len(placed()) == 20


# Damaged recordings.


def many(files, n_recordings):
    """As many recordings of a 0 as it takes to have that many for training."""
    n_more = n_recordings - sum(name.startswith("Train") for name in files)
    return files | {f"Train/0/1{number:04d}.bin": b"" for number in range(n_more)}


def test_damaged_recordings_are_left_out_and_named(files, raw, put, nmnist):
    recordings = many(files, 200)
    put(raw / "Train.zip", {**recordings, "Train/5/20000.bin": OFF_SENSOR})
    damaged = nmnist()
    assert len(damaged) == len(damaged.targets) == damaged.data.n_samples == 200
    assert damaged.report.n_recordings == 201
    ((name, reason),) = damaged.report.left_out
    assert name == f"{raw / 'Train.zip'}/Train/5/20000.bin"
    assert "x = 200" in reason
    (raw / "Train.zip").unlink()
    put(raw / "Train.zip", recordings)
    assert torch.equal(nmnist().targets, damaged.targets)
    assert torch.equal(nmnist().data.units, damaged.data.units)


def test_more_than_one_percent_of_damaged_recordings_is_an_error_that_says_what_to_do(files, raw, put, nmnist):
    put(raw, many(files, 198) | {"Train/5/20000.bin": OFF_SENSOR, "Train/5/20001.bin": OFF_SENSOR})
    assert len(nmnist().report.left_out) == 2  # 2 of 200
    put(raw, {"Train/5/20002.bin": OFF_SENSOR})
    with pytest.raises(
        DatasetError, match=r"3 of 201 .* damaged, .*20000\.bin.*20001\.bin.*; mend them or move them away; recordings of other"
    ):
        nmnist()


def test_of_however_few_recordings_one_may_be_damaged_and_not_two(files, raw, put, nmnist):
    put(raw, files | {"Train/5/20000.bin": OFF_SENSOR})
    assert len(nmnist().report.left_out) == 1  # 1 of 21
    with pytest.raises(DatasetError, match=r"1 of 21 .* none may be: .*; mend them or move them away, or run without --strict"):
        nmnist(strict=True)
    put(raw, {"Train/5/20001.bin": OFF_SENSOR})
    with pytest.raises(DatasetError, match=r"2 of 22 .* damaged, more than 1%"):
        nmnist()


def test_strict_takes_no_damaged_recording_even_from_a_file_that_is_there(files, raw, put, nmnist):
    put(raw, many(files, 199) | {"Train/5/20000.bin": OFF_SENSOR})
    for _ in range(2):
        with pytest.raises(DatasetError, match=r"1 of 200 .* damaged, none may be: .*20000\.bin"):
            nmnist(strict=True)
        nmnist()


def test_partial_events_are_dropped_and_counted(files, raw, put, nmnist):
    put(raw, {**files, "Train/0/00000.bin": bytes([1, 0, 128, 0, 0, 7, 7])})
    recorded = nmnist(strict=True)
    assert recorded.report.n_damaged_events == 1
    assert recorded[0][0].nonzero().tolist() == [[0, 1]]


def test_a_class_whose_only_recording_is_damaged_is_empty(files, raw, put, nmnist):
    keep = {name: content for name, content in files.items() if "Train/5/" not in name}
    put(raw, many(keep, 200) | {"Train/5/20000.bin": OFF_SENSOR})
    with pytest.raises(DatasetError, match=r"no usable train recording of class 5 .* left out: .*0\.bin: event 0 has x = 200"):
        nmnist()


# Several runs at once.

SCRIPT = """
import sys
from datasets import NMNIST
print("starting", flush=True)
print(NMNIST(sys.argv[1]).key)
"""


def test_a_second_run_waits_says_so_and_takes_what_the_first_one_made(placed, raw):
    first = placed()
    content = first.processed_path.read_bytes()
    first.processed_path.unlink()
    with FileLock(first.processed_folder / ".lock"):
        second = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(raw.parents[1])],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert "another run is preparing N-MNIST; waiting" in second.stderr.readline()
        assert second.poll() is None
        first.processed_path.write_bytes(content)
        written = first.processed_path.stat()
    output, _ = second.communicate(timeout=60)
    assert output.split() == ["starting", first.key]
    assert first.processed_path.stat().st_mtime_ns == written.st_mtime_ns


def test_of_two_runs_at_once_one_prepares_and_both_have_it(placed, raw):
    key = placed().key
    shutil.rmtree(raw.parent / "processed")
    command = [sys.executable, "-c", SCRIPT, str(raw.parents[1])]
    runs = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [run.communicate(timeout=60)[0].split() for run in runs] == [["starting", key]] * 2
    assert [path.name for path in (raw.parent / "processed").glob("*.pt")] == [f"train-{key}.pt"]


def test_a_folder_that_cannot_be_written_to_is_named(placed, raw):
    (raw.parent / "processed").write_text("a file")
    with pytest.raises(DatasetError, match=r"cannot write .*processed: File exists"):
        placed()


def test_a_lack_of_memory_is_told_in_a_line_with_what_lacks_it_and_what_to_do(placed, monkeypatch):
    def lacking(*_):
        raise MemoryError

    monkeypatch.setattr("datasets.preparation.samples.joined", lacking)
    with pytest.raises(DatasetError) as caught:
        placed()
    assert str(caught.value).startswith("N-MNIST train: not enough memory; take fewer or shorter recordings")


# Options.


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"dt": 0}, "dt must be"),
        ({"dt": float("nan")}, "dt must be"),
        ({"dt": float("inf")}, "dt must be"),
        ({"pattern_time": -1}, "pattern_time must be"),
        ({"dt": 200}, "time steps"),
        ({"dt": 1e-9}, "time steps"),
        ({"polarities": "ON"}, "polarities must be one of on, off, both"),
        ({"n_workers": 0}, "n_workers must be"),
        ({"n_workers": -2}, "n_workers must be"),
    ],
)
def test_wrong_options_are_named(options, complaint, placed):
    with pytest.raises(DatasetError, match=complaint):
        placed(**options)


# A data set that is made, not read.


def emulate(locators):
    for seed, index in locators:
        yield Events.from_columns([(seed + index) % 4], [0], [1], [0], 4, 2), 0


class Emulated(EventDataset):
    name, title, source = "Emulated", "Emulated", "emulated"
    sensor = Sensor(4, 2)
    class_names = ("a", "b")
    default_pattern_time = 5.0
    reader = staticmethod(emulate)
    reader_version = 1

    def __init__(self, *arguments, seed=0, n_samples=3, **options):
        self.seed, self.n_samples = seed, n_samples
        super().__init__(*arguments, **options)

    def list_recordings(self):
        recordings = [Recording(f"sample {index}", index % 2, (self.seed, index)) for index in range(self.n_samples)]
        return Listing(recordings, f"{self.seed} {self.n_samples}", ["the emulation"])


def test_a_data_set_that_is_made_needs_no_files_and_no_change_of_the_machinery(tmp_path):
    first = Emulated(tmp_path)
    assert [int(sample.argmax()) for sample, _ in first] == [0, 1, 2]
    assert first.targets.tolist() == [0, 1, 0]
    second = Emulated(tmp_path, seed=1, n_samples=1)
    assert [int(sample.argmax()) for sample, _ in second] == [1]
    assert first.key != second.key
    assert same(Emulated(tmp_path), first)


def test_a_data_set_without_an_address_cannot_be_downloaded(tmp_path):
    class Nowhere(Emulated):
        how_to_get = "Put it into {folder}."

        def list_recordings(self):
            raise self.missing("nothing")

    with pytest.raises(MissingDataError, match=rf"Put it into {tmp_path}/Emulated/raw\."):
        Nowhere(tmp_path, download=True)


@pytest.mark.parametrize("spoil", ["n_units", "n_steps", "targets"])
def test_a_prepared_file_with_sizes_or_labels_of_another_data_set_is_made_again(spoil, placed, caplog):
    first = placed()
    trains, targets = first.spike_trains, first.targets
    if spoil == "targets":
        targets = targets + 1
    else:
        trains = trains._replace(**{spoil: 1_000_000_000})
    processed.save(first.processed_path, processed.Prepared(trains, targets, first.report), first.parameters())
    again = placed()
    assert again.spike_trains.n_units == first.spike_trains.n_units
    assert torch.equal(again.targets, first.targets)
    assert "is prepared again: its numbers are not those of this data set" in caplog.text
