"""Learn to tell digits seen by an event camera (N-MNIST), without labels.

python Visual_network.py --help
"""

from experiment.main import main
from experiment.modality import Modality

VISUAL = Modality(
    name="Visual",
    title="Learn, without labels, to tell digits seen by an event camera (N-MNIST).",
    dataset="NMNIST",
    n_neurons=400,
)

if __name__ == "__main__":
    raise SystemExit(main(VISUAL))
