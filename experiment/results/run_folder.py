"""The folder of a run while it goes on: its name is held, its files are written, and it can be gone on with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from bindsnet.network.persistence import write_content
from common import VERSION
from common.durable import write_file
from common.versions import version_of
from experiment.command_line.options import Options
from experiment.errors import OptionError, UnderWayError, UnusableError
from experiment.figures.live_view import WINDOW, LiveView, figure_of
from experiment.figures.of_run import figures_of_test, figures_of_training
from experiment.figures.window import open_window
from experiment.protocol.record import Row
from experiment.protocol.state import as_saved
from experiment.results.checkpoint import Checkpoint
from experiment.results.drawing import Drawing
from experiment.results.folder import lock_of, make_room, not_written
from experiment.results.metrics import MetricsFile
from experiment.results.place import Place
from experiment.results.run_log import RunLog
from experiment.results.saved import CHECKPOINT, FINISHED, LIVE_PICTURE, METRICS, OPTIONS_FILE, has_begun, read_saved, write_json
from experiment.results.tensorboard_log import TensorBoardLog
from experiment.run_data import RunData

VERSIONS = ("torch", "numpy", "matplotlib")


class RunFolder(Place):
    """A run's folder, held until it is closed.

    Args:
        folder: where it is; its last part is the run's name.
        options: the run's options.
        windows: whether ``--plot`` may open one; otherwise its view is in a file.
        figures: whether the figures of a run are drawn.

    Raises:
        OptionError: another run of this name is under way, or the folder is not to be written.
    """

    def __init__(self, folder: Path, options: Options, windows: bool = False, figures: bool = True) -> None:
        self.folder = folder
        self.options = options
        self.metrics = MetricsFile(folder / METRICS)
        self.figures = figures
        self.drawing = Drawing(folder, options.filename)
        self.events: TensorBoardLog | None = None
        self._hold()
        self.view = None
        if options.plot:
            self.view = LiveView(open_window(WINDOW) if windows else None, folder / LIVE_PICTURE, options.plot_interval)

    def _hold(self) -> None:
        name = self.options.filename
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.lock = FileLock(lock_of(self.folder))
            self.lock.acquire(timeout=0)
            try:
                make_room(self.folder, self.options)
            except BaseException:
                self.close()
                raise
        except Timeout:
            raise UnderWayError([f"--filename {name}: another run of this name is under way; choose another name"]) from None
        except OSError as error:
            raise not_written(self.folder, name, error) from error

    def begin(self, run: RunData, run_log: RunLog | None) -> None:
        """Write the sense, all options, versions and the data's keys, which makes the folder a run's; then log lines to it.

        Raises:
            OptionError: the run goes on, and its data have changed, or its checkpoint is damaged.
        """
        if self.options.resume and has_begun(self.folder):
            before = read_saved(self.folder)["data"]
            changed = [name for name in run.data_keys | before if before.get(name) != run.data_keys.get(name)]
            if changed:
                raise OptionError([f"--resume: the {name} data have changed since {self.folder} began" for name in changed])
        versions = {"stdp-nmnist": VERSION, "python": sys.version.split()[0]} | {name: version_of(name) for name in VERSIONS}
        saved = {"modality": run.sense._asdict(), "options": self.options.as_dict(), "versions": versions, "data": run.data_keys}
        write_json(self.folder / OPTIONS_FILE, saved)
        if run_log is not None:
            run_log.write_to(self.folder / f"log_{self.options.filename}.txt")
        if self.options.tensorboard:
            self.events = TensorBoardLog(self.folder, self.options.filename)
        self.run = run
        parts = {} if run.features is None else {"features": run.features}
        self.checkpoint = Checkpoint(
            self.folder / CHECKPOINT, parts | {"training": run.training, "testing": run.testing, "results": self}
        )

    def go_on(self) -> bool:
        """Go on from the checkpoint, if that is asked for and there is one; whether there was.

        Raises:
            OptionError: it is damaged, or of another run.
        """
        if not self.options.resume or not self.checkpoint.path.exists():
            return False
        self.checkpoint.load()
        for row in self.run.record.rows if self.events is not None else ():
            self.events.add(row)
        return True

    def add(self, row: Row) -> None:
        """Write the row of an update interval."""
        self.metrics.add(row)
        if self.events is not None:
            self.events.add(row)

    def state_dict(self) -> dict[str, Any]:
        """What figures show, and how much of ``metrics.csv``, which holds the rest, is valid: so much is on the disk."""
        size = self.metrics.size() if self.run.record.rows else 0
        return {"metrics_size": size, "seconds_drawing": self.drawing.seconds} | self.run.record.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state; rows that were written after it are cut off.

        Raises:
            UnusableError, KeyError, OSError: it is none of this run, or ``metrics.csv`` does not fit it.
        """
        size = state["metrics_size"]
        try:
            self.run.record.load(state, self.metrics.rows(size))
        except UnusableError as error:
            raise UnusableError(f"{error} ({self.metrics.path})") from None
        self.drawing.seconds = state["seconds_drawing"]
        self.metrics.cut(size)  # only now, with all checked

    def save(self) -> bool:
        """Save the state, so that ``--resume`` goes on from here: it does."""
        self.checkpoint.save()
        return True

    def save_if_due(self) -> None:
        """The same from time to time."""
        self.checkpoint.save_if_due()

    def show(self, at_once: bool = False) -> None:
        """Show what goes on, if someone watches (``--plot``): by the clock, or at once."""
        if self.view is not None:
            self.view.update(lambda: figure_of(self.run), at_once)

    def redraw_if_due(self) -> None:
        """Draw the figures again, at most every 30 s and within the time a run may spend on it."""
        if self.figures:
            self.drawing.redraw_if_due(self.run)

    def write(self) -> None:
        """Write the trained network, what is needed to predict, and all figures."""
        if self.figures:
            self.save()  # drawing takes time, and may fail, as on a full disk
        known, network, name = self.run.training.label_counts, self.run.network, self.options.filename
        tensors = dict(network.arrays)
        if self.run.features is not None:
            tensors |= self.run.features.network.arrays
        tensors |= {name: getattr(known, name) for name in ("assignments", "proportions", "rates")}
        arrays = {name: tensor.cpu().numpy() for name, tensor in tensors.items()}
        for readout in self.run.testing.readouts.values():
            arrays |= readout.arrays
        write_file(self.folder / f"network_{name}.npz", lambda file: np.savez(file, **arrays))
        write_content(self.folder / f"model_{name}.pt", as_saved(network.state_dict()))
        if self.figures:
            self.drawing.save(figures_of_training(self.run) | figures_of_test(self.run))

    def finish(self) -> None:
        """Write what a script reads; with it the run is finished."""
        if self.events is not None:
            self.events.finish(self.options, self.run.results["test_accuracy"])
            self.events.close()
        write_json(self.folder / FINISHED, self.run.results)
        self.checkpoint.remove()

    @property
    def seconds_drawing(self) -> float:
        """Time spent drawing figures."""
        return self.drawing.seconds

    def hold_view(self, stop: Callable[[], bool]) -> None:
        """Let the window of the live view stay (``--plot_hold``), until `stop` says so."""
        if self.view is not None:
            self.view.hold(self.options.plot_hold, stop)

    def close(self) -> None:
        """Let another run take the name."""
        if self.events is not None:
            self.events.close()
        self.lock.release()
