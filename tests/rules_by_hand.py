"""Rules with traces and state of their own, what they do written out as loops, and a network whose spikes are all given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import torch

from bindsnet.learning import LearningRule
from bindsnet.learning.rules import Trace
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import AbstractConnection, Connection
from bindsnet.network.topology.runs import Runs
from bindsnet.numbers.ops import f32, f64, to_f32

PAIRS = np.array([[0, 0], [0, 3], [1, 2], [2, 1], [2, 2], [4, 0]])  # source, target
ONE, ZERO = np.float32(1.0), np.float32(0.0)


class Listed(AbstractConnection):
    """Some synapses, listed one by one: `PAIRS`."""

    def __init__(self, source, target, w, **kwargs):
        super().__init__(source, target, **kwargs)
        self.w = torch.nn.Parameter(torch.as_tensor(w), requires_grad=False)

    @property
    def shape_of_weights(self):
        return (len(PAIRS),)

    def make_runs(self):
        return Runs.of_synapses(*PAIRS.T, np.arange(len(PAIRS)), self.source.n, self.target.n, len(PAIRS))


class Triplets(LearningRule):
    """Triplets of spikes, all with all (Pfister & Gerstner 2006, eqs. 3 and 4)."""

    traces: ClassVar = {
        "r1": Trace("source", "tc_plus", additive=True, with_spikes=True),
        "r2": Trace("source", "tc_x", additive=True),
        "o1": Trace("target", "tc_minus", additive=True, with_spikes=True),
        "o2": Trace("target", "tc_y", additive=True),
    }

    def __init__(self, connection, tc_plus=16.8, tc_x=101.0, tc_minus=33.7, tc_y=125.0, **kwargs):
        super().__init__(connection, **kwargs)
        self.declare(tc_plus=tc_plus, tc_x=tc_x, tc_minus=tc_minus, tc_y=tc_y)
        self.declare(a2_plus=0.005, a3_plus=0.062, a2_minus=0.07, a3_minus=0.0023)

    @staticmethod
    def on_pre(o1: f32, r2: f32, a2_minus: f32, a3_minus: f32) -> f32:
        return -(o1 * (a2_minus + a3_minus * r2))

    @staticmethod
    def on_post(r1: f32, o2: f32, a2_plus: f32, a3_plus: f32) -> f32:
        return r1 * (a2_plus + a3_plus * o2)


class Eligible(LearningRule):
    """Pairs of spikes leave an eligibility that fades, and weights follow it as reward comes (Florian 2007, MSTDPET)."""

    state: ClassVar = {"e": 0.0}
    decays: ClassVar = {"e_decay": "tc_e"}

    def __init__(self, connection, tc_e=25.0, gain=0.3, **kwargs):
        super().__init__(connection, **kwargs)
        self.declare(tc_e=tc_e, gain=gain)

    @staticmethod
    def on_pre(w: f32, x_post: f32, e: f32, nu_pre: f32) -> tuple[f32, f32]:
        return 0.0 * w, e - nu_pre * x_post

    @staticmethod
    def on_post(w: f32, x_pre: f32, e: f32, nu_post: f32) -> tuple[f32, f32]:
        return 0.0 * w, e + nu_post * x_pre

    @staticmethod
    def on_step(e: f32, reward: f32, gain: f32, e_decay: f32) -> tuple[f32, f32]:
        return gain * reward * e, e * e_decay


class Slowing(LearningRule):
    """A target learns its sources' traces, the more slowly the more often it has fired."""

    adaptive_state: ClassVar = {"rate": 0.5}

    def __init__(self, connection, slowing=0.25, **kwargs):
        super().__init__(connection, **kwargs)
        self.declare(slowing=slowing)

    @staticmethod
    def on_post(w: f32, x_pre: f32, rate: f32) -> f32:
        return rate * (x_pre - w)

    @staticmethod
    def adapt(rate: f32, spikes: f64, slowing: f32) -> f32:
        return 0.875 * rate / (1.0 + slowing * to_f32(spikes))


def rule_of(*functions: Callable, parameters: Mapping[str, Any] = MappingProxyType({}), **declared: Any) -> type[LearningRule]:
    """A rule of functions, each with its own name, parameters and what it declares."""

    def init(self, connection, **kwargs):
        LearningRule.__init__(self, connection, **kwargs)
        self.declare(**parameters)

    parts = {function.__name__: staticmethod(function) for function in functions}
    return type("Rule", (LearningRule,), {"__init__": init, **parts, **declared})


