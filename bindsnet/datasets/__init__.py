"""Data sets as programs for BindsNET know them: items are dictionaries of image, label and both as spike trains.

MNIST and its relatives are read by the library itself. The other names are data sets of torchvision, which is needed when one of
them is constructed, not before.
"""

from typing import Any

from bindsnet.datasets.collate import time_aware_collate
from bindsnet.datasets.dataloader import DataLoader
from bindsnet.datasets.emnist import EMNIST
from bindsnet.datasets.mnist import KMNIST, MNIST, FashionMNIST
from bindsnet.datasets.spoken_mnist import SpokenMNIST
from bindsnet.datasets.torchvision_wrapper import create_torchvision_dataset_wrapper

TORCHVISION = (
    *("CIFAR10", "CIFAR100", "Cityscapes", "CocoCaptions", "CocoDetection", "DatasetFolder", "FakeData", "Flickr30k", "Flickr8k"),
    *("ImageFolder", "LSUN", "LSUNClass", "Omniglot", "PhotoTour", "SBU", "SEMEION", "STL10", "SVHN", "VOCDetection"),
    "VOCSegmentation",
)

__all__ = [
    "DataLoader",
    "EMNIST",
    "FashionMNIST",
    "KMNIST",
    "MNIST",
    "SpokenMNIST",
    "create_torchvision_dataset_wrapper",
    "time_aware_collate",
    *TORCHVISION,
]


def __getattr__(name: str) -> Any:
    """A data set of torchvision's, made when it is first asked for."""
    if name not in TORCHVISION:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, create_torchvision_dataset_wrapper(name))
