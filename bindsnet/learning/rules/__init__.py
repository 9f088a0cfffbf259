"""Plasticity rules, a rule a file."""

from bindsnet.learning.rules.competitive import Competitive, SaturatingCompetitive
from bindsnet.learning.rules.declared import Field, Trace
from bindsnet.learning.rules.delay_learning import DelayLearning
from bindsnet.learning.rules.diehl_and_cook import DiehlAndCook
from bindsnet.learning.rules.hebbian import Hebbian
from bindsnet.learning.rules.homeostatic_scaling import HomeostaticScaling
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.learning.rules.mstdp import MSTDP
from bindsnet.learning.rules.mstdpet import MSTDPET
from bindsnet.learning.rules.no_op import NoOp
from bindsnet.learning.rules.post_pre import PostPre
from bindsnet.learning.rules.rmax import Rmax
from bindsnet.learning.rules.triplet_stdp import NearestTripletSTDP, TripletSTDP
from bindsnet.learning.rules.weight_dependent_post_pre import WeightDependentPostPre

__all__ = [
    "MSTDP",
    "MSTDPET",
    "Competitive",
    "DelayLearning",
    "DiehlAndCook",
    "Field",
    "Hebbian",
    "HomeostaticScaling",
    "LearningRule",
    "NearestTripletSTDP",
    "NoOp",
    "PostPre",
    "Rmax",
    "SaturatingCompetitive",
    "Trace",
    "TripletSTDP",
    "WeightDependentPostPre",
]
