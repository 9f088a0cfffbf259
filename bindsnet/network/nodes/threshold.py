"""The adaptive threshold: a neuron that fires often becomes harder to fire (Diehl & Cook 2015, "Homoeostasis").

τ_θ dθ/dt = −θ, and θ := θ + θ_plus at every spike. θ is float64: with τ_θ = 1e7 ms one step's decay, 1e-7 of θ, is lost in
float32.
"""

from bindsnet.numbers.ops import f32, f64, to_f32


def raised_threshold(theta: f64, thresh: f64) -> f32:
    """The voltage at which a neuron fires; all in mV."""
    return to_f32(thresh + theta)


def relax_threshold(theta: f64, theta_decay: f64) -> f64:
    """One time step of decay; θ in mV."""
    return theta * theta_decay


def raise_threshold(theta: f64, spikes: f64, theta_plus: f64) -> f64:
    """After this many spikes; θ and θ_plus in mV."""
    return theta + theta_plus * spikes
