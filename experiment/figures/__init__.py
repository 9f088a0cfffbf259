"""The figures of a run, drawn from plain arrays.

Each function returns a `matplotlib.figure.Figure` and keeps no state, so that it works without a
display and in any thread. Neurons stand on the lattice that `--som` uses: row by row, ⌈√n⌉ in a
row. Axes are placed in inches, which costs no layout pass and keeps texts apart whatever the number
of neurons.
"""

from .assignments import assignments_figure
from .comparison import Curve, comparison_figure
from .confusion import confusion_figure
from .cumulative_spikes import cumulative_spikes_figure
from .fields import LONGEST_FIELD
from .labels import labels_figure
from .neurons import Neurons
from .performance import performance_figure
from .spectra import spectra_figure
from .weights import weights_figure

__all__ = [
    "LONGEST_FIELD",
    "Neurons",
    "weights_figure",
    "spectra_figure",
    "assignments_figure",
    "performance_figure",
    "confusion_figure",
    "cumulative_spikes_figure",
    "Curve",
    "comparison_figure",
    "labels_figure",
]
