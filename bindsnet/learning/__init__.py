"""Plasticity: how spikes change the weights of connections."""

from bindsnet.learning.rules import DiehlAndCook, LearningRule, NoOp, PostPre

__all__ = ["DiehlAndCook", "LearningRule", "NoOp", "PostPre"]
