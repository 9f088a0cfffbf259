"""How well the events of spoken digits carry them: read-outs of spike counts, without any spiking network.

python benchmarks/auditory.py ../shared/data/fsdd/recordings.zip

The recordings are WAV files as `Auditory_network.py --stimuli` takes them; indices 0 to 4 of each speaker and digit are for
testing. Spike counts of the 64 channels over a recording are brought to length 1. Each centroid of k-means is labelled by the
majority of its training recordings: the yardstick of an unsupervised layer of as many neurons.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from datasets import DatasetError, EmulatedNTIDIGITS

CENTROIDS = (100, 400)
SEEDS = range(5)
MOST_ITERATIONS = 2_000


def main() -> int:
    """Prints the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stimuli", type=Path, help="folder or archive of WAV files <digit>_<speaker>_<index>.wav")
    stimuli = parser.parse_args().stimuli
    with tempfile.TemporaryDirectory() as root:
        try:
            train, test = (EmulatedNTIDIGITS(root, train=train, stimuli=stimuli, n_workers=-1) for train in (True, False))
        except DatasetError as error:
            print(error, file=sys.stderr)
            return 2
    print(f"{len(train):,} training, {len(test):,} test recordings, {train.report.n_events / len(train):,.0f} events each")
    print("| read-out of spike counts | test accuracy |\n|---|---|")
    for name, accuracies in readouts(train, test):
        spread = f" ± {np.std(accuracies):.1f}" if len(accuracies) > 1 else ""
        print(f"| {name} | {np.mean(accuracies):.1f}{spread} % |", flush=True)
    return 0


def readouts(train: EmulatedNTIDIGITS, test: EmulatedNTIDIGITS) -> Iterator[tuple[str, list[float]]]:
    """Names of read-outs with their test accuracies (%), one a seed."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y, labels, expected = counts(train), counts(test), train.targets.numpy(), test.targets.numpy()
    for n in CENTROIDS:
        yield (
            f"k-means, {n} centroids, {len(SEEDS)} seeds",
            [_k_means_accuracy(x, labels, y, expected, n, seed) for seed in SEEDS],
        )
    regression = make_pipeline(StandardScaler(), LogisticRegression(max_iter=MOST_ITERATIONS)).fit(x, labels)
    yield "logistic regression", [100 * regression.score(y, expected)]


def counts(dataset: EmulatedNTIDIGITS) -> np.ndarray:
    """Spikes of each input in each sample, brought to length 1, `[n_samples, n_inputs]`."""
    pointers, _, units, _, n_units = dataset.spike_trains
    sample = np.repeat(np.arange(len(dataset)), pointers.diff().numpy())
    found = np.bincount(sample * n_units + units.numpy(), minlength=len(dataset) * n_units).reshape(-1, n_units)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1)


def _k_means_accuracy(x: np.ndarray, labels: np.ndarray, y: np.ndarray, expected: np.ndarray, n: int, seed: int) -> float:
    from sklearn.cluster import KMeans

    found = KMeans(n, n_init=1, random_state=seed).fit(x)
    majority = np.array([np.bincount(labels[found.labels_ == k]).argmax() for k in range(n)])
    return 100 * np.mean(majority[found.predict(y)] == expected)


if __name__ == "__main__":
    raise SystemExit(main())
