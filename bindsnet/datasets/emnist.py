"""EMNIST (Cohen et al. 2017): handwritten digits and letters, in six splits of one archive."""

from __future__ import annotations

import os
import shutil
import string
import zipfile
from collections.abc import Callable
from typing import Any, ClassVar

from bindsnet.datasets import image_files
from bindsnet.datasets.encoded import Encoding
from bindsnet.datasets.mnist import MNIST
from bindsnet.errors import DataError
from common.content import ARCHIVE_ERRORS, most_unpacked
from common.download import RemoteFile
from common.durable import write_file
from common.errors import reason_of
from common.room import cannot_write

DIGITS, ALL = list(string.digits), sorted(string.digits + string.ascii_letters)
MERGED = [each for each in ALL if each not in "cijklmopsuvwxyz"]  # whose small letter looks like the capital one
CLASSES = {"byclass": ALL, "bymerge": MERGED, "balanced": MERGED, "digits": DIGITS, "mnist": DIGITS}
CLASSES["letters"] = ["N/A", *string.ascii_lowercase]  # its labels begin at 1


class EMNIST(MNIST):
    """Digits and letters; images lie as the archive has them, with rows and columns exchanged.

    Args:
        split: "byclass", "bymerge", "balanced", "letters", "digits" or "mnist"; files are ``emnist-<split>-train-...``.
        image_encoder, label_encoder, root, train, transform, target_transform, download, intensity: as of :class:`MNIST`.
    """

    remote_files: ClassVar = (
        RemoteFile("gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e", ("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",)),
    )

    def __init__(
        self,
        image_encoder: Encoding | None = None,
        label_encoder: Encoding | None = None,
        root: str | os.PathLike[str] | None = None,
        split: str | None = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
        intensity: float | None = None,
    ) -> None:
        if split not in tuple(CLASSES):
            raise DataError(f"split is one of {', '.join(CLASSES)}, got {split!r}")
        self.split, self.classes = split, CLASSES[split]
        super().__init__(image_encoder, label_encoder, root, train, transform, target_transform, download, intensity)

    def _stems(self) -> tuple[str, str]:
        start = f"emnist-{self.split}-{'train' if self.train else 'test'}"
        return f"{start}-images-idx3-ubyte", f"{start}-labels-idx1-ubyte"

    def _download(self) -> None:
        raw = image_files.download(self.root, type(self).__name__, self.remote_files)
        try:
            with zipfile.ZipFile(raw / self.remote_files[0].name) as archive:
                for stem in self._stems():
                    member = archive.getinfo(f"gzip/{stem}.gz")
                    if member.file_size > most_unpacked(member.compress_size):
                        raise zipfile.BadZipFile(f"{member.filename} would unpack to {member.file_size:,} bytes")
                    with archive.open(member) as packed:
                        write_file(raw / f"{stem}.gz", lambda file, packed=packed: shutil.copyfileobj(packed, file))
        except OSError as error:
            raise DataError(f"EMNIST: {cannot_write(raw, error, 'root')}") from error
        except (*ARCHIVE_ERRORS, KeyError, RuntimeError) as error:  # which tells of a password
            archive = raw / self.remote_files[0].name
            raise DataError(f"EMNIST: {archive} is no archive of it ({reason_of(error)}); move it away") from error
