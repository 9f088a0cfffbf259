"""Plasticity: how spikes change the weights of connections."""

from bindsnet.learning.rules import *  # noqa: F403 - the same names
from bindsnet.learning.rules import __all__ as __all__
