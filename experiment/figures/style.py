"""What the figures share: colours, sizes, axes placed in inches, captions and tick texts."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bindsnet.analysis.style import short_number, thinned, windowless_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
    from matplotlib.path import Path

POINTS_PER_INCH = 72
DOTS_PER_INCH = 150
TITLE_POINTS = 11
LABEL_POINTS = 9
TICK_POINTS = 8
NOTE_POINTS = 7.5
EDGE = 0.15  # inches from a figure's edge to its title and footnote
NOTE_LETTER_INCHES, NOTE_LINE_INCHES = 0.063, 0.135  # of the footnote
MOST_NOTE_LINES = 4
LACKING = "□"  # stands for a letter that the font has not
LETTER_INCHES = 0.08  # width of most letters in the size of tick labels
LONGEST_NAME = 16  # letters of a class's name that figures show
SMALLEST_NAME = 6.0  # points from one name to the next, at least
LAST_SHARE = 0.03  # of all classes' width: that of the cell beside them, of no class, at least

QUIET_COLOUR = "#595959"


def new_figure(width: float, height: float, dpi: float = DOTS_PER_INCH) -> Figure:
    """An empty figure of so many inches that belongs to no window."""
    return windowless_figure(width, height, dpi=dpi, facecolor="white")


def end_of_scale(w: np.ndarray, w_max: float) -> float:
    """Weight at the upper end of a colour bar: the largest one there is, lest weak weights all look dark."""
    return min(float(w.max()), w_max) or w_max


def add_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at so many inches from the figure's lower left corner."""
    total_width, total_height = figure.get_size_inches()
    return figure.add_axes((left / total_width, bottom / total_height, width / total_width, height / total_height))


def label_axes(axes: Axes, x_label: str, y_label: str) -> None:
    """Axis labels and tick labels in the sizes that all figures use."""
    axes.set_xlabel(x_label, fontsize=LABEL_POINTS)
    axes.set_ylabel(y_label, fontsize=LABEL_POINTS)
    axes.tick_params(labelsize=TICK_POINTS)


def add_caption(figure: Figure, title: str, note: str, explanation: str = "") -> None:
    """Title and, smaller, an explanation above and a footnote below, all from the left edge.

    The footnote may be long: it takes as many lines as it needs, and the figure grows by them.
    """
    width, height = figure.get_size_inches()
    n_letters = int((width - 2 * EDGE) / NOTE_LETTER_INCHES)
    lines = textwrap.wrap(plain(note), n_letters, max_lines=MOST_NOTE_LINES, placeholder=" …")
    _grow_below(figure, NOTE_LINE_INCHES * max(0, len(lines) - 1))
    width, height = figure.get_size_inches()
    figure.suptitle(title, x=EDGE / width, y=1 - 0.12 / height, ha="left", va="top",
                    fontsize=TITLE_POINTS, fontweight="bold")  # fmt: skip
    figure.text(EDGE / width, 1 - 0.36 / height, explanation, fontsize=TICK_POINTS, color=QUIET_COLOUR, va="top")
    figure.text(EDGE / width, 0.1 / height, "\n".join(lines), fontsize=NOTE_POINTS, color=QUIET_COLOUR)


def _grow_below(figure: Figure, inches: float) -> None:
    """Make a figure higher; its axes stay as large and as far from its top as they were."""
    if not inches:
        return
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + inches)
    for axes in figure.axes:
        left, bottom, across, up = axes.get_position(original=True).bounds
        axes.set_position((left, (bottom * height + inches) / (height + inches), across, up * height / (height + inches)))


def plain(text: str) -> str:
    """A text as it can be drawn: nothing in it is set as a formula, and a box stands for each letter that the font lacks."""
    from matplotlib.font_manager import findfont, get_font

    known = get_font(findfont("DejaVu Sans")).get_charmap()
    return "".join(letter if ord(letter) in known else LACKING for letter in text).replace("$", r"\$")


def scale_samples(axes: Axes, samples_seen: Sequence[int]) -> int:
    """Set up the axis of the samples seen; the number seen so far."""
    n_seen = int(samples_seen[-1]) if len(samples_seen) else 0
    axes.set_xlim(0, max(n_seen, 1) * 1.02)
    axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)
    axes.xaxis.set_major_formatter(short_number)
    if not n_seen:
        axes.text(0.5, 0.5, "no data yet", transform=axes.transAxes, ha="center", va="center",
                  color=QUIET_COLOUR, fontsize=TITLE_POINTS)  # fmt: skip
    return n_seen


