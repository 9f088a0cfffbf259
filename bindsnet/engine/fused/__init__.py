"""The fused engine: a network as one compiled program, bit for bit what the plain engine does."""

from bindsnet.engine.fused.block import program_text, run_compiled
from bindsnet.engine.fused.prepared import Prepared, holding, prepared
from bindsnet.engine.fused.translate import CannotFuseError

source = program_text  # its first name, which others may use

__all__ = ["CannotFuseError", "Prepared", "holding", "prepared", "program_text", "run_compiled", "source"]
