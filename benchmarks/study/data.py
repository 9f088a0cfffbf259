"""The data sets of the study: where their files lie, and what of them has to be written first."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from common.durable import write_file
from common.idx import UNSIGNED_BYTE, read_idx
from experiment.command_line.keywords import keyword_options
from experiment.samples import Samples, load_samples
from experiment.senses import declared

TEST_OF_CLASS = 375  # recordings of each class of the eight that are kept for testing
SHOWN = 900  # images of MNIST that the recorded archives show, so none of these is emulated
N_POISSON = {"train": 20_000, "t10k": 10_000}
KINDS = {"images": "images-idx3", "labels": "labels-idx1"}  # files of MNIST
POISSON_TIME = 350  # ms
RATE = 63.75 / 255  # Hz of a pixel's grey level (Diehl & Cook 2015)
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
SIDE = 34  # pixels of N-MNIST's sensor
Prepare = Callable[[Path, Path], Mapping[str, Any]]


@dataclass(frozen=True)
class DataSet:
    """A data set of the study.

    Attributes:
        title: what tables call it.
        sense: whose script takes it.
        prepare: writes what is needed from the folder of data into a folder of its own; returns options that say where it is.
        options: further options of all its rows.
        needs: files of the folder of data.
        faithful: options of the network of Diehl & Cook that are documented for it.
    """

    title: str
    sense: str
    prepare: Prepare
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    faithful: Mapping[str, Any] = field(default_factory=dict)


def placed(data_set: str, *names: str) -> Prepare:
    """Files put where a data set expects them."""

    def prepare(data: Path, folder: Path) -> Mapping[str, Any]:
        raw = folder / data_set / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for name in names:
            place = raw / Path(name).name
            if not place.exists():
                place.symlink_to((data / name).resolve())
        return {}

    return prepare


def written(name: str, arrays: Callable[[Path, Path], Mapping[str, np.ndarray]]) -> Prepare:
    """Own recordings, as docs/own-recordings.md has them."""

    def prepare(data: Path, folder: Path) -> Mapping[str, Any]:
        path = folder / name
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_file(path, lambda file: np.savez(file, **arrays(data, folder)))
        return {"source": path}

    return prepare


def eight_classes(data: Path, folder: Path) -> Mapping[str, np.ndarray]:
    """N-MNIST's first saccade, classes 0 to 7, with a split of our own."""
    with np.load(data / "nmnist" / "first_saccade_1ms_classes0-7.npz") as file:
        x, y, labels, times, pointers = (file[name] for name in ("x", "y", "label", "t_ms", "offsets"))
        polarities = np.unpackbits(file["p_packed"])[: len(x)].astype(bool)
    generator, is_test = np.random.default_rng(123), np.zeros(len(labels), bool)
    for label in np.unique(labels):
        is_test[generator.permutation(np.flatnonzero(labels == label))[:TEST_OF_CLASS]] = True
    units = y.astype(np.int32) * SIDE + x
    return {
        "shape": np.array([SIDE, SIDE]),
        "pointers": pointers.astype(np.int64),
        "times": times.astype(np.float32),
        "units": units,
        "polarities": polarities,
        "labels": labels.astype(np.int64),
        "is_test": is_test,
    }


def mnist(data: Path, split: str, kind: str) -> np.ndarray:
    """MNIST's images or labels."""
    return read_idx(data / "mnist" / f"{split}-{KINDS[kind]}-ubyte.gz")


def poisson(data: Path, folder: Path) -> Mapping[str, np.ndarray]:
    """MNIST as Diehl & Cook (2015) coded it: in each ms a pixel spikes with a chance that goes by its grey level."""
    images = np.concatenate([mnist(data, split, "images")[:n].reshape(n, -1) for split, n in N_POISSON.items()])
    labels = np.concatenate([mnist(data, split, "labels")[:n] for split, n in N_POISSON.items()])
    generator, times, units, numbers = np.random.default_rng(0), [], [], []
    for image in images:
        lit = np.flatnonzero(image)
        steps, found = np.nonzero(generator.random((POISSON_TIME, len(lit)), np.float32) < image[lit] * np.float32(RATE / 1000))
        times.append(steps.astype(np.float32))
        units.append(lit[found].astype(np.int16))
        numbers.append(len(steps))
    return {
        "shape": np.array([28, 28]),
        "pointers": np.cumsum([0, *numbers]),
        "times": np.concatenate(times),
        "units": np.concatenate(units),
        "labels": labels.astype(np.int64),
        "is_test": np.arange(len(labels)) >= N_POISSON["train"],
    }


