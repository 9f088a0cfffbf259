"""MNIST and its relatives as programs for BindsNET use them: where files lie, what items hold, what is said of wrong files."""

from __future__ import annotations

import gzip
import hashlib
import io
import multiprocessing
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from bindsnet.datasets import EMNIST, KMNIST, MNIST, DataLoader, FashionMNIST
from bindsnet.datasets.mnist import FILES
from bindsnet.encoding import NullEncoder, PoissonEncoder
from bindsnet.errors import DataError
from common.download import RemoteFile
from common.errors import DatasetError
from tests.idx_files import idx
from tests.serving import status, whole

N_TRAIN, N_TEST = 12, 4


def contents(n_classes: int = 10) -> dict[str, bytes]:
    """The four files, small."""
    generator = np.random.default_rng(0)
    files = {}
    for n, stems in ((N_TRAIN, FILES[:2]), (N_TEST, FILES[2:])):
        files[stems[0]] = idx(generator.integers(0, 256, (n, 28, 28), np.uint8))
        files[stems[1]] = idx(np.arange(n, dtype=np.uint8) % n_classes)
    return files


def put(folder, form="{}", pack=bytes, files=None):
    """Write the files into a folder, under names of some form."""
    for stem, content in (files or contents()).items():
        path = folder / form.format(stem, stem.replace("-idx", ".idx"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pack(content))


@pytest.fixture
def root(tmp_path):
    put(tmp_path)
    return tmp_path


@pytest.mark.parametrize("place", ["MNIST/raw", "raw", "MNIST", "."])
@pytest.mark.parametrize(("form", "pack"), [("{0}", bytes), ("{0}.gz", gzip.compress), ("{1}", bytes), ("{0}/{0}", bytes)])
def test_files_are_found_as_people_have_them(tmp_path, place, form, pack):
    put(tmp_path / place, form, pack)
    for train, n in ((True, N_TRAIN), (False, N_TEST)):
        data = MNIST(root=str(tmp_path), train=train)
        images = np.frombuffer(contents()[FILES[0 if train else 2]], np.uint8)[16:].reshape(n, 28, 28)
        assert np.array_equal(data.data.numpy(), images)
        assert data.targets.tolist() == [i % 10 for i in range(n)]
        assert (data.data.dtype, data.targets.dtype, len(data)) == (torch.uint8, torch.int64, n)


def test_an_item_holds_image_and_label_and_both_as_spike_trains(root):
    data = MNIST(lambda image: ("train of", image), lambda label: ("train of", label), root=root)
    item = data[3]
    assert item.keys() == {"image", "label", "encoded_image", "encoded_label"}
    assert isinstance(item["image"], Image.Image)
    assert np.array_equal(np.asarray(item["image"]), data.data[3].numpy())
    assert (item["label"], type(item["label"])) == (3, int)
    assert item["encoded_image"] == ("train of", item["image"])
    assert item["encoded_label"] == ("train of", 3)
    assert data[-1]["label"] == 1
    with pytest.raises(IndexError):
        data[N_TRAIN]


def test_without_encoders_an_item_is_as_it_is(root):
    data = MNIST(root=root)
    assert isinstance(data.image_encoder, NullEncoder)
    item = data[0]
    assert item["encoded_image"] is item["image"]
    assert item["encoded_label"] == item["label"] == 0


def test_intensity_gives_images_as_tensors_that_torchvision_would_give(root):
    data = MNIST(PoissonEncoder(50), None, root=root, intensity=128.0)
    item = data[2]
    assert torch.equal(item["image"], torch.from_numpy(data.data[2].numpy()[None] / np.float32(255)) * 128.0)
    assert (item["image"].dtype, item["image"].shape) == (torch.float32, (1, 28, 28))
    assert (item["encoded_image"].dtype, item["encoded_image"].shape) == (torch.uint8, (50, 1, 28, 28))


def test_a_pil_image_is_encoded_by_its_pixels(root):
    data = MNIST(PoissonEncoder(50), None, root=root)
    torch.manual_seed(1)
    train = data[0]["encoded_image"]
    torch.manual_seed(1)
    assert torch.equal(train, PoissonEncoder(50)(data.data[0]))


def test_transforms_come_before_the_encoders(root):
    data = MNIST(lambda x: x + 1, lambda x: -x, root, True, lambda x: np.asarray(x).max().astype(int), lambda x: 10 * x)
    item = data[4]
    assert item["image"] == data.data[4].max()
    assert item["encoded_image"] == item["image"] + 1
    assert (item["label"], item["encoded_label"]) == (40, -40)
    assert MNIST(root=root, intensity=2.0, transform=torch.sum)[0]["image"].shape == ()


def test_a_loader_puts_time_first_and_gives_the_same_for_a_seed_with_and_without_workers(root):
    data = MNIST(PoissonEncoder(20), None, root=root, intensity=128.0)
    batches = []
    for _ in range(2):
        torch.manual_seed(5)
        batches.append(list(DataLoader(data, batch_size=5, shuffle=True, num_workers=2)))
    first, second = batches
    assert [batch["encoded_image"].shape for batch in first] == [(20, n, 1, 28, 28) for n in (5, 5, 2)]
    assert first[0]["image"].shape == (1, 5, 28, 28)
    labels = torch.cat([batch["label"] for batch in first])
    assert sorted(labels.tolist()) == sorted(data.targets.tolist())
    assert labels.tolist() != data.targets.tolist()
    for one, other in zip(first, second, strict=True):
        assert all(torch.equal(one[key], other[key]) for key in one)
    assert not torch.equal(first[0]["encoded_image"][:, 0], first[0]["encoded_image"][:, 1])
    torch.manual_seed(5)
    alone = DataLoader(data, batch_size=5, shuffle=True)
    assert torch.equal(torch.cat([batch["label"] for batch in alone]), labels)


def test_missing_files_are_told_with_every_place_that_was_looked_at(tmp_path):
    put(tmp_path / "MNIST" / "raw", files={stem: content for stem, content in contents().items() if "labels" not in stem})
    with pytest.raises(DataError) as caught:
        MNIST(root=tmp_path)
    for kind in (RuntimeError, FileNotFoundError, DatasetError):  # torchvision's, BindsNET's, the project's
        assert isinstance(caught.value, kind)
    message = str(caught.value)
    assert "train-labels-idx1-ubyte" in message
    assert "download=True" in message
    assert all(str(folder) in message for folder in (tmp_path / "MNIST" / "raw", tmp_path / "raw", tmp_path / "MNIST"))


WRONG = [
    (FILES[0], lambda c: c[:-1], "says that it holds 9,424 bytes; a file of its size holds 9,423"),
    (FILES[0], lambda c: b"<html>please log in</html>" * 9, "no IDX file of unsigned bytes.*looks like a text"),
    (FILES[0], lambda c: contents()[FILES[1]], "has 1 dimensions; images have 3"),
    (FILES[1], lambda c: contents()[FILES[0]], "has 3 dimensions; labels have 1"),
    (FILES[1], lambda c: contents()[FILES[3]], "holds 4 labels, but .*train-images-idx3-ubyte holds 12 images"),
    (FILES[1], lambda c: contents(11)[FILES[1]], "holds the label 10; expected 0 to 9"),
]


@pytest.mark.parametrize(("stem", "damage", "complaint"), WRONG)
def test_a_wrong_file_is_named_with_what_to_do(root, stem, damage, complaint):
    (root / stem).write_bytes(damage((root / stem).read_bytes()))
    with pytest.raises(DataError, match=complaint) as caught:
        MNIST(root=root)
    assert str(root / stem) in str(caught.value)
    assert "Move it away and pass download=True" in str(caught.value)


@pytest.fixture
def served(server, monkeypatch):
    """The four files, on a server, as the data sets that are downloaded."""
    remote = []
    for stem, content in contents().items():
        packed = gzip.compress(content)
        server.answers[f"/{stem}.gz"] = [whole(packed)]
        remote.append(RemoteFile(f"{stem}.gz", hashlib.md5(packed).hexdigest(), (server.url(f"/{stem}.gz"),)))
    for kind in (MNIST, FashionMNIST, KMNIST):
        monkeypatch.setattr(kind, "remote_files", tuple(remote))
    return server


@pytest.mark.parametrize("kind", [MNIST, FashionMNIST, KMNIST])
def test_missing_files_are_downloaded_once_if_that_is_wanted(served, tmp_path, kind):
    assert len(kind(root=tmp_path, download=True)) == N_TRAIN
    assert len(served.requests) == 4
    assert len(kind(root=tmp_path, train=False)) == N_TEST
    assert len(kind(root=tmp_path, train=False, download=True)) == N_TEST
    assert len(served.requests) == 4
    files = {path.name for path in (tmp_path / kind.__name__ / "raw").iterdir()}
    assert {name for name in files if not name.startswith(".")} == {f"{stem}.gz" for stem in FILES}


def test_files_of_the_users_are_not_downloaded_again(served, root):
    assert len(MNIST(root=root, download=True)) == N_TRAIN
    assert served.requests == []


def test_what_arrives_with_another_checksum_is_refused(served, tmp_path):
    served.answers[f"/{FILES[1]}.gz"] = [whole(b"something else")]
    with pytest.raises(DataError, match=r"MNIST: .*have another checksum"):
        MNIST(root=tmp_path, download=True)
    assert not (tmp_path / "MNIST" / "raw" / f"{FILES[1]}.gz").exists()


def test_a_server_without_the_file_is_told(served, tmp_path):
    served.answers[f"/{FILES[0]}.gz"] = [status(404)]
    with pytest.raises(DataError, match="404"):
        MNIST(root=tmp_path, download=True)


def test_a_root_that_cannot_be_written_to_is_told(served, tmp_path):
    (tmp_path / "file").write_text("a file")
    with pytest.raises(DataError, match=r"MNIST: cannot write .*file/MNIST/raw"):
        MNIST(root=tmp_path / "file", download=True)


def construct(root, queue):
    queue.put(len(MNIST(root=root, download=True)))


def test_two_processes_download_the_files_once(served, tmp_path):
    context = multiprocessing.get_context("fork")  # so that they know the server
    queue = context.Queue()
    processes = [context.Process(target=construct, args=(tmp_path, queue)) for _ in range(2)]
    for process in processes:
        process.start()
    assert [queue.get(timeout=60) for _ in processes] == [N_TRAIN] * 2
    for process in processes:
        process.join()
    assert len(served.requests) == 4


@pytest.mark.parametrize(("split", "n_classes", "last"), [("letters", 27, "z"), ("balanced", 47, "t"), ("byclass", 62, "z")])
def test_emnist_is_read_out_of_its_archive_by_split(server, tmp_path, monkeypatch, split, n_classes, last):
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        for stem, content in contents(n_classes).items():
            name = f"emnist-{split}-{stem}".replace("t10k", "test")
            archive.writestr(f"gzip/{name}.gz", gzip.compress(content))
    server.answers["/gzip.zip"] = [whole(file.getvalue())]
    md5 = hashlib.md5(file.getvalue()).hexdigest()
    monkeypatch.setattr(EMNIST, "remote_files", (RemoteFile("gzip.zip", md5, (server.url("/gzip.zip"),)),))
    data = EMNIST(root=tmp_path, split=split, train=False, download=True)
    assert (len(data), data[2]["label"], len(data.classes), data.classes[-1]) == (N_TEST, 2, n_classes, last)
    assert len(EMNIST(root=tmp_path, split=split, train=False)) == N_TEST
    with pytest.raises(DataError, match=r"EMNIST: .*is no archive of it"):
        EMNIST(root=tmp_path, split="digits", download=True)


def test_emnist_has_no_split_by_default():
    with pytest.raises(DataError, match="split is one of byclass, bymerge, balanced, digits, mnist, letters, got None"):
        EMNIST()


def damage_of_zip(flag: int, method: int) -> Callable[[bytes], bytes]:
    """Sets, in both places where a zip archive of one file tells them, its flags and its way of packing."""

    def damaged(content: bytes) -> bytes:
        changed = bytearray(content)
        for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            start = content.index(mark) + place
            changed[start], changed[start + 2] = flag, method
        return bytes(changed)

    return damaged


@pytest.mark.parametrize(
    ("content", "damage", "complaint"),
    [
        (b"some", damage_of_zip(1, 0), "is encrypted"),
        (b"some", damage_of_zip(0, 99), "compression method"),
        (bytes(1 << 28), bytes, "would unpack to 268,435,456 bytes"),
    ],
)
def test_a_hostile_archive_of_emnist_is_told(tmp_path, content, damage, complaint):
    archive = tmp_path / "EMNIST" / "raw" / "gzip.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
        opened.writestr("gzip/emnist-mnist-train-images-idx3-ubyte.gz", content)
    archive.write_bytes(damage(archive.read_bytes()))
    with pytest.raises(DataError, match=rf"EMNIST: .*is no archive of it \(.*{complaint}.*\); move it away"):
        EMNIST(root=tmp_path, split="mnist", download=True)


@pytest.mark.parametrize("root", ["x" * 300, "a\0b"])
def test_a_root_that_cannot_be_is_told(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="MNIST: cannot "):
        MNIST(root=root, download=True)


@pytest.mark.parametrize("intensity", [-1, float("nan"), "bright"])
def test_intensities_are_numbers(root, intensity):
    with pytest.raises(DataError, match="intensity is a number from 0 on"):
        MNIST(root=root, intensity=intensity)


def test_labels_have_names():
    assert FashionMNIST.classes[9] == "Ankle boot"
    assert KMNIST.classes[0] == "o"
    assert [len(kind.classes) for kind in (MNIST, FashionMNIST, KMNIST)] == [10] * 3


def test_a_label_is_found_by_its_name(root):
    assert MNIST(root=root).class_to_idx["7 - seven"] == 7
