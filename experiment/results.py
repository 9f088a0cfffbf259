"""What a run leaves behind, in ``results/<filename>/``."""

from __future__ import annotations

import csv
import json
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from filelock import FileLock, Timeout

from bindsnet.analysis.save import save_figure
from bindsnet.network.persistence import write_content
from common import NO_LABEL, VERSION
from common.durable import named, write_file
from common.terminal import drawable
from experiment.checkpoint import as_saved, is_within
from experiment.course import Course
from experiment.errors import OptionError, UnusableError
from experiment.figures import (
    LONGEST_FIELD,
    Neurons,
    assignments_figure,
    confusion_figure,
    cumulative_spikes_figure,
    labels_figure,
    performance_figure,
    spectra_figure,
    weights_figure,
)
from experiment.fitting import LabelCurve
from experiment.folder import make_room
from experiment.live import WINDOW, LiveView, figure_of
from experiment.metrics import COLUMNS, read_rows
from experiment.modality import Modality
from experiment.network import LARGEST_FIRST_WEIGHT, LARGEST_WEIGHT, SpikingNetwork
from experiment.options import PROPORTION_WEIGHTING, READOUTS, Options, changed
from experiment.protocol import Interval, Training
from experiment.readouts import Readout
from experiment.run_log import RunLog
from experiment.saved import CHECKPOINT, FINISHED, METRICS, OPTIONS_FILE, RESULTS, has_begun, read_saved
from experiment.showing import Testing
from experiment.window import open_window

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VERSIONS = ("torch", "numpy", "matplotlib")
REDRAW_AFTER = 30.0  # s between two drawings of the figures while training
LONGEST_DRAWING = 2.0  # s that a run may spend drawing

log = logging.getLogger(__name__)


