"""Plasticity: how spikes change the weights of connections."""

from bindsnet.learning.rules import (
    Competitive,
    DelayLearning,
    DiehlAndCook,
    Field,
    LearningRule,
    NoOp,
    PostPre,
    SaturatingCompetitive,
    Trace,
)

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
