"""Spoken digits (Free Spoken Digit Dataset, Jackson et al. 2018) as log filter banks.

A recording, pre-emphasised (x_t − 0.97 x_{t−1}), is cut into frames of 25 ms every 10 ms, each under a Hamming window. Of their
power spectra (512 points) 40 triangular filters, spaced evenly in mel = 2595 log10(1 + f / 700 Hz) up to half the sampling rate,
take their shares, in dB (20 log10). As in BindsNET.
"""

from __future__ import annotations

import functools
import math
import os
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from filelock import FileLock

from bindsnet.errors import DataError
from bindsnet.network.checks import real_number
from common.content import ARCHIVE_ERRORS, LARGEST, irregular
from common.download import RemoteFile, download_file
from common.errors import DatasetError, reason_of
from common.room import cannot_write
from common.wav import decode_wav

PRE_EMPHASIS = 0.97
FRAME, STRIDE = 0.025, 0.01  # s
N_POINTS, N_FILTERS = 512, 40
LOWEST_RATE, HIGHEST_RATE = 1_000, 200_000  # Hz
OF_INT16 = 32768.0  # BindsNET takes samples as the whole numbers of 16 bits that they are
NAME = re.compile(r"(?P<digit>\d)_(?P<speaker>[^_/]+)_(?P<index>\d+)\.wav")
ARCHIVES = ("recordings.zip", "repo.zip", "master.zip", "free-spoken-digit-dataset-master.zip")
FOLDERS = (".", "recordings", "free-spoken-digit-dataset-master/recordings")


class SpokenMNIST(torch.utils.data.Dataset):
    """Recordings of spoken digits, of all speakers that are there.

    ``dataset[i]`` is ``{"audio", "label"}``: log filter banks float32 ``[n_frames, 40]`` and the digit as a tensor. On purpose
    unlike BindsNET, whose test split of files on disk is the training split, and which drops the last frame by default: of each
    speaker and digit the first recordings (by their number) are for training and the others for testing, and ``num_samples`` of
    −1 are all frames.

    Args:
        path: folder with the files ``<digit>_<speaker>_<number>.wav``, with a folder ``recordings`` of them, or with the archive
            of either.
        download: whether to fetch the data set's archive if nothing is there; it has no fixed checksum, so what arrives is
            checked by reading it.
        shuffle: whether the order is drawn, by torch's generator.
        train: the training or the test recordings.
        split: share of recordings for training, between 0 and 1.
        num_samples: frames of each recording that an item holds; −1 is all.

    Attributes:
        audio: list of float32 ``[n_frames, 40]``; labels: int64 ``[n]``; files: their names.

    Raises:
        DataError: there are no recordings, or one is damaged.
    """

    url: ClassVar = "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/master.zip"

    def __init__(
        self,
        path: str | os.PathLike[str],
        download: bool = False,
        shuffle: bool = True,
        train: bool = True,
        split: float = 0.8,
        num_samples: int = -1,
    ) -> None:
        share = real_number(split)
        if share is None or not 0 < share < 1:
            raise DataError(f"split is a share between 0 and 1, got {split!r}")
        if not isinstance(num_samples, int):
            raise DataError(f"num_samples is a number of frames, or -1 for all, got {num_samples!r}")
        self.path = Path(path).expanduser()
        self.num_samples = num_samples
        names = self._places()
        if download and not names:
            self._download()
            names = self._places()
        if not names:
            raise DataError(
                f"no recordings <digit>_<speaker>_<number>.wav in {self.path}, in a folder recordings there, or in an archive "
                f"({', '.join(ARCHIVES)}); pass download=True, or the folder that holds them"
            )
        self.files = of_split(names, train, split)
        if shuffle:
            self.files = [self.files[i] for i in torch.randperm(len(self.files))]
        self.audio, self.labels = self.process_data(self.files)

    def __len__(self) -> int:
        return len(self.audio)

    def __getitem__(self, ind: int) -> dict[str, torch.Tensor]:
        audio = self.audio[ind]
        return {"audio": audio if self.num_samples < 0 else audio[: self.num_samples], "label": self.labels[ind]}

    def process_data(self, file_names: Iterable[str]) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Log filter banks and digits of recordings, by their names."""
        places = self._places()
        audio, labels = [], []
        for name in file_names:
            if name not in places:
                raise DataError(f"there is no recording {name} in {self.path}")
            try:
                wave, rate = decode_wav(_content(places[name]), LOWEST_RATE, HIGHEST_RATE)
            except (DatasetError, OSError, RuntimeError, *ARCHIVE_ERRORS) as error:  # RuntimeError tells of a password
                raise DataError(f"{name} in {self.path}: {reason_of(error)}; move it away") from error
            audio.append(torch.from_numpy(log_filter_banks(wave * OF_INT16, rate)).float())
            labels.append(int(name[0]))
        return audio, torch.tensor(labels, dtype=torch.int64)

    def _places(self) -> dict[str, Path | zipfile.Path]:
        """Where each recording lies, by its name."""
        try:
            if self.path.is_file():
                return _in_archive(self.path)
            for folder in FOLDERS:
                found = {file.name: file for file in (self.path / folder).glob("*.wav") if NAME.fullmatch(file.name)}
                if found:
                    return found
            archives = (self.path / name for name in ARCHIVES)
            return next((_in_archive(archive) for archive in archives if archive.is_file()), {})
        except DataError:
            raise
        except OSError as error:
            raise DataError(f"SpokenMNIST: cannot look into {self.path}: {error.strerror}") from error

    def _download(self) -> None:
        """Fetch the archive, unless another process that was asked at the same time has done so."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path / ".download.lock"):
                if not self._places():
                    self._fetch()
        except DatasetError as error:
            raise DataError(f"SpokenMNIST: {error}") from error
        except (OSError, ValueError) as error:
            raise DataError(f"SpokenMNIST: {cannot_write(self.path, error, 'path')}") from error

    def _fetch(self) -> None:
        archive = download_file(RemoteFile(ARCHIVES[0], None, (self.url,)), self.path, option="path")
        try:
            with zipfile.ZipFile(archive) as opened:
                damaged = opened.testzip()
        except (*ARCHIVE_ERRORS, RuntimeError) as error:
            damaged = reason_of(error)
        if damaged:
            archive.unlink()
            raise DatasetError(f"what {self.url} sent is damaged ({damaged}) and was removed; try again")