def add_chance(axes: Axes, n_classes: int, name: str = "chance:") -> None:
    """A line at the accuracy of guessing, %."""
    chance = 100 / n_classes
    axes.axhline(chance, color=QUIET_COLOUR, linewidth=1, linestyle=(0, (2, 2)), label=f"{name} {chance:.1f} %")


def add_colour_bar(axes: Axes, colours: ScalarMappable, label: str = "", gap: float = 0.15, width: float = 0.16) -> None:
    """A colour bar beside axes, as high as they are, so many inches away and wide."""
    left, bottom, across, height = axes.get_position().bounds * np.tile(axes.figure.get_size_inches(), 2)
    bar_axes = add_axes(axes.figure, left + across + gap, bottom, width, height)
    axes.figure.colorbar(colours, cax=bar_axes, label=label)
    bar_axes.tick_params(labelsize=TICK_POINTS)
    bar_axes.yaxis.label.set_size(LABEL_POINTS)


def add_legend_above(axes: Axes) -> None:
    """The legend between title and axes, from the left edge."""
    axes.legend(fontsize=TICK_POINTS, loc="lower left", bbox_to_anchor=(0, 1.02), frameon=False,
                borderpad=0, handlelength=3)  # fmt: skip


def stamp(axes: Axes, texts: Sequence[str], x: np.ndarray, y: np.ndarray, points: float, colours: Sequence[str]) -> None:
    """Short texts centred on places of axes whose limits stand, all as one artist: hundreds of texts take too long to draw.

    Args:
        axes: where.
        texts: what, ``[n]``.
        x, y: places in the axes' data, ``[n]``.
        points: size of the font.
        colours: of each text, ``[n]``.
    """
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    outlines = {text: _centred_outline(text, points) for text in set(texts)}
    size = axes.get_position().size * axes.figure.get_size_inches() * POINTS_PER_INCH
    data_per_point = np.diff([axes.get_xlim(), axes.get_ylim()]).ravel() / size
    shapes = [
        Path(outlines[text].vertices * data_per_point + place, outlines[text].codes)
        for text, place in zip(texts, np.column_stack([x, y]), strict=True)
    ]
    axes.add_artist(PathCollection(shapes, facecolors=colours, linewidths=0, transform=axes.transData))


def ink_on(backgrounds: np.ndarray) -> np.ndarray:
    """Black or white for each colour ``[n, 3]``, whichever stands out (luma of ITU-R BT.601)."""
    return np.where(backgrounds @ (0.299, 0.587, 0.114) > 0.5, "black", "white")


def _centred_outline(text: str, points: float) -> Path:
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    outline = TextPath((0, 0), text, size=points)
    # Letters bulge no further than their corners, so that Matplotlib's own, slow extents are not needed.
    corners = outline.vertices[outline.codes != Path.CLOSEPOLY]
    return Path(outline.vertices - (corners.min(0) + corners.max(0)) / 2, outline.codes)


def short_names(names: Sequence[str]) -> list[str]:
    """The names of classes, long ones cut, with nothing in them that Matplotlib would set as a formula."""
    cut = [name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…" for name in names]
    return [name.replace("$", r"\$") for name in cut]


def room_for(names: Sequence[str], n_letters: int) -> float:
    """Inches that the longest name needs beyond so many letters."""
    return LETTER_INCHES * max(0, max(map(len, names), default=0) - n_letters)


def few_ticks(n_cells: int) -> np.ndarray:
    """At most eleven of `n_cells` cells, at round numbers, for the ticks of a lattice."""
    return thinned(n_cells, 10)


def cells_with_names(n_classes: int, inches: float) -> tuple[int, np.ndarray, list[int]]:
    """Of a cell for each class and a last one, of no class, over so many inches: the last one's width and which have names.

    Returns:
        The width in cells; the classes whose names there is room for; those of them that leave room for the last cell's.
    """
    last_width = max(1, round(LAST_SHARE * n_classes))
    most = inches * POINTS_PER_INCH / SMALLEST_NAME
    named = thinned(n_classes, most)
    return last_width, named, [k for k in named if n_classes - k + (last_width - 1) / 2 >= n_classes / most]


def neuron_noun(count: int) -> str:
    """The noun that goes with `count`."""
    return "neuron" if count == 1 else "neurons"
