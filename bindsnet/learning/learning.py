"""All plasticity rules, where programs written for BindsNET import them from."""

from bindsnet.learning.rules import *  # noqa: F403 - the same names
from bindsnet.learning.rules import __all__ as __all__
