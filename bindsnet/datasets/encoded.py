"""Items of image and label, with both as spike trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bindsnet.encoding import NullEncoder

Encoding = Callable[[Any], Any]


class Encoded:
    """What encodes the items of a data set; None leaves an image or a label as it is."""

    image_encoder: Encoding
    label_encoder: Encoding

    def set_encoders(self, image_encoder: Encoding | None, label_encoder: Encoding | None) -> None:
        """Take what encodes images and labels."""
        self.image_encoder = NullEncoder() if image_encoder is None else image_encoder
        self.label_encoder = NullEncoder() if label_encoder is None else label_encoder

    def encoded(self, image: Any, label: Any) -> dict[str, Any]:
        """An item as BindsNET's data sets give it."""
        return {
            "image": image,
            "label": label,
            "encoded_image": self.image_encoder(image),
            "encoded_label": self.label_encoder(label),
        }
