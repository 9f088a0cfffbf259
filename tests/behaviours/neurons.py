"""Neurons: a layer of each model and setting, all driven by the same input spikes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch

from behaviours.common import N_STEPS, grid, pattern, recorded, shown
from bindsnet.network import Network, nodes
from bindsnet.network.topology import Connection

N_INPUTS, N_NEURONS = 4, 3


class Layer(NamedTuple):
    """A layer, what one spike adds to its neurons at the most, and what of it is looked at."""

    make: Callable[[], nodes.Nodes]
    strength: float
    variables: tuple[str, ...] = ("s", "v")


def lif(**options) -> Callable[[], nodes.Nodes]:
    """A maker of leaky integrate-and-fire neurons."""
    return lambda: nodes.LIFNodes(N_NEURONS, **options)


def adaptive(model: str, **options) -> Callable[[], nodes.Nodes]:
    """A maker of neurons with an adaptive threshold."""
    return lambda: getattr(nodes, model)(N_NEURONS, theta_plus=1.5, tc_theta_decay=50.0, **options)


THETA = ("s", "v", "theta")

#: what is right -> a layer that shows it
LAYERS = {
    "LIF neurons leak, fire at the threshold, are reset, and take no drive for 5 ms": Layer(lif(), 9.0),
    "a refractory period of 2 ms is two steps without drive at dt 1": Layer(lif(refrac=2), 9.0),
    "without a refractory period the drive of the next step counts": Layer(lif(refrac=0), 9.0),
    "the voltage of LIF neurons stops at its lower bound": Layer(lif(lbound=-67.0), -3.0),
    "thresholds and time constants may be one for each neuron": Layer(
        lif(thresh=torch.tensor([-60.0, -55.0, -50.0]), tc_decay=torch.tensor([5.0, 20.0, 100.0])), 9.0
    ),
    "IF neurons start from reset and keep what they got": Layer(lambda: nodes.IFNodes(N_NEURONS), 4.0),
    "the voltage of IF neurons stops at its lower bound": Layer(lambda: nodes.IFNodes(N_NEURONS, lbound=-66.0), -3.0),
    "boosted LIF neurons count from 0 and are reset to 0": Layer(lambda: nodes.BoostedLIFNodes(N_NEURONS), 9.0),
    "currents of current-based LIF neurons decay and drive on; their refractory period is a step shorter": Layer(
        lambda: nodes.CurrentLIFNodes(N_NEURONS, tc_i_decay=3.0), 4.0, ("s", "v", "i")
    ),
    "adaptive thresholds rise by every spike of a batch and decay, and stay between samples": Layer(
        adaptive("AdaptiveLIFNodes"), 12.0, THETA
    ),
    "Diehl & Cook's neurons without one_spike are adaptive LIF neurons": Layer(
        adaptive("DiehlAndCookNodes", one_spike=False), 12.0, THETA
    ),
    "McCulloch-Pitts neurons have their drive for a voltage": Layer(lambda: nodes.McCullochPitts(N_NEURONS, thresh=1.5), 1.0),
    "traces are set to their scale by a spike and decay": Layer(
        lif(traces=True, trace_scale=0.7, tc_trace=10.0, refrac=1), 15.0, ("s", "x")
    ),
    "additive traces grow by their scale": Layer(
        lif(traces=True, traces_additive=True, trace_scale=0.7, refrac=0), 15.0, ("s", "x")
    ),
    "inputs are summed on demand": Layer(lambda: nodes.IFNodes(N_NEURONS, sum_input=True), 1.0, ("s", "summed")),
    "Izhikevich neurons, excitatory": Layer(lambda: nodes.IzhikevichNodes(N_NEURONS), 12.0, ("s", "v", "u")),
    "Izhikevich neurons, inhibitory": Layer(lambda: nodes.IzhikevichNodes(N_NEURONS, excitatory=0), 12.0, ("s", "v", "u")),
    "CSRM neurons weigh the drive of the last steps by a kernel, and take from themselves after a spike": Layer(
        lambda: nodes.CSRMNodes(N_NEURONS, theta_plus=1.5, tc_theta_decay=50.0), 5.0, THETA
    ),
    "CSRM neurons with another kernel": Layer(
        lambda: nodes.CSRMNodes(N_NEURONS, responseKernel="AlphaKernel", tau=2.0, thresh=-40.0, reset_const=20.0), 4.0, THETA
    ),
    "SRM0 neurons fire with a probability that grows with the voltage": Layer(
        lambda: nodes.SRM0Nodes(N_NEURONS, thresh=0.0, eps_0=0.5), 6.0, ("v", "s_prob")
    ),
    "SRM0 neurons with a threshold that is next to sharp are LIF neurons": Layer(
        lambda: nodes.SRM0Nodes(N_NEURONS, d_thresh=1e-3, rho_0=1e3, refrac=2), 11.0
    ),
}


def built(names: Iterable[str] = LAYERS, dt: float = 1.0, batch_size: int = 1) -> Network:
    """The network: the input ``X``, and the layers of these names."""
    network = Network(dt=dt, batch_size=batch_size)
    source = nodes.Input(N_INPUTS, traces=True)
    network.add_layer(source, "X")
    for k, name in enumerate(names):
        torch.manual_seed(4)  # Izhikevich neurons draw their parameters
        layer, key = LAYERS[name].make(), f"layer {k}"
        network.add_layer(layer, key)
        w = LAYERS[name].strength * grid(N_INPUTS, N_NEURONS, low=0.3)
        network.add_connection(Connection(source, layer, w=w), "X", key)
    return network


def spikes(batch_size: int) -> torch.Tensor:
    """The input of each step, ``[n_steps, batch_size, n_inputs]``; the first sample is the same in every batch."""
    return torch.stack([pattern(N_STEPS, N_INPUTS, start=1000 * sample) for sample in range(batch_size)], 1)


def measured(names: Iterable[str] = LAYERS, dt: float = 1.0, batch_size: int = 1) -> dict[str, dict[str, list]]:
    """What each layer does."""
    names = list(names)
    network = built(names, dt, batch_size)
    for k, name in enumerate(names):
        recorded(network, f"layer {k}", LAYERS[name].variables)
    network.run({"X": spikes(batch_size)}, time=N_STEPS * dt)
    return {
        name: shown({var: network.monitors[f"layer {k}"].get(var) for var in LAYERS[name].variables})
        for k, name in enumerate(names)
    }