def other_images(data: Path, folder: Path) -> Mapping[str, Any]:
    """MNIST without the images that the recorded archives show."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, left_out in (("train", SHOWN), ("t10k", 0)):
        for kind, name in KINDS.items():
            kept, path = mnist(data, split, kind)[left_out:], folder / f"{split}-{name}-ubyte"
            head = struct.pack(f">BBBB{kept.ndim}I", 0, 0, UNSIGNED_BYTE, kept.ndim, *kept.shape)
            if not path.exists():
                write_file(path, partial(_write, head + kept.tobytes()))
    return {"source": "emulated", "stimuli": folder / "train-images-idx3-ubyte"}


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def spoken(data: Path, folder: Path) -> Mapping[str, Any]:
    """Spoken digits for the emulated cochlea."""
    return {"source": "emulated", "stimuli": data / "fsdd" / "recordings.zip"}


def as_arrays(*splits: Samples) -> dict[str, np.ndarray]:
    """Prepared samples as own recordings, those of the last split for testing."""
    last = [len(split.labels) for split in splits]
    starts = np.cumsum([0, *(len(split.spike_trains.steps) for split in splits)])
    pointers = [split.spike_trains.pointers.numpy()[1:] + start for split, start in zip(splits, starts, strict=False)]
    units = np.concatenate([split.spike_trains.units.numpy().astype(np.int32) for split in splits])
    n_units = int(np.prod(splits[0].input_shape))
    return {
        "shape": np.array([side for side in splits[0].input_shape if side > 1]),
        "pointers": np.concatenate([[0], *pointers]),
        "times": np.concatenate([split.spike_trains.steps.numpy().astype(np.float32) for split in splits]),
        "units": units % n_units,
        "polarities": units < n_units,
        "labels": np.concatenate([split.labels.numpy() for split in splits]),
        "is_test": np.repeat(np.arange(len(splits)) == len(splits) - 1, last),
    }


def samples_of(name: str, data: Path, folder: Path) -> tuple[Samples, Samples]:
    """The prepared samples of a data set as the best preset sees them."""
    data_set = DATA_SETS[name]
    place = folder.with_name(name)
    where = {"root": place, **data_set.prepare(data, place)}
    modality = declared(data_set.sense)
    return load_samples(modality, keyword_options(modality, {"preset": "best", **data_set.options, **where}, None), False, 1)


def shuffled(name: str) -> Prepare:
    """A data set whose training labels are shuffled."""

    def arrays(data: Path, folder: Path) -> Mapping[str, np.ndarray]:
        train, test = samples_of(name, data, folder)
        order = np.random.default_rng(0).permutation(len(train.labels))
        found = as_arrays(replace(train, labels=train.labels[order]), test)
        return found | {"times": found["times"] * np.float32(DATA_SETS[name].options.get("dt", 1.0))}

    return written("shuffled.npz", arrays)


def speaker_left_out(speaker: str) -> Prepare:
    """Spoken digits of five speakers, those of the sixth for testing."""

    def arrays(data: Path, folder: Path) -> Mapping[str, np.ndarray]:
        found = as_arrays(*samples_of("spoken", data, folder))
        names = [Path(name).stem.rpartition("/")[2] for name in zipfile.ZipFile(data / "fsdd" / "recordings.zip").namelist()]
        parts = [match.groups() for match in (re.fullmatch(r"(\d)_(.+)_(\d+)", name) for name in names) if match]
        placed_as = sorted((int(index) < 5, int(index), name, int(digit)) for digit, name, index in parts)
        if [digit for *_, digit in placed_as] != found["labels"].tolist():
            raise ValueError("the recordings are not in the order of their names")
        return found | {"is_test": np.array([name == speaker for _, _, name, _ in placed_as])}

    return written("speakers.npz", arrays)


TUNED_HEARING = {"tc_trace": 4, "theta_plus": 2, "x_tar": 0.5, "nu": 0.01}
TUNED_TOUCH = {"polarities": "both", "n_epochs": 3, "tc_trace": 1500, "tc_decay": 2000, "theta_plus": 6, "x_tar": 0.2}
TUNED_TOUCH |= {"thresh": -40, "inh": 120}
MNIST = tuple(f"mnist/{split}-{kind}-ubyte.gz" for split in N_POISSON for kind in KINDS.values())
ARCHIVES = ("nmnist/Train.zip", "nmnist/Test.zip")
STRETCHED, TRUE_TIME = "stmnist/STMNIST_dataset.zip", "stmnist/STMNIST_true_time.zip"
SPOKEN = "fsdd/recordings.zip"
NMNIST, EIGHT, EMULATED, STMNIST, REAL_TIME, HEARD, POISSON = (
    "nmnist",
    "eight",
    "emulated",
    "stmnist",
    "realtime",
    "spoken",
    "poisson",
)

DATA_SETS = {
    NMNIST: DataSet("N-MNIST, archives", "Visual", placed("NMNIST", *ARCHIVES), {}, ARCHIVES, {"n_epochs": 10}),
    EIGHT: DataSet(
        "N-MNIST, eight classes",
        "Visual",
        written("eight.npz", eight_classes),
        needs=("nmnist/first_saccade_1ms_classes0-7.npz",),
    ),
    EMULATED: DataSet("MNIST's images, emulated camera", "Visual", other_images, {"n_train": 20_000, "n_test": 5_000}, MNIST),
    STMNIST: DataSet("ST-MNIST", "Tactile", placed("STMNIST", STRETCHED), {"dt": 20.0}, (STRETCHED,), TUNED_TOUCH),
    REAL_TIME: DataSet(
        "ST-MNIST, real time", "Tactile", placed("STMNIST", TRUE_TIME), {"dt": 20.0}, (TRUE_TIME,), TUNED_TOUCH | {"n_epochs": 10}
    ),
    HEARD: DataSet("spoken digits, emulated cochlea", "Auditory", spoken, {}, (SPOKEN,), TUNED_HEARING),
    POISSON: DataSet(
        "MNIST, Poisson-coded",
        "Visual",
        written("poisson.npz", poisson),
        {"pattern_time": POISSON_TIME, "polarities": "on"},
        MNIST,
    ),
}
DATA_SETS |= {f"shuffled-{name}": replace(DATA_SETS[name], prepare=shuffled(name)) for name in (NMNIST, STMNIST, HEARD)}
DATA_SETS |= {
    f"without-{speaker}": DataSet(f"without {speaker}", "Auditory", speaker_left_out(speaker), {}, (SPOKEN,))
    for speaker in SPEAKERS
}
