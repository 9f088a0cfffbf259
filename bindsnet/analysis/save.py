"""Figures as files."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from common.durable import write_file
from common.warn import caught_warnings, warn_again

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)

FAST_COMPRESSION = {"pil_kwargs": {"compress_level": 1}}  # twice as fast as the default, files a tenth larger


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write `figure` to `path` in the format that its ending names (PNG without one), whole or not at all.

    Raises:
        OSError: it cannot be written.
        ValueError: Matplotlib writes no such format.
    """
    ending = Path(path).suffix.removeprefix(".") or "png"
    options = FAST_COMPRESSION if ending == "png" else {}
    with caught_warnings() as caught:
        write_file(Path(path), lambda file: figure.savefig(file, format=ending, **options))
    lacking = [str(warning.message) for warning in caught if "missing from font" in str(warning.message)]
    if lacking:
        log.warning("%s: some signs are shown as boxes: %s", path, lacking[0])
    warn_again(warning for warning in caught if str(warning.message) not in lacking)