class Results:
    """The folder of a run, its files, and what they are made from.

    Args:
        modality: the sense.
        options: the run's options.
        n_train: training samples in an epoch.

    Raises:
        OptionError: another run of this name is under way, or the folder is not to be written.
    """

    def __init__(self, modality: Modality, options: Options, n_train: int) -> None:
        self.modality = modality
        self.options = options
        self.name = options.filename
        self.note = _note(options, modality)
        self.folder = RESULTS / self.name
        self.seconds_drawing = 0.0
        self.last_drawing: float | None = None
        self.rows: list[dict[str, Any]] = []
        self.courses = {name: Course(n_train) for name in READOUTS}
        n_classes = len(modality.class_names)
        self.confusion = torch.zeros(n_classes, n_classes + 1, dtype=torch.int64)  # the last column: no answer
        self.spikes_per_neuron = torch.zeros(options.n_neurons, dtype=torch.int64)
        try:
            RESULTS.mkdir(exist_ok=True)
            self.lock = FileLock(RESULTS / f".{self.name}.lock")
            self.lock.acquire(timeout=0)
            try:
                make_room(options)
            except BaseException:
                self.close()
                raise
        except Timeout:
            raise OptionError([f"--filename {self.name}: another run of this name is under way; choose another name"]) from None
        except OSError as error:
            place, reason = Path(error.filename or self.folder).absolute(), error.strerror or error
            raise OptionError([f"--filename {self.name}: cannot write to {place}: {reason}"]) from error
        self.view = LiveView(open_window(WINDOW), self.folder, options.plot_interval) if options.plot else None

    @property
    def checkpoint(self) -> Path:
        """Where the run's state is kept while it is not finished."""
        return self.folder / CHECKPOINT

    @property
    def metrics(self) -> Path:
        """The file of a row an update interval."""
        return self.folder / METRICS

    def begin(self, data_keys: dict[str, str], run_log: RunLog) -> None:
        """Write the sense, all options, versions and the data's keys, which makes the folder a run's; then log lines to it.

        Raises:
            OptionError: the run goes on, and its data have changed.
        """
        if self.options.resume and has_begun(self.folder):
            before = read_saved(self.folder)["data"]
            changed = [name for name in data_keys | before if before.get(name) != data_keys.get(name)]
            if changed:
                raise OptionError([f"--resume: the {name} data have changed since {self.folder} began" for name in changed])
        sense = {name: getattr(self.modality, name) for name in ("name", "dataset", "input_shape", "class_names")}
        versions = {"stdp-nmnist": VERSION, "python": sys.version.split()[0]} | {name: version(name) for name in VERSIONS}
        content = {"modality": sense, "options": self.options.as_dict(), "versions": versions, "data": data_keys}
        _write_json(self.folder / OPTIONS_FILE, content)
        run_log.write_to(self.folder / f"log_{self.name}.txt")

    def add(self, interval: Interval) -> None:
        """Keep an update interval: a row of ``metrics.csv``, and what the figures show."""
        total = interval.spike_counts.sum(0)
        row = {
            "epoch": interval.epoch + 1,
            "n_seen": interval.n_seen,
            **{name: interval.accuracy(name) for name in READOUTS},
            "n_samples": len(interval.labels),
            "spikes_per_sample": total.sum().item() / len(interval.labels),
            "repetitions": interval.repetitions,
            "n_silent": interval.n_silent,
            "seconds": round(interval.seconds, 3),
        }
        self._keep(row)
        if interval.predictions is not None:
            found = interval.labels, interval.predictions[PROPORTION_WEIGHTING]
            self.confusion.index_put_(found, torch.tensor(1), accumulate=True)  # NO_LABEL, −1, is the last column
        self.spikes_per_neuron += total
        with named(self.metrics), open(self.metrics, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(row)

    def _keep(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        for name, course in self.courses.items():
            course.add(row[name], row["n_samples"], row["n_seen"])

    def state_dict(self) -> dict[str, Any]:
        """What the figures show, and how much of ``metrics.csv``, which holds the rest, is valid: so much is on the disk."""
        size = 0
        if self.rows:
            with named(self.metrics), open(self.metrics, "rb+") as file:
                os.fsync(file.fileno())
                size = file.seek(0, os.SEEK_END)
        numbers = {"metrics_size": size, "seconds_drawing": self.seconds_drawing}
        return numbers | {"confusion": self.confusion, "spikes_per_neuron": self.spikes_per_neuron}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state; rows that were written after it are cut off.

        Raises:
            UnusableError, KeyError, OSError: it is none of this run, or ``metrics.csv`` does not fit it.
        """
        confusion, spikes, size = state["confusion"], state["spikes_per_neuron"], state["metrics_size"]
        if confusion.shape != self.confusion.shape or spikes.shape != self.spikes_per_neuron.shape:
            raise UnusableError("it has other classes or neurons than this run")
        rows = read_rows(self.metrics, size)
        n_classified = sum(row["n_samples"] for row in rows if row[PROPORTION_WEIGHTING] is not None)
        if not (is_within(confusion, 0, n_classified) and is_within(spikes, 0)) or confusion.sum() != n_classified:
            raise UnusableError(f"what it counts of samples or spikes does not fit {self.metrics}")
        self.confusion.copy_(confusion)
        self.spikes_per_neuron.copy_(spikes)
        self.seconds_drawing = state["seconds_drawing"]
        for row in rows:
            self._keep(row)
        if self.metrics.exists():
            os.truncate(self.metrics, size)  # only now, with all checked

    def accuracy_line(self, readout: str) -> str:
        """Last, average and best running accuracy of a read-out, in words, each with its number of samples."""
        return str(self.courses[readout])

    def redraw_if_due(self, network: SpikingNetwork, training: Training) -> None:
        """Draw the figures again, at most every 30 s and within the time a run may spend on it."""
        if self.last_drawing is None:
            self.last_drawing = time.perf_counter()
        due = time.perf_counter() - self.last_drawing > REDRAW_AFTER
        if due and self.seconds_drawing * 3 <= LONGEST_DRAWING:
            self.draw(network, training)

    def show_live(self, training: Training, at_once: bool = False) -> None:
        """Show what goes on, if someone watches (``--plot``): by the clock, or at once."""
        if self.view is not None:
            self.view.update(lambda: figure_of(training, self.rows, self.modality, self.note), at_once)

    def hold_live(self, stop: Callable[[], bool]) -> None:
        """Let the window of that view stay (``--plot_hold``), until `stop` says so."""
        if self.view is not None:
            self.view.hold(self.options.plot_hold, stop)

    def draw(self, network: SpikingNetwork, training: Training) -> None:
        """Draw the figures of training."""
        started = time.perf_counter()
        for name, figure in self._figures(network, training):
            save_figure(figure, self.folder / f"{name}_{self.name}.png")
        self.last_drawing = time.perf_counter()
        self.seconds_drawing += self.last_drawing - started

    def _figures(self, network: SpikingNetwork, training: Training) -> Iterator[tuple[str, Figure]]:
        """The figures of training and their names, one at a time: together they would take much memory."""
        names, note = self.modality.class_names, self.note
        seen = [row["n_seen"] for row in self.rows]
        assignments = training.label_counts.assignments.numpy()
        yield "weights", self._weights_figure(network.w.cpu().numpy(), assignments)
        yield "assignments", assignments_figure(assignments, names, note=note)
        accuracies = {name.replace("_", " "): [row[name] for row in self.rows] for name in READOUTS}
        yield "performance", performance_figure(seen, accuracies, len(names), training.n_train, note=note)
        title = "While training, proportion weighting"
        yield "confusion_matrix", confusion_figure(*self._running(), names, title=title, note=note)
        spikes = [round(row["spikes_per_sample"] * row["n_samples"]) for row in self.rows]
        yield "cumulative_spikes", cumulative_spikes_figure(seen, spikes, self.spikes_per_neuron.numpy(), note=note)

    def _weights_figure(self, w: np.ndarray, assignments: np.ndarray) -> Figure:
        shape, spikes = self.modality.input_shape, self.spikes_per_neuron.numpy()
        neurons = Neurons(assignments, self.modality.class_names, spikes, _enough_spikes(self.options))
        if max(shape) > LONGEST_FIELD * min(shape):
            return spectra_figure(w, neurons, w_max=LARGEST_WEIGHT, note=self.note)
        return weights_figure(w, shape, neurons, w_max=LARGEST_WEIGHT, note=self.note)

    def _running(self) -> tuple[np.ndarray, np.ndarray]:
        """True and predicted class of all training samples classified so far, sorted."""
        n_classes, sizes = len(self.confusion), self.confusion.flatten()
        cells = torch.arange(len(sizes)).repeat_interleave(sizes)
        labels, predictions = cells // (n_classes + 1), cells % (n_classes + 1)
        return labels.numpy(), predictions.where(predictions < n_classes, NO_LABEL).numpy()

    def draw_test(self, testing: Testing) -> None:
        """Draw the confusion matrices of the test: of proportion weighting, and of each further read-out."""
        started = time.perf_counter()
        for readout in (PROPORTION_WEIGHTING, *testing.readouts):
            figure = confusion_figure(
                testing.labels.numpy(),
                testing.predictions[readout].numpy(),
                self.modality.class_names,
                title=f"Test, {readout.replace('_', ' ')}",
                note=self.note,
            )
            further = "" if readout == PROPORTION_WEIGHTING else f"{readout}_"
            save_figure(figure, self.folder / f"test_confusion_matrix_{further}{self.name}.png")
        self.seconds_drawing += time.perf_counter() - started

    def draw_labels(self, curve: LabelCurve, n_used: int, testing: Testing) -> None:
        """Draw the test accuracy by the number of labels."""
        started = time.perf_counter()
        found, tested = curve.accuracies(testing.counts, testing.labels), testing.accuracies()
        figure = labels_figure(
            curve.n_labels,
            {name.replace("_", " "): percent for name, percent in found.items()},
            n_used,
            curve.n_classes,
            len(testing.labels),
            {name.replace("_", " "): tested[name] for name in found},
            note=self.note,
        )
        save_figure(figure, self.folder / f"labels_{self.name}.png")
        self.seconds_drawing += time.perf_counter() - started

    def write_network(self, network: SpikingNetwork, training: Training, readouts: Mapping[str, Readout]) -> None:
        """Write what is needed to predict, and the network's state."""
        known = training.label_counts
        arrays = {
            "w": network.w,
            "theta": network.theta,
            "assignments": known.assignments,
            "proportions": known.proportions,
            "rates": known.rates,
        }
        arrays = {name: tensor.cpu().numpy() for name, tensor in arrays.items()}
        for readout in readouts.values():
            arrays |= readout.arrays
        write_file(self.folder / f"network_{self.name}.npz", lambda file: np.savez(file, **arrays))
        state = as_saved(network.state_dict())
        write_content(self.folder / f"model_{self.name}.pt", state)

    def write_results(self, content: dict[str, Any]) -> None:
        """Write what a script reads; with it the run is finished."""
        _write_json(self.folder / FINISHED, content)

    def close(self) -> None:
        """Let another run take the name."""
        self.lock.release()


def _enough_spikes(options: Options) -> int:
    """So many spikes take away the first, random weight of an input that stays silent, in good measure."""
    if options.start_from is not None:
        return 0
    loss = options.nu * options.x_tar  # each spike's, at the most
    return math.ceil(min(LARGEST_FIRST_WEIGHT / loss, sys.maxsize)) if loss else 1


def _note(options: Options, modality: Modality) -> str:
    """The footnote of all figures: the run, where its events come from, and what is not the default."""
    source = f"own recordings: {options.source.name}" if isinstance(options.source, Path) else f"{options.source} events"
    told = [f"{name} {value}" for name, value in changed(options, modality).items() if name not in ("seed", "source")]
    return drawable("; ".join([f"run {options.filename}, seed {options.seed}", source, *filter(None, [", ".join(told)])]))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    # Bytes of a path that are no UTF-8 become escapes that JSON reads back as they were.
    write_file(path, lambda file: file.write(text.encode(errors="backslashreplace")))
