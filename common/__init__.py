"""What the packages share: time steps, spike trains, durable files, the terminal, the machine. It knows none of them."""

VERSION = "0.9.0"  # as in CITATION.cff

NO_LABEL = -1  # of a neuron that never fired, of a sample without votes, of a recording whose class nobody told
