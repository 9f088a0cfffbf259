"""The figures of a sweep: what its points say together. Each shows accuracies of one split alone, which its axis names."""

from .effects import effects_figure
from .pairs import pairs_figure
from .parallel import parallel_figure
from .seeds import seeds_figure
from .time import time_figure

__all__ = ["effects_figure", "pairs_figure", "parallel_figure", "seeds_figure", "time_figure"]
