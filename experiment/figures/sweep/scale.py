"""What the figures of a sweep share: the scale of a parameter, that of accuracies, panels in rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bindsnet.analysis.style import thinned
from experiment.figures.style import LETTER_INCHES, LONGEST_NAME, add_axes, new_figure, plain
from experiment.sweep.statistics import Point, is_continuous, is_log, is_numeric, levels_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

ACCURACY = "held-out accuracy (%)"
WIDTH = 9.6  # inches of a figure
LEFT, BETWEEN, BOTTOM, ABOVE = 0.75, 0.7, 0.55, 0.2  # inches beside and around panels
ROOM_TURNED = 0.4  # inches more below them where words may be turned
CLOSEST = 0.05  # of the axis, from one of a few numbers to the next; closer ones are shown evenly spaced
MOST_TICKS = 12
SMALLEST_SPAN = 2.0  # % that an axis of accuracies shows at least
LONGEST_BESIDE = 6  # letters of a tick beside an axis that are written level
NOTHING_SET = "–"
DOT_COLOUR, LINE_COLOUR, BEST_COLOUR = "#767676", "#0072B2", "#000000"


class Scale(NamedTuple):
    """Where the values of a parameter stand, from 0 to 1.

    Attributes:
        name: of the parameter.
        levels: its values, in order.
        is_continuous: whether it was drawn from a range, so that its values are no levels.
        is_even: whether the values stand evenly spaced, be they words or numbers too close to each other.
        is_log: whether the numbers stand by their logarithm.
    """

    name: str
    levels: list[Any]
    is_continuous: bool
    is_even: bool
    is_log: bool

    def place(self, value: Any) -> float:
        """Where a value stands."""
        if len(self.levels) == 1:
            return 0.5
        if self.is_even:
            return self.levels.index(value) / (len(self.levels) - 1)
        low, high, here = (math.log(x) if self.is_log else x for x in (self.levels[0], self.levels[-1], value))
        return (here - low) / (high - low)

    @property
    def gap(self) -> float:
        """From one of the levels to the next, at least."""
        places = [self.place(level) for level in self.levels]
        return min(np.diff(places), default=1.0)

    @property
    def margin(self) -> float:
        """Of the axis, beyond its ends."""
        return 0.05 if self.is_continuous else max(0.06, min(0.5 * self.gap, 0.25))

    def ticks(self) -> tuple[list[str], list[float]]:
        """Texts, and where they stand."""
        values = self._round_numbers() if self.is_continuous else self.levels
        values = [values[k] for k in thinned(len(values), MOST_TICKS)]
        return [label_of(value) for value in values], [self.place(value) for value in values]

    def _round_numbers(self) -> list[float]:
        low, high = self.levels[0], self.levels[-1]
        if self.is_log:
            powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            found = [digit * 10.0**power for power in powers for digit in _digits(len(powers))]
        else:
            from matplotlib.ticker import MaxNLocator

            found = MaxNLocator(5).tick_values(low, high).tolist()
        return [number for number in found if low <= number <= high] or [low, high]


def _digits(n_powers: int) -> tuple[int, ...]:
    """With which the numbers at an axis over so many powers of ten begin."""
    return (1, 2, 5) if n_powers < 4 else (1, 3) if n_powers < 6 else (1,)


def scale_of(points: Sequence[Point], name: str, mode: str) -> Scale:
    """The scale of a parameter."""
    levels = levels_of(points, name)
    if not is_numeric(levels):
        return Scale(name, levels, False, True, False)
    scale = Scale(name, levels, is_continuous(points, name, mode), False, is_log(levels))
    return scale if scale.is_continuous or scale.gap >= CLOSEST else scale._replace(is_even=True)


def label_of(value: Any) -> str:
    """A value as it stands at an axis; of a long one both ends, since paths often begin alike."""
    if value is None:
        return NOTHING_SET
    words = f"{value:.5g}" if isinstance(value, int | float) else str(value)
    return plain(words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME // 2 - 1]}…{words[-LONGEST_NAME // 2 :]}")


def scale_x(axes: Axes, scale: Scale, beneath: Sequence[str] = ()) -> None:
    """Set up the axis to the right for a parameter; texts too wide for it are turned.

    Args:
        axes: whose.
        scale: the parameter's.
        beneath: a further line for each tick.
    """
    labels, places = scale.ticks()
    if beneath:
        labels = [f"{label}\n{more}" for label, more in zip(labels, beneath, strict=True)]
    axes.set_xlim(-scale.margin, 1 + scale.margin)
    axes.set_xticks(places, labels)
    turn_wide_labels(axes, labels, min(np.diff(places), default=1.0) / (1 + 2 * scale.margin))


def scale_y(axes: Axes, scale: Scale) -> None:
    """Set up the upward axis for a parameter."""
    labels, places = scale.ticks()
    axes.set_ylim(-scale.margin, 1 + scale.margin)
    axes.set_yticks(places, labels)
    turn_long_names(axes, labels)


def turn_wide_labels(axes: Axes, labels: Sequence[str], share: float) -> None:
    """Turn the texts below an axis where they are wider than their share of it."""
    longest = max(len(line) for label in labels for line in label.split("\n"))
    inches = axes.get_position().width * axes.figure.get_size_inches()[0]
    if longest * LETTER_INCHES > share * inches:
        axes.set_xticks(axes.get_xticks(), labels, rotation=30, ha="right", rotation_mode="anchor")


def turn_long_names(axes: Axes, labels: Sequence[str]) -> None:
    """Turn the texts beside an axis where there is no room for them to the left."""
    if max(map(len, labels)) > LONGEST_BESIDE:
        axes.set_yticks(axes.get_yticks(), labels, rotation=90, va="center")


def scale_accuracies(axes: Axes, values: Sequence[float]) -> None:
    """Set up the upward axis for accuracies, %: those there are, with a grid."""
    low, high = (min(values), max(values)) if len(values) else (0.0, 100.0)
    margin = max(0.06 * (high - low), (SMALLEST_SPAN - (high - low)) / 2, 0.1)
    axes.set_ylim(max(low - margin, -1), min(high + margin, 101))
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def panels(
    n: int, most_columns: int, height: float, right: float = 0.2, wide: float = 4.2, scales: Sequence[Scale] = ()
) -> tuple[Figure, Iterator[Axes]]:
    """A figure, and so many panels in rows.

    Args:
        n: how many.
        most_columns: of a row.
        height: of a panel, inches.
        right: inches to the right of the last one.
        wide: the widest that a panel may be, inches.
        scales: those to the right.
    """
    n_columns = min(n, most_columns)
    n_rows = math.ceil(n / n_columns)
    width = min(wide, (WIDTH - LEFT - right - (n_columns - 1) * BETWEEN) / n_columns)
    longest = max((len(text) for scale in scales for text in scale.ticks()[0]), default=0)
    bottom = BOTTOM + ROOM_TURNED * (longest > LONGEST_BESIDE)
    step = bottom + height + ABOVE
    figure = new_figure(LEFT + right + n_columns * width + (n_columns - 1) * BETWEEN, n_rows * step)
    places = [(k % n_columns, n_rows - 1 - k // n_columns) for k in range(n)]
    return figure, (
        add_axes(figure, LEFT + column * (width + BETWEEN), bottom + row * step, width, height) for column, row in places
    )


def plain_log(axis: Axis) -> None:
    """Numbers of a logarithmic axis as they are typed."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(NullFormatter())


def apart(point: Point) -> float:
    """A number from −0.5 to 0.5 of a point, by which it stands beside others at the same place; the same each time."""
    return point.number * 0.6180339887 % 1 - 0.5
