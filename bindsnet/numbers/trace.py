"""Spike traces: what a synapse remembers of a neuron's spikes.

τ dx/dt = −x, and at a spike x := scale (nearest spike only), x := x + scale (all spikes), or x := x + scale · (1 − x), which all
spikes bring nearer to 1; Morrison et al. 2008, section 4.
"""

from bindsnet.numbers.ops import f32, flag, where


def set_trace(x: f32, s: flag, trace_decay: f32, trace_scale: f32) -> f32:
    """One time step of a trace that a spike sets."""
    return where(s, trace_scale, x * trace_decay)


def additive_trace(x: f32, s: flag, trace_decay: f32, trace_scale: f32) -> f32:
    """One time step of a trace that a spike adds to."""
    decayed = x * trace_decay
    return where(s, decayed + trace_scale, decayed)


def saturating_trace(x: f32, s: flag, trace_decay: f32, trace_scale: f32) -> f32:
    """One time step of a trace that a spike brings nearer to 1, by the part ``trace_scale`` of what is missing."""
    decayed = x * trace_decay
    return where(s, decayed + trace_scale * (1.0 - decayed), decayed)
