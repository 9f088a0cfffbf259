"""Connections, a kind a file."""

from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.network.topology.connection import Connection
from bindsnet.network.topology.convolution import Conv2dConnection
from bindsnet.network.topology.distance_lateral import DistanceLateralConnection
from bindsnet.network.topology.lateral import UniformLateralConnection
from bindsnet.network.topology.local import LocalConnection
from bindsnet.network.topology.masked import MaskedConnection
from bindsnet.network.topology.one_to_one import OneToOneConnection
from bindsnet.network.topology.regions import RegionConnection
from bindsnet.network.topology.sparse import SparseConnection

__all__ = [
    "AbstractConnection",
    "Connection",
    "Conv2dConnection",
    "DistanceLateralConnection",
    "LocalConnection",
    "MaskedConnection",
    "OneToOneConnection",
    "RegionConnection",
    "SparseConnection",
    "UniformLateralConnection",
]
