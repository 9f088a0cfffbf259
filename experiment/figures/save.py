"""Figures as files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bindsnet.files import write_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write `figure` to `path` as PNG, whole or not at all (a reader never sees half a file)."""
    write_file(
        Path(path),
        lambda file: figure.savefig(file, format="png", pil_kwargs={"compress_level": 1}),
    )
