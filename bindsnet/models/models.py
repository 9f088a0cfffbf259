"""All models, in the module where BindsNET has them; each stands in a file of its own."""

from bindsnet.models.diehl_and_cook import DiehlAndCook2015
from bindsnet.models.diehl_and_cook_v2 import DiehlAndCook2015v2
from bindsnet.models.increasing_inhibition import IncreasingInhibitionNetwork
from bindsnet.models.locally_connected import LocallyConnectedNetwork
from bindsnet.models.two_layers import TwoLayerNetwork

__all__ = [
    "DiehlAndCook2015",
    "DiehlAndCook2015v2",
    "IncreasingInhibitionNetwork",
    "LocallyConnectedNetwork",
    "TwoLayerNetwork",
]
