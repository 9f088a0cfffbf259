"""The fused engine: a network as one compiled program, bit for bit what the plain engine does."""

from bindsnet.engine.fused.block import program_text, run_compiled
from bindsnet.engine.fused.plan import Plan, plan
from bindsnet.engine.fused.translate import CannotFuseError

source = program_text  # its first name, which others may use

__all__ = ["CannotFuseError", "Plan", "plan", "program_text", "run_compiled", "source"]
