"""Short-term depression: what the spikes of a neuron leave of the resources of its synapses.

A spike counts by the share r of resources that it finds, and uses up a part U of that; dr/dt = (1 − r) / τ brings it back.
(Tsodyks & Markram 1997, Proc. Natl. Acad. Sci. 94:719, where a spike counts U · r; here the first one counts in full.) In a time
step resources first recover, then a spike finds what is there.
"""

from bindsnet.numbers.ops import f32


def recover(r: f32, recovery: f32) -> f32:
    """One time step of a share of resources, of which ``recovery`` = 1 − exp(−dt / τ) of what is missing comes back."""
    return r + (1.0 - r) * recovery


def use_up(r: f32, depression: f32) -> f32:
    """What a spike leaves of a share of resources that it has found."""
    return r - depression * r
