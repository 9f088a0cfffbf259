"""Batches with time first, torchvision's data sets, spoken digits; shapes, types and numbers were measured on BindsNET 0.3.4."""

from __future__ import annotations

import io
import sys
import types
import wave
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pytest
import torch

from bindsnet import datasets
from bindsnet.datasets import MNIST, DataLoader, SpokenMNIST, create_torchvision_dataset_wrapper, spoken_mnist
from bindsnet.datasets.collate import safe_worker_check, time_aware_collate
from bindsnet.encoding import BernoulliEncoder
from bindsnet.errors import DataError
from tests.serving import whole


class Pair(NamedTuple):
    x: int
    y: float


FIELDS = [  # an item's field, and what BindsNET makes of three of them: shape and type of each tensor
    (lambda i: torch.arange(6).view(3, 2) + i, [((3, 3, 2), torch.int64)]),
    (lambda i: torch.rand(5, 1, 2, 2), [((5, 3, 1, 2, 2), torch.float32)]),
    (lambda i: torch.arange(3) + i, [((3, 3, 1), torch.int64)]),
    (lambda i: torch.tensor(i), [((1, 3, 1), torch.int64)]),
    (lambda i: np.arange(4.0).reshape(2, 2), [((2, 3, 2), torch.float64)]),
    (lambda i: i, [((3,), torch.int64)]),
    (lambda i: i > 1, [((3,), torch.bool)]),
    (lambda i: i / 2, [((3,), torch.float64)]),
    (lambda i: np.float32(i), [((3,), torch.float32)]),
    (lambda i: np.int64(i), [((3,), torch.int64)]),
    (lambda i: (i, torch.arange(2)), [((3,), torch.int64), ((2, 3, 1), torch.int64)]),
    (lambda i: Pair(i, 2.0), [((3,), torch.int64), ((3,), torch.float64)]),
]


@pytest.mark.parametrize(("field", "expected"), FIELDS)
def test_time_is_first_and_the_sample_second(field, expected):
    batch = time_aware_collate([{"field": field(i)} for i in range(3)])["field"]
    found = [batch] if isinstance(batch, torch.Tensor) else batch
    assert [(tuple(each.shape), each.dtype) for each in found] == expected


def test_each_sample_is_where_it_belongs():
    items = [torch.rand(4, 2) for _ in range(3)]
    batch = time_aware_collate(items)
    assert all(torch.equal(batch[:, i], items[i]) for i in range(3))
    assert isinstance(time_aware_collate([Pair(1, 2.0)]), Pair)
    assert time_aware_collate(["a", "b"]) == ["a", "b"]
    assert isinstance(time_aware_collate([(1, 2)]), list)


@pytest.mark.parametrize(
    ("batch", "complaint"),
    [
        ([None], "got NoneType"),
        ([np.array(["x"])], "got ndarray"),
        ([torch.ones(2), torch.ones(3)], r"tensors of one shape, got \[2\], \[3\]"),
        ([], "one item at least"),
        ([{"a": 1}, {"b": 1}], "not the same fields of the same kinds"),
        ([(1, 2), (1,)], "not the same fields of the same kinds"),
        ([torch.ones(2), 5], "not the same fields of the same kinds"),
        ([5, "a"], "not the same fields of the same kinds"),
    ],
)
def test_what_makes_no_batch_is_refused(batch, complaint):
    with pytest.raises(DataError, match=complaint):
        time_aware_collate(batch)


class Workers(torch.utils.data.Dataset):
    """Says of each item whether it was made in a process that loads for another one."""

    def __len__(self):
        return 4

    def __getitem__(self, i):
        return torch.tensor([safe_worker_check(), i], dtype=torch.float32)


@pytest.mark.parametrize("n_workers", [0, 2])
def test_batches_of_workers_lie_in_shared_memory(n_workers):
    batches = list(DataLoader(Workers(), batch_size=2, num_workers=n_workers))
    assert [batch[1, :, 0].tolist() for batch in batches] == [[0, 1], [2, 3]]
    assert all(batch.is_shared() and batch[0].all() if n_workers else not batch[0].any() for batch in batches)


