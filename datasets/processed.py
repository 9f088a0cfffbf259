"""The file of a prepared split: written durably, checked when it is read."""

from __future__ import annotations

import os
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch

from datasets.errors import DatasetError
from datasets.report import PreparationReport
from datasets.spike_trains import SpikeTrains

FORMAT = 1


class Prepared(NamedTuple):
    """A prepared split.

    Attributes:
        spike_trains: its spikes.
        targets: its labels, int64 `[n_samples]`.
        report: what was found and left out.
    """

    spike_trains: SpikeTrains
    targets: torch.Tensor
    report: PreparationReport


class SpoiltFileError(Exception):
    """A processed file cannot be used; the message says why."""


def save(path: Path, prepared: Prepared, parameters: dict[str, Any]) -> None:
    """Writes a split aside, brings it to disk, then renames it: the file is whole or not there.

    Only one process at a time may write to its folder: what lies aside there was left by one that was killed.

    Raises:
        DatasetError: it cannot be written.
    """
    content = prepared.spike_trains._asdict()
    content |= {"format": FORMAT, "parameters": parameters, "targets": prepared.targets}
    content["report"] = asdict(prepared.report)
    aside = path.with_name(f".{path.name}.tmp")
    try:
        for leftover in path.parent.glob(".*.pt.tmp"):
            leftover.unlink()
        with aside.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        _sync_folder(path.parent)
    except (OSError, RuntimeError) as error:  # torch turns some errors of the disk into the latter
        raise DatasetError(f"cannot write {path}: {error}") from error
    finally:
        aside.unlink(missing_ok=True)


def load(path: Path, parameters: dict[str, Any]) -> Prepared:
    """Reads and checks a split.

    Raises:
        FileNotFoundError: there is no such file.
        SpoiltFileError: it is not whole, not such a file, or one with other parameters.
    """
    try:
        with zipfile.ZipFile(path) as archive:  # torch.load compares no checksums
            if (damaged := archive.testzip()) is not None:
                raise SpoiltFileError(f"the checksum of its part {damaged} is wrong")
        content = torch.load(path, weights_only=True)
    except (FileNotFoundError, SpoiltFileError):
        raise
    except Exception as error:
        raise SpoiltFileError(f"it cannot be read ({type(error).__name__}: {error})") from error
    try:
        if content["format"] != FORMAT or content["parameters"] != parameters:
            raise SpoiltFileError("it was made by another version or with other options")
        spike_trains = SpikeTrains(**{name: content[name] for name in SpikeTrains._fields})
        prepared = Prepared(spike_trains, content["targets"], PreparationReport(**content["report"]))
        _check(prepared)
    except SpoiltFileError:
        raise
    except Exception as error:
        message = f"it does not hold what it should ({type(error).__name__}: {error})"
        raise SpoiltFileError(message) from error
    return prepared


def _check(prepared: Prepared) -> None:
    pointers, steps, units, n_steps, n_units = prepared.spike_trains
    sound = (
        pointers.dtype == prepared.targets.dtype == torch.int64
        and len(pointers) == len(prepared.targets) + 1
        and pointers[0] == 0
        and bool((pointers.diff() >= 0).all())
        and pointers[-1] == len(steps) == len(units)
        and _is_within(steps, n_steps)
        and _is_within(units, n_units)
    )
    if not sound:
        raise SpoiltFileError("its numbers do not fit together")


def _is_within(values: torch.Tensor, limit: int) -> bool:
    return len(values) == 0 or 0 <= int(values.min()) <= int(values.max()) < limit


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened, nor needs it
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
