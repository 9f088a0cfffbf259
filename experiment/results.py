"""What a run leaves behind, in ``results/<filename>/``."""

from __future__ import annotations

import csv
import json
import logging
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from logging.handlers import MemoryHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from filelock import FileLock, Timeout
from tqdm import tqdm

from bindsnet.analysis.save import save_figure
from bindsnet.evaluation.labels import SILENT
from bindsnet.files import write_file
from experiment.errors import OptionError
from experiment.figures import (
    assignments_figure,
    confusion_figure,
    cumulative_spikes_figure,
    performance_figure,
    spectra_figure,
    weights_figure,
)
from experiment.modality import Modality
from experiment.network import LARGEST_WEIGHT, SpikingNetwork
from experiment.options import Options
from experiment.protocol import PROPORTION_WEIGHTING, READOUTS, Interval, Testing, Training
from experiment.windows import open_windows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESULTS = Path("results")
FINISHED = "results.json"
VERSIONS = ("torch", "numpy", "matplotlib")
LOGGERS = ("experiment", "datasets", "bindsnet")
LONGEST_MEMORY = 100_000  # log lines kept until the log file is open
REDRAW_AFTER = 30.0  # s between two drawings of the figures while training
LONGEST_DRAWING = 2.0  # s that a run may spend drawing
COLUMNS = (
    "epoch", "n_seen", *READOUTS, "n_samples", "spikes_per_sample", "repetitions", "n_silent", "seconds",
)  # fmt: skip

log = logging.getLogger(__name__)


class _Console(logging.Handler):
    """Prints log lines above the progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        tqdm.write(self.format(record), file=sys.stdout)


class RunLog:
    """All log lines in the run's log file once there is one; on the console those from INFO on."""

    def __init__(self) -> None:
        console = _Console(logging.INFO)
        console.setFormatter(logging.Formatter("%(message)s"))
        self.memory = MemoryHandler(LONGEST_MEMORY, flushLevel=logging.CRITICAL + 1)
        self.handlers: list[logging.Handler] = [console, self.memory]
        for name in LOGGERS:
            logger = logging.getLogger(name)
            logger.setLevel(logging.DEBUG)
            logger.propagate = False
            for handler in self.handlers:
                logger.addHandler(handler)

    def write_to(self, path: Path) -> None:
        """Write all lines, those of before too, to a file."""
        file = logging.FileHandler(path, encoding="utf-8")
        file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        self.memory.setTarget(file)
        self.memory.flush()
        self.memory.capacity = 1

    def close(self) -> None:
        """Let go of the loggers and the file."""
        file = self.memory.target
        for handler in self.handlers:
            for name in LOGGERS:
                logging.getLogger(name).removeHandler(handler)
            handler.close()
        if file is not None:
            file.close()


@dataclass
class Course:
    """How a running accuracy has gone so far, in percent; costs the same after ten intervals and after ten thousand."""

    n: int = 0
    last: float = 0.0
    total: float = 0.0
    best: float = 0.0

    def add(self, accuracy: float | None) -> None:
        """Go on by an interval; None was the first, which nothing precedes."""
        if accuracy is not None:
            self.n, self.last, self.total, self.best = self.n + 1, accuracy, self.total + accuracy, max(self.best, accuracy)


