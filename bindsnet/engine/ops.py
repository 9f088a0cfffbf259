"""The functions of :mod:`bindsnet.numbers.ops`, under the name that earlier versions documented."""

from bindsnet.numbers.ops import *  # noqa: F403
