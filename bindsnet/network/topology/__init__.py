"""Connections, a kind a file."""

from bindsnet.network.topology.abstract import AbstractConnection
from bindsnet.network.topology.connection import Connection
from bindsnet.network.topology.convolution import Conv1dConnection, Conv2dConnection, Conv3dConnection
from bindsnet.network.topology.distance_lateral import DistanceLateralConnection
from bindsnet.network.topology.lateral import UniformLateralConnection
from bindsnet.network.topology.local import LocalConnection
from bindsnet.network.topology.local_channels import LocalConnection1D, LocalConnection2D, LocalConnection3D
from bindsnet.network.topology.masked import MaskedConnection
from bindsnet.network.topology.mean_field import MeanFieldConnection
from bindsnet.network.topology.multicompartment import AbstractMulticompartmentConnection, MulticompartmentConnection
from bindsnet.network.topology.one_to_one import OneToOneConnection
from bindsnet.network.topology.pooling import (
    MaxPoo3dConnection,
    MaxPool1dConnection,
    MaxPool2dConnection,
    MaxPool3dConnection,
)
from bindsnet.network.topology.regions import RegionConnection
from bindsnet.network.topology.sparse import SparseConnection

__all__ = [
    "AbstractConnection",
    "AbstractMulticompartmentConnection",
    "Connection",
    "Conv1dConnection",
    "Conv2dConnection",
    "Conv3dConnection",
    "DistanceLateralConnection",
    "LocalConnection",
    "LocalConnection1D",
    "LocalConnection2D",
    "LocalConnection3D",
    "MaskedConnection",
    "MaxPoo3dConnection",
    "MaxPool1dConnection",
    "MaxPool2dConnection",
    "MaxPool3dConnection",
    "MeanFieldConnection",
    "MulticompartmentConnection",
    "OneToOneConnection",
    "RegionConnection",
    "SparseConnection",
    "UniformLateralConnection",
]
