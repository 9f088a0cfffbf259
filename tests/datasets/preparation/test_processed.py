import errno
import io
import pickle
import warnings
import zipfile
from pathlib import Path

import pytest
import torch

from datasets import DatasetError, SpikeTrains
from datasets.preparation.processed import Prepared, SpoiltFileError, load, save
from datasets.preparation.report import PreparationReport

PARAMETERS = {"name": "X", "dt": 0.5}
MANY = torch.ones(1).expand(10**12)  # which would take for ever to be looked through


def prepared(**changes):
    trains = {
        "pointers": torch.tensor([0, 2, 2]),
        "steps": torch.tensor([0, 1], dtype=torch.int16),
        "units": torch.tensor([3, 2], dtype=torch.int16),
        "n_steps": 2,
        "n_units": 4,
    }
    report = PreparationReport(n_samples=2, left_out=[("a", "b")], sources=["c"])
    return Prepared(SpikeTrains(**{**trains, **changes}), torch.tensor([1, 0]), report)


def test_a_split_is_read_as_it_was_written_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "a.pt"
    save(path, prepared(), PARAMETERS)
    assert list(tmp_path.iterdir()) == [path]
    read = load(path, PARAMETERS)
    for name, value in prepared().spike_trains._asdict().items():
        got = getattr(read.spike_trains, name)
        assert torch.equal(got, value) if torch.is_tensor(value) else got == value
    assert torch.equal(read.targets, prepared().targets)
    assert read.report == prepared().report


def test_what_a_killed_run_left_beside_is_cleared_away(tmp_path):
    (tmp_path / f".train-{'0123456789ab' * 2}.pt.abcd_123.part").write_bytes(b"half")
    save(tmp_path / "a.pt", prepared(), PARAMETERS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.pt"]


@pytest.mark.parametrize(
    "name",
    [".notes.pt.abcd_123.part", ".train-0123.pt.abcd_123.part"]
    + [f"{name}-{'0' * 24}.pt.abcd_123.part{ending}" for name, ending in ((".val", ""), (".train", ".txt"), ("train", ""))],
)
def test_what_only_looks_like_a_file_half_written_stays(tmp_path, name):
    (tmp_path / name).write_bytes(b"mine")
    save(tmp_path / "a.pt", prepared(), PARAMETERS)
    assert (tmp_path / name).read_bytes() == b"mine"


def test_a_link_in_the_place_of_a_file_half_written_is_not_followed(tmp_path):
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / f".train-{'0' * 24}.pt.abcd_123.part").symlink_to("mine")
    (tmp_path / "a.pt").symlink_to("mine")
    save(tmp_path / "a.pt", prepared(), PARAMETERS)
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_the_file_holds_plain_data_only(tmp_path):
    save(tmp_path / "a.pt", prepared(), PARAMETERS)
    content = torch.load(tmp_path / "a.pt", weights_only=True)
    assert set(content) >= {"pointers", "steps", "units", "n_steps", "n_units", "targets"}


def test_every_flipped_byte_and_every_cut_is_noticed_or_harmless(tmp_path):
    path = tmp_path / "a.pt"
    save(path, prepared(), PARAMETERS)
    whole = path.read_bytes()
    n_noticed = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            read = load(path, PARAMETERS)
        except SpoiltFileError:
            n_noticed += 1
        else:
            assert torch.equal(read.spike_trains.steps, prepared().spike_trains.steps)
            assert torch.equal(read.spike_trains.units, prepared().spike_trains.units)
            assert torch.equal(read.targets, prepared().targets)
        path.write_bytes(whole[:place])
        with pytest.raises(SpoiltFileError):
            load(path, PARAMETERS)
    assert n_noticed > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"pointers": torch.tensor([0, 2])},
        {"pointers": torch.tensor([0, 3, 2])},
        {"pointers": torch.tensor([1, 2, 2])},
        {"pointers": torch.tensor([0, 1, 1])},
        {"pointers": torch.tensor([0.0, 2.0, 2.0])},
        {"steps": torch.tensor([0, 2])},
        {"units": torch.tensor([-1, 0])},
        {"units": torch.tensor([0])},
        {"n_steps": "2"},
        {"n_steps": MANY},
        {"steps": torch.tensor([0.0, 1.5])},
        {"steps": torch.tensor([0, 1], dtype=torch.uint8)},
        {"units": torch.tensor([[3], [2]])},
        {"units": torch.tensor([1]).expand(2)},
    ],
)
def test_numbers_that_do_not_fit_together_are_noticed(changes, tmp_path):
    save(tmp_path / "a.pt", prepared(**changes), PARAMETERS)
    with pytest.raises(SpoiltFileError, match=r"fit together|should"):
        load(tmp_path / "a.pt", PARAMETERS)


