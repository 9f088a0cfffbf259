"""Digits laid out on a map: neighbours on a lattice learn similar things, since inhibition grows with distance.

At first a neuron inhibits only those that are far away, and the map takes shape. Then inhibition becomes stronger between all, so
that each neuron learns a digit of its own (Hazan et al. 2018). An image is told by the labels of the neurons that fire.

    python docs/programs/mnist_som.py
"""

from math import isqrt
from pathlib import Path
from time import perf_counter

import torch
from _mnist import digits, options, save, show
from torch.utils.data import Subset

from bindsnet.analysis.plotting import plot_assignments, plot_spikes, plot_weights
from bindsnet.encoding import PoissonEncoder
from bindsnet.evaluation import assign_labels, proportion_weighting
from bindsnet.models import IncreasingInhibitionNetwork
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.utils import get_square_assignments, get_square_weights

TIME = 250  # ms of each image
N_CLASSES = 10
INTERVAL, N_TO_TAKE_SHAPE = 500, 1000  # images after which inhibition grows by STRONGER mV, from the latter on
STRONGER = 10.0


def build(n_neurons: int) -> Network:
    """The network, with a monitor of its spikes; neurons excite themselves, and inhibit others the more the farther away."""
    network = IncreasingInhibitionNetwork(
        n_input=784, n_neurons=n_neurons, start_inhib=10.0, max_inhib=-40.0, inpt_shape=(1, 28, 28)
    )
    network.add_monitor(Monitor(network.layers["Y"], ["s"], time=TIME), name="Y")
    return network


def like_their_neighbours(assignments: torch.Tensor) -> float:
    """Percentage of neighbours on the lattice that stand for the same digit."""
    lattice = get_square_assignments(assignments, isqrt(len(assignments)))
    pairs = [(lattice[1:], lattice[:-1]), (lattice[:, 1:], lattice[:, :-1])]
    return 100 * torch.cat([((a == b) & (a >= 0)).flatten() for a, b in pairs]).float().mean().item()


def main(
    n_neurons: int = 225, n_train: int = 6_000, n_test: int = 2_000, seed: int = 0,
    root: Path | None = None, pictures: Path | None = None,
) -> dict[str, float]:  # fmt: skip
    """Percentages of test images told right, and of neighbours that stand for the same digit."""
    torch.manual_seed(seed)
    train, test = digits(PoissonEncoder(time=TIME, dt=1.0), n_train, n_test, root)
    network = build(n_neurons)
    between_others = 1 - torch.eye(n_neurons)
    rates = None
    for first in range(0, n_train, INTERVAL):
        if first >= N_TO_TAKE_SHAPE:
            network.connections["Y", "Y"].w -= STRONGER * between_others
        counts, labels = show(network, "Y", Subset(train, range(first, min(first + INTERVAL, n_train))), TIME)
        # What neurons stood for early in training counts less and less.
        assignments, proportions, rates = assign_labels(counts, labels, N_CLASSES, rates, alpha=0.5)
        print(f"{first + len(labels):6} images, neighbours alike: {like_their_neighbours(assignments):.0f} %", flush=True)

    network.train(False)
    counts, labels = show(network, "Y", test, TIME)
    answers = proportion_weighting(counts, assignments, proportions, N_CLASSES)
    if pictures is not None:
        draw(network, assignments, test[0]["encoded_image"], pictures)
    right = 100 * (answers == labels).float().mean().item()
    return {"test images right": right, "neighbours alike": like_their_neighbours(assignments)}


def draw(network: Network, assignments: torch.Tensor, image: torch.Tensor, folder: Path) -> None:
    """Weights and labels of the neurons where they stand, and the spikes of an image and of the neurons that see it."""
    n_sqrt = isqrt(len(assignments))
    w = network.connections["X", "Y"].w
    save(plot_weights(get_square_weights(w, n_sqrt, 28), wmax=w.max().item()).figure, folder, "weights")
    save(plot_assignments(get_square_assignments(assignments, n_sqrt)).figure, folder, "assignments")
    network.run(inputs={"X": image}, time=TIME)
    _, axes = plot_spikes({"inputs": image, "neurons": network.monitors["Y"].get("s")})
    save(axes[0].figure, folder, "spikes")


if __name__ == "__main__":
    start, given = perf_counter(), options(__doc__, __file__, n_neurons=225, n_train=6_000, n_test=2_000)
    for name, percentage in main(**given).items():
        print(f"{name}: {percentage:.1f} %")
    print(f"{perf_counter() - start:.0f} s; pictures are in {given['pictures']}")
