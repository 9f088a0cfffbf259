"""Plasticity rules, a rule a file."""

from bindsnet.learning.rules.competitive import Competitive, SaturatingCompetitive
from bindsnet.learning.rules.declared import Field, Trace
from bindsnet.learning.rules.delay_learning import DelayLearning
from bindsnet.learning.rules.diehl_and_cook import DiehlAndCook
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.learning.rules.no_op import NoOp
from bindsnet.learning.rules.post_pre import PostPre

__all__ = [
    "Competitive",
    "DelayLearning",
    "DiehlAndCook",
    "Field",
    "LearningRule",
    "NoOp",
    "PostPre",
    "SaturatingCompetitive",
    "Trace",
]
