"""Connections, a kind a file."""

from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.network.topology.connection import Connection
from bindsnet.network.topology.convolution import Conv2dConnection
from bindsnet.network.topology.distance_lateral import DistanceLateralConnection
from bindsnet.network.topology.lateral import UniformLateralConnection
from bindsnet.network.topology.one_to_one import OneToOneConnection

__all__ = [
    "AbstractConnection",
    "Connection",
    "Conv2dConnection",
    "DistanceLateralConnection",
    "OneToOneConnection",
    "UniformLateralConnection",
]
