"""The file of a prepared split: written durably, checked when it is read."""

from __future__ import annotations

import json
import os
import re
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch

from common.content import most_unpacked
from common.durable import remove_unfinished, write_file
from common.errors import reason_of
from common.room import cannot_write
from common.spike_trains import SpikeTrains
from common.terminal import lacks_memory
from common.warn import caught_warnings
from datasets.preparation.report import PreparationReport
from eventvision import EventFileError
from eventvision.content import regular_size

FORMAT = 1
INDEX_TYPES = (torch.int16, torch.int32, torch.int64)
HALF_KEY = 12  # hexadecimal digits of each half of a key
SPLIT_FILE = re.compile(rf"(train|test)-[0-9a-f]{{{2 * HALF_KEY}}}\.pt")


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
    """Writes a split durably: the file is whole or not there.

    Only one process at a time may write to its folder: what lies aside there was left by one that was killed.

    Raises:
        DatasetError: it cannot be written; says where there is no space left.
    """
    content = prepared.spike_trains._asdict()
    content |= {"format": FORMAT, "parameters": parameters, "targets": prepared.targets}
    content["report"] = asdict(prepared.report)
    try:
        remove_unfinished(path.parent, SPLIT_FILE.fullmatch)
        write_file(path, lambda file: torch.save(content, file))
    except (OSError, RuntimeError) as error:  # torch turns some errors of the disk into the latter
        if lacks_memory(error):
            raise MemoryError from error
        raise cannot_write(path, error) from error


def load(path: Path, parameters: dict[str, Any]) -> Prepared:
    """Reads and checks a split; all processes that do so share the memory that it takes, where the system can.

    Raises:
        FileNotFoundError: there is no such file.
        SpoiltFileError: it is not whole, not such a file, or one with other parameters.
        MemoryError: memory does not suffice for it.
    """
    try:
        limit = most_unpacked(regular_size(path))
        with zipfile.ZipFile(path) as archive:  # torch.load compares no checksums
            if sum(part.file_size for part in archive.infolist()) > limit:
                raise SpoiltFileError("it would unpack to far more than prepared recordings do")
            if (damaged := archive.testzip()) is not None:
                raise SpoiltFileError(f"the checksum of its part {damaged} is wrong")
            # Windows replaces no file that is mapped; and only parts that are not packed can be.
            can_map = os.name == "posix" and all(part.compress_type == zipfile.ZIP_STORED for part in archive.infolist())
        with caught_warnings():  # about how a file was pickled that then is refused
            content = torch.load(path, weights_only=True, mmap=can_map)
    except (FileNotFoundError, SpoiltFileError):
        raise
    except EventFileError as error:
        raise SpoiltFileError(f"it {error}") from None
    except Exception as error:
        if lacks_memory(error):
            raise MemoryError from error
        # In our words: torch's go on about how to read what it refuses all the same.
        raise SpoiltFileError(
            f"it cannot be read, being damaged or no file of prepared recordings ({type(error).__name__})"
        ) from error
    try:
        made_by, report = _plain([content["format"], content["parameters"]]), content["report"]
        if made_by != _plain([FORMAT, parameters]):
            raise SpoiltFileError("it was made by another version or with other options")
        spike_trains = SpikeTrains(**{name: content[name] for name in SpikeTrains._fields})
        prepared = Prepared(spike_trains, content["targets"], PreparationReport(**report))
        _plain(report)
        _check(prepared)
    except SpoiltFileError:
        raise
    except Exception as error:
        if lacks_memory(error):
            raise MemoryError from error
        raise SpoiltFileError(f"it does not hold what it should ({type(error).__name__}: {reason_of(error)})") from error
    return prepared._replace(spike_trains=SpikeTrains(*map(_aligned, spike_trains)), targets=_aligned(prepared.targets))


def _aligned(values: Any) -> Any:
    """The same, copied if numbers lie across words, as in a file that has been packed anew: compiled code expects none."""
    is_split = isinstance(values, torch.Tensor) and values.data_ptr() % values.element_size()
    return values.clone() if is_split else values


def _plain(values: Any) -> str:
    """Numbers and texts as a text; raises TypeError of anything else, such as a tensor that takes for ever to be compared."""
    return json.dumps(values, sort_keys=True)


def _check(prepared: Prepared) -> None:
    pointers, steps, units, n_steps, n_units = prepared.spike_trains
    sound = (
        isinstance(n_steps, int)
        and isinstance(n_units, int)
        and all(_is_row(values) for values in (pointers, steps, units, prepared.targets))
        and pointers.dtype == prepared.targets.dtype == torch.int64
        and len(pointers) == len(prepared.targets) + 1
        and pointers[0] == 0
        and bool((pointers.diff() >= 0).all())
        and pointers[-1] == len(steps) == len(units)
        and _is_within(steps, n_steps)
        and _is_within(units, n_units)
        and _is_told_in_words(prepared.report)
    )
    if not sound:
        raise SpoiltFileError("its numbers do not fit together")


def _is_row(values: torch.Tensor) -> bool:
    """Whether these are whole numbers, each in its own place: a tensor of one may claim to be of any number."""
    return values.dim() == 1 and values.layout == torch.strided and values.is_contiguous() and values.dtype in INDEX_TYPES


def _is_told_in_words(report: PreparationReport) -> bool:
    numbers = (value for name, value in vars(report).items() if name.startswith("n_"))
    if not all(isinstance(told, list) for told in (report.sources, report.notes, report.left_out)):
        return False
    texts = (*report.sources, *report.notes, *(text for name, damage in report.left_out for text in (name, damage)))
    return all(isinstance(number, int) for number in numbers) and all(isinstance(text, str) for text in texts)


def _is_within(values: torch.Tensor, limit: int) -> bool:
    return len(values) == 0 or 0 <= int(values.min()) <= int(values.max()) < limit
