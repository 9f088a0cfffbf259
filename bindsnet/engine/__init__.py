"""How a network is advanced: by two engines with the same bits, and the packed form in which spikes travel."""

from bindsnet.engine.presentation import Presentation, Repetition
from common.spike_trains import SpikeTrains

__all__ = ["Presentation", "Repetition", "SpikeTrains"]
