"""Digits learned with a teacher, who clamps a neuron of the digit that is shown: it spikes in every step, and silences others.

Each digit owns as many neurons of a network of Diehl & Cook. The teacher picks one that fits the image and has not been taught
often, so that the neurons of a digit come to stand for different ways to write it. Then weights stay, and thresholds adapt to how
often each neuron fires by itself. An image is told by which digit's neurons fire most, without any clamp.

    python docs/programs/mnist_clamping.py
"""

from math import ceil, sqrt
from pathlib import Path
from time import perf_counter

import torch
from _mnist import digits, options, save, show
from torch.utils.data import Subset

from bindsnet.analysis.plotting import plot_assignments, plot_spikes, plot_weights
from bindsnet.datasets import DataLoader
from bindsnet.encoding import PoissonEncoder
from bindsnet.evaluation import all_activity
from bindsnet.models import DiehlAndCook2015
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.utils import get_square_assignments, get_square_weights

TIME = 250  # ms of each image
N_CLASSES = 10
N_TO_ADAPT = 1500  # of the training images, shown once more


def build(n_neurons: int, batch_size: int) -> Network:
    """The network, with a monitor of its spikes."""
    network = DiehlAndCook2015(
        n_inpt=784, inpt_shape=(1, 28, 28), n_neurons=n_neurons, batch_size=batch_size, inh=120.0, nu=(0.0, 1e-3)
    )
    network.add_monitor(Monitor(network.layers["Ae"], ["s"], time=TIME), name="Ae")
    return network


def teach(network: Network, owners: torch.Tensor, images: Subset, batch_size: int) -> None:
    """Show images in batches, in each step with a spike of one neuron of the digit."""
    w, n_taught = network.connections["X", "Ae"].w, torch.zeros(len(owners))
    for batch in DataLoader(images, batch_size=batch_size):
        fits = batch["image"].view(-1, 784) @ w
        clamp = torch.zeros(fits.shape, dtype=torch.bool)
        for sample, label in enumerate(batch["label"]):
            neuron = torch.where(owners == label, fits[sample] / (1 + n_taught), -1.0).argmax()
            clamp[sample, neuron] = True
            n_taught[neuron] += 1
        network.run(inputs={"X": batch["encoded_image"]}, time=TIME, clamp={"Ae": clamp.expand(TIME, -1, -1)})
        network.reset_state_variables()


def main(
    n_neurons: int = 100, batch_size: int = 32, n_train: int = 3_000, n_test: int = 2_000, seed: int = 0,
    root: Path | None = None, pictures: Path | None = None,
) -> float:  # fmt: skip
    """Percentage of test images told right."""
    torch.manual_seed(seed)
    train, test = digits(PoissonEncoder(time=TIME, dt=1.0), n_train, n_test, root)
    network = build(n_neurons, batch_size)
    owners = torch.arange(n_neurons) % N_CLASSES
    teach(network, owners, train, batch_size)
    network.connections["X", "Ae"].update_rule.nu.zero_()
    show(network, "Ae", Subset(train, range(min(N_TO_ADAPT, n_train))), TIME)
    network.train(False)
    counts, labels = show(network, "Ae", test, TIME)
    if pictures is not None:
        draw(network, owners, test[0]["encoded_image"], pictures)
    return 100 * (all_activity(counts, owners, N_CLASSES) == labels).float().mean().item()


def draw(network: Network, owners: torch.Tensor, image: torch.Tensor, folder: Path) -> None:
    """Weights, whose neuron each is, and the spikes of an image and of the neurons that see it."""
    n_sqrt = ceil(sqrt(len(owners)))
    w = network.connections["X", "Ae"].w
    save(plot_weights(get_square_weights(w, n_sqrt, 28), wmax=w.max().item()).figure, folder, "weights")
    save(plot_assignments(get_square_assignments(owners, n_sqrt)).figure, folder, "assignments")
    network.run(inputs={"X": image}, time=TIME)
    _, axes = plot_spikes({"inputs": image, "excitatory": network.monitors["Ae"].get("s")})
    save(axes[0].figure, folder, "spikes")


if __name__ == "__main__":
    start, given = perf_counter(), options(__doc__, __file__, n_neurons=100, batch_size=32, n_train=3_000, n_test=2_000)
    print(f"{main(**given):.1f} % of {given['n_test']} test images right")
    print(f"{perf_counter() - start:.0f} s; pictures are in {given['pictures']}")
