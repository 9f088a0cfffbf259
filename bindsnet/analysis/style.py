"""What all pictures share: colours, the looks of lines, which of many names are shown, and figures that belong to no window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito
LINE_STYLES = ("-", "--", "-.", ":")
# Paul Tol's ten qualitative colours (SRON/EPS/TN/09-002): told apart with every colour vision.
CLASS_COLOURS = (
    "#332288", "#88CCEE", "#44AA99", "#117733", "#999933",
    "#DDCC77", "#661100", "#CC6677", "#882255", "#AA4499",
)  # fmt: skip
SILENT_COLOUR = "#E4E4E4"


def windowless_figure(width: float, height: float, **settings: Any) -> Figure:
    """An empty figure of so many inches that belongs to no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), **settings)
    FigureCanvasAgg(figure)
    return figure


def line_look(number: int) -> tuple[str, str]:
    """Colour and style of the line of so many, from 0; twelve differ."""
    return LINE_COLOURS[number % len(LINE_COLOURS)], LINE_STYLES[number % len(LINE_STYLES)]


def class_colours(n_classes: int) -> np.ndarray:
    """A colour for each class and, last, for silent neurons, RGBA ``[n_classes + 1, 4]``.

    Of more than ten classes neighbours look alike; names tell them apart.
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_rgba_array

    few = n_classes <= len(CLASS_COLOURS)
    colours = CLASS_COLOURS[:n_classes] if few else colormaps["viridis"](np.linspace(0, 1, n_classes))
    return to_rgba_array([*colours, SILENT_COLOUR])


def thinned(n: int, most: float) -> np.ndarray:
    """Places 0, 1, … or at round steps, of so many; about as many as there is room for."""
    powers = (10**power for power in range(len(str(n)) + 1))
    step = next(step for power in powers for step in (power, 2 * power, 5 * power) if n <= max(1.0, most) * step)
    return np.arange(0, n, step)


def scale_percent(axes: Axes) -> None:
    """Set up the upward axis of a percentage, with a grid."""
    axes.set_ylim(0, 100)
    axes.set_yticks(range(0, 101, 20))
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def short_number(value: float, _position: int = 0) -> str:
    """12,500 or 1.25 M."""
    return f"{value / 1e6:g} M" if abs(value) >= 1e6 else f"{value:,g}"
