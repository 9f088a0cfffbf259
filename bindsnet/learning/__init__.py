"""Plasticity: how spikes change the weights of connections."""

from bindsnet.learning.rules import Competitive, DiehlAndCook, Field, LearningRule, NoOp, PostPre, SaturatingCompetitive, Trace

__all__ = ["Competitive", "DiehlAndCook", "Field", "LearningRule", "NoOp", "PostPre", "SaturatingCompetitive", "Trace"]
