"""Networks that are known by a name, ready to run."""

from bindsnet.models.models import (
    DiehlAndCook2015,
    DiehlAndCook2015v2,
    IncreasingInhibitionNetwork,
    LocallyConnectedNetwork,
    TwoLayerNetwork,
)

__all__ = [
    "DiehlAndCook2015",
    "DiehlAndCook2015v2",
    "IncreasingInhibitionNetwork",
    "LocallyConnectedNetwork",
    "TwoLayerNetwork",
]
