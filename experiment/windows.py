"""Windows that show a run's figures while it trains (``--plot``)."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)

LEAST_TIME_BETWEEN = 2.0  # s between two drawings: drawing stops the simulation
DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY")


class Windows:
    """A window for each figure; a closed window stays closed, and the run goes on."""

    def __init__(self) -> None:
        self.pyplot = _pyplot()
        self.images: dict[str, object] = {}
        self.last_drawing = 0.0
        if self.pyplot is None:
            log.info("--plot: there is no display; the figures in the results folder are kept up to date instead")

    def due(self) -> bool:
        """Whether enough time has passed since the last drawing."""
        return time.perf_counter() - self.last_drawing > LEAST_TIME_BETWEEN

    def show(self, figures: dict[str, Figure]) -> None:
        """Show the figures, drawn already, as they are now."""
        self.last_drawing = time.perf_counter()
        if self.pyplot is None:
            return
        for name, figure in figures.items():
            pixels = np.asarray(figure.canvas.buffer_rgba())
            image = self.images.get(name)
            if image is None:
                window = self.pyplot.figure(name, layout="tight")
                axes = window.add_subplot()
                axes.set_axis_off()
                self.images[name] = axes.imshow(pixels)
            elif self.pyplot.fignum_exists(image.figure.number):
                image.set_data(pixels)
                image.figure.canvas.draw_idle()
        for number in self.pyplot.get_fignums():
            self.pyplot.figure(number).canvas.flush_events()


def _pyplot() -> object | None:
    """Matplotlib's pyplot in interactive mode; None without a display or a toolkit that draws windows."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in DISPLAY_VARIABLES):
        return None
    from matplotlib import pyplot

    try:
        is_interactive = pyplot.get_backend().lower() in {name.lower() for name in _interactive_backends()}
        pyplot.figure("probe")
        pyplot.close("probe")
    except Exception as error:  # toolkits raise errors of their own where they find no display
        log.info("--plot: no window can be opened (%s)", error)
        return None
    if not is_interactive:
        return None
    pyplot.ion()
    return pyplot


def _interactive_backends() -> list[str]:
    from matplotlib.backends import backend_registry
    from matplotlib.backends.registry import BackendFilter

    return backend_registry.list_builtin(BackendFilter.INTERACTIVE)
