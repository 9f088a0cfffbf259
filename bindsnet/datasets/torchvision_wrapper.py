"""Data sets of torchvision whose items are dictionaries with spike trains."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bindsnet.datasets.emnist import EMNIST
from bindsnet.datasets.encoded import Encoded, Encoding
from bindsnet.datasets.mnist import KMNIST, MNIST, FashionMNIST
from bindsnet.errors import DataError

OWN = {kind.__name__: kind for kind in (MNIST, FashionMNIST, KMNIST, EMNIST)}


def create_torchvision_dataset_wrapper(ds_type: str | type) -> type:
    """A data set whose items are ``{"image", "label", "encoded_image", "encoded_label"}`` instead of ``(image, label)``.

    Args:
        ds_type: a class of such items, or the name of one of torchvision's. MNIST, FashionMNIST, KMNIST and EMNIST are the
            library's own, which need no torchvision.

    Returns:
        A class that takes ``image_encoder``, ``label_encoder`` and then what the wrapped one takes. If it is torchvision's, and
        that cannot be had, it raises a DataError, which says so, when it is constructed.
    """
    if isinstance(ds_type, str):
        if ds_type in OWN:
            return OWN[ds_type]
        try:
            ds_type = getattr(import_module("torchvision.datasets"), ds_type)
        except ImportError:
            return _missing(ds_type, "needs torchvision, which is not installed here: pip install torchvision")
        except AttributeError:
            return _missing(ds_type, "is no data set of the torchvision that is installed here")
    return _wrapped(ds_type)


def _wrapped(base: type) -> type:
    class Wrapped(Encoded, base):
        __doc__ = f"{base.__name__} with spike trains in its items; takes both encoders, then what it takes.\n\n{base.__doc__}"

        def __init__(
            self, image_encoder: Encoding | None = None, label_encoder: Encoding | None = None, *args: Any, **kwargs: Any
        ) -> None:
            super().__init__(*args, **kwargs)
            self.args, self.kwargs = args, kwargs
            self.set_encoders(image_encoder, label_encoder)

        def __getitem__(self, ind: int) -> dict[str, Any]:
            return self.encoded(*super().__getitem__(ind))

    Wrapped.__name__ = Wrapped.__qualname__ = base.__name__
    return Wrapped


def _missing(name: str, why: str) -> type:
    def refuse(self, *_: Any, **__: Any) -> None:
        raise DataError(f"{name} {why}")

    return type(name, (), {"__init__": refuse, "__doc__": f"{name} {why}."})
