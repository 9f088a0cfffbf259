"""Models of neurons as float64 loops in NumPy, written from their equations: what one takes in each step, and what it then holds.

Each takes drives ``[n_steps, batch_size, n]``, the time step and the model's parameters, and gives a record of each step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

Record = dict[str, np.ndarray]


def recorded(loop: Callable[..., Iterator[Record]]) -> Callable[..., Record]:
    """Stacks what a loop holds after each step."""

    def run(*args, **kwargs) -> Record:
        steps = [{name: np.array(value) for name, value in step.items()} for step in loop(*args, **kwargs)]
        return {name: np.stack([step[name] for step in steps]) for name in steps[0]}

    return run


@recorded
def mcculloch_pitts(drives, dt, thresh=1.0):
    """McCulloch & Pitts 1943: all or none, of this step's drive alone."""
    for drive in drives:
        yield {"v": drive, "s": drive >= thresh}


@recorded
def integrate_and_fire(
    drives, dt, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=5, tc_decay=math.inf, lbound=-math.inf,
    theta_plus=0.0, tc_theta_decay=math.inf, first="rest",
):  # fmt: skip
    """Gerstner et al. 2014, "Neuronal Dynamics", eqs. 1.5 and 1.9; with θ of Diehl & Cook 2015, "Homoeostasis"."""
    v = np.zeros(drives.shape[1:]) + (rest if first == "rest" else reset)
    refractory_until, theta = np.zeros(v.shape), np.zeros(v.shape[1:])
    for step, drive in enumerate(drives):
        v = rest + (v - rest) * np.exp(-dt / tc_decay)
        theta = theta * np.exp(-dt / tc_theta_decay)
        v = v + drive * (step >= refractory_until)
        s = v >= thresh + theta
        refractory_until[s] = step + 1 + math.ceil(refrac / dt)
        v = np.maximum(np.where(s, reset, v), lbound)
        theta = theta + theta_plus * s.sum(0)
        yield {"v": v, "s": s, "theta": theta}


@recorded
def current_lif(drives, dt, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=5, tc_decay=100.0, tc_i_decay=2.0, lbound=-math.inf):
    """The same with a synaptic current, τ_i di/dt = −i; the refractory period counts from the spike's own step."""
    v, i = np.full(drives.shape[1:], rest), np.zeros(drives.shape[1:])
    refractory_until = np.zeros(v.shape)
    for step, drive in enumerate(drives):
        i = i * math.exp(-dt / tc_i_decay) + drive
        v = rest + (v - rest) * math.exp(-dt / tc_decay) + i * (step >= refractory_until)
        s = v >= thresh
        refractory_until[s] = step + max(1, math.ceil(refrac / dt))
        v = np.maximum(np.where(s, reset, v), lbound)
        yield {"v": v, "i": i, "s": s}
