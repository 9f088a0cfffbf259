"""Figures that runs saved, small enough for a page that holds many."""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path
from typing import NamedTuple

from experiment.errors import OptionError
from experiment.results.saved import plain

PNG_BEGIN, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
LARGEST_FILE = 2**26  # bytes; a run's figures have a twentieth of it
MOST_PIXELS = 2**26
WIDEST = 1100  # pixels; a page shows it in half its width
QUALITY = 70  # of 100
TRIES = 5


class Picture(NamedTuple):
    """A picture's bytes and their kind, as an address of data names it."""

    content: bytes
    kind: str


class NoPictureError(Exception):
    """There is none that can be shown; the message says where and why."""


def read_picture(path: Path, largest: int) -> Picture:
    """A PNG as it is if it has at most so many bytes, else made smaller, so that it has about as many.

    Raises:
        NoPictureError: the file is no picture, damaged, or far too large.
    """
    from PIL import Image

    try:
        if plain(path).stat().st_size > LARGEST_FILE:
            raise NoPictureError(f"{path}: is larger than any figure of a run")
        content = path.read_bytes()
    except OptionError as error:
        raise NoPictureError(str(error)) from None
    except OSError as error:
        raise NoPictureError(f"{path}: {error.strerror}") from None
    if not (content.startswith(PNG_BEGIN) and content.endswith(PNG_END)):
        raise NoPictureError(f"{path}: is damaged")
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            warnings.simplefilter("error")
            if math.prod(image.size) > MOST_PIXELS:
                raise NoPictureError(f"{path}: is larger than any figure of a run")
            return Picture(content, "png") if len(content) <= largest else _smaller(image.convert("RGB"), largest)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoPictureError(f"{path}: is damaged") from None


def _smaller(image: object, largest: int) -> Picture:
    """The image with fewer pixels, until it has at most so many bytes or has been tried often enough."""
    from PIL import features

    kind = "webp" if features.check("webp") else "jpeg"
    image.thumbnail((WIDEST, WIDEST * 2))
    for _ in range(TRIES):
        file = io.BytesIO()
        image.save(file, kind, quality=QUALITY)
        content = file.getvalue()
        if len(content) <= largest:
            break
        factor = 0.95 * math.sqrt(largest / len(content))  # bytes go about as pixels do
        image.thumbnail([max(1, round(side * factor)) for side in image.size])
    return Picture(content, kind)
