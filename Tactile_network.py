"""Learn to tell digits felt by a pad of pressure sensors (ST-MNIST), without labels.

python Tactile_network.py --help
"""

from experiment.main import main
from experiment.modality import Modality

TACTILE = Modality(
    name="Tactile",
    title="Learn, without labels, to tell digits felt by a pad of pressure sensors (ST-MNIST).",
    dataset="STMNIST",
    n_neurons=100,
    features="phases",
)

if __name__ == "__main__":
    raise SystemExit(main(TACTILE))
