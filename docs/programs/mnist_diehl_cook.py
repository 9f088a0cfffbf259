"""Digits learned without labels by the network of Diehl & Cook (2015): one image at a time, or in batches.

Each excitatory neuron learns what makes it fire, and inhibits all others, so that every neuron comes to stand for one way to
write a digit. Labels serve to find out which digit that is. An image is told by how much the neurons of each digit fire.

    python docs/programs/mnist_diehl_cook.py
    python docs/programs/mnist_diehl_cook.py --batch-size 32
"""

from math import ceil, sqrt
from pathlib import Path
from time import perf_counter

import torch
from _mnist import digits, options, save, show
from torch.utils.data import Subset

from bindsnet.analysis.plotting import plot_assignments, plot_performance, plot_spikes, plot_weights
from bindsnet.encoding import PoissonEncoder
from bindsnet.evaluation import all_activity, assign_labels, proportion_weighting
from bindsnet.models import DiehlAndCook2015
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.utils import get_square_assignments, get_square_weights

TIME = 250  # ms of each image
N_CLASSES, INTERVAL = 10, 1000  # neurons are labelled anew after so many images


def build(n_neurons: int, batch_size: int) -> Network:
    """The network, with a monitor of its spikes."""
    network = DiehlAndCook2015(
        n_inpt=784, inpt_shape=(1, 28, 28), n_neurons=n_neurons, batch_size=batch_size, inh=120.0, nu=(0.0, 5e-3)
    )
    network.add_monitor(Monitor(network.layers["Ae"], ["s"], time=TIME), name="Ae")
    return network


def main(
    n_neurons: int = 100, batch_size: int = 1, n_train: int = 10_000, n_test: int = 2_000, seed: int = 0,
    root: Path | None = None, pictures: Path | None = None,
) -> dict[str, float]:  # fmt: skip
    """Percentage of test images told right, by either way of reading the network out."""
    torch.manual_seed(seed)
    train, test = digits(PoissonEncoder(time=TIME, dt=1.0), n_train, n_test, root)
    network = build(n_neurons, batch_size)

    def told(counts: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
        answers = {
            "all activity": all_activity(counts, assignments, N_CLASSES),
            "proportion weighting": proportion_weighting(counts, assignments, proportions, N_CLASSES),
        }
        return {name: 100 * (answer == labels).float().mean().item() for name, answer in answers.items()}

    rates, history = None, {"all activity": [], "proportion weighting": []}
    for first in range(0, n_train, INTERVAL):
        counts, labels = show(network, "Ae", Subset(train, range(first, min(first + INTERVAL, n_train))), TIME, batch_size)
        if rates is not None:
            for name, right in told(counts, labels).items():
                history[name].append(right)
            print(f"{first + len(labels):6} images, of the last {len(labels)} told right: {right:.1f} %", flush=True)
        # What neurons stood for early in training counts less and less.
        assignments, proportions, rates = assign_labels(counts, labels, N_CLASSES, rates, alpha=0.5)

    network.train(False)
    accuracies = told(*show(network, "Ae", test, TIME, batch_size))
    if pictures is not None:
        draw(network, assignments, history, test[0]["encoded_image"], pictures)
    return accuracies


def draw(network: Network, assignments: torch.Tensor, history: dict[str, list[float]], image: torch.Tensor, folder: Path) -> None:
    """Weights, labels of the neurons, accuracies while it learned, and the spikes of an image and of the neurons that see it."""
    n_sqrt = ceil(sqrt(len(assignments)))
    w = network.connections["X", "Ae"].w
    save(plot_weights(get_square_weights(w, n_sqrt, 28), wmax=w.max().item()).figure, folder, "weights")
    save(plot_assignments(get_square_assignments(assignments, n_sqrt)).figure, folder, "assignments")
    save(plot_performance(history, x_scale=INTERVAL).figure, folder, "performance")
    network.run(inputs={"X": image}, time=TIME)
    _, axes = plot_spikes({"inputs": image, "excitatory": network.monitors["Ae"].get("s")})
    save(axes[0].figure, folder, "spikes")


if __name__ == "__main__":
    start, given = perf_counter(), options(__doc__, __file__, n_neurons=100, batch_size=1, n_train=10_000, n_test=2_000)
    for name, right in main(**given).items():
        print(f"{name}: {right:.1f} % of {given['n_test']} test images right")
    print(f"{perf_counter() - start:.0f} s; pictures are in {given['pictures']}")
