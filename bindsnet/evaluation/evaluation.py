"""The read-outs under the name of the module that BindsNET has them in."""

from bindsnet.evaluation.labels import assign_labels
from bindsnet.evaluation.logreg import logreg_fit, logreg_predict
from bindsnet.evaluation.ngrams import ngram, update_ngram_scores
from bindsnet.evaluation.readout import all_activity, proportion_weighting

__all__ = [
    "assign_labels",
    "logreg_fit",
    "logreg_predict",
    "all_activity",
    "proportion_weighting",
    "ngram",
    "update_ngram_scores",
]
