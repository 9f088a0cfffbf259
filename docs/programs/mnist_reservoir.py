"""Digits that pass row by row before a recurrent network of spiking neurons, told from its spikes by ridge regression.

An encoder of the program's own scans an image: each row drives 28 inputs, one for each column, for a few milliseconds. Nothing
learns but the read-out, which knows how often each neuron fired in each part of the scan.

    python docs/programs/mnist_reservoir.py
"""

from pathlib import Path
from time import perf_counter

import torch
from _mnist import digits, options, save, told_by_ridge
from torch.utils.data import Subset

from bindsnet.analysis.plotting import plot_spikes, plot_weights
from bindsnet.datasets import DataLoader
from bindsnet.encoding import Encoder
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection

TIME_OF_ROW = 5  # ms
TIME = 28 * TIME_OF_ROW
N_PARTS = 7  # of the scan, in which the read-out counts spikes


class RowEncoder(Encoder):
    """Spikes ``[TIME, 28]`` of an image whose rows come one after the other; pixels are the chances of a spike in a step."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = lambda image: torch.rand(TIME, 28) < image[0].repeat_interleave(TIME_OF_ROW, dim=0)


def build(n_neurons: int) -> Network:
    """Inputs, and neurons of many time constants connected at random, one in five of them inhibitory."""
    network = Network(dt=1.0, learning=False)
    columns = Input(n=28)
    neurons = LIFNodes(n=n_neurons, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=3, tc_decay=20.0 + 60.0 * torch.rand(n_neurons))
    w_in = 8.0 * torch.randn(28, n_neurons) * (torch.rand(28, n_neurons) < 0.3)
    signs = torch.where(torch.arange(n_neurons) % 5 == 0, -4.0, 1.0)
    w = 2.0 * signs[:, None] * torch.rand(n_neurons, n_neurons) * (torch.rand(n_neurons, n_neurons) < 0.1)
    network.add_layer(columns, name="columns")
    network.add_layer(neurons, name="neurons")
    network.add_connection(Connection(source=columns, target=neurons, w=w_in), source="columns", target="neurons")
    network.add_connection(Connection(source=neurons, target=neurons, w=w), source="neurons", target="neurons")
    network.add_monitor(Monitor(neurons, ["s"], time=TIME), name="neurons")
    return network


def show(network: Network, images: Subset) -> tuple[torch.Tensor, torch.Tensor]:
    """Square roots of how often each neuron fires in each part of the scan, ``[n_images, N_PARTS · n_neurons]``, and labels."""
    counts, labels = [], []
    for batch in DataLoader(images):
        network.run(inputs={"columns": batch["encoded_image"]}, time=TIME)
        spikes = network.monitors["neurons"].get("s")[:, 0]
        counts.append(spikes.view(N_PARTS, TIME // N_PARTS, -1).sum(1).flatten())
        labels.append(batch["label"])
        network.reset_state_variables()
    return torch.stack(counts).sqrt(), torch.cat(labels)


def main(
    n_neurons: int = 400, n_train: int = 5_000, n_test: int = 2_000, seed: int = 0,
    root: Path | None = None, pictures: Path | None = None, recurrent: bool = True,
) -> float:  # fmt: skip
    """Percentage of test images told right; for comparison also without connections among the neurons."""
    torch.manual_seed(seed)
    train, test = digits(RowEncoder(), n_train, n_test, root, intensity=1.0)
    network = build(n_neurons)
    if not recurrent:
        network.connections["neurons", "neurons"].w.zero_()
    (features, labels), (new, right) = show(network, train), show(network, test)
    if pictures is not None:
        draw(network, test[0]["encoded_image"], pictures)
    return 100 * (told_by_ridge(features, labels, new) == right).float().mean().item()


def draw(network: Network, image: torch.Tensor, folder: Path) -> None:
    """Weights among the first neurons, and the spikes of an image and of the neurons that see it."""
    w = network.connections["neurons", "neurons"].w[:100, :100]
    largest = w.abs().max().item()
    save(plot_weights(w, wmin=-largest, wmax=largest, cmap="coolwarm").figure, folder, "weights")
    network.run(inputs={"columns": image}, time=TIME)
    _, axes = plot_spikes({"columns": image, "neurons": network.monitors["neurons"].get("s")})
    save(axes[0].figure, folder, "spikes")


if __name__ == "__main__":
    start, given = perf_counter(), options(__doc__, __file__, n_neurons=400, n_train=5_000, n_test=2_000)
    print(f"{main(**given):.1f} % of {given['n_test']} test images right")
    print(f"{perf_counter() - start:.0f} s; pictures are in {given['pictures']}")
