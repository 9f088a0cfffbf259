"""No plasticity."""

from bindsnet.learning.rules.learning_rule import LearningRule


class NoOp(LearningRule):
    """Leaves the weights as they are, whatever its learning rates, but for their decay."""
