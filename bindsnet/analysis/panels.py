"""The panels that plots draw into, images with a colour bar, and plots as files."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bindsnet.analysis.save import save_figure
from bindsnet.analysis.style import windowless_figure
from common.durable import write_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

PathLike = str | os.PathLike[str]

LONGEST_PICTURE = 3  # of which a pixel is square; one longer than so many times its width fills its panel
LOWEST_PANEL = 1.5  # inches
WIDEST_LINE = 20.0  # points between two tiles, divided by their number in a row
SHARPEST_PICTURE = 400  # rows or columns of one whose squares are seen one by one; of a larger one, means over them
EMPTY_COLOUR = "#D0D0D0"  # where a picture has no number
NUMBERED = re.compile(r"(?P<stem>.+?)(?:\.(?P<number>\d+))?(?P<ending>\.[A-Za-z]\w*)?")


def panels(
    n: int,
    axes: Axes | Sequence[Axes] | None,
    figsize: tuple[float, float],
    save: PathLike | None = None,
    side_by_side: bool = False,
) -> list[Axes]:
    """The axes given, or `n` new ones in a new figure of pyplot's; of no window's, where it is to be saved.

    Raises:
        ValueError: none are asked for, or another number is given.
    """
    if n == 0:
        raise ValueError("there is nothing to plot: no layer is given")
    if axes is None:
        rows, columns = (1, n) if side_by_side else (n, 1)
        axes = new_figure(figsize[0], max(figsize[1], rows * LOWEST_PANEL), save).subplots(rows, columns, squeeze=False)
    found = list(np.ravel(axes))
    if len(found) != n:
        raise ValueError(f"{n} panels are drawn: expected as many axes, got {len(found)}")
    return found


def new_figure(width: float, height: float, save: PathLike | None) -> Figure:
    """An empty figure of pyplot's; of no window's, where it is to be saved, since nobody would close that."""
    if save is not None:
        return windowless_figure(width, height, layout="constrained")
    from matplotlib import pyplot

    return pyplot.figure(figsize=(width, height), layout="constrained")


def show(figure: Figure) -> None:
    """Open the figure's window, where there is one, and go on."""
    if figure.canvas.manager is not None and figure.canvas.required_interactive_framework is not None:
        from matplotlib import pyplot

        pyplot.show(block=False)


def save_plot(figure: Figure, path: PathLike | None) -> None:
    """Write a plot, if a path is given, into a folder that is made where it is not there."""
    if path is not None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        save_figure(figure, path)


def save_in_series(figure: Figure, path: PathLike) -> str:
    """Write a plot twice, as the latest and as one of a series: given ``w.png`` or ``w.4.png``, ``w.png`` and ``w.5.png``.

    Returns:
        The path of the one in the series, which is the path to give for the next one.

    Raises:
        OSError: one cannot be written.
        ValueError: the path names no file.
    """
    path = Path(path)
    name = NUMBERED.fullmatch(path.name)
    if name is None:
        raise ValueError(f"{str(path)!r} is no name of a file")
    numbered = path.with_name(f"{name['stem']}.{int(name['number'] or 0) + 1}{name['ending'] or ''}")
    latest = path.with_name(f"{name['stem']}{name['ending'] or ''}")
    save_plot(figure, latest)
    write_file(numbered, lambda file: file.write(latest.read_bytes()))
    return str(numbered)


def as_array(tensor: torch.Tensor | np.ndarray) -> np.ndarray:
    """The numbers of a tensor, wherever it is.

    Raises:
        ValueError: there are none, or they are complex.
    """
    try:
        tensor = torch.as_tensor(tensor).detach().cpu()
    except (TypeError, ValueError, RuntimeError):  # whatever torch makes no tensor of
        raise ValueError(f"a plot is of a tensor or an array of numbers, got {type(tensor).__name__}") from None
    if tensor.is_complex():
        raise ValueError(f"a plot is of real numbers, got {tensor.dtype}")
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()


def new_image(axes: Axes, picture: np.ndarray, cmap: Any, meaning: str = "", **settings: Any) -> AxesImage:
    """A picture ``[rows, columns]``; where its colours have a meaning, with a colour bar, which is as high as the picture."""
    rows, columns = picture.shape[:2]
    is_long = max(rows, columns) > LONGEST_PICTURE * min(rows, columns)
    settings.setdefault("aspect", "auto" if is_long else "equal")
    settings.setdefault("interpolation", "nearest" if max(rows, columns) <= SHARPEST_PICTURE else "antialiased")
    im = axes.imshow(picture, cmap=cmap, **settings)
    axes.set_facecolor(EMPTY_COLOUR)
    if meaning:
        axes.figure.colorbar(im, cax=axes.inset_axes((1.03, 0, 0.04, 1)), label=meaning)
    return im


def keep_layout(figure: Figure) -> None:
    """Have a figure that is drawn again and again stay as it is laid out, which takes as long to find as to draw it."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.execute(figure)
        figure.set_layout_engine("none")


def image_of(returned: AxesImage | tuple[AxesImage, str] | None) -> AxesImage | None:
    """The image of what a plot returned, which comes with a path where it was saved."""
    return returned[0] if isinstance(returned, tuple) else returned


def redraw(im: AxesImage, picture: np.ndarray) -> None:
    """Show another picture in an image's place."""
    keep_layout(im.figure)
    if im.get_array().shape != picture.shape:
        rows, columns = picture.shape[:2]
        im.set_extent((-0.5, columns - 0.5, rows - 0.5, -0.5))
    im.set_data(picture)


def rule(axes: Axes, shape: tuple[int, int], pitch: tuple[int, int], **look: Any) -> None:
    """Lines over a picture of that shape, every so many (rows, columns); the thinner, the more there are."""
    (rows, columns), (row_pitch, column_pitch) = shape, pitch
    look.setdefault("linewidths", min(1.0, WIDEST_LINE / max(rows / row_pitch, columns / column_pitch)))
    axes.vlines(np.arange(column_pitch, columns, column_pitch) - 0.5, -0.5, rows - 0.5, **look)
    axes.hlines(np.arange(row_pitch, rows, row_pitch) - 0.5, -0.5, columns - 0.5, **look)
