"""MNIST and data sets laid out as it is: handwritten digits, clothes, Japanese characters, as images of 28 × 28 pixels."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import torch

from bindsnet.datasets import image_files
from bindsnet.datasets.encoded import Encoded, Encoding
from bindsnet.errors import DataError
from bindsnet.network.checks import real_number
from common.download import RemoteFile

DATA = Path(__file__).parents[2] / "data"
BRIGHTEST = 255
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def remote_files(md5s: tuple[str, ...], *mirrors: str) -> tuple[RemoteFile, ...]:
    """The four files of a data set, by their checksums."""
    names = [f"{stem}.gz" for stem in FILES]
    return tuple(RemoteFile(name, md5, tuple(url + name for url in mirrors)) for name, md5 in zip(names, md5s, strict=True))


class MNIST(Encoded, torch.utils.data.Dataset):
    """Handwritten digits (LeCun et al. 1998): 60,000 training and 10,000 test images.

    ``dataset[i]`` is ``{"image", "label", "encoded_image", "encoded_label"}``. The image is a PIL image, as that of torchvision's
    MNIST, which BindsNET wraps; with ``intensity`` it is a tensor float32 ``[1, 28, 28]``. The encoders of
    :mod:`bindsnet.encoding` take either, a PIL image as its pixels, 0 to 255. The label is an int.

    Args:
        image_encoder: makes a spike train of each image; None leaves it as it is.
        label_encoder: the same of labels.
        root: folder of the data: the files ``train-images-idx3-ubyte`` and so on, packed by gzip or not, are looked for in
            ``root/MNIST/raw``, ``root/raw``, ``root/MNIST`` and ``root``. The folder ``data`` of the clone by default.
        train: the training images, or the test images.
        transform: applied to each image before it is encoded, such as torchvision's.
        target_transform: the same of labels.
        download: whether to download files that are not there, into ``root/MNIST/raw``.
        intensity: value of the brightest pixel in images as tensors, such as 128.0 Hz for a :class:`PoissonEncoder`; what
            torchvision's ``ToTensor`` and a multiplication give. ``transform`` gets these images.

    Attributes:
        data: uint8 ``[n, 28, 28]``; targets: int64 ``[n]``; classes: a name for each label.

    Raises:
        DataError: files are missing, damaged, or could not be downloaded; names them and says what to do.
    """

    classes: ClassVar = [*("0 - zero", "1 - one", "2 - two", "3 - three", "4 - four"), "5 - five", "6 - six", "7 - seven"]
    classes += ["8 - eight", "9 - nine"]
    remote_files: ClassVar = remote_files(
        (
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )

    def __init__(
        self,
        image_encoder: Encoding | None = None,
        label_encoder: Encoding | None = None,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
        intensity: float | None = None,
    ) -> None:
        brightest = 0 if intensity is None else real_number(intensity)
        if brightest is None or not 0 <= brightest < math.inf:
            raise DataError(f"intensity is a number from 0 on, got {intensity!r}")
        self.set_encoders(image_encoder, label_encoder)
        self.root = DATA if root is None else Path(root).expanduser()
        self.train = train
        self.transform, self.target_transform = transform, target_transform
        self.intensity = intensity
        self.data, self.targets = image_files.read_images(*self._files(download), len(self.classes))

    @property
    def class_to_idx(self) -> dict[str, int]:
        """Label by name."""
        return {name: label for label, name in enumerate(self.classes)}

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> dict[str, Any]:
        image, label = self._image(index), int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return self.encoded(image, label)

    def _image(self, index: int) -> Any:
        pixels = self.data[index]
        if self.intensity is not None:
            return pixels[None].float().div(BRIGHTEST) * self.intensity
        try:
            from PIL import Image
        except ImportError:
            raise DataError("images are given by Pillow, which is not installed here: install it, or pass intensity") from None
        return Image.fromarray(pixels.numpy())

    def _stems(self) -> tuple[str, str]:
        """Names of the files of images and of labels."""
        return FILES[:2] if self.train else FILES[2:]

    def _files(self, download: bool) -> list[Path]:
        name, stems = type(self).__name__, self._stems()
        if download and not image_files.find_files(self.root, name, stems):
            self._download()
        found = image_files.find_files(self.root, name, stems)
        if not found:
            raise image_files.missing(self.root, name, stems)
        return found

    def _download(self) -> None:
        image_files.download(self.root, type(self).__name__, self.remote_files)


class FashionMNIST(MNIST):
    """Clothes (Xiao et al. 2017); arguments as of :class:`MNIST`."""

    classes: ClassVar = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
    remote_files: ClassVar = remote_files(
        (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    )


class KMNIST(MNIST):
    """Japanese characters in cursive (Clanuwat et al. 2018); arguments as of :class:`MNIST`."""

    classes: ClassVar = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
    remote_files: ClassVar = remote_files(
        (
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    )
