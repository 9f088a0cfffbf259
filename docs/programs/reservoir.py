"""A recurrent reservoir with a read-out: order and interval of two clicks, read from spike counts of a network that never learns.

Two groups of inputs click once each, one 5 to 60 ms after the other, in either order. What the first has left behind in a random
recurrent network decides which neurons the second makes fire; ridge regression reads the interval, negative where the second
group was first, from how often each neuron fired. How often the inputs fired tells nothing of it, and the same neurons without
connections among them tell little: these are the controls.

    python docs/programs/reservoir.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the clone, where bindsnet lies

import torch

from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection

N_INPUTS, N_NEURONS = 20, 150
SHORTEST, LONGEST, CLICK, TIME = 5, 60, 5, 120  # ms


def clicks(n_samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Spikes ``[TIME, n_samples, N_INPUTS]``, a few missing, and the intervals from the first click to the second, ms."""
    intervals = torch.randint(SHORTEST, LONGEST + 1, (n_samples,)) * (1 - 2 * torch.randint(2, (n_samples,)))
    first = (-intervals).clamp(min=0)
    starts = torch.stack([first, first + intervals], dim=1).repeat_interleave(N_INPUTS // 2, dim=1)
    steps = torch.arange(TIME)[:, None, None]
    clicking = (steps >= starts) & (steps < starts + CLICK)
    return clicking & (torch.rand(TIME, n_samples, N_INPUTS) < 0.97), intervals


def build() -> Network:
    """Inputs, and neurons of many time constants connected at random, one in five of them inhibitory."""
    network = Network(dt=1.0, learning=False)
    inputs = Input(n=N_INPUTS)
    neurons = LIFNodes(n=N_NEURONS, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=3, tc_decay=20.0 + 60.0 * torch.rand(N_NEURONS))
    w_in = 8.0 * torch.rand(N_INPUTS, N_NEURONS) * (torch.rand(N_INPUTS, N_NEURONS) < 0.3)
    signs = torch.where(torch.arange(N_NEURONS) % 5 == 0, -4.0, 1.0)
    w = 4.0 * signs[:, None] * torch.rand(N_NEURONS, N_NEURONS) * (torch.rand(N_NEURONS, N_NEURONS) < 0.1)
    network.add_layer(inputs, name="inputs")
    network.add_layer(neurons, name="neurons")
    network.add_connection(Connection(source=inputs, target=neurons, w=w_in), source="inputs", target="neurons")
    network.add_connection(Connection(source=neurons, target=neurons, w=w), source="neurons", target="neurons")
    network.add_monitor(Monitor(neurons, state_vars=["s"], time=TIME), name="spikes")
    return network


def spike_counts(network: Network, spikes: torch.Tensor) -> torch.Tensor:
    """How often each neuron fires for each sample, ``[n_samples, N_NEURONS]``: all samples at once, as a batch."""
    network.run(inputs={"inputs": spikes}, time=TIME)
    counts = network.monitors["spikes"].get("s").sum(0).float()
    network.reset_state_variables()
    return counts


def read_out(counts: torch.Tensor, intervals: torch.Tensor, n_train: int, penalty: float = 10.0) -> tuple[float, float]:
    """Ridge regression: mean error (ms), and % of right order, of the samples that it was not fitted to."""
    features, targets = torch.cat([counts, torch.ones(len(counts), 1)], dim=1), intervals.float()
    fitted, known = features[:n_train], targets[:n_train]
    weights = torch.linalg.solve(fitted.T @ fitted + penalty * torch.eye(features.shape[1]), fitted.T @ known)
    told, true = features[n_train:] @ weights, targets[n_train:]
    return (told - true).abs().mean().item(), 100 * (told.sign() == true.sign()).float().mean().item()


def main(seed: int = 0, n_train: int = 600, n_test: int = 200) -> dict[str, tuple[float, float]]:
    """Mean error of the interval, ms, and % of right order, read from the reservoir and from both controls."""
    torch.manual_seed(seed)
    spikes, intervals = clicks(n_train + n_test)
    network = build()
    counts = {"inputs alone": spikes.sum(0).float(), "reservoir": spike_counts(network, spikes)}
    network.connections["neurons", "neurons"].w.zero_()
    counts["without recurrence"] = spike_counts(network, spikes)
    return {name: read_out(each, intervals, n_train) for name, each in counts.items()}


if __name__ == "__main__":
    for seed in range(3):
        for name, (error, order) in main(seed).items():
            print(f"seed {seed}, {name}: interval wrong by {error:.1f} ms on average, order right in {order:.0f} %")