def decay_of(tc: float, dt: float = 1.0) -> np.float32:
    return np.float32(math.exp(-dt / tc))


def network_of(rule, n_source=5, n_target=4, dt=1.0, kind: type[AbstractConnection] = Connection, w=None, **options) -> Network:
    """Input X and neurons Y with traces, which a rule connects; random weights from 0 to 1 unless given, with these bounds."""
    network = Network(dt=dt)
    network.add_layer(Input(n_source, traces=True), "X")
    network.add_layer(LIFNodes(n_target, traces=True), "Y")
    w = torch.tensor(np.asarray(random_weights(n_source, n_target) if w is None else w))
    options = {"wmin": 0.0, "wmax": 1.0} | options
    connection = kind(network.layers["X"], network.layers["Y"], update_rule=rule, w=w, **options)
    network.add_connection(connection, "X", "Y")
    return network


def random_weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)


def random_spikes(seed: int, *shape: int, rate: float = 0.25) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < rate


def let_fire(network: Network, source: np.ndarray, target: np.ndarray, **kwargs) -> np.ndarray:
    """Run the network so that just these neurons of X and Y fire, bool ``[n_steps, n]`` or ``[n_steps, n_samples, n]``.

    Returns:
        A copy of the weights after it.
    """
    s, t = torch.from_numpy(source), torch.from_numpy(target)
    network.run({"X": s}, time=len(s) * network.dt, clamp={"Y": t}, unclamp={"Y": ~t}, **kwargs)
    return network.connections["X", "Y"].w.numpy().copy()


def triplets_by_hand(
    w: np.ndarray, source: np.ndarray, target: np.ndarray, dt: float = 1.0, bounds: tuple[float, float] = (0.0, 1.0)
) -> np.ndarray:
    """Weights ``[n_source, n_target]`` after spikes ``[n_steps, n]``, synapse by synapse."""
    w, (n_source, n_target) = w.copy(), w.shape
    a2_plus, a3_plus, a2_minus, a3_minus = (np.float32(a) for a in (0.005, 0.062, 0.07, 0.0023))
    r1, r2 = np.zeros((2, n_source), np.float32)
    o1, o2 = np.zeros((2, n_target), np.float32)
    for pre, post in zip(source, target, strict=True):
        r1, r2 = r1 * decay_of(16.8, dt) + pre.astype(np.float32), r2 * decay_of(101.0, dt)
        o1, o2 = o1 * decay_of(33.7, dt) + post.astype(np.float32), o2 * decay_of(125.0, dt)
        for i, j in np.ndindex(w.shape):
            if pre[i]:
                w[i, j] -= o1[j] * (a2_minus + a3_minus * r2[i])
            if post[j]:
                w[i, j] += r1[i] * (a2_plus + a3_plus * o2[j])
            w[i, j] = min(max(w[i, j], bounds[0]), bounds[1])
        r2, o2 = r2 + pre.astype(np.float32), o2 + post.astype(np.float32)
    return w


def eligible_by_hand(
    w: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    rewards: Iterable[float],
    reduction: Callable = np.sum,
    nu: tuple[float, float] = (0.02, 0.05),
) -> np.ndarray:
    """Weights ``[n_source, n_target]`` after spikes ``[n_steps, n_samples, n]``, sample by sample; bounds 0 and 1."""
    w, n_samples = w.copy(), source.shape[1]
    nu_pre, nu_post, gain = (np.float32(value) for value in (*nu, 0.3))
    x_pre, x_post = np.zeros((n_samples, w.shape[0]), np.float32), np.zeros((n_samples, w.shape[1]), np.float32)
    e = np.zeros((n_samples, *w.shape), np.float32)
    for pre, post, reward in zip(source, target, rewards, strict=True):
        x_pre, x_post = np.where(pre, ONE, x_pre * decay_of(20.0)), np.where(post, ONE, x_post * decay_of(20.0))
        change = np.zeros_like(e)
        for sample, i, j in np.ndindex(e.shape):
            if pre[sample, i]:
                e[sample, i, j] -= nu_pre * x_post[sample, j]
            if post[sample, j]:
                e[sample, i, j] += nu_post * x_pre[sample, i]
            change[sample, i, j] = gain * np.float32(reward) * e[sample, i, j]
            e[sample, i, j] *= decay_of(25.0)
        w = np.clip(w + reduction(change, axis=0), ZERO, ONE)
    return w
