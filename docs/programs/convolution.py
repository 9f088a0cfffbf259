"""A convolutional layer learns oriented lines by plasticity of pairs of spikes (PostPre), without labels.

Pictures show one line each, in one of four orientations, anywhere. Maps that see the same place inhibit each other, so that each
map's kernel comes to stand for one orientation. How much a map prefers one, and how well the orientation of new lines is told by
which maps fire, is compared with the same network before it has learned.

    python docs/programs/convolution.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the clone, where bindsnet lies

import torch

from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input
from bindsnet.network.topology import Connection, Conv2dConnection

N_ORIENTATIONS = 4
SIDE, KERNEL, N_MAPS = 12, 5, 8
POSITIONS = SIDE - KERNEL + 1
TIME = 30  # ms


def lines(n_samples: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures as Poisson spikes ``[n_samples, TIME, 1, SIDE, SIDE]``, and the orientation of each, in turns of 45 degrees."""
    orientations = torch.arange(n_samples) % N_ORIENTATIONS
    angles = orientations[:, None, None] * torch.pi / 4
    rows, columns = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    middle = (SIDE - 1) / 2
    offsets = 4 * (2 * torch.rand(n_samples, 1, 1) - 1)
    distances = (rows - middle) * angles.cos() + (columns - middle) * angles.sin() - offsets
    rates = torch.where(distances.abs() < 0.8, 0.3, 0.005)
    spikes = torch.rand(n_samples, TIME, SIDE, SIDE) < rates[:, None]
    return spikes[:, :, None], orientations


def build() -> tuple[Network, Monitor]:
    """A picture, maps with one kernel each, and inhibition between the maps of a position."""
    network = Network(dt=1.0)
    picture = Input(shape=[1, SIDE, SIDE], traces=True)
    maps = DiehlAndCookNodes(
        shape=[N_MAPS, POSITIONS, POSITIONS], traces=True, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=5, tc_decay=20.0,
        theta_plus=0.3, tc_theta_decay=1e4, one_spike=False,
    )  # fmt: skip
    network.add_layer(picture, name="picture")
    network.add_layer(maps, name="maps")
    kernels = Conv2dConnection(
        source=picture, target=maps, kernel_size=KERNEL, update_rule=PostPre, nu=(1e-4, 5e-3), norm=15.0, wmin=0.0, wmax=5.0,
        w=torch.rand(N_MAPS, 1, KERNEL, KERNEL),
    )  # fmt: skip
    between_maps = (1 - torch.eye(N_MAPS))[:, None, :, None] * torch.eye(POSITIONS**2)[None, :, None, :]
    inhibition = Connection(source=maps, target=maps, w=-30.0 * between_maps.reshape(maps.n, maps.n))
    network.add_connection(kernels, source="picture", target="maps")
    network.add_connection(inhibition, source="maps", target="maps")
    monitor = Monitor(maps, state_vars=["s"], time=TIME)
    network.add_monitor(monitor, name="spikes")
    return network, monitor


def responses(network: Network, monitor: Monitor, pictures: torch.Tensor) -> torch.Tensor:
    """How often the neurons of each map fire for each picture, ``[n_samples, N_MAPS]``: all pictures at once, as a batch."""
    network.run(inputs={"picture": pictures.transpose(0, 1)}, time=TIME)
    counts = monitor.get("s").sum(dim=(0, 3, 4)).float()
    network.reset_state_variables()
    return counts


def figures(network: Network, monitor: Monitor, pictures: torch.Tensor, orientations: torch.Tensor) -> tuple[float, float]:
    """How much maps prefer one orientation (0 not at all, 1 only that), and how many % of lines are told right by their maps.

    What each map prefers is found on the first half of the pictures, and lines are told on the second.
    """
    counts = responses(network, monitor, pictures)
    known, new = slice(None, len(pictures) // 2), slice(len(pictures) // 2, None)
    means = torch.stack([counts[known][orientations[known] == each].mean(0) for each in range(N_ORIENTATIONS)])
    shares = means / means.sum(0).clamp(min=1e-9)
    selectivity = (N_ORIENTATIONS * shares.max(0).values - 1).mean() / (N_ORIENTATIONS - 1)
    told = (counts[new] @ shares.T).argmax(1)
    return selectivity.item(), 100 * (told == orientations[new]).float().mean().item()


def main(seed: int = 0, n_train: int = 80, n_test: int = 160) -> dict[str, tuple[float, float]]:
    """Selectivity and % of lines told right, of the same network before and after it has learned."""
    torch.manual_seed(seed)
    pictures, orientations = lines(n_train + n_test)
    network, monitor = build()
    network.train(False)
    before = figures(network, monitor, pictures[n_train:], orientations[n_train:])

    network.train()
    for picture in pictures[:n_train]:
        network.run(inputs={"picture": picture[:, None]}, time=TIME)
        network.reset_state_variables()

    network.train(False)
    after = figures(network, monitor, pictures[n_train:], orientations[n_train:])
    return {"before": before, "after": after}


if __name__ == "__main__":
    for seed in range(2):
        for when, (selectivity, right) in main(seed).items():
            print(f"seed {seed}, {when} learning: selectivity of maps {selectivity:.2f}, {right:.0f} % of orientations right")
