"""A data set: a sheet of facts, and what it offers. The machinery is imported where it is used, so that facts are there at once.

recordings --reader--> events --grid--> spikes --> data/<name>/processed/<split>-<key>.pt
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from operator import index as as_index
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from common.download import RemoteFile
from common.machine import n_workers_of
from common.options import Option
from common.time_steps import n_time_steps
from common.values import Flag
from datasets.errors import DatasetError, MissingDataError
from datasets.facts import RECORDED, Twin
from eventvision.sensors import Sensor

if TYPE_CHECKING:
    import torch

    from common.spike_trains import SpikeTrains
    from datasets.preparation.binning import Grid
    from datasets.preparation.report import PreparationReport
    from datasets.recordings import Listing, Reader, Recording
    from eventvision import Events

MAX_STEPS = 2**31 - 1

logger = logging.getLogger(__name__)


class EventDataset:
    """What a sensor recorded, as spikes: `dataset[i]` is (uint8 `[n_steps, n_inputs]`, label).

    A data set fills in the facts below. Its recordings are files `<class>/<id><ending>`, which `decode` reads; where they are
    something else, it defines `list_recordings` and `recordings_in` for itself.

    Args:
        root: folder of all data sets; this one's is `<root>/<name>`.
        train: the training or the test split.
        transform: called with a sample's dense tensor.
        target_transform: called with its label.
        download: whether to download recordings that are not there.
        dt: time step (ms).
        pattern_time: time from a recording's time 0 on that is used (ms); by default what suits.
        polarities: events that are input: "on", "off", or "both" as separate inputs, ON first.
        strict: whether a damaged recording is an error instead of being left out and counted.
        n_workers: processes that read recordings; −1 for one a core. Changes no result.
        progress: whether to show bars (on terminals only).
        prepare: whether to read the recordings; without, there are facts, `list_recordings` and `reader`, but no samples.
        own: the data set's own options, by name.

    Attributes:
        spike_trains: all samples' spikes, packed.
        data: the same.
        targets: labels, int64 `[n_samples]`.
        report: what the recordings held and what was left out.
        doubts: what may not be as it was meant, a line each.
        key: hex string that stands for options and recordings.
        processed_path: file of the prepared split.

    Raises:
        DatasetError: an option is wrong, or the data cannot be had; the message says what to do.
    """

    # The facts of a data set.
    name: ClassVar[str]
    title: str
    sensor: Sensor
    class_names: tuple[str, ...]
    default_pattern_time: ClassVar[float]  # ms
    pattern_time_note: ClassVar[str] = "from a recording's time 0 on"  # what it means, for `--help`
    polarities_note: ClassVar[str] = "both: as separate inputs"
    how_to_get: ClassVar[str] = ""  # may name {folder}, the folder of raw recordings
    options: ClassVar[tuple[Option, ...]] = ()  # its own
    twin: ClassVar[Twin | None] = None

    # Its files: where they lie, and what reads them.
    endings: ClassVar[tuple[str, ...]] = ()  # with the dot, in small letters
    no_recordings: ClassVar[tuple[str, ...]] = ()  # names of files that end so and are none
    official_split: ClassVar[bool | None] = None  # whether files lie below Train/ and Test/; None: if there are such folders
    # The events in a file's bytes and how many damaged ones are left out, given its own options; ValueError where all is damaged.
    decode: ClassVar[Callable[..., tuple[Events, int]] | None] = None
    reader_version: int = 1  # raised whenever the reader's result changes
    remote_files: ClassVar[Mapping[str, RemoteFile]] = {}  # by split

    # What else others ask.
    source: ClassVar[str] = RECORDED  # or EMULATED, or OWN
    reads_files: ClassVar[bool] = True  # a recording a file, so that some may be of another format
    empty_class_hint: str = ""  # why a class may have no recording

    def __init__(
        self,
        root: str | Path = "data",
        train: bool = True,
        transform: Callable[[torch.Tensor], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
        download: bool = False,
        dt: float = 1.0,
        *,
        pattern_time: float | None = None,
        polarities: str = "on",
        strict: bool = False,
        n_workers: int = 1,
        progress: bool = True,
        prepare: bool = True,
        **own: Any,
    ) -> None:
        self.root = Path(root).expanduser().absolute()
        self.train = train
        self.transform = transform
        self.target_transform = target_transform
        self.dt = dt
        self.pattern_time = self.default_pattern_time if pattern_time is None else pattern_time
        self.polarities = polarities
        vars(self).update({option.name: own.pop(option.name, option.default) for option in self.options})
        if own:
            raise TypeError(f"{self.title}: there is no option {', '.join(own)}")
        # An option computed with NumPy is the same option: as a plain number it has the same key and can be stored.
        vars(self).update({name: value.item() for name, value in vars(self).items() if getattr(value, "shape", None) == ()})
        self._check_options(n_workers)
        if not prepare:
            return

        from datasets.preparation.samples import prepare_split

        how = download, n_workers_of(n_workers), progress, strict
        prepared, self.processed_path, self.doubts = prepare_split(self, *how)
        self.key = self.processed_path.stem.removeprefix(f"{self.split}-")
        self.spike_trains: SpikeTrains = prepared.spike_trains
        self.targets: torch.Tensor = prepared.targets
        self.report: PreparationReport = prepared.report
        self.data = self.spike_trains
        self.tell_doubts()

    # What a data set may define for itself.

    def list_recordings(self) -> Listing:
        """The recordings of the split, in the order of its samples.

        Raises:
            MissingDataError: there are none; made by `missing`.
            DatasetError: they cannot be listed.
        """
        from datasets.raw.listing import list_files

        return list_files(self)

    @classmethod
    def recordings_in(cls, path: str, **own: Any) -> Iterator[tuple[Reader, list[Recording]]]:
        """The recordings that a single file holds, without labels, and what reads them.

        Args:
            path: the file.
            own: the data set's own options.

        Raises:
            DatasetError, EventFileError: it holds none.
            OSError: it cannot be read.
        """
        from datasets.raw.readers import file_by_itself

        yield cls.reader_of(**own), [file_by_itself(path)]

    def parameters(self) -> dict[str, Any]:
        """Everything but the recordings that shapes the samples: plain numbers and strings."""
        from datasets.raw.split import SPLIT_SEED, TEST_SHARE

        common = {
            "name": self.name,
            "split": self.split,
            "reader_version": self.reader_version,
            "dt": float(self.dt),
            "pattern_time": float(self.pattern_time),
            "polarities": self.polarities,
        }
        by_seed = {} if self.official_split else {"split_seed": SPLIT_SEED, "test_share": TEST_SHARE}
        return common | self.own_options | by_seed

    def refuse_at_once(self, n_workers: int) -> None:
        """Refuses what would take too long to be even listed.

        Raises:
            DatasetError: says what to do.
        """

    # What all have.

    def tell_doubts(self) -> None:
        """Warn of what may not be as it was meant, in the log."""
        for line in self.doubts:
            logger.warning("%s %s: %s", self.title, self.split, line)

    @property
    def own_options(self) -> dict[str, Any]:
        """Its own options, by name."""
        return {option.name: getattr(self, option.name) for option in self.options}

    @cached_property
    def reader(self) -> Reader:
        """Reads recordings, given their locators."""
        return self.reader_of(**self.own_options)

    @classmethod
    def reader_of(cls, **own: Any) -> Reader:
        """Reads the data set's files, wherever they lie, with some of its own options."""
        from datasets.raw.readers import decode_parts

        return partial(decode_parts, partial(cls.decode, **own))

    @classmethod
    def places(cls) -> re.Pattern[str]:
        """What the place of a recording ends with: split (see `official_split`), class, id and ending."""
        split = {True: "(?P<split>train|test)/", False: "", None: "(?:(?P<split>train|test)/)?"}[cls.official_split]
        label, ending = ("|".join(map(re.escape, words)) for words in (cls.class_names, cls.endings))
        no = "".join(f"(?!{re.escape(name)}$)" for name in cls.no_recordings)
        return re.compile(rf"(?<![^/]){split}(?P<label>{label})/(?P<id>{no}[^/]+)(?:{ending})$", re.IGNORECASE)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The sensor's units of one polarity: (rows, columns)."""
        return self.sensor.shape

    @property
    def split(self) -> str:
        """ "train" or "test"."""
        return "train" if self.train else "test"

    @property
    def raw_path(self) -> Path:
        """Folder of the raw recordings."""
        return self.root / self.name / "raw"

    @property
    def processed_folder(self) -> Path:
        """Folder of the prepared splits."""
        return self.root / self.name / "processed"

    @property
    def grid(self) -> Grid:
        """Time steps × input units of a sample."""
        from datasets.preparation.binning import Grid

        return Grid(self.dt, self.pattern_time, self.polarities, self.sensor.width, self.sensor.height)

    @property
    def n_steps(self) -> int:
        """Time steps of a sample."""
        return n_time_steps(self.pattern_time, self.dt)

    @property
    def n_inputs(self) -> int:
        """Input units."""
        return self.grid.n_units

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        index = as_index(index)
        sample: Any = self.spike_trains.dense(index)
        label: Any = int(self.targets[index])
        if self.transform is not None:
            sample = self.transform(sample)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return sample, label

    def __add__(self, other: Any) -> Any:
        """Both, one behind the other, as torch's data sets are added."""
        from torch.utils.data import ConcatDataset

        return ConcatDataset([self, other])

    def missing(self, what: str, passed_over: Iterable[str] = ()) -> MissingDataError:
        """The error that says what was looked for in vain, where, what was passed over there, and what to do."""
        from datasets.raw.finding import ANY_FILE, find_raw_files
        from datasets.raw.others import others_there

        advice = self.how_to_get.format(folder=self.raw_path)
        found = "; ".join((f"found {what} in {self.raw_path}", *passed_over))
        there, _ = find_raw_files(self.raw_path, ANY_FILE, self.processed_folder)
        return MissingDataError(f"{self.title}: {found}{others_there(there)}. {advice}".strip())

    def _check_options(self, n_workers: int) -> None:
        for name, value in (("dt", self.dt), ("pattern_time", self.pattern_time)):
            if not (math.isfinite(value) and value > 0):
                raise DatasetError(f"{name} must be a time above 0 ms, got {value}")
        if self.polarities not in self.sensor.polarities:
            raise DatasetError(_wrong_polarities(self.title, self.sensor.polarities, self.polarities))
        if n_workers != -1 and n_workers < 1:
            raise DatasetError(f"n_workers must be at least 1, or -1 for all cores, got {n_workers}")
        if self.pattern_time / self.dt > MAX_STEPS or self.n_steps < 1:
            message = f"pattern_time {self.pattern_time} ms must hold 1 to {MAX_STEPS:,} time steps"
            raise DatasetError(f"{message} of {self.dt} ms")
        for option in self.options:
            setattr(self, option.name, _checked(option, getattr(self, option.name)))


def _wrong_polarities(title: str, allowed: tuple[str, ...], given: object) -> str:
    if len(allowed) == 1:
        return f'{title}: polarities must be "{allowed[0]}", for the sensor\'s events have none, got {given!r}'
    return f"polarities must be one of {', '.join(allowed)}, got {given!r}"


def _checked(option: Option, value: Any) -> Any:
    """The value of an option of the data set's own, as it would be read at the prompt."""
    if value == option.default:
        return value
    try:
        if isinstance(option.value, Flag):
            return {True: True, False: False}[value]
        return option.value.parse(str(value))
    except (ValueError, KeyError):
        besides = f", or None for {option.shown or 'none'}" if option.default is None else ""
        raise DatasetError(f"{option.name} must be {option.allowed}{besides}, got {value!r}") from None