class Results:
    """The folder of a run, its files, and what they are made from.

    Args:
        modality: the sense.
        options: the run's options.
        run_log: where log lines go.

    Raises:
        OptionError: another run of this name is under way, or the folder cannot be written.
    """

    def __init__(self, modality: Modality, options: Options, run_log: RunLog) -> None:
        self.modality = modality
        self.options = options
        self.name = options.filename
        self.note = f"{options.source} events" if options.source != "recorded" else ""
        self.folder = RESULTS / self.name
        self.seconds_drawing = 0.0
        self.last_drawing = time.perf_counter()
        self.rows: list[dict[str, Any]] = []
        self.courses = {name: Course() for name in READOUTS}
        self.running: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.spikes_per_interval: list[int] = []
        self.spikes_per_neuron = np.zeros(options.n_neurons, np.int64)
        self.windows = open_windows() if options.plot else None
        try:
            RESULTS.mkdir(exist_ok=True)
            self.lock = FileLock(RESULTS / f".{self.name}.lock")
            self.lock.acquire(timeout=0)
            self._make_room()
            self.folder.mkdir()
            run_log.write_to(self.folder / f"log_{self.name}.txt")
        except Timeout:
            raise OptionError([f"--filename {self.name}: another run of this name is under way; choose another name"]) from None
        except OSError as error:
            raise OptionError([f"--filename {self.name}: cannot write to {self.folder.absolute()}: {error.strerror}"]) from error

    def _make_room(self) -> None:
        if not self.folder.exists():
            return
        if self.options.overwrite:
            shutil.rmtree(self.folder)
            return
        n = 1
        while (kept := RESULTS / f"{self.name}-{n}").exists():
            n += 1
        self.folder.rename(kept)
        log.info("The results that were in %s are now in %s", self.folder, kept)

    def write_options(self, data_keys: dict[str, str]) -> None:
        """Write all options, versions and the data's keys."""
        versions = {"python": sys.version.split()[0]} | {name: version(name) for name in VERSIONS}
        content = {"options": self.options.as_dict(), "versions": versions, "data": data_keys}
        _write_json(self.folder / "options.json", content)

    def add(self, interval: Interval, training: Training) -> None:
        """Keep an update interval: a row of ``metrics.csv``, and what the figures show."""
        counts = interval.spike_counts
        total = counts.sum(0).numpy()
        row = {
            "epoch": interval.epoch + 1,
            "n_seen": interval.n_seen,
            **{name: interval.accuracy(name) for name in READOUTS},
            "n_samples": len(interval.labels),
            "spikes_per_sample": total.sum().item() / len(counts),
            "repetitions": interval.repetitions,
            "n_silent": int((training.label_counts.assignments == SILENT).sum()),
            "seconds": round(training.seconds, 3),
        }
        self.rows.append(row)
        for name, course in self.courses.items():
            course.add(row[name])
        if interval.predictions is not None:
            self.running.append((interval.labels, interval.predictions[PROPORTION_WEIGHTING]))
        self.spikes_per_interval.append(int(total.sum()))
        self.spikes_per_neuron += total
        path = self.folder / "metrics.csv"
        is_new = not path.exists()
        with open(path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            if is_new:
                writer.writeheader()
            writer.writerow(row)

    def accuracy_line(self, readout: str) -> str:
        """Last, average and best running accuracy of a read-out, in words."""
        course = self.courses[readout]
        if not course.n:
            return "none yet"
        return f"{course.last:.1f} (last), {course.total / course.n:.1f} (average), {course.best:.1f} (best) %"

    def redraw_if_due(self, network: SpikingNetwork, training: Training) -> None:
        """Draw the figures again, at most every 30 s and within the time a run may spend on it; in windows oftener."""
        if self.windows is not None:
            self.windows.respond()
            if self.windows.due():
                self.windows.show(self._figures(network, training))
        due = time.perf_counter() - self.last_drawing > REDRAW_AFTER
        if due and self.seconds_drawing * 3 <= LONGEST_DRAWING:
            self.draw(network, training)

    def draw(self, network: SpikingNetwork, training: Training) -> None:
        """Draw the figures of training."""
        started = time.perf_counter()
        for name, figure in self._figures(network, training).items():
            save_figure(figure, self.folder / f"{name}_{self.name}.png")
        self.last_drawing = time.perf_counter()
        self.seconds_drawing += self.last_drawing - started

    def _figures(self, network: SpikingNetwork, training: Training) -> dict[str, Figure]:
        names, note = self.modality.class_names, self.note
        seen = [row["n_seen"] for row in self.rows]
        assignments = training.label_counts.assignments.numpy()
        labels, predictions = (torch.cat(part).numpy() if part else np.empty(0, int) for part in self._running())
        return {
            "weights": self._weights_figure(network.w.cpu().numpy(), assignments),
            "assignments": assignments_figure(assignments, names, note=note),
            "performance": performance_figure(
                seen,
                {name.replace("_", " "): [row[name] for row in self.rows] for name in READOUTS},
                len(names),
                training.n_train,
                note=note,
            ),
            "confusion_matrix": confusion_figure(
                labels, predictions, names, title="While training, proportion weighting", note=note
            ),
            "cumulative_spikes": cumulative_spikes_figure(seen, self.spikes_per_interval, self.spikes_per_neuron, note=note),
        }

    def _weights_figure(self, w: np.ndarray, assignments: np.ndarray) -> Figure:
        rows, _ = shape = self.modality.input_shape
        if rows == 1 and w.shape[0] == self.modality.n_inputs("on"):
            return spectra_figure(w, assignments, self.modality.class_names, w_max=LARGEST_WEIGHT, note=self.note)
        return weights_figure(w, shape, w_max=LARGEST_WEIGHT, note=self.note)

    def _running(self) -> tuple[Sequence[torch.Tensor], Sequence[torch.Tensor]]:
        return tuple(zip(*self.running, strict=True)) if self.running else ((), ())

    def draw_test(self, testing: Testing) -> None:
        """Draw the confusion matrix of the test."""
        started = time.perf_counter()
        figure = confusion_figure(
            testing.labels.numpy(),
            testing.predictions[PROPORTION_WEIGHTING].numpy(),
            self.modality.class_names,
            title="Test, proportion weighting",
            note=self.note,
        )
        save_figure(figure, self.folder / f"test_confusion_matrix_{self.name}.png")
        self.seconds_drawing += time.perf_counter() - started

    def write_network(self, network: SpikingNetwork, training: Training) -> None:
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
        write_file(self.folder / f"network_{self.name}.npz", lambda file: np.savez(file, **arrays))
        state = network.state_dict()
        write_file(self.folder / f"model_{self.name}.pt", lambda file: torch.save(state, file))

    def write_results(self, content: dict[str, Any]) -> None:
        """Write what a script reads; with it the run is finished."""
        _write_json(self.folder / FINISHED, content)

    def close(self) -> None:
        """Let another run take the name."""
        self.lock.release()


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_file(path, lambda file: file.write(text.encode()))
