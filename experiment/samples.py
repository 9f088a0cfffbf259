"""The samples of a run: recorded or emulated, for training and for testing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from common.spike_trains import ChosenTrains, SpikeTrains
from datasets.dataset import EventDataset
from datasets.facts import EMULATED, RECORDED
from datasets.preparation.report import told_once
from datasets.preparation.samples import prepared_files
from datasets.sources import open_split
from experiment.command_line.checks import check_against_data
from experiment.command_line.options import Options
from experiment.errors import OptionError
from experiment.kept_data import opened
from experiment.modality import Modality
from experiment.protocol.sampling import TEST_SEED, parts, stratified


@dataclass(frozen=True)
class Samples:
    """Samples of one split.

    Attributes:
        spike_trains: their spikes.
        labels: int64 ``[n]``.
        numbers: their indices in the data set, int64 ``[n]``.
        key: what stands for the prepared data set.
        title: what the log calls the data set.
        report: lines for the log.
        class_names: what the labels 0, 1, … stand for.
        input_shape: the sensor's units of one polarity (rows, columns).
    """

    spike_trains: SpikeTrains | ChosenTrains
    labels: torch.Tensor
    numbers: torch.Tensor
    key: str
    title: str
    report: list[str]
    class_names: tuple[str, ...]
    input_shape: tuple[int, int]

    def some(self, places: torch.Tensor) -> Samples:
        """Those at these places, int64 ``[n]``."""
        trains, labels, numbers = ChosenTrains(self.spike_trains, places), self.labels[places], self.numbers[places]
        return replace(self, spike_trains=trains, labels=labels, numbers=numbers)


def load_samples(
    modality: Modality, options: Options, progress: bool = True, n_processes: int | None = None
) -> tuple[Samples, Samples]:
    """The training and the test samples that the options ask for; with `--validation` the test split is not opened at all.

    Raises:
        OptionError: more samples are asked for than there are.
        datasets.DatasetError: the data cannot be had.
    """
    train = _Split(modality, options, True, progress, n_processes)
    test = None if options.held_out is not None else _Split(modality, options, False, progress, n_processes)
    complaints = check_against_data(options, len(train.labels), None if test is None else len(test.labels))
    if complaints:
        raise OptionError(complaints)
    samples = train.samples(options.n_train, options.seed)
    if test is not None:
        return samples, test.samples(options.n_test, TEST_SEED)
    part, n_parts = options.held_out
    is_held_out = parts(samples.labels, n_parts) == part - 1
    return samples.some((~is_held_out).nonzero().flatten()), samples.some(is_held_out.nonzero().flatten())


def report_lines(train: Samples, test: Samples) -> list[str]:
    """What was found and left out, for the log."""
    if train.report is test.report:  # both of one split
        return [f"{train.title} train: {line}" for line in train.report]
    return [f"{train.title} {line}" for line in told_once({"train": train.report, "test": test.report})]


def load_test_samples(modality: Modality, options: Options) -> Samples:
    """The test samples alone; errors as in `load_samples`."""
    test = _Split(modality, options, is_train=False)
    complaints = check_against_data(options, None, len(test.labels))
    if complaints:
        raise OptionError(complaints)
    return test.samples(options.n_test, TEST_SEED)


class _Split:
    """What a split offers to choose from: a data set's samples, or stimuli, of which only those chosen are emulated."""

    def __init__(
        self, modality: Modality, options: Options, is_train: bool, progress: bool = True, n_processes: int | None = None
    ) -> None:
        how = {"progress": progress, "n_workers": n_processes or options.n_threads}
        self.open = partial(_dataset, modality, options, is_train, how)
        self.shows_stimuli = options.stimuli is not None
        if self.shows_stimuli:
            self.labels = torch.from_numpy(self.open(prepare=False).stimuli_labels().astype(np.int64))
        else:
            self.dataset = self.open()
            self.labels = self.dataset.targets

    def samples(self, n: int | None, seed: int) -> Samples:
        chosen = stratified(self.labels, n, seed)
        if not self.shows_stimuli:
            return _samples(self.dataset, chosen)
        dataset = self.open(chosen=tuple(chosen.tolist()))
        return _samples(dataset, torch.arange(len(dataset)))


def _dataset(
    modality: Modality, options: Options, is_train: bool, preparing: dict[str, object], **further: object
) -> EventDataset:
    """A split; how it is prepared changes nothing in it."""
    how = {
        "root": options.root,
        "dt": options.dt,
        "pattern_time": options.pattern_time,
        "polarities": options.polarities,
        **further,
    }
    if not isinstance(options.source, Path):
        how |= {option.name: getattr(options, option.name) for option in modality.recorded.options}
    if options.source != EMULATED:
        how["strict"] = options.strict
    elif options.stimuli is not None:
        how["stimuli"] = options.stimuli
    else:
        how["n_samples"] = options.n_train if is_train else options.n_test
    if options.source == RECORDED:
        how["download"] = True
    which = modality.dataset, options.source
    return opened((which, is_train, *how.items()), lambda: open_split(*which, train=is_train, **how, **preparing))


def _samples(dataset: EventDataset, chosen: torch.Tensor) -> Samples:
    spikes = dataset.spike_trains
    whole = len(chosen) == len(dataset)
    return Samples(
        spikes if whole else ChosenTrains(spikes, chosen),
        dataset.targets if whole else dataset.targets[chosen],
        chosen,
        dataset.key,
        dataset.title,
        dataset.report.lines(),
        dataset.class_names,
        dataset.input_shape,
    )


def prepared_paths(modality: Modality, options: Options) -> list[Path]:
    """The prepared files that a run may use, none of stimuli or of recordings of one's own."""
    if isinstance(options.source, Path) or options.stimuli is not None:
        return []
    splits = (_dataset(modality, options, is_train, {}, prepare=False) for is_train in (True, False))
    return [path for split in splits for path in prepared_files(split)]
