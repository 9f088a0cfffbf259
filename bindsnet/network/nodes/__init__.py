"""Populations of neurons, a model a file."""

from bindsnet.network.nodes.decision import DecisionNodes
from bindsnet.network.nodes.diehl_and_cook import DiehlAndCookNodes
from bindsnet.network.nodes.input import Input
from bindsnet.network.nodes.lif import LIFNodes
from bindsnet.network.nodes.nodes import AbstractInput, Nodes
from bindsnet.network.nodes.phases import PhaseNodes

__all__ = ["AbstractInput", "DecisionNodes", "DiehlAndCookNodes", "Input", "LIFNodes", "Nodes", "PhaseNodes"]
