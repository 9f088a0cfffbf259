"""Diehl & Cook's (2015) protocol on MNIST, by their network as `bindsnet.models` builds it: accuracies beside the published ones.

    python benchmarks/diehl_cook.py [--root FOLDER] [--n_neurons 100,400,1600] [--seeds 0,1]

All 60,000 images are shown once, each as Poisson spikes of at most 63.75 Hz for 350 ms, again with stronger input if fewer than
5 spikes answer; then all of them once more to a network that no longer learns, to label its neurons, and the 10,000 test images.
The paper shows them several times. Its synapses are conductances, those here move voltages, as BindsNET's do. Strong inhibition
and a threshold that rises faster in a large layer, whose neurons share the spikes, were chosen on training images held out.
Every network goes on from its last block with the same command, and ends as one that was never stopped; one that is done is not
trained again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from bindsnet.datasets import MNIST
from bindsnet.encoding import poisson
from bindsnet.engine import Repetition, SpikeTrains
from bindsnet.errors import DataError
from bindsnet.evaluation import all_activity, assign_labels, proportion_weighting
from bindsnet.models import DiehlAndCook2015
from common.durable import write_file

ROOT = Path(__file__).resolve().parents[1]
TIME, LARGEST_RATE = 350, 63.75  # ms, Hz (Diehl & Cook 2015, section 2.5)
MIN_SPIKES = 5
INHIBITION = 120.0  # mV
THETA_PLUS = {100: 0.05, 400: 0.05, 1600: 0.5}  # mV
PUBLISHED = {100: 82.9, 400: 87.0, 1600: 91.9}  # %
N_CLASSES = 10
BLOCK = 500  # images
N_BLOCKS_KEPT = 10  # between two files of the state
#: purposes of random numbers
LEARNING, LABELLING, TESTING = range(3)


class Trial:
    """A network of so many neurons, from one seed, that learns, and is then read out.

    Args:
        n_neurons: number of excitatory neurons.
        seed: seed of its weights and of all spikes.
        n_passes: how often it sees all training images.
        n_train, n_test: numbers of training and of test images.
        folder: where its state and results are kept.
    """

    def __init__(self, n_neurons: int, seed: int, n_passes: int, n_train: int, n_test: int, folder: Path) -> None:
        self.n_neurons, self.seed, self.n_passes = n_neurons, seed, n_passes
        self.about = {"neurons": n_neurons, "seed": seed, "passes": n_passes, "training images": n_train, "test images": n_test}
        self.state = folder / ("_".join(str(number) for number in self.about.values()) + ".pt")
        self.result = self.state.with_suffix(".json")
        torch.manual_seed(seed)
        theta_plus = THETA_PLUS[min(THETA_PLUS, key=lambda n: abs(n - n_neurons))]
        self.network = DiehlAndCook2015(784, n_neurons, inh=INHIBITION, theta_plus=theta_plus, inpt_shape=(1, 28, 28))
        self.done, self.seconds = 0, 0.0  # blocks it has learned from, and the time that took
        if self.state.exists():
            kept = torch.load(self.state, weights_only=True)
            self.network.load_state_dict(kept["network"])
            self.done, self.seconds = kept["done"], kept["seconds"]

    def learn(self, images: torch.Tensor) -> None:
        """Show all images, ``[n, 784]``, in each pass in another order; the state is kept on the way."""
        self.network.train(True)
        blocks = [
            block
            for k in range(self.n_passes)
            for block in torch.randperm(len(images), generator=self._generator(LEARNING, k)).split(BLOCK)
        ]
        for place in range(self.done, len(blocks)):
            began = time.process_time()
            self._answers(images[blocks[place]], LEARNING, self.n_passes + place)
            self.done, self.seconds = place + 1, self.seconds + time.process_time() - began
            if self.done % N_BLOCKS_KEPT == 0 or self.done == len(blocks):
                kept = {"network": self.network.state_dict(), "done": self.done, "seconds": self.seconds}
                write_file(self.state, lambda file, kept=kept: torch.save(kept, file))
                print(
                    f"{self.n_neurons} neurons, seed {self.seed}: {self.done * BLOCK:,} images, {self.seconds:.0f} s", flush=True
                )

    def read_out(self, train: tuple[torch.Tensor, torch.Tensor], test: tuple[torch.Tensor, torch.Tensor]) -> dict[str, Any]:
        """Label the neurons by the training images, and predict the test images; images and labels each."""
        self.network.train(False)
        began = time.process_time()
        counts = self.counts(train[0], LABELLING)
        assignments, proportions, _ = assign_labels(counts[:, None].float(), train[1], N_CLASSES)
        answers = self.counts(test[0], TESTING)[:, None].float()
        predictions = {
            "all activity": all_activity(answers, assignments, N_CLASSES),
            "proportion weighting": proportion_weighting(answers, assignments, proportions, N_CLASSES),
        }
        return {
            **self.about,
            **{name: 100 * (found == test[1]).double().mean().item() for name, found in predictions.items()},
            "spikes": answers.sum(2).mean().item(),
            "silent neurons": int((counts.sum(0) == 0).sum()),
            "seconds of learning": self.seconds,
            "seconds of reading": time.process_time() - began,
        }

    def counts(self, images: torch.Tensor, purpose: int) -> torch.Tensor:
        """Spikes of the excitatory neurons in answer to each image, ``[n, n_neurons]``."""
        return torch.cat([self._answers(block, purpose, k) for k, block in enumerate(images.split(BLOCK))])

    def _answers(self, images: torch.Tensor, purpose: int, place: int) -> torch.Tensor:
        rates = images.float() * (LARGEST_RATE / 255)
        spikes = poisson(rates, TIME, process=True, generator=self._generator(purpose, place))
        repetition = Repetition(("X", "Ae"), MIN_SPIKES)
        samples = range(place * BLOCK, place * BLOCK + len(images))
        trains = SpikeTrains.from_dense(spikes.transpose(0, 1))
        return self.network.present(trains, "Ae", repetition, samples, self.seed, stream=purpose).spike_counts

    def _generator(self, purpose: int, place: int) -> torch.Generator:
        """Random numbers that depend on nothing that ran before."""
        return torch.Generator().manual_seed(
            int(np.random.SeedSequence((self.seed, purpose, place)).generate_state(1, np.uint64)[0])
        )


def mnist(root: str, train: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Images, uint8 ``[n, 784]``, and labels."""
    data = MNIST(root=root, train=train)
    return data.data.flatten(1), data.targets


