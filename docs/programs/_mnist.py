"""What the programs on MNIST share: options, which images they take, how these are shown, and where pictures go."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the clone, where bindsnet lies

import torch
from torch.utils.data import Subset

from bindsnet.datasets import MNIST, DataLoader
from bindsnet.encoding import Encoder
from bindsnet.errors import DataError
from bindsnet.network import Network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

torch.set_num_threads(1)  # the tensors of a time step are small: threads would wait for each other
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "mnist"  # a copy beside the clone
HELP = {"n_train": "images for training", "n_test": "test images", "n_neurons": "neurons", "batch_size": "images at a time"}


def options(docstring: str, program: str, **defaults: int) -> dict:
    """What the user says on the command line: numbers, with these defaults, and the options of all programs on MNIST."""
    parser = argparse.ArgumentParser(
        description=docstring.partition("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value, help=HELP[name])
    parser.add_argument("--seed", type=int, default=0, help="of weights, spikes, and which images are trained")
    parser.add_argument("--root", type=Path, help="folder of MNIST; without it ../shared/data/mnist, or a download into data")
    parser.add_argument("--pictures", type=Path, default=Path("pictures", Path(program).stem), help="folder for pictures")
    return vars(parser.parse_args())


def digits(
    encoder: Encoder, n_train: int, n_test: int, root: Path | None = None, intensity: float = 128.0
) -> tuple[Subset, Subset]:
    """Images for training, drawn by torch's generator, and for testing, always the same ones; each with its spikes.

    Args:
        encoder: makes spikes of an image.
        n_train, n_test: how many.
        root: folder of MNIST, as :class:`MNIST` takes it; None as :func:`options` says.
        intensity: value of the brightest pixel; for a Poisson encoder in Hz.
    """
    download = root is None and not BESIDE.is_dir()
    root = BESIDE if root is None and not download else root
    try:
        train, test = (MNIST(encoder, root=root, train=train, download=download, intensity=intensity) for train in (True, False))
    except DataError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    always = torch.randperm(len(test), generator=torch.Generator().manual_seed(0))
    return Subset(train, torch.randperm(len(train))[:n_train].tolist()), Subset(test, always[:n_test].tolist())


def show(network: Network, layer: str, images: Subset, time: int, batch_size: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Show images to a network's layer X, for so many ms each, which learns from them if it may.

    Returns:
        Spike counts of the layer, ``[n_images, 1, n_neurons]``, as its monitor has them, and labels of the images.
    """
    counts, labels = [], []
    for batch in DataLoader(images, batch_size=batch_size):
        network.run(inputs={"X": batch["encoded_image"]}, time=time)
        counts.append(network.monitors[layer].get("s").sum(0))
        labels.append(batch["label"])
        network.reset_state_variables()
    return torch.cat(counts)[:, None], torch.cat(labels)


def told_by_ridge(features: torch.Tensor, labels: torch.Tensor, new: torch.Tensor, strength: float = 300.0) -> torch.Tensor:
    """Labels of new features ``[n_new, n_features]``, by ridge regression fitted to others and their labels."""
    features, new = (torch.cat([each, torch.ones(len(each), 1)], dim=1) for each in (features, new))
    targets = torch.nn.functional.one_hot(labels).float()
    weights = torch.linalg.solve(features.T @ features + strength * torch.eye(features.shape[1]), features.T @ targets)
    return (new @ weights).argmax(1)


def save(figure: "Figure", folder: Path, name: str) -> None:
    """Write a picture, into a folder that is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{name}.png", dpi=120, bbox_inches="tight")
