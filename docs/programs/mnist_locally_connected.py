"""Digits learned by neurons that each see a part of the image, with weights of their own, without labels.

Neurons that see the same part inhibit each other, so that they come to stand for what is often seen there. Then weights stay, and
the digit is told from how often each neuron fires: by the labels of the neurons, and by ridge regression.

    python docs/programs/mnist_locally_connected.py
"""

from math import ceil, sqrt
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from _mnist import digits, options, save, told_by_ridge
from torch.utils.data import Subset

from bindsnet.analysis.plotting import plot_assignments, plot_spikes, plot_weights
from bindsnet.datasets import DataLoader
from bindsnet.encoding import PoissonEncoder
from bindsnet.evaluation import assign_labels, proportion_weighting
from bindsnet.models import LocallyConnectedNetwork
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.utils import get_square_assignments, get_square_weights

TIME = 100  # ms of each image
KERNEL, STRIDE, N_FILTERS = 12, 4, 50
SIDE = (28 - KERNEL) // STRIDE + 1  # of the lattice of positions
N_CLASSES = 10


def build() -> Network:
    """The network, in which each part of the image has a neuron that spikes, with a monitor of these."""
    network = LocallyConnectedNetwork(
        n_inpt=784, input_shape=[28, 28], kernel_size=KERNEL, stride=STRIDE, n_filters=N_FILTERS, inh=100.0, theta_plus=0.1,
        nu=(0.0, 5e-3),
    )  # fmt: skip
    network.layers["Y"].one_spike = False  # not only one of all
    network.add_monitor(Monitor(network.layers["Y"], ["s"], time=TIME), name="Y")
    return network


def show(network: Network, images: Subset) -> tuple[torch.Tensor, torch.Tensor]:
    """Spike counts ``[n_images, n_neurons]``, and labels of the images."""
    counts, labels = [], []
    for batch in DataLoader(images):
        network.run(inputs={"X": batch["encoded_image"].flatten(2)}, time=TIME)
        counts.append(network.monitors["Y"].get("s").sum(0))
        labels.append(batch["label"])
        network.reset_state_variables()
    return torch.cat(counts), torch.cat(labels)


def main(
    n_train: int = 3_000, n_test: int = 2_000, seed: int = 0, root: Path | None = None, pictures: Path | None = None
) -> dict[str, float]:
    """Percentage of test images told right, by either way of reading the network out."""
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - from which the weights are drawn
    train, test = digits(PoissonEncoder(time=TIME, dt=1.0), n_train, n_test, root)
    network = build()
    show(network, train)
    network.train(False)
    (counts, labels), (new, right) = show(network, train), show(network, test)
    assignments, proportions, _ = assign_labels(counts[:, None], labels, N_CLASSES)
    answers = {
        "proportion weighting": proportion_weighting(new[:, None], assignments, proportions, N_CLASSES),
        "ridge regression": told_by_ridge(counts.sqrt(), labels, new.sqrt()),
    }
    if pictures is not None:
        draw(network, assignments, test[0]["encoded_image"], pictures)
    return {name: 100 * (answer == right).float().mean().item() for name, answer in answers.items()}


def draw(network: Network, assignments: torch.Tensor, image: torch.Tensor, folder: Path) -> None:
    """Weights and labels of the neurons that see the middle, and the spikes of an image and of the neurons that see it."""
    middle = slice(SIDE**2 // 2, None, SIDE**2)  # neurons are numbered filter by filter
    seen = slice(SIDE // 2 * STRIDE, SIDE // 2 * STRIDE + KERNEL)
    w = network.connections["X", "Y"].w.view(28, 28, -1)[seen, seen, middle].reshape(KERNEL**2, -1)
    n_sqrt = ceil(sqrt(N_FILTERS))
    save(plot_weights(get_square_weights(w, n_sqrt, KERNEL), wmax=w.max().item()).figure, folder, "weights")
    save(plot_assignments(get_square_assignments(assignments[middle], n_sqrt)).figure, folder, "assignments")
    network.run(inputs={"X": image.flatten(1)}, time=TIME)
    _, axes = plot_spikes({"inputs": image, "neurons": network.monitors["Y"].get("s")})
    save(axes[0].figure, folder, "spikes")


if __name__ == "__main__":
    start, given = perf_counter(), options(__doc__, __file__, n_train=3_000, n_test=2_000)
    for name, right in main(**given).items():
        print(f"{name}: {right:.1f} % of {given['n_test']} test images right")
    print(f"{perf_counter() - start:.0f} s; pictures are in {given['pictures']}")
