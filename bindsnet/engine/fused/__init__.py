"""The fused engine: a network as one compiled program, bit for bit what the plain engine does."""

from bindsnet.engine.fused.block import present, source
from bindsnet.engine.fused.plan import Plan, plan
from bindsnet.engine.fused.translate import CannotFuseError

__all__ = ["CannotFuseError", "Plan", "plan", "present", "source"]
