"""Populations of neurons, a model a file."""

from bindsnet.network.nodes.adaptive_lif import AdaptiveLIFNodes
from bindsnet.network.nodes.boosted_lif import BoostedLIFNodes
from bindsnet.network.nodes.csrm import CSRMNodes
from bindsnet.network.nodes.current_lif import CurrentLIFNodes
from bindsnet.network.nodes.decision import DecisionNodes
from bindsnet.network.nodes.diehl_and_cook import DiehlAndCookNodes
from bindsnet.network.nodes.input import Input
from bindsnet.network.nodes.integrate_and_fire import IFNodes
from bindsnet.network.nodes.izhikevich import IzhikevichNodes
from bindsnet.network.nodes.lif import LIFNodes
from bindsnet.network.nodes.mcculloch_pitts import McCullochPitts
from bindsnet.network.nodes.nodes import AbstractInput, Nodes
from bindsnet.network.nodes.phases import PhaseNodes
from bindsnet.network.nodes.srm0 import SRM0Nodes

__all__ = [
    "AbstractInput",
    "AdaptiveLIFNodes",
    "BoostedLIFNodes",
    "CSRMNodes",
    "CurrentLIFNodes",
    "DecisionNodes",
    "DiehlAndCookNodes",
    "IFNodes",
    "Input",
    "IzhikevichNodes",
    "LIFNodes",
    "McCullochPitts",
    "Nodes",
    "PhaseNodes",
    "SRM0Nodes",
]
