"""A window that shows a run while it trains (``--plot``)."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from common.terminal import draw_without_windows

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

log = logging.getLogger(__name__)

RESPONSE_TIME = 0.05  # s at most until a window answers a click
DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY")


def open_window(name: str) -> Window | None:
    """A window for a figure; None, with a line in the log that says why, where none can be opened."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in DISPLAY_VARIABLES):
        return _refuse("there is no display")
    try:
        from matplotlib import pyplot

        probe = pyplot.figure()
        toolkit = probe.canvas.required_interactive_framework
        pyplot.close(probe)
    except Exception as error:  # toolkits raise errors of their own where they find no display
        return _refuse(f"no window can be opened ({error})")
    if toolkit is None:  # Matplotlib chooses so where it reaches no display, or is told so by MPLBACKEND
        return _refuse(f"Matplotlib opens no windows here (backend {pyplot.get_backend()})")
    pyplot.ion()
    return Window(pyplot, name)


def _refuse(reason: str) -> None:
    draw_without_windows()
    log.info("--plot: %s; the view is kept in the results folder, as live.png", reason)


class Window:
    """Shows one figure; a closed window stays closed, and the run goes on.

    Args:
        pyplot: ``matplotlib.pyplot`` in interactive mode.
        name: title of the window.
    """

    def __init__(self, pyplot: ModuleType, name: str) -> None:
        self.pyplot = pyplot
        self.name = name
        self.image: AxesImage | None = None

    def is_open(self) -> bool:
        """Whether there is a window to draw in, or will be with the first figure."""
        return self.image is None or self.pyplot.fignum_exists(self.image.figure.number)

    def show(self, figure: Figure) -> None:
        """Show a figure as it is now."""
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())
        if self.image is None:
            self.image = self._open(pixels)
        elif self.is_open():
            self.image.set_data(pixels)
            self.image.figure.canvas.draw_idle()
        self.respond()

    def respond(self) -> None:
        """Let the window be moved, resized and closed."""
        if self.image is not None and self.is_open():
            self.image.figure.canvas.flush_events()

    def hold(self, seconds: float, stop: Callable[[], bool]) -> None:
        """Stay until it is closed, but no longer than that, nor once `stop` says so."""
        end = time.perf_counter() + seconds
        while self.image is not None and self.is_open() and time.perf_counter() < end and not stop():
            self.respond()
            time.sleep(RESPONSE_TIME)

    def _open(self, pixels: np.ndarray) -> AxesImage:
        dots_per_inch = self.pyplot.rcParams["figure.dpi"]
        height, width = (n / dots_per_inch for n in pixels.shape[:2])
        window = self.pyplot.figure(self.name, figsize=(width, height))
        axes = window.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        return axes.imshow(pixels)
