"""Models of neurons as float64 loops in NumPy, written from their equations, and layers without a network to compare with them.

Each loop takes drives ``[n_steps, batch_size, n]``, the time step and the model's parameters, and gives a record of each step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch

from bindsnet.network import nodes as models
from bindsnet.network.nodes import Nodes

Record = dict[str, np.ndarray]
N = 4
SHORT = {"tau": 2.0, "res_window_size": 4, "ref_window_size": 3, "reset_const": 8.0}  # the kernels of a spike response


def layer_of(model: str, batch_size: int = 1, dt: float = 1.0, **options) -> Nodes:
    """A layer without a network around it."""
    layer = getattr(models, model)(**{"n": N} | options)
    layer.compute_decays(dt)
    layer.set_batch_size(batch_size)
    return layer


def driven(layer: Nodes, drives: np.ndarray, names: tuple[str, ...] = ("v", "s")) -> Record:
    """What a layer holds after each step with these drives ``[n_steps, batch_size, *shape]``."""
    record = {name: [] for name in names}
    for drive in drives:
        layer.forward(torch.from_numpy(drive).float())
        for name in names:
            record[name].append(layer.get_buffer(name).numpy().copy())
    return {name: np.stack(steps) for name, steps in record.items()}


def drives_of(batch_size: int, n_steps: int = 80, mean: float = 1.5, sd: float = 3.0) -> np.ndarray:
    return np.random.default_rng(batch_size).normal(mean, sd, (n_steps, batch_size, N))


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


def izhikevich(v, u, s, drive, dt, a, b, c, d, within, thresh=45.0, lbound=-math.inf):
    """One step of Izhikevich 2003, eqs. 1 to 3, as in the program of the paper; ``within`` is S, target by source.

    A loop over many would soon differ from one in float32, as v² does.
    """
    v, u, total = np.where(s, c, v), u + d * s, drive + s @ within.T
    for _ in range(2):
        v = v + dt / 2 * (0.04 * v**2 + 5 * v + 140 - u + total)
    u = u + dt * a * (b * v - u)
    return np.maximum(v, lbound), u, v >= thresh


@recorded
def csrm(
    drives, dt, response, refractoriness, rest=-65.0, thresh=-52.0, tc_decay=100.0, lbound=-math.inf,
    theta_plus=0.05, tc_theta_decay=1e7,
):  # fmt: skip
    """Gerstner & van Hemmen 1992: every drive and spike so far by a kernel of its age, a function of ms; θ as above."""
    v, theta = np.full(drives.shape[1:], rest), np.zeros(drives.shape[2:])
    spikes = []
    for step in range(len(drives)):
        theta = theta * math.exp(-dt / tc_theta_decay)
        v = v * math.exp(-dt / tc_decay)
        v = v + sum(response((step - k) * dt) * drives[k] for k in range(step + 1))
        v = v + sum(refractoriness((step - 1 - k) * dt) * spikes[k] for k in range(step))
        s = v >= thresh + theta
        theta = theta + theta_plus * s.sum(0)
        v = np.maximum(v, lbound)
        spikes.append(s)
        yield {"v": v, "s": s, "theta": theta}


@recorded
def srm0(
    drives, dt, chances, thresh=-50.0, rest=-70.0, reset=-70.0, refrac=5, tc_decay=10.0, lbound=-math.inf,
    eps_0=1.0, rho_0=1.0, d_thresh=5.0,
):  # fmt: skip
    """Vasilaki et al. 2009, eqs. 1 and 2, with these chances ``[n_steps, batch_size, n]``."""
    v = np.full(drives.shape[1:], rest)
    refractory_until = np.zeros(v.shape)
    for step, (drive, chance) in enumerate(zip(drives, chances, strict=True)):
        v = rest + (v - rest) * math.exp(-dt / tc_decay) + eps_0 * drive * (step >= refractory_until)
        s = chance < 1 - np.exp(-rho_0 * np.exp((v - thresh) / d_thresh) * dt)
        refractory_until[s] = step + 1 + math.ceil(refrac / dt)
        v = np.maximum(np.where(s, reset, v), lbound)
        yield {"v": v, "s": s}