def _content(place: Path | zipfile.Path) -> bytes:
    """A recording's bytes, of which a hostile file may hold, or unpack to, any number."""
    if isinstance(place, Path) and (what := irregular(place.stat().st_mode)):
        raise DatasetError(f"is {what}, no regular file")
    with place.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DatasetError(f"it holds more than {LARGEST:,} bytes")
    return content


def _in_archive(path: Path) -> dict[str, zipfile.Path]:
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, *ARCHIVE_ERRORS) as error:
        raise DataError(f"{path} cannot be read as a zip archive: {reason_of(error)}") from error
    return {Path(name).name: zipfile.Path(archive, name) for name in archive.namelist() if NAME.fullmatch(Path(name).name)}


def of_split(names: Iterable[str], train: bool, split: float) -> list[str]:
    """The names of a split: of each digit and speaker the first recordings, by their numbers, or the others."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: int(NAME.fullmatch(name)["index"])):
        groups.setdefault(name.rpartition("_")[0], []).append(name)
    limits = {group: round(split * len(members)) for group, members in groups.items()}
    return [
        name for group in sorted(groups) for name in (groups[group][: limits[group]] if train else groups[group][limits[group] :])
    ]


def log_filter_banks(wave: np.ndarray, rate: int) -> np.ndarray:
    """Filter banks of a wave (Hz: its sampling rate), dB, float64 ``[n_frames, 40]``."""
    emphasised = np.append(wave[0], wave[1:] - PRE_EMPHASIS * wave[:-1])
    length, stride = round(FRAME * rate), round(STRIDE * rate)
    n_frames = max(1, math.ceil(abs(len(wave) - length) / stride))
    padded = np.pad(emphasised, (0, max(0, n_frames * stride + length - len(wave))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[: n_frames * stride : stride] * np.hamming(length)
    power = np.abs(np.fft.rfft(frames, N_POINTS)) ** 2 / N_POINTS
    banks = power @ triangles(rate).T
    return 20 * np.log10(np.where(banks == 0, np.finfo(float).eps, banks))


@functools.cache
def triangles(rate: int) -> np.ndarray:
    """What each filter takes of each frequency, ``[40, 257]``: rising from its first corner, falling from its second."""
    mels = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), N_FILTERS + 2)
    corners = np.floor((N_POINTS + 1) * 700 * (10 ** (mels / 2595) - 1) / rate)
    low, middle, high = (corners[i : N_FILTERS + i, None] for i in range(3))
    frequencies = np.arange(N_POINTS // 2 + 1)
    with np.errstate(divide="ignore", invalid="ignore"):  # of corners that coincide, where no frequency lies between
        rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    is_rising, is_falling = (low <= frequencies) & (frequencies < middle), (middle <= frequencies) & (frequencies < high)
    return np.select([is_rising, is_falling], [rising, falling], 0.0)
