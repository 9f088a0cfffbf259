"""Figures as files of a run's folder, drawn again while it trains, within the time that it may spend on that."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from bindsnet.analysis.save import save_figure
from experiment.figures.of_run import Drawings, figures_of_training
from experiment.run_data import RunData

REDRAW_AFTER = 30.0  # s between two drawings of the figures while training
LONGEST_DRAWING = 2.0  # s that a run may spend drawing

# Matplotlib draws one figure at a time: what it knows of fonts is shared.
MATPLOTLIB = threading.RLock()


class Drawing:
    """Saves figures, and knows how long that takes.

    Args:
        folder: where they go.
        name: of the run, which ends their names.

    Attributes:
        seconds: time spent so far.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.seconds = 0.0
        self.last = time.perf_counter()

    def redraw_if_due(self, run: RunData) -> None:
        """Draw the figures of training again, at most every 30 s, as long as time is left for the last ones."""
        if time.perf_counter() - self.last > REDRAW_AFTER and self.seconds * 3 <= LONGEST_DRAWING:
            self.save(figures_of_training(run))

    def save(self, drawings: Drawings) -> None:
        """Draw figures and write them.

        Raises:
            OSError: one cannot be written.
        """
        started = time.perf_counter()
        for name, draw in drawings.items():
            with MATPLOTLIB:
                save_figure(draw(), self.folder / f"{name}_{self.name}.png")
        self.last = time.perf_counter()
        self.seconds += self.last - started
