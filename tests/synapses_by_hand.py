"""Rules written from the equations of their papers, in float64, on synapses listed by loops."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import torch

from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection, Conv2dConnection, LocalConnection

SOURCE, TARGET = (1, 4, 4), (2, 2, 2)  # a plane of inputs, and two maps of fields of 3 × 3
N_SOURCE, N_TARGET = 16, 8


def fields() -> list[tuple[int, int, int]]:
    """Source, target and weight in its map's kernel of all pairs that a field joins."""
    found = []
    for map_, y, x, row, column in itertools.product(range(2), range(2), range(2), range(3), range(3)):
        found.append((4 * (y + row) + x + column, 4 * map_ + 2 * y + x, 9 * map_ + 3 * row + column))
    return found


SYNAPSES = {  # sources, targets, places of the weight in a row of all
    Connection: np.array([(i, j, N_TARGET * i + j) for i in range(N_SOURCE) for j in range(N_TARGET)]).T,
    LocalConnection: np.array([(i, j, N_TARGET * i + j) for i, j, _ in fields()]).T,
    Conv2dConnection: np.array(fields()).T,
}
OPTIONS = {Connection: {}, LocalConnection: {"kernel_size": 3, "stride": 1, "n_filters": 2}, Conv2dConnection: {"kernel_size": 3}}


def weights_of(kind: type) -> np.ndarray:
    """Random weights from 0 to 1, in their shape; 0 where a local connection has no synapse."""
    w = np.random.default_rng(5).random((2, 1, 3, 3) if kind is Conv2dConnection else (N_SOURCE, N_TARGET), np.float32)
    if kind is LocalConnection:
        there = np.zeros(w.shape, bool)
        there[tuple(SYNAPSES[kind][:2])] = True
        w = np.where(there, w, np.float32(0.0))
    return w


def network_of(kind: type, rule: Callable, dt: float = 1.0, additive: bool = False, **options) -> Network:
    """Input X and neurons Y, which a rule connects; weights from 0 to 1."""
    network = Network(dt=dt)
    network.add_layer(Input(shape=SOURCE, traces=True, traces_additive=additive), "X")
    network.add_layer(LIFNodes(shape=TARGET, traces=True), "Y")
    options = {"wmin": 0.0, "wmax": 1.0} | OPTIONS[kind] | options
    w = torch.from_numpy(weights_of(kind))
    network.add_connection(kind(network.layers["X"], network.layers["Y"], update_rule=rule, w=w, **options), "X", "Y")
    return network


