"""Digits told from the maps of a convolution whose kernels are learned by plasticity of pairs of spikes, without labels.

Maps that see the same place inhibit each other, so that their kernels come to stand for different strokes. Then the kernels stay,
and a linear read-out (ridge regression), which is fitted to how often each neuron of the maps fires, tells the digit.

    python docs/programs/mnist_convolution.py
"""

from pathlib import Path
from time import perf_counter

import torch
from _mnist import digits, options, save, told_by_ridge
from torch.utils.data import Subset

from bindsnet.analysis.plotting import plot_conv2d_weights, plot_spikes
from bindsnet.datasets import DataLoader
from bindsnet.encoding import PoissonEncoder
from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input
from bindsnet.network.topology import Connection, Conv2dConnection

TIME = 100  # ms of each image
KERNEL, STRIDE, N_MAPS = 12, 2, 32
POSITIONS = (28 - KERNEL) // STRIDE + 1
N_TO_LEARN = 1000  # of the training images, from which kernels are learned


def build() -> Network:
    """An image, maps with one kernel each, inhibition between the maps of a position, and a monitor of the maps' spikes."""
    network = Network(dt=1.0)
    image = Input(shape=[1, 28, 28], traces=True)
    maps = DiehlAndCookNodes(
        shape=[N_MAPS, POSITIONS, POSITIONS], traces=True, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=5, tc_decay=20.0,
        theta_plus=0.1, tc_theta_decay=1e4, one_spike=False,
    )  # fmt: skip
    network.add_layer(image, name="image")
    network.add_layer(maps, name="maps")
    kernels = Conv2dConnection(
        source=image, target=maps, kernel_size=KERNEL, stride=STRIDE, update_rule=PostPre, nu=(1e-4, 5e-3), norm=40.0,
        wmin=0.0, wmax=5.0, w=torch.rand(N_MAPS, 1, KERNEL, KERNEL),
    )  # fmt: skip
    between_maps = (1 - torch.eye(N_MAPS))[:, None, :, None] * torch.eye(POSITIONS**2)[None, :, None, :]
    inhibition = Connection(source=maps, target=maps, w=-10.0 * between_maps.reshape(maps.n, maps.n))
    network.add_connection(kernels, source="image", target="maps")
    network.add_connection(inhibition, source="maps", target="maps")
    network.add_monitor(Monitor(maps, ["s"], time=TIME), name="maps")
    return network


def show(network: Network, images: Subset) -> tuple[torch.Tensor, torch.Tensor]:
    """Square roots of how often each neuron of the maps fires, ``[n_images, n_neurons]``, and labels of the images."""
    counts, labels = [], []
    for batch in DataLoader(images):
        network.run(inputs={"image": batch["encoded_image"]}, time=TIME)
        counts.append(network.monitors["maps"].get("s").sum(0).flatten(1))
        labels.append(batch["label"])
        network.reset_state_variables()
    return torch.cat(counts).sqrt(), torch.cat(labels)


def main(
    n_train: int = 4_000, n_test: int = 2_000, seed: int = 0, root: Path | None = None, pictures: Path | None = None,
    learning: bool = True,
) -> float:  # fmt: skip
    """Percentage of test images told right; without learning, by kernels as they are drawn."""
    torch.manual_seed(seed)
    train, test = digits(PoissonEncoder(time=TIME, dt=1.0), n_train, n_test, root)
    network = build()
    if learning:
        show(network, Subset(train, range(min(N_TO_LEARN, n_train))))
    network.train(False)
    features, labels = show(network, train)
    new, right = show(network, test)
    if pictures is not None:
        draw(network, test[0]["encoded_image"], pictures)
    return 100 * (told_by_ridge(features, labels, new) == right).float().mean().item()


def draw(network: Network, image: torch.Tensor, folder: Path) -> None:
    """Kernels, and the spikes of an image and of the maps."""
    w = network.connections["image", "maps"].w
    save(plot_conv2d_weights(w, wmax=w.max().item()).figure, folder, "kernels")
    network.run(inputs={"image": image}, time=TIME)
    _, axes = plot_spikes({"image": image, "maps": network.monitors["maps"].get("s")})
    save(axes[0].figure, folder, "spikes")


if __name__ == "__main__":
    start, given = perf_counter(), options(__doc__, __file__, n_train=4_000, n_test=2_000)
    print(f"{main(**given):.1f} % of {given['n_test']} test images right")
    print(f"{perf_counter() - start:.0f} s; pictures are in {given['pictures']}")