def test_names_of_torchvision_can_be_imported_without_it_and_say_so_when_they_are_used(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    monkeypatch.delitem(vars(datasets), "CIFAR10", raising=False)
    for name in datasets.TORCHVISION:
        kind = create_torchvision_dataset_wrapper(name)
        with pytest.raises(DataError, match=f"^{name} needs torchvision, which is not installed here: pip install torchvision$"):
            kind(BernoulliEncoder(10), None, root="x", train=True)
    assert datasets.CIFAR10 is datasets.CIFAR10
    assert set(datasets.TORCHVISION) < {*datasets.__all__}
    with pytest.raises(AttributeError, match="has no attribute 'CIFAR11'"):
        _ = datasets.CIFAR11


def test_torchvisions_data_sets_are_wrapped_when_it_is_there(monkeypatch):
    class CIFAR10:
        """Pictures."""

        def __init__(self, root, train=True):
            self.root, self.train = root, train

        def __getitem__(self, i):
            return torch.full((2,), i / 10), i

        def __len__(self):
            return 7

    there = types.ModuleType("torchvision.datasets")
    there.CIFAR10 = CIFAR10
    monkeypatch.setitem(sys.modules, "torchvision.datasets", there)
    monkeypatch.setitem(sys.modules, "torchvision", types.ModuleType("torchvision"))
    for given in ("CIFAR10", CIFAR10):
        kind = create_torchvision_dataset_wrapper(given)
        assert issubclass(kind, CIFAR10)
        data = kind(BernoulliEncoder(10), None, "somewhere", train=False)
        assert (data.root, data.train, data.args, data.kwargs, len(data)) == (
            "somewhere",
            False,
            ("somewhere",),
            {"train": False},
            7,
        )
        item = data[3]
        assert item["encoded_image"].shape == (10, 2)
        assert item["label"] == item["encoded_label"] == 3
    with pytest.raises(DataError, match="PhotoTour is no data set of the torchvision that is installed here"):
        create_torchvision_dataset_wrapper("PhotoTour")()


def test_the_librarys_own_data_sets_need_no_torchvision():
    assert create_torchvision_dataset_wrapper("MNIST") is MNIST


RATE = 8000


def recording(digit: int, index: int, speaker: str) -> bytes:
    """A tone of as many samples as its numbers say, as a WAV file of 16 bits."""
    n_samples = 2000 + 100 * index + digit
    tone = 8000 * np.sin(np.arange(n_samples) * (0.1 + 0.05 * digit + 0.01 * len(speaker)))
    with io.BytesIO() as content:
        with wave.open(content, "wb") as file:
            file.setparams((1, 2, RATE, n_samples, "NONE", ""))
            file.writeframes(tone.astype("<i2").tobytes())
        return content.getvalue()


@pytest.fixture
def recordings():
    """By name: of two speakers five recordings of two digits each, in no order."""
    return {
        f"{digit}_{speaker}_{index}.wav": recording(digit, index, speaker)
        for index in (3, 10, 1, 2, 0)
        for digit in (7, 2)
        for speaker in ("jo", "theo")
    }


def archive(path, files):
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in files.items():
            opened.writestr(f"recordings/{name}", content)


@pytest.mark.parametrize("form", ["here", "folder", "archive", "the archive itself"])
def test_spoken_digits_are_split_by_speaker_and_digit(tmp_path, recordings, form):
    folder = tmp_path if form == "here" else tmp_path / "recordings"
    if "archive" in form:
        archive(tmp_path / "recordings.zip", recordings)
    else:
        folder.mkdir(exist_ok=True)
        for name, content in recordings.items():
            (folder / name).write_bytes(content)
    path = tmp_path / "recordings.zip" if "itself" in form else tmp_path
    training, test = (SpokenMNIST(path, shuffle=False, train=train) for train in (True, False))
    assert sorted(training.files + test.files) == sorted(recordings)
    assert all("_10." in name for name in test.files)
    assert (len(training), len(test)) == (16, 4)
    assert test.labels.tolist() == [2, 2, 7, 7]
    item = test[0]
    assert item.keys() == {"audio", "label"}
    assert (item["audio"].shape, item["audio"].dtype, item["label"].item()) == ((36, 40), torch.float32, 2)
    assert SpokenMNIST(path, train=False, num_samples=5)[0]["audio"].shape == (5, 40)


def test_spoken_digits_are_shuffled_by_torchs_generator(tmp_path, recordings):
    archive(tmp_path / "recordings.zip", recordings)
    orders = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        orders.append(SpokenMNIST(tmp_path).files)
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


# Of 500 samples at 8 kHz, in dB: some filter banks that BindsNET 0.3.4 gives.
BANKS = {(0, 0): 11.7119, (0, 39): 102.994, (1, 7): 95.6039, (2, 20): 96.3881, (3, 3): 95.6544, (3, 39): 102.9973}


def test_filter_banks_are_bindsnets(tmp_path):
    samples = (np.arange(500) * 37 % 2001 - 1000).astype("<i2")
    with wave.open(str(tmp_path / "3_me_0.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 500, "NONE", ""))
        file.writeframes(samples.tobytes())
    (banks,), labels = SpokenMNIST.process_data(SpokenMNIST(tmp_path, split=0.9), ["3_me_0.wav"])
    assert labels.tolist() == [3]
    assert banks.shape == (4, 40)
    for place, expected in BANKS.items():
        assert banks[place].item() == pytest.approx(expected, rel=1e-5)


def test_missing_and_damaged_recordings_are_told(tmp_path, recordings):
    with pytest.raises(DataError, match=r"no recordings <digit>_<speaker>_<number>\.wav in .*pass download=True"):
        SpokenMNIST(tmp_path)
    (tmp_path / "0_jo_0.wav").write_bytes(recordings["7_jo_0.wav"][:1000])
    with pytest.raises(DataError, match=r"0_jo_0\.wav in .*: it is cut short"):
        SpokenMNIST(tmp_path)
    (tmp_path / "0_jo_0.wav").unlink()
    (tmp_path / "recordings.zip").write_text("no archive")
    with pytest.raises(DataError, match=r"recordings\.zip cannot be read as a zip archive"):
        SpokenMNIST(tmp_path)
    with pytest.raises(DataError, match=r"split is a share between 0 and 1, got 1\.5"):
        SpokenMNIST(tmp_path, split=1.5)


def test_hostile_recordings_are_told(tmp_path, recordings, pipe, monkeypatch):
    content = recordings["7_jo_0.wav"]
    pipe.rename(tmp_path / "0_jo_0.wav")
    with pytest.raises(DataError, match=r"0_jo_0\.wav in .*: is a pipe, no regular file"):
        SpokenMNIST(tmp_path)
    (tmp_path / "0_jo_0.wav").unlink()
    archive(tmp_path / "recordings.zip", {"0_jo_0.wav": content})
    (tmp_path / "recordings.zip").write_bytes((tmp_path / "recordings.zip").read_bytes().replace(content[:8], b"RIFFRIFF"))
    with pytest.raises(DataError, match=r"0_jo_0\.wav in .*: Bad CRC-32"):
        SpokenMNIST(tmp_path)
    archive(tmp_path / "recordings.zip", {"0_jo_0.wav": content})
    monkeypatch.setattr(spoken_mnist, "LARGEST", 1000)
    with pytest.raises(DataError, match=r"0_jo_0\.wav in .*: it holds more than 1,000 bytes"):
        SpokenMNIST(tmp_path)


def test_recordings_are_downloaded_and_checked(server, tmp_path, recordings, monkeypatch):
    archive(tmp_path / "sent.zip", recordings)
    content = (tmp_path / "sent.zip").read_bytes()
    monkeypatch.setattr(SpokenMNIST, "url", server.url("/fsdd.zip"))
    server.answers["/fsdd.zip"] = [whole(content[:500] + bytes(8) + content[508:]), whole(content)]
    with pytest.raises(DataError, match=r"is damaged .* and was removed; try again"):
        SpokenMNIST(tmp_path / "data", download=True)
    assert len(SpokenMNIST(tmp_path / "data", download=True)) == 16
    assert len(SpokenMNIST(tmp_path / "data", download=True)) == 16
    assert len(server.requests) == 2


def test_recordings_are_downloaded_once_for_all_that_ask(server, tmp_path, recordings, monkeypatch):
    archive(tmp_path / "sent.zip", recordings)
    monkeypatch.setattr(SpokenMNIST, "url", server.url("/fsdd.zip"))
    server.answers["/fsdd.zip"] = [whole((tmp_path / "sent.zip").read_bytes())]
    with ThreadPoolExecutor() as threads:
        found = list(threads.map(lambda _: SpokenMNIST(tmp_path / "data", download=True), range(3)))
    assert [len(data) for data in found] == [16] * 3
    assert len(server.requests) == 1
