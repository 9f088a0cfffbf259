"""Reading a network out: labels of neurons, and predictions from their spikes."""

from bindsnet.evaluation.labels import LabelCounts, assign_labels
from bindsnet.evaluation.readout import all_activity, proportion_weighting

__all__ = ["LabelCounts", "all_activity", "assign_labels", "proportion_weighting"]
