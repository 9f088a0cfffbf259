"""Your own spike trains: an `.npz` file of arrays of numbers.

    shape        whole numbers [1] or [2]: inputs of the sensor, or its rows and columns; unit = column + columns · row
    pointers     whole numbers [n_samples + 1]: the spikes of sample i are those from pointers[i] up to pointers[i + 1]
    times        numbers [n_spikes], ms from the sample's start
    units        whole numbers [n_spikes], from 0
    labels       whole numbers [n_samples], from 0
    polarities   optional, [n_spikes]: ON is True or 1, OFF is False, 0 or -1; without it all are ON
    class_names  optional, texts [n_classes]; without it the labels' numbers
    is_test      optional, flags or 1 and 0 [n_samples]; without it a fifth of each class is for testing, chosen by seed 0

Everything pickled is refused, and so is a file that unpacks to far more than spikes do.
A sample with a unit outside the sensor, or with a time that is no number, is damaged.
"""

from __future__ import annotations

import math
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from common.content import most_unpacked
from common.errors import reason_of
from common.kinds import ZIP, seems
from datasets.errors import DamagedRecordingError, DatasetError
from datasets.own.dataset import OwnDataset
from datasets.preparation.binning import whole_microseconds
from datasets.raw.archives import ARCHIVE_ERRORS
from datasets.raw.finding import ANY_FILE, find_raw_files, fingerprint
from datasets.raw.split import SPLIT_SEED, test_part
from datasets.recordings import Listing, Reading, Recording
from eventvision import EVENT_DTYPE, EventFileError, Events, kind_of_file
from eventvision.content import regular_size
from eventvision.sensors import Sensor


class Kind(NamedTuple):
    """What an array may be: the kinds of its numbers as in ``dtype.kind``, the same in words, whether it may be missing."""

    kinds: str
    words: str
    may_lack: bool = False


WHOLE = "iu"
FLAGS = "biuf"  # also as numbers; only those that stand for a flag are taken
ARRAYS = {
    "shape": Kind(WHOLE, "whole numbers"),
    "pointers": Kind(WHOLE, "whole numbers"),
    "times": Kind("iuf", "numbers"),
    "units": Kind(WHOLE, "whole numbers"),
    "labels": Kind(WHOLE, "whole numbers"),
    "polarities": Kind(FLAGS, "flags or numbers", may_lack=True),
    "class_names": Kind("U", "texts", may_lack=True),
    "is_test": Kind(FLAGS, "flags or numbers", may_lack=True),
}
MAX_SIDE = 1 << 16  # rows or columns: as far as the coordinates of an event reach
MAX_INPUTS = 1_000_000
NO_NPZ = "it is no .npz file of NumPy, or damaged; numpy.savez_compressed writes such files"
LATEST_TIME = 1 << 50  # µs, 35 years


