"""Plasticity: how spikes change the weights of connections."""

from bindsnet.learning.rules import DiehlAndCook, Field, LearningRule, NoOp, PostPre, Trace

__all__ = ["DiehlAndCook", "Field", "LearningRule", "NoOp", "PostPre", "Trace"]
