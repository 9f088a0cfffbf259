"""Figures as files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bindsnet.files import write_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FAST_COMPRESSION = {"pil_kwargs": {"compress_level": 1}}  # twice as fast as the default, files a tenth larger


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write `figure` to `path` in the format that its ending names (PNG without one), whole or not at all.

    Raises:
        OSError: it cannot be written.
        ValueError: Matplotlib writes no such format.
    """
    ending = Path(path).suffix.removeprefix(".") or "png"
    write_file(Path(path), lambda file: figure.savefig(file, format=ending, **(FAST_COMPRESSION if ending == "png" else {})))