class OwnSpikeTrains(OwnDataset):
    """Samples in an `.npz` file, described above; their order is the file's.

    Args:
        path: the file.
        root, train, transform, target_transform, download, dt and further: as `OwnDataset`.
    """

    reader_version = 2
    reads_files = False

    def list_recordings(self) -> Listing:
        """Reads the file and takes the split's samples: each travels to its reader with its spikes."""
        self._refuse_wrong_file()
        files, _ = find_raw_files(self.path, ANY_FILE, self.processed_folder)
        arrays = self._arrays()
        self._check_lengths(arrays)
        self.sensor = self._sensor(arrays["shape"].tolist())
        self.class_names = self._class_names(arrays)
        self.reader = partial(read_samples, self.dt)
        if self.polarities != "on" and "polarities" not in arrays:
            raise self.refuse(f"without an array polarities all spikes are ON, so --polarities must be on, not {self.polarities}")

        labels, pointers = arrays["labels"], arrays["pointers"]
        columns = [arrays[name] for name in ("times", "units")]
        columns.append(arrays.get("polarities", np.ones(len(arrays["times"]), bool)))
        recordings = []
        for sample in np.flatnonzero(self._is_test(arrays) != self.train):
            spikes = slice(int(pointers[sample]), int(pointers[sample + 1]))
            locator = (self.sensor.width, self.sensor.height, *(column[spikes] for column in columns))
            recordings.append(Recording(f"{self.path}, sample {sample}", int(labels[sample]), locator))
        return Listing(recordings, fingerprint(files), [str(self.path)])

    def _refuse_wrong_file(self) -> None:
        """Looks at what the file is, and at how much it says to hold, before anything of it is read."""
        try:
            limit = most_unpacked(regular_size(self.path))
            with zipfile.ZipFile(self.path) as archive:
                n_bytes = sum(member.file_size for member in archive.infolist())
        except EventFileError as error:
            raise self.refuse(str(error)) from None
        except OSError as error:
            raise self.refuse(f"cannot be read: {error.strerror or reason_of(error)}") from error
        except ARCHIVE_ERRORS as error:
            kind = kind_of_file(self.path)
            raise self.refuse(NO_NPZ + seems(None if kind == ZIP else kind)) from error
        if n_bytes > limit:
            raise self.refuse(
                f"would unpack to {n_bytes:,} bytes, more than the {limit:,} that spikes packed like this do; "
                "if you trust it, save it with numpy.savez, which packs nothing"
            )

    def _arrays(self) -> dict[str, np.ndarray]:
        """The file's arrays, each of the kind and the number of dimensions that it must have."""
        arrays = {}
        try:
            with np.load(self.path, allow_pickle=False) as file:
                for name in file.files:
                    arrays[name] = self._array(file, name)
        except (DatasetError, MemoryError):
            raise
        except Exception as error:  # NumPy raises one of a dozen kinds, depending on where the damage lies
            raise self.refuse(NO_NPZ) from error
        lacking = [name for name, kind in ARRAYS.items() if not kind.may_lack and name not in arrays]
        if lacking:
            raise self.refuse(f"lacks the array {', '.join(lacking)}; found {', '.join(arrays) or 'none'}")
        return arrays

    def _array(self, file: Mapping[str, np.ndarray], name: str) -> np.ndarray:
        if name not in ARRAYS:
            raise self.refuse(f"{name!a}: there is no such array; known are {', '.join(ARRAYS)}")
        kind = ARRAYS[name]
        try:
            array = file[name]
        except MemoryError as error:
            raise self.refuse(f"{name} is damaged, or there is not enough memory for it") from error
        except Exception as error:
            raise self.refuse(f"{name} cannot be read: it is damaged, or holds Python objects, which are never read") from error
        if not isinstance(array, np.ndarray):  # NumPy hands on the bytes of what is no array
            raise self.refuse(f"{name} cannot be read: it is no array of NumPy")
        if array.ndim != 1 or array.dtype.kind not in kind.kinds:
            raise self.refuse(f"{name} must be one row of {kind.words}, not {array.dtype} of shape {array.shape}")
        if kind.kinds == FLAGS:
            return self._as_flags(array, name)
        return self._as_int64(array, name) if kind.kinds == WHOLE else array

    def _as_flags(self, array: np.ndarray, name: str) -> np.ndarray:
        """Flags, or the numbers that stand for them."""
        is_set = array == 1
        for unset in (0, -1) if name == "polarities" else (0,):
            if (is_set | (array == unset)).all():
                return is_set
        allowed = "True and False, 1 and 0, or 1 and -1" if name == "polarities" else "True and False, or 1 and 0"
        wrong = np.unique(array[~is_set])[:3].tolist()
        raise self.refuse(f"{name} must hold {allowed}, but holds {', '.join(map(str, wrong))}")

    def _as_int64(self, array: np.ndarray, name: str) -> np.ndarray:
        """Whole numbers in the one type in which they can be compared with and divided by any other."""
        largest = array.max(initial=0)
        if largest > np.iinfo(np.int64).max:
            raise self.refuse(f"{name} holds {largest}, more than any number there can be")
        return array.astype(np.int64, copy=False)

    def _check_lengths(self, arrays: dict[str, np.ndarray]) -> None:
        n_samples, pointers = len(arrays["labels"]), arrays["pointers"]
        if not n_samples:
            raise self.refuse("holds no samples: labels is empty")
        for name, n, of_what in (
            ("pointers", n_samples + 1, "one more than labels"),
            ("is_test", n_samples, "one for each label"),
            ("units", len(arrays["times"]), "one for each of times"),
            ("polarities", len(arrays["times"]), "one for each of times"),
        ):
            if name in arrays and len(arrays[name]) != n:
                raise self.refuse(f"{name} must have {n:,} entries, {of_what}, not {len(arrays[name]):,}")
        if pointers[0] != 0 or pointers[-1] != len(arrays["times"]) or (pointers[1:] < pointers[:-1]).any():
            raise self.refuse(f"pointers must rise from 0 to {len(arrays['times']):,}, the number of times")

    def _sensor(self, shape: list[int]) -> Sensor:
        sides = [1, *shape] if len(shape) == 1 else shape
        if len(sides) != 2 or not all(1 <= side <= MAX_SIDE for side in sides) or math.prod(sides) > MAX_INPUTS:
            raise self.refuse(
                f"shape must be one or two numbers from 1 to {MAX_SIDE:,} and make at most {MAX_INPUTS:,} inputs, not {shape}"
            )
        rows, columns = sides
        return Sensor(columns, rows)

    def _class_names(self, arrays: dict[str, np.ndarray]) -> tuple[str, ...]:
        labels = arrays["labels"]
        if (first := labels.min()) > 0:
            self.empty_class_hint = f"; labels begin at {first}: the first class is 0, so subtract {first} from each"
        # Each class needs a sample, so that no label reaches the number of samples.
        limit = len(arrays["class_names"]) if "class_names" in arrays else len(labels)
        wrong = np.flatnonzero((labels < 0) | (labels >= limit))
        if len(wrong):
            which = "named in class_names" if "class_names" in arrays else "for each class needs a sample"
            raise self.refuse(
                f"labels holds {labels[wrong[0]]} at {wrong[0]}, outside 0 … {limit - 1}, {which}{self.empty_class_hint}"
            )
        if "class_names" in arrays:
            return self.checked_names(self._unlike(arrays["class_names"].tolist()))
        return self.checked_names(map(str, range(int(labels.max()) + 1)))

    def _unlike(self, names: list[str]) -> list[str]:
        name, n = Counter(names).most_common(1)[0]
        if n > 1:
            raise self.refuse(f"class_names holds {name!a} {n} times; give each class a name of its own")
        return names

    def _is_test(self, arrays: dict[str, np.ndarray]) -> np.ndarray:
        if "is_test" in arrays:
            return arrays["is_test"]
        samples = list(zip(arrays["labels"].tolist(), range(len(arrays["labels"])), strict=True))
        for_testing = test_part(samples, SPLIT_SEED)
        return np.array([sample in for_testing for sample in samples], bool)


def read_samples(dt: float, locators: Sequence[tuple[int, int, np.ndarray, np.ndarray, np.ndarray]]) -> Iterator[Reading]:
    """Samples, each (columns and rows of the sensor, its spikes' times in ms, units and polarities).

    Events have whole µs: those within the spike's own time step of `dt` (ms), so that none moves to another step.
    """
    for width, height, times, units, polarities in locators:
        ts = whole_microseconds(times, dt)
        outside = np.flatnonzero((units < 0) | (units >= width * height))
        timeless = np.flatnonzero(~(np.abs(ts) <= LATEST_TIME))  # so NaN, which compares as false, is found too
        if len(outside):
            yield DamagedRecordingError(f"its spike {outside[0]} has unit {units[outside[0]]}, outside 0 … {width * height - 1}")
        elif len(timeless):
            yield DamagedRecordingError(f"its spike {timeless[0]} has the time {times[timeless[0]]} ms, not ms from its start")
        else:
            order = np.argsort(ts, kind="stable")
            data = np.empty(len(ts), EVENT_DTYPE)
            data["y"], data["x"] = np.divmod(units[order], width)
            data["p"], data["ts"] = polarities[order], ts[order]
            yield Events(data, width, height), 0
