"""Windows that show a run's figures while it trains (``--plot``)."""

from __future__ import annotations

import logging
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

log = logging.getLogger(__name__)

DISPLAY_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY")


def open_windows() -> Windows | None:
    """Windows for figures; None, with a line in the log that says why, where no window can be opened."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in DISPLAY_VARIABLES):
        return _refuse("there is no display")
    from matplotlib import pyplot

    try:
        probe = pyplot.figure()
        toolkit = probe.canvas.required_interactive_framework
        pyplot.close(probe)
    except Exception as error:  # toolkits raise errors of their own where they find no display
        return _refuse(f"no window can be opened ({error})")
    if toolkit is None:  # Matplotlib chooses so where it reaches no display, or is told so by MPLBACKEND
        return _refuse(f"Matplotlib opens no windows here (backend {pyplot.get_backend()})")
    pyplot.ion()
    return Windows(pyplot)


def _refuse(reason: str) -> None:
    log.info("--plot: %s; the view is kept in the results folder, as live.png", reason)


class Windows:
    """A window for each figure; a closed window stays closed, and the run goes on.

    Args:
        pyplot: ``matplotlib.pyplot`` in interactive mode.
    """

    def __init__(self, pyplot: ModuleType) -> None:
        self.pyplot = pyplot
        self.images: dict[str, AxesImage] = {}

    def is_open(self, name: str) -> bool:
        """Whether the figure's window has been opened and not been closed."""
        return name in self.images and self.pyplot.fignum_exists(self.images[name].figure.number)

    def any_open(self) -> bool:
        """Whether there is a window to draw in, or will be with the first figure."""
        return not self.images or any(map(self.is_open, self.images))

    def show(self, figures: dict[str, Figure]) -> None:
        """Show figures as they are now, in windows with these names."""
        for name, figure in figures.items():
            figure.canvas.draw()
            pixels = np.asarray(figure.canvas.buffer_rgba())
            if name not in self.images:
                self.images[name] = self._open(name, pixels)
            elif self.is_open(name):
                self.images[name].set_data(pixels)
                self.images[name].figure.canvas.draw_idle()
        self.respond()

    def respond(self) -> None:
        """Let the windows be moved, resized and closed."""
        for name, image in self.images.items():
            if self.is_open(name):  # asked one by one, since any of them may be closed meanwhile
                image.figure.canvas.flush_events()

    def _open(self, name: str, pixels: np.ndarray) -> AxesImage:
        dots_per_inch = self.pyplot.rcParams["figure.dpi"]
        height, width = (n / dots_per_inch for n in pixels.shape[:2])
        window = self.pyplot.figure(name, figsize=(width, height))
        axes = window.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        return axes.imshow(pixels)
