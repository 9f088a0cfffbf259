"""Reading a network out: labels of neurons, and predictions from their spikes."""

from bindsnet.evaluation.labels import LabelCounts, assign_labels
from bindsnet.evaluation.logreg import logreg_fit, logreg_predict
from bindsnet.evaluation.ngrams import ngram, update_ngram_scores
from bindsnet.evaluation.readout import all_activity, proportion_weighting, votes

__all__ = [
    "LabelCounts",
    "assign_labels",
    "all_activity",
    "proportion_weighting",
    "votes",
    "ngram",
    "update_ngram_scores",
    "logreg_fit",
    "logreg_predict",
]