def main() -> None:
    """Train what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", default=str(ROOT.parent / "shared" / "data" / "mnist"), help="folder of MNIST (%(default)s)")
    parser.add_argument("--n_neurons", default="100,400,1600", help="numbers of excitatory neurons (%(default)s)")
    parser.add_argument("--seeds", default="0,1", help="(%(default)s)")
    parser.add_argument("--passes", type=int, default=1, help="times that all training images are shown (%(default)s)")
    parser.add_argument("--output", type=Path, default=ROOT / "results" / "diehl_cook", help="folder of results (%(default)s)")
    parser.add_argument("--n_train", type=int, default=60_000, help="training images, of the first (%(default)s)")
    parser.add_argument("--n_test", type=int, default=10_000, help="test images, of the first (%(default)s)")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.output.mkdir(parents=True, exist_ok=True)
    numbers, seeds = (whole_numbers(parser, text) for text in (asked.n_neurons, asked.seeds))
    sizes = ((True, asked.n_train), (False, asked.n_test))
    try:
        train, test = (tuple(part[:n] for part in mnist(asked.root, is_train)) for is_train, n in sizes)
    except DataError as error:
        parser.error(str(error))
    for n_neurons in numbers:
        for seed in seeds:
            trial = Trial(n_neurons, seed, asked.passes, len(train[0]), len(test[0]), asked.output)
            if not trial.result.exists():
                trial.learn(train[0])
                found = json.dumps(trial.read_out(train, test), indent=2).encode()
                write_file(trial.result, lambda file, found=found: file.write(found))
    print(table(asked.output))


def whole_numbers(parser: argparse.ArgumentParser, text: str) -> list[int]:
    """Those of a list such as ``0,1``; anything else ends the program with a line."""
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        parser.error(f"expected whole numbers such as 100,400, got {text!r}")
    return [int(part) for part in parts]


def table(folder: Path) -> str:
    """Markdown of all results of a folder: means over seeds, and the least and the most."""
    found: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for path in folder.glob("*.json"):
        result = json.loads(path.read_text())
        found.setdefault((result["passes"], result["neurons"], result["training images"]), []).append(result)
    header = ("neurons", "images", "proportion weighting", "all activity", "published", "spikes an image", "learning", "reading")
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    for (passes, n_neurons, n_train), results in sorted(found.items()):
        values = {name: [result[name] for result in results] for name in results[0]}
        percent = {name: of_seeds(values[name]) for name in ("proportion weighting", "all activity")}
        seconds = [f"{np.mean(values[name]):.0f} s" for name in ("seconds of learning", "seconds of reading")]
        published = f"{PUBLISHED[n_neurons]} %" if n_neurons in PUBLISHED else ""
        cells = [
            str(n_neurons),
            f"{passes} × {n_train:,}",
            *percent.values(),
            published,
            f"{np.mean(values['spikes']):.1f}",
            *seconds,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def of_seeds(percents: list[float]) -> str:
    """Their mean, and how far they reach."""
    reach = f" ({min(percents):.1f}–{max(percents):.1f})" if len(percents) > 1 else ""
    return f"{np.mean(percents):.1f} %{reach}"


if __name__ == "__main__":
    main()