def is_mapped(tensor: torch.Tensor, path: Path) -> bool:
    """Whether a tensor's numbers are the file's own pages."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        first, last = (int(end, 16) for end in line.split()[0].split("-"))
        if first <= tensor.data_ptr() < last:
            return line.endswith(str(path))
    return False


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="asks Linux what is mapped")
def test_what_is_read_is_mapped_and_stays_as_it_was_when_the_file_is_replaced_or_changed_in_memory(tmp_path):
    path = tmp_path / "a.pt"
    save(path, prepared(), PARAMETERS)
    trains, targets, _ = load(path, PARAMETERS)
    for tensor in (*trains[:3], targets):
        assert is_mapped(tensor, path)
    trains.units[0] = 1
    again = load(path, PARAMETERS)
    assert again.spike_trains.units[0] == 3
    save(path, prepared(units=torch.tensor([0, 0], dtype=torch.int16)), PARAMETERS)
    assert again.spike_trains.units[0] == 3
    assert load(path, PARAMETERS).spike_trains.units[0] == 0


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_file_that_was_packed_anew_is_read_like_the_one_before(how, tmp_path):
    path = tmp_path / "a.pt"
    save(path, prepared(), PARAMETERS)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "b.pt", "w", how) as anew:
        for name in archive.namelist():
            anew.writestr(name, archive.read(name))
    trains = load(tmp_path / "b.pt", PARAMETERS).spike_trains
    for found, expected in zip(trains[:3], prepared().spike_trains[:3], strict=True):
        assert torch.equal(found, expected)
        assert found.numpy().flags.aligned


def test_a_file_made_with_other_options_is_not_taken(tmp_path):
    save(tmp_path / "a.pt", prepared(), {**PARAMETERS, "dt": 1.0})
    with pytest.raises(SpoiltFileError, match="other options"):
        load(tmp_path / "a.pt", PARAMETERS)


def test_something_else_is_not_taken(tmp_path):
    torch.save({"format": 1}, tmp_path / "a.pt")
    with pytest.raises(SpoiltFileError, match="does not hold"):
        load(tmp_path / "a.pt", PARAMETERS)
    torch.save(PreparationReport, tmp_path / "a.pt")
    with pytest.raises(SpoiltFileError, match="cannot be read"):
        load(tmp_path / "a.pt", PARAMETERS)


def test_no_file_is_no_spoilt_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "a.pt", PARAMETERS)


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize(("trouble", "error"), [(full_disk, DatasetError), (interrupted, KeyboardInterrupt)])
def test_a_failed_write_leaves_the_file_as_it_was(trouble, error, tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    save(path, prepared(), PARAMETERS)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", trouble)
    with pytest.raises(error):
        save(path, prepared(), {**PARAMETERS, "dt": 9.0})
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


class FullDisk(io.RawIOBase):
    """A file on a disk that takes so many bytes more."""

    def __init__(self, n_left):
        self.n_left = n_left

    def writable(self):
        return True

    def write(self, content):
        self.n_left -= len(content)
        if self.n_left < 0:
            full_disk()
        return len(content)


@pytest.mark.parametrize("n_left", [0, 700, 2000, 60_000])
def test_a_full_disk_is_told_with_the_place_whatever_torch_makes_of_it(n_left, tmp_path, monkeypatch):
    many = prepared(steps=torch.zeros(50_000, dtype=torch.int16), units=torch.zeros(50_000, dtype=torch.int16))
    monkeypatch.setattr("pathlib.Path.open", lambda *_, **__: io.BufferedWriter(FullDisk(n_left), 1))
    with pytest.raises(DatasetError) as caught:
        save(tmp_path / "a.pt", many, PARAMETERS)
    assert str(caught.value).startswith(f"cannot write {tmp_path}/a.pt: no space left on the device (")
    assert str(caught.value).endswith(" bytes free); make room there, or let --root name a place elsewhere")
    assert not list(tmp_path.iterdir())


def test_why_a_file_is_not_taken_is_told_in_our_words(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps(PreparationReport))
        archive.writestr("a/version", "3")
    with warnings.catch_warnings(record=True) as warned, pytest.raises(SpoiltFileError) as caught:
        load(tmp_path / "a.pt", PARAMETERS)
    assert not warned
    assert str(caught.value).startswith("it cannot be read, being damaged or no file of prepared recordings (")
    assert "weights_only" not in str(caught.value)


def test_a_pipe_is_not_taken(pipe):
    with pytest.raises(SpoiltFileError, match="it is a pipe, no regular file"):
        load(pipe, PARAMETERS)


def test_a_file_that_would_unpack_to_far_too_much_is_not_taken(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", bytes(1_000_000))
    monkeypatch.setattr("common.content.LARGEST", 1 << 10)
    with pytest.raises(SpoiltFileError, match="far more"):
        load(tmp_path / "a.pt", PARAMETERS)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_a_lack_of_memory_makes_no_file_a_spoilt_one(error, tmp_path, monkeypatch):
    def lacking(*_, **__):
        raise error

    save(tmp_path / "a.pt", prepared(), PARAMETERS)
    monkeypatch.setattr("torch.load", lacking)
    with pytest.raises(MemoryError):
        load(tmp_path / "a.pt", PARAMETERS)


@pytest.mark.parametrize(
    "changes", [{"n_events": "2"}, {"sources": [1]}, {"notes": None}, {"notes": "ab"}, {"left_out": [("a",)]}, {"notes": MANY}]
)
def test_a_report_that_cannot_be_told_is_noticed(changes, tmp_path):
    save(tmp_path / "a.pt", prepared()._replace(report=PreparationReport(**changes)), PARAMETERS)
    with pytest.raises(SpoiltFileError, match=r"fit together|should"):
        load(tmp_path / "a.pt", PARAMETERS)


@pytest.mark.parametrize("changes", [{"format": MANY}, {"parameters": MANY}, {"parameters": {"name": MANY, "dt": 0.5}}])
def test_what_is_no_plain_value_is_not_compared(changes, tmp_path):
    save(tmp_path / "a.pt", prepared(), PARAMETERS)
    torch.save({**torch.load(tmp_path / "a.pt", weights_only=True), **changes}, tmp_path / "a.pt")
    with pytest.raises(SpoiltFileError, match="does not hold what it should"):
        load(tmp_path / "a.pt", PARAMETERS)
