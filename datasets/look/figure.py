"""A recording of each class: where its events are, which units sent them when, and how many at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from common.durable import write_file
from common.room import cannot_write
from common.terminal import drawable
from datasets.errors import DatasetError
from datasets.look.look import Example, Look
from datasets.preparation.binning import MICROSECONDS_PER_MS, bin_events
from eventvision import Events

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CLASSES = 20
ROW_INCHES, ROW_GAP = 1.3, 0.25
# Left edges and widths of the columns, inches.
NAME_LEFT, IMAGE_LEFT, RASTER_LEFT, RATE_LEFT = 0.15, 1.5, 4.55, 9.1
IMAGE_INCHES, RASTER_INCHES, RATE_INCHES = 2.3, 3.8, 3.0
TOTAL_WIDTH, TOP, BOTTOM = 12.4, 0.9, 0.75
DOTS_PER_INCH = 120
LONGEST_NAME = 16  # letters
N_RATE_BINS = 60

ON_COLOUR, OFF_COLOUR = "#0072B2", "#D55E00"  # Okabe and Ito: told apart with every colour vision
OUTSIDE_COLOUR = "#E4E4E4"
QUIET_COLOUR = "#595959"
PNG_BEGIN, DRAWN_BY = b"\x89PNG\r\n\x1a\n", b"Matplotlib version"  # what every figure that is drawn here begins with
LONGEST_HEAD = 1 << 10  # bytes in which the latter stands
TITLE_POINTS, LABEL_POINTS, TICK_POINTS = 11, 9, 7.5


def save_look(found: Look, path: Path) -> None:
    """Writes the figure as a PNG.

    Raises:
        DatasetError: it cannot be written.
    """
    figure = look_figure(found)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, lambda file: figure.savefig(file, format="png"))
    except OSError as error:
        raise cannot_write(path, error, "--output") from error


def refuse_others(path: Path) -> None:
    """Refuses to replace what is no figure.

    Raises:
        DatasetError: a file of another kind, or no file, is there.
        OSError: it cannot be read.
    """
    if not path.exists():
        return
    if path.is_file():
        with open(path, "rb") as file:
            head = file.read(LONGEST_HEAD)
        if head.startswith(PNG_BEGIN) and DRAWN_BY in head:
            return
    raise DatasetError(f"--output {path}: is there already and no figure of this program; name another file")


def look_figure(found: Look) -> Figure:
    """A row for each class that has an example, at most 20."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    labels = sorted(found.examples)[:MOST_CLASSES]
    height = TOP + len(labels) * (ROW_INCHES + ROW_GAP) + BOTTOM
    figure = Figure(figsize=(TOTAL_WIDTH, height), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    last = _last_time(found, labels)
    for row, label in enumerate(labels):
        bottom = height - TOP - (row + 1) * (ROW_INCHES + ROW_GAP) + ROW_GAP
        _draw_row(figure, found, label, bottom, last, row == len(labels) - 1)
    _add_caption(figure, found, len(labels))
    return figure


def _draw_row(figure: Figure, found: Look, label: int, bottom: float, last: float, is_last: bool) -> None:
    example, dataset = found.examples[label], found.dataset
    _add_name(figure, found, label, bottom)
    is_line = dataset.sensor.height == 1
    image, raster, rate = (
        _add_axes(figure, left, bottom, width)
        for left, width in ((IMAGE_LEFT, IMAGE_INCHES), (RASTER_LEFT, RASTER_INCHES), (RATE_LEFT, RATE_INCHES))
    )
    draw = _draw_spectrum if is_line else _draw_image
    draw(image, example, found)
    _draw_raster(raster, example.events, found, last)
    _draw_rate(rate, example.events, found, last)
    for axes in (raster, rate):
        axes.tick_params(labelbottom=is_last)
        if is_last:
            axes.set_xlabel("time (ms)", fontsize=LABEL_POINTS)
    if is_last:
        image.set_xlabel("spikes in the pattern time" if is_line else "column", fontsize=LABEL_POINTS)


def _spikes_of_units(events: Events, found: Look) -> np.ndarray:
    """How many spikes each input sends in the pattern time."""
    return np.bincount(bin_events([events], found.dataset.grid).units, minlength=found.dataset.n_inputs)


def _draw_image(axes: Axes, example: Example, found: Look) -> None:
    """The sensor upright; OFF, where it is an input of its own, on the right."""
    from matplotlib.colors import PowerNorm

    rows, columns = found.dataset.input_shape
    spikes = _spikes_of_units(example.events, found).astype(float)
    parts = spikes.reshape(-1, rows, columns)
    gap = np.full((rows, max(1, columns // 12)), np.nan)
    picture = np.hstack([part for k, half in enumerate(parts) for part in ([gap, half] if k else [half])])
    most = max(spikes.max(), 1)
    # Colours by the square root, so that a few faulty, restless pixels leave the others visible.
    image = axes.imshow(picture, cmap="viridis", norm=PowerNorm(0.5, 0, most), interpolation="nearest")
    axes.set_xticks([0, columns - 1])
    axes.set_yticks([0, rows - 1])
    axes.set_ylabel("row", fontsize=TICK_POINTS)
    bar = axes.figure.colorbar(image, ax=axes, fraction=0.05, pad=0.04, ticks=[0, most // 4, most])
    bar.ax.tick_params(labelsize=TICK_POINTS)


def _draw_spectrum(axes: Axes, example: Example, found: Look) -> None:
    spikes = _spikes_of_units(example.events, found)
    axes.barh(np.arange(len(spikes)), spikes, height=1.0, color=ON_COLOUR)
    axes.set_ylim(-0.5, len(spikes) - 0.5)
    axes.set_ylabel("channel", fontsize=TICK_POINTS)


def _draw_raster(axes: Axes, events: Events, found: Look, last: float) -> None:
    """Every event; units in the order of the inputs, so that row 0 of an image is on top."""
    sensor = found.dataset.sensor
    unit = events.units()
    times = events.ts / MICROSECONDS_PER_MS
    n_units = sensor.width * sensor.height
    points = float(np.clip(ROW_INCHES * 72 / n_units, 0.8, 2.0))
    for which, colour in ((~events.p, OFF_COLOUR), (events.p, ON_COLOUR)):
        axes.plot(times[which], unit[which], linestyle="none", marker="o", markersize=points, markeredgewidth=0, color=colour)
    axes.set_ylim((-0.5, n_units - 0.5) if sensor.height == 1 else (n_units - 0.5, -0.5))
    axes.set_ylabel("channel" if sensor.height == 1 else f"unit ({sensor.width}·row + column)", fontsize=TICK_POINTS)
    _shade_outside(axes, found, last)


def _draw_rate(axes: Axes, events: Events, found: Look, last: float) -> None:
    edges = np.linspace(0, last, N_RATE_BINS + 1)
    for which, colour, style in ((~events.p, OFF_COLOUR, "--"), (events.p, ON_COLOUR, "-")):
        if colour == ON_COLOUR or found.has_polarity:
            counts, _ = np.histogram(events.ts[which] / MICROSECONDS_PER_MS, edges)
            axes.stairs(counts / np.diff(edges), edges, color=colour, linestyle=style, linewidth=1.2)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("events/ms", fontsize=TICK_POINTS)
    _shade_outside(axes, found, last)


def _shade_outside(axes: Axes, found: Look, last: float) -> None:
    if found.dataset.pattern_time < last:
        axes.axvspan(found.dataset.pattern_time, last, color=OUTSIDE_COLOUR, zorder=0, linewidth=0)
    axes.set_xlim(0, last)


def _last_time(found: Look, labels: list[int]) -> float:
    """Where the axes of time end (ms): with the latest event shown or the pattern time."""
    times = [found.examples[label].events.ts.max() / MICROSECONDS_PER_MS for label in labels if len(found.examples[label].events)]
    return max(found.dataset.pattern_time, *times, 0)


def _add_axes(figure: Figure, left: float, bottom: float, width: float) -> Axes:
    total_width, total_height = figure.get_size_inches()
    axes = figure.add_axes((left / total_width, bottom / total_height, width / total_width, ROW_INCHES / total_height))
    axes.tick_params(labelsize=TICK_POINTS)
    return axes


def _add_name(figure: Figure, found: Look, label: int, bottom: float) -> None:
    total_width, total_height = figure.get_size_inches()
    name = found.dataset.class_names[label]
    short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    example = found.examples[label]
    place = drawable(Path(example.name).name).removeprefix(found.dataset.title).strip(", ")
    place = place if len(place) <= LONGEST_NAME else "…" + place[1 - LONGEST_NAME :]
    about = f"n = {len(example.events):,} events\n{place}"
    middle = (bottom + ROW_INCHES / 2) / total_height
    figure.text(NAME_LEFT / total_width, middle, short, fontsize=TITLE_POINTS, fontweight="bold", va="bottom")
    figure.text(NAME_LEFT / total_width, middle, about, fontsize=TICK_POINTS, va="top", color=QUIET_COLOUR, parse_math=False)


def _add_caption(figure: Figure, found: Look, n_shown: int) -> None:
    """Title and notes, and a title above each column."""
    dataset = found.dataset
    total_width, total_height = figure.get_size_inches()
    of = f"{n_shown} of {dataset.n_classes} classes" if n_shown < dataset.n_classes else f"{n_shown} classes"
    title = f"{drawable(found.title)}: a recording of each class, n = {of}"
    figure.text(NAME_LEFT / total_width, 1 - 0.15 / total_height, title, fontsize=TITLE_POINTS, fontweight="bold", va="top",
                parse_math=False)  # fmt: skip
    kinds = ": ON blue, solid; OFF orange, dashed" if found.has_polarity else ""
    note = (
        f"raster and rate: all events{kinds}; grey: outside the pattern time of {dataset.pattern_time:g} ms; "
        f"spikes: what a sample holds at a time step of {dataset.dt:g} ms"
    )
    figure.text(NAME_LEFT / total_width, 1 - 0.42 / total_height, note, fontsize=TICK_POINTS, color=QUIET_COLOUR, va="top")
    sides = {"on": "ON", "off": "OFF", "both": "ON left, OFF right"}[dataset.polarities]
    image = "spikes of each channel" if dataset.sensor.height == 1 else f"spikes of each unit: {sides}"
    for left, column_title in zip((IMAGE_LEFT, RASTER_LEFT, RATE_LEFT), (image, "raster", "rate over time"), strict=True):
        figure.text(left / total_width, 1 - (TOP - 0.1) / total_height, column_title, fontsize=LABEL_POINTS)
