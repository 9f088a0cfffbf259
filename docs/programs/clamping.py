"""Supervised clamping: labels are spikes that the teacher lays upon a layer while it learns; it is read out without them.

Each class owns a few neurons. While a pattern of the class is shown, these are made to spike, and post-synaptic plasticity writes
the pattern into their weights. Afterwards the class whose neurons fire most is the answer.

    python docs/programs/clamping.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the clone, where bindsnet lies

import torch

from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection

N_CLASSES, PER_CLASS = 5, 4
N_INPUTS, N_NEURONS = 100, N_CLASSES * PER_CLASS
TIME = 50  # ms


def patterns(n_samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Samples of classes that share much: Poisson spikes ``[n_samples, TIME, N_INPUTS]``, and labels."""
    prototypes = torch.rand(N_CLASSES, N_INPUTS) < 0.3
    labels = torch.arange(n_samples) % N_CLASSES
    flipped = torch.rand(n_samples, N_INPUTS) < 0.2
    shown = prototypes[labels] ^ flipped
    spikes = torch.rand(n_samples, TIME, N_INPUTS) < 0.1 * shown[:, None]
    return spikes, labels


def build() -> tuple[Network, Monitor]:
    """Inputs, neurons that learn, and inhibition among them."""
    network = Network(dt=1.0)
    inputs = Input(n=N_INPUTS, traces=True)
    neurons = LIFNodes(n=N_NEURONS, traces=True, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=5, tc_decay=100.0)
    network.add_layer(inputs, name="inputs")
    network.add_layer(neurons, name="neurons")
    learned = Connection(
        source=inputs, target=neurons, update_rule=PostPre, nu=(1e-4, 1e-2), norm=40.0, wmin=0.0, wmax=2.0,
        w=0.5 + 0.3 * torch.rand(N_INPUTS, N_NEURONS),
    )  # fmt: skip
    inhibition = Connection(source=neurons, target=neurons, w=-3.0 * (1 - torch.eye(N_NEURONS)))
    network.add_connection(learned, source="inputs", target="neurons")
    network.add_connection(inhibition, source="neurons", target="neurons")
    monitor = Monitor(neurons, state_vars=["s"], time=TIME)
    network.add_monitor(monitor, name="spikes")
    return network, monitor


def main(seed: int = 0, n_train: int = 60, n_test: int = 100, learning: bool = True) -> float:
    """Percentage of test patterns that are told right without clamps."""
    torch.manual_seed(seed)
    spikes, labels = patterns(n_train + n_test)
    network, monitor = build()

    network.train(learning)
    for pattern, label in zip(spikes[:n_train], labels[:n_train], strict=True):
        owners = torch.arange(N_NEURONS) // PER_CLASS == label
        network.run(inputs={"inputs": pattern}, time=TIME, clamp={"neurons": owners})
        network.reset_state_variables()

    network.train(False)
    network.run(inputs={"inputs": spikes[n_train:].transpose(0, 1)}, time=TIME)  # all test patterns at once, as a batch
    counts = monitor.get("s").sum(0).view(n_test, N_CLASSES, PER_CLASS).sum(2)
    return 100 * (counts.argmax(1) == labels[n_train:]).float().mean().item()


if __name__ == "__main__":
    for seed in range(3):
        learned, control = main(seed), main(seed, learning=False)
        print(f"seed {seed}: {learned:.0f} % right; without learning {control:.0f} %; chance {100 / N_CLASSES:.0f} %")
