"""Parameters that no option changes. Standard library only."""

# Of Diehl & Cook (2015), but for the excitatory reset, which is BindsNET's (Hazan et al. 2018); theirs is the rest.
EXCITATORY_REST, EXCITATORY_RESET, EXCITATORY_REFRACTORY = -65.0, -60.0, 5  # mV, mV, ms
INHIBITORY_REST, INHIBITORY_RESET, INHIBITORY_THRESHOLD = -60.0, -45.0, -40.0  # mV
INHIBITORY_REFRACTORY, INHIBITORY_DECAY = 2, 10.0  # ms
THETA_DECAY = 1e7  # ms
LARGEST_FIRST_WEIGHT = 0.3
LARGEST_WEIGHT = 1.0

# A sample that evokes fewer spikes is presented again, at most so often, with stronger input.
MIN_SPIKES = 2
MAX_PRESENTATIONS = 5
FACTOR_GROWTH = 1.2
FIRST_FACTOR = {"training": 1.0, "testing": 1.2}

# Of features and prototypes.
LENGTH_OF_WEIGHTS = 1.0
SILENCING = 1e9  # mV, of an inhibition that ends a decision

# The share of the first epoch after which a self-organising map's inhibition becomes uniform
# (two-level inhibition, Hazan et al. 2018).
MAP_SHARE = 0.1