def spikes(n_steps: int = 40, n_samples: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Of sources and targets, bool ``[n_steps, n_samples, n]``."""
    some = np.random.default_rng(6)
    return some.random((n_steps, n_samples, N_SOURCE)) < 0.2, some.random((n_steps, n_samples, N_TARGET)) < 0.25


def let_fire(network: Network, source: np.ndarray, target: np.ndarray, **kwargs) -> np.ndarray:
    """Run the network so that just these neurons fire; the weights after it, in a row of all."""
    s = torch.from_numpy(source).view(*source.shape[:2], *SOURCE)
    t = torch.from_numpy(target).view(*target.shape[:2], *TARGET)
    network.run({"X": s}, time=len(s) * network.dt, clamp={"Y": t}, unclamp={"Y": ~t}, **kwargs)
    connection = network.connections["X", "Y"]
    return (connection.dense() if isinstance(connection, LocalConnection) else connection.w).reshape(-1).numpy().copy()


class ByHand:
    """Steps of a rule in a batch; the changes of all samples are summed."""

    def __init__(self, kind: type, n_samples: int = 3, dt: float = 1.0, bounds: tuple[float, float] = (0.0, 1.0)) -> None:
        self.i, self.j, self.p = SYNAPSES[kind]
        self.w, self.dt, self.bounds = weights_of(kind).reshape(-1).astype(float), dt, bounds
        self.source, self.target = np.zeros((n_samples, N_SOURCE)), np.zeros((n_samples, N_TARGET))

    def decay(self, tc: float) -> float:
        """exp(-dt / tc)."""
        return math.exp(-self.dt / tc)

    def change(self, changes: np.ndarray) -> None:
        """Let weights follow the changes ``[n_samples, n_synapses]``."""
        np.add.at(self.w, self.p, changes.sum(0))
        self.w = np.clip(self.w, *self.bounds)


def pairs_by_hand(kind: type, pre: np.ndarray, post: np.ndarray, nu: tuple[float, float], rule: str) -> np.ndarray:
    """Pairs of spikes with traces that are 1 after a spike (Morrison et al. 2008, section 4.1): Hebbian, or with soft bounds."""
    it = ByHand(kind)
    x, y = it.source, it.target
    for f_i, f_j in zip(pre, post, strict=True):
        x, y = np.where(f_i, 1.0, x * it.decay(20.0)), np.where(f_j, 1.0, y * it.decay(20.0))
        w = it.w[it.p]
        down, up = (w, 1.0 - w) if rule == "soft bounds" else (-1.0, 1.0)
        it.change(nu[1] * x[:, it.i] * f_j[:, it.j] * up - nu[0] * f_i[:, it.i] * y[:, it.j] * down)
    return it.w


def florian_by_hand(
    kind: type,
    pre: np.ndarray,
    post: np.ndarray,
    rewards: np.ndarray,
    nu: float,
    tc_z: float | None = None,
    a: tuple[float, float] = (1.0, -1.0),
    tc: tuple[float, float] = (20.0, 20.0),
    dt: float = 1.0,
) -> np.ndarray:
    """Florian 2007: eqs. 3.9-3.12 (MSTDP), with 2.7 and 2.8 if there is τ_z (MSTDPET); ``rewards`` of each sample."""
    it = ByHand(kind, dt=dt)
    p_plus, p_minus, zeta, z = it.source, it.target, 0.0, 0.0
    for f_i, f_j in zip(pre.astype(float), post.astype(float), strict=True):
        if tc_z is not None:
            z = it.decay(tc_z) * z + zeta / tc_z
        eligible = zeta if tc_z is None else dt * z
        it.change(nu * rewards[:, None] * eligible * np.ones((len(f_i), len(it.i))))
        p_plus = p_plus * it.decay(tc[0]) + a[0] * f_i
        p_minus = p_minus * it.decay(tc[1]) + a[1] * f_j
        zeta = p_plus[:, it.i] * f_j[:, it.j] + p_minus[:, it.j] * f_i[:, it.i]
    return it.w


def triplets_by_hand(kind: type, pre: np.ndarray, post: np.ndarray, nu: tuple[float, float], nearest: bool) -> np.ndarray:
    """Pfister & Gerstner 2006, eqs. 2-4, with the constants of table 3, full model of the visual cortex."""
    it = ByHand(kind)
    a2_plus, a3_plus, a2_minus, a3_minus, tc_x, tc_y = 5e-10, 6.2e-3, 7e-3, 2.3e-4, 101.0, 125.0
    if nearest:
        a2_plus, a3_plus, a2_minus, a3_minus, tc_x, tc_y = 8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714.0, 40.0
    r1, r2, o1, o2 = it.source, it.source, it.target, it.target

    def spiked(trace: np.ndarray, f: np.ndarray) -> np.ndarray:
        return np.where(f, 1.0, trace) if nearest else trace + f

    for f_i, f_j in zip(pre, post, strict=True):
        r1, o1 = spiked(r1 * it.decay(16.8), f_i), spiked(o1 * it.decay(33.7), f_j)
        r2, o2 = r2 * it.decay(tc_x), o2 * it.decay(tc_y)
        loss = nu[0] * f_i[:, it.i] * o1[:, it.j] * (a2_minus + a3_minus * r2[:, it.i])
        it.change(nu[1] * f_j[:, it.j] * r1[:, it.i] * (a2_plus + a3_plus * o2[:, it.j]) - loss)
        r2, o2 = spiked(r2, f_i), spiked(o2, f_j)
    return it.w


def scaling_by_hand(kind: type, post: np.ndarray, goal: float, beta: float, tc: float) -> np.ndarray:
    """van Rossum et al. 2000, dw/dt = β w (goal − a) and τ da/dt = −a + Σ δ: times in s, rates in Hz."""
    it = ByHand(kind)
    a = it.target
    for f_j in post:
        a = a * it.decay(1000.0 * tc) + f_j / tc
        it.change(0.001 * beta * it.w[it.p] * (goal - a[:, it.j]))
    return it.w


def rmax_by_hand(
    kind: type, pre: np.ndarray, post: np.ndarray, chance: np.ndarray, reward: float, nu: float, tc_c: float, dt: float
) -> np.ndarray:
    """Vasilaki et al. 2009, eq. 8 and the eligibility trace, τ 25 ms by steps of Euler's; additive traces of 20 ms."""
    it = ByHand(kind, dt=dt)
    x, e = it.source, 0.0
    for f_i, f_j, p in zip(pre, post, chance, strict=True):
        x = x * it.decay(20.0) + f_i
        surprise = f_j - p / (1.0 + tc_c / dt * p)
        e = (1.0 - dt / 25.0) * e + surprise[:, it.j] * x[:, it.i]
        it.change(nu * reward * e)
    return it.w
